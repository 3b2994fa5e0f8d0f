"""The Pure Data object and its help patch in a real Pd without a window, against a real daemon over UDP."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest
import soundfile

from bridge.addresses.table import parse
from bridge.cli.daw_scripts.programs import PROGRAMS
from bridge.cli.daw_scripts.records import Records
from bridge.cli.own_daemon import free_port
from tests.conftest import ROOT, DaemonUnderTest, need

FOLDER = ROOT / "max_for_live" / "other_daws" / "pure_data"
BPM, BARS = "97.3", 2
SAMPLES = round(Fraction(BARS * 4 * 60 * 44_100) / Fraction(BPM))
REQUEST = rf"generate preset sketch chords Am\ F\ C\ G bpm {BPM} bars {BARS}"


@contextmanager
def running(patch: Path, *sent: str, home: Path) -> Iterator[Iterator[str]]:
    """Pd with this patch open, once it was sent these messages; yields the lines that it prints."""
    command = [need("pd"), "-nogui", "-noaudio", "-stderr", "-open", str(patch)]
    for message in sent:
        command += ["-send", message]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "HOME": str(home)},
    ) as pd:
        try:
            yield iter(pd.stderr or ())
        finally:
            pd.terminate()


def until(lines: Iterator[str], beginning: str) -> list[str]:
    """The lines up to the first one that begins so."""
    found: list[str] = []
    for line in lines:
        found.append(line.strip())
        if line.startswith(beginning):
            return found
    raise AssertionError(f"Pd ended before `{beginning}`: {found}")


@pytest.fixture
def port(daemon: DaemonUnderTest) -> Iterator[int]:
    """The port of a daemon that has loaded its model. The session is as before afterwards."""
    daemon.status()
    yield daemon.port
    with daemon.client() as client:
        client.send("/msanii/param/reset", "all")
        client.wait_for("/msanii/param/reset.reply")


def test_the_help_patch_gets_a_take_and_reads_it_into_its_tables(port: int, tmp_path: Path) -> None:
    sent = (f"msanii-help connect 127.0.0.1 {port}", f"msanii-help {REQUEST}")
    with running(FOLDER / "msanii-help.pd", *sent, home=tmp_path) as lines:
        printed = until(lines, "end: done")
    (take,) = [line for line in printed if line.startswith("take:")]
    path, seconds, bpm = re.fullmatch(r"take: list (\S+) (\S+) (\S+)", take).groups()  # type: ignore[union-attr]
    assert soundfile.info(path).frames == SAMPLES
    assert float(seconds) == pytest.approx(SAMPLES / 44_100, abs=1e-3)
    assert float(bpm) == 97.3
    assert f"samples: {SAMPLES}" in printed
    fractions = [float(line.split()[1]) for line in printed if line.startswith("progress:")]
    assert fractions
    assert all(0 <= fraction <= 1 for fraction in fractions)


def test_refusals_reach_the_patch(port: int, tmp_path: Path) -> None:
    sent = (f"msanii-help connect 127.0.0.1 {port}", "msanii-help generate preset no_such_preset")
    with running(FOLDER / "msanii-help.pd", *sent, home=tmp_path) as lines:
        refused = until(lines, "end: fail")[-1]
    assert r"no_such_preset" in refused


def test_a_bridge_that_does_not_answer_is_said(tmp_path: Path) -> None:
    sent = (f"msanii-help connect 127.0.0.1 {free_port()}", "msanii-help generate bars 2")
    with running(FOLDER / "msanii-help.pd", *sent, home=tmp_path) as lines:
        assert r"start\ msanii-bridge\ serve" in until(lines, "end: fail")[-1]


def test_the_installed_object_has_inlets_for_parameters_and_decks(port: int, tmp_path: Path) -> None:
    """[msanii PORT] is found where `install pure-data` puts it; its argument is the port."""
    extra = tmp_path / ".local" / "lib" / "pd" / "extra"
    list(PROGRAMS["pure-data"].install(extra, Records(tmp_path / "installed.json"), "1"))
    patch = tmp_path / "mine.pd"
    patch.write_text(
        "#N canvas 0 0 400 300 12;\n"
        f"#X obj 20 80 msanii {port};\n"
        "#X obj 20 20 r request;\n#X obj 120 20 r parameter;\n#X obj 220 20 r deck;\n"
        "#X obj 20 140 print take;\n#X obj 120 140 print end;\n#X obj 220 140 print other;\n"
        "#X connect 1 0 0 0;\n#X connect 2 0 0 1;\n#X connect 3 0 0 2;\n"
        "#X connect 0 0 4 0;\n#X connect 0 2 5 0;\n#X connect 0 3 6 0;\n"
    )
    sent = ("parameter steps 3", "parameter steps", "deck list 1 launch", "request sync here")
    with running(patch, *sent, home=tmp_path) as lines:
        printed = until(lines, "other: synced here")
    assert "other: param steps 3" in printed
    # The daemon plays through no audio device, and says so.
    (refused,) = [line for line in printed if line.startswith("end: fail")]
    assert "--stream" in refused.replace("\\", "")


@pytest.mark.parametrize(
    "request_text",
    re.findall(
        r"^#X msg \d+ \d+ ((?:generate|vary|cancel|hello|notify) .+);$",
        (FOLDER / "msanii-help.pd").read_text(encoding="utf-8"),
        re.MULTILINE,
    ),
)
def test_every_message_of_the_help_patch_is_one_that_the_daemon_takes(request_text: str) -> None:
    verb, *words = [word.replace("\\ ", " ") for word in re.split(r"(?<!\\) ", request_text)]
    said = ["/some/take.wav" if word == r"\$1" else word for word in words]
    parse(f"/msanii/{verb}", [float(one) if re.fullmatch(r"[\d.]+", one) else one for one in said], None)

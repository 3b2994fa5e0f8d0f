"""Each example is run as a musician runs it, against a real daemon over UDP, until its take is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import soundfile

from bridge.addresses.table import BY_PATH, parse
from bridge.cli.own_daemon import free_port
from tests.conftest import DaemonUnderTest, need

EXAMPLES = Path(__file__).parents[3] / "bridge" / "examples"
CHORDS, BPM, BARS, PRESET = "Am F C G", "97.3", "2", "sketch"
SAMPLES = round(Fraction(int(BARS) * 4 * 60 * 44_100) / Fraction(BPM))
RUN_SECONDS = 120


def _python(port: int) -> list[str]:
    music = ["--chords", CHORDS, "--bpm", BPM, "--bars", BARS, "--preset", PRESET]
    return [sys.executable, str(EXAMPLES / "generate.py"), *music, "--port", str(port)]


def _shell() -> list[str]:
    need("oscsend")
    return [need("sh"), str(EXAMPLES / "generate.sh"), CHORDS, BPM, BARS]


def _sclang(port: int) -> list[str]:
    return [need("sclang"), str(EXAMPLES / "generate.scd"), CHORDS, BPM, BARS, PRESET, str(port)]


@pytest.fixture
def port(daemon: DaemonUnderTest) -> int:
    """The port of a daemon that has loaded its model, which takes a while beside other tests."""
    daemon.status()
    return daemon.port


def _run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )


def _check_take(path: str) -> None:
    assert soundfile.info(path).frames == SAMPLES


def test_the_python_client_prints_its_take(port: int) -> None:
    done = _run(_python(port))
    assert done.returncode == 0, done.stderr
    (path,) = done.stdout.splitlines()
    _check_take(path)


def test_the_python_client_names_the_daemon_that_it_misses() -> None:
    done = _run(_python(free_port()))
    assert done.returncode == 1
    assert "msanii-bridge serve" in done.stderr


def test_the_shell_script_prints_its_take(port: int) -> None:
    ports = {"PORT": str(port), "REPLY_PORT": str(free_port())}
    done = _run(_shell(), **ports, PRESET=PRESET)
    assert done.returncode == 0, done.stderr
    (path,) = done.stdout.splitlines()
    _check_take(path)


def test_the_shell_script_says_that_a_request_was_refused(port: int) -> None:
    ports = {"PORT": str(port), "REPLY_PORT": str(free_port())}
    done = _run(_shell(), **ports, PRESET="no_such_preset")
    assert done.returncode == 1
    assert "refused" in done.stderr


def test_the_supercollider_script_prints_its_take(port: int, tmp_path: Path) -> None:
    # sclang brings Qt's browser, which wants a screen, and refuses root with its sandbox on.
    screenless = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1"}
    done = _run(_sclang(port), HOME=str(tmp_path), XDG_RUNTIME_DIR=str(tmp_path), **screenless)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = re.findall(r"^take: (.+)$", done.stdout, re.MULTILINE)
    _check_take(path)


def test_the_pure_data_patch_prints_its_take(port: int) -> None:
    request = f"request list preset {PRESET} chords {CHORDS} bpm {BPM} bars {BARS}"
    command = [need("pd"), "-nogui", "-noaudio", "-stderr", "-open", str(EXAMPLES / "generate.pd")]
    command += ["-send", f"bridge connect 127.0.0.1 {port}"]
    command += ["-send", request.replace(CHORDS, CHORDS.replace(" ", r"\ "))]
    lines: list[str] = []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as patch:
        try:
            for line in patch.stderr or ():
                lines.append(line)
                if line.startswith(("done:", "fail:")):
                    break
        finally:
            patch.terminate()
    (take,) = [line for line in lines if line.startswith("take:")]
    _check_take(re.findall(r"(/\S+)", take)[0])


# The requests that a musician clicks or sends without arguments are not all run above, but all are parsed.


def test_every_address_of_the_examples_exists() -> None:
    for file in EXAMPLES.glob("generate.*"):
        text = file.read_text(encoding="utf-8")
        sent = set(re.findall(r"(?:send_message\(\"|\$port\" |sendMsg\(\")(/msanii/[\w/]+)", text))
        assert sent <= set(BY_PATH), file.name
        assert sent or file.suffix == ".pd"


@pytest.mark.parametrize(
    "request_text",
    re.findall(r"^#X msg \d+ \d+ list (.+);$", (EXAMPLES / "generate.pd").read_text(), re.MULTILINE),
)
def test_every_request_of_the_patch_is_one_that_the_daemon_takes(request_text: str) -> None:
    words = [word.replace("\\ ", " ") for word in re.split(r"(?<!\\) ", request_text)]
    numbers = [float(word) if re.fullmatch(r"[\d.]+", word) else word for word in words]
    parse("/msanii/generate", numbers, None)

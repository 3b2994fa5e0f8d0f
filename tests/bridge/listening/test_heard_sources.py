"""Sources that are heard, through a real socket: a variation that follows, and a part that completes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.cli.app import main
from bridge.cli.client import Answer, Client
from bridge.library.recipes import read_recipe
from bridge.library.sources import keep_source
from bridge.listening.heard_files import HeardFiles, RememberedAudio
from bridge.listening.hearing import _version
from bridge.messages import HeardAudio
from bridge.worker.listener_folder import find_listener
from msanii.music.timeline import beat_seconds_text
from tests.bridge.files import write_tone
from tests.conftest import DaemonUnderTest, fail_of

QUICK = ("steps", 2, "iterations", 2)
# Beats of a waltz that slows down, from 0.25 s on.
SLOWING = tuple(round(0.25 + 0.5 * number + 0.01 * number**2, 4) for number in range(9))
HEARD = HeardAudio(0.0, 3, 4, 11_025, "A minor", "Am | F | G", 0.2, SLOWING, 0.3)


@pytest.fixture(scope="module")
def hearing(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonUnderTest]:
    """A daemon that hears its sources."""
    running = DaemonUnderTest(tmp_path_factory.mktemp("sources") / "library", models)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSANII_HEAR_SOURCES", "1")
        try:
            yield running.start()
        finally:
            running.stop()


@pytest.fixture
def waltz(hearing: DaemonUnderTest, tmp_path: Path) -> Path:
    """A file that was heard before: an untrained listener would hear nothing in it."""
    return heard_before(hearing, write_tone(tmp_path / "waltz.wav", 5.0), HEARD)


def heard_before(hearing: DaemonUnderTest, path: Path, heard: HeardAudio) -> Path:
    kept = keep_source(str(path), path.parent, allowed_folders=None, bases=[])
    version = _version(find_listener([hearing.models]))
    remembered = RememberedAudio(name=path.name, listener=version, heard=heard)
    HeardFiles(hearing.library / ".msanii" / "heard").write(kept.sha256, remembered)
    return path


def answers(client: Client, address: str, *arguments: str | float) -> list[Answer]:
    return list(client.ask(address, *arguments))


def hint_of(found: list[Answer]) -> str:
    (hint,) = (answer.arguments[1] for answer in found if answer.address == "/msanii/hint")
    return str(hint)


def take_of(found: list[Answer]) -> Path:
    (path,) = (str(answer.arguments[2]) for answer in found if answer.address == "/msanii/take")
    return Path(path)


def test_a_variation_follows_what_is_heard_and_says_so(hearing: DaemonUnderTest, waltz: Path) -> None:
    found = answers(hearing.client(), "/msanii/vary", "source", str(waltz), *QUICK)
    assert hint_of(found) == (
        "heard in `waltz.wav`: 103.448 bpm, 3/4, the first bar at 0.25 s, A minor, Am|F|G."
    )
    request = read_recipe(take_of(found)).request
    assert (request.beat_seconds, request.chords, request.meter.numerator) == (
        beat_seconds_text(SLOWING),
        "Am|F|G",
        3,
    )


def test_a_bass_completes_what_is_heard(hearing: DaemonUnderTest, waltz: Path) -> None:
    client = hearing.client()
    found = answers(client, "/msanii/complete", "part", "bass", "source", str(waltz), "seed", 3, *QUICK)
    take = take_of(found)
    assert "heard in `waltz.wav`" in hint_of(found)
    assert soundfile.info(take).duration == pytest.approx(5.0, abs=1e-4)
    request = read_recipe(take).request
    assert [source.name for source in request.follows] == ["waltz.wav"]
    assert request.beat_seconds == beat_seconds_text(SLOWING)


def test_its_recipe_gives_it_back_to_the_sample(
    hearing: DaemonUnderTest, waltz: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = hearing.client()
    asked = ("part", "bass", "source", str(waltz), "seed", 3, *QUICK)
    take = take_of(answers(client, "/msanii/complete", *asked))
    flags = ["--port", str(hearing.port), "--library", str(hearing.library)]
    with pytest.raises(SystemExit, match="0"):
        main(["render", str(take.with_suffix(".json")), *flags, "--models-folder", str(hearing.models)])
    again = Path(capsys.readouterr().out.split()[-1])
    assert again != take
    np.testing.assert_array_equal(soundfile.read(again)[0], soundfile.read(take)[0])


def test_where_no_beat_is_heard_the_tempo_is_asked_for(hearing: DaemonUnderTest, tmp_path: Path) -> None:
    nothing = HeardAudio(0.0, 0, 0, -1, "", "", 0.0)
    tone = heard_before(hearing, write_tone(tmp_path / "tone.wav", 2.0), nothing)
    client = hearing.client()
    about, code, sentence = fail_of(
        answers(client, "/msanii/complete", "job", "part", "bass", "source", str(tone), *QUICK)
    )
    assert (about, code) == ("job", "source")
    assert sentence.startswith("source `tone.wav`: no beat was heard in it; send `bpm`")
    said = answers(client, "/msanii/complete", "part", "bass", "source", str(tone), "bpm", 90, *QUICK)
    assert soundfile.info(take_of(said)).duration == pytest.approx(2.0, abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("source", "a.wav"), "`part`: got nothing, expected the part to write to it"),
        (("part", "bass"), "`notes`: got nothing, expected the file of what plays, or `source` and audio"),
        (("part", "bass", "source", "a.wav", "notes", "b.mid"), "`notes` and `source` both say what plays"),
        (("part", "bass", *("source", "a.wav") * 9), "`source`: got 9 files, expected at most 8"),
        (("part", "bass", "source", 1.5), "got 1.5, expected an audio file's path, or a take's name"),
        (("part", "bass", "source", "not there.wav"), "source `not there.wav`: there is no such file"),
    ],
)
def test_what_cannot_be_completed_is_refused(
    hearing: DaemonUnderTest, arguments: tuple[str | float, ...], sentence: str
) -> None:
    _, _, said = fail_of(answers(hearing.client(), "/msanii/complete", *arguments))
    assert sentence in said

"""Files of takes: whole or not there, exact, readable by others, with the recipe inside."""

from __future__ import annotations

import io
import json
import os
import re
import struct
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bridge.library.loop_marks import LoopMarks
from bridge.library.recipes import read_recipe
from bridge.messages import BridgeError, FileFormat
from bridge.outputs import drop
from bridge.outputs.drop import encode, write_take
from bridge.system.disk import PART_SUFFIX
from tests.bridge.render_requests import make_recipe
from tests.conftest import missing

RATE = 44_100
HALF_STEP_24_BITS = 2.0**-24


Audio = NDArray[np.float32]


def sine(seconds: float = 0.5, channels: int = 2) -> Audio:
    times = np.arange(round(seconds * RATE)) / RATE
    tones = [0.5 * np.sin(2 * np.pi * 440 * (1 + channel) * times) for channel in range(channels)]
    return np.stack(tones).astype(np.float32)


def write(path: Path, audio: Audio, format: FileFormat = "wav", midi: bytes | None = None) -> Path:
    recipe = make_recipe()
    return write_take(
        path,
        audio,
        RATE,
        format=format,
        marks=LoopMarks(bpm=120.0),
        recipe_compact=recipe.compact(),
        recipe_readable=recipe.readable(),
        midi=midi,
    )


@pytest.mark.parametrize(
    ("format", "suffix", "subtype", "tolerance"),
    [
        ("wav", ".wav", "PCM_24", HALF_STEP_24_BITS),
        ("aiff", ".aiff", "PCM_24", HALF_STEP_24_BITS),
        ("flac", ".flac", "PCM_24", HALF_STEP_24_BITS),
        ("float", ".wav", "FLOAT", 0.0),
    ],
)
def test_every_format_holds_the_samples_and_the_recipe(
    tmp_path: Path, format: FileFormat, suffix: str, subtype: str, tolerance: float
) -> None:
    path = write(tmp_path / f"take{suffix}", sine(), format)
    with soundfile.SoundFile(path) as file:
        assert (file.samplerate, file.channels, file.subtype) == (RATE, 2, subtype)
        assert np.abs(file.read(dtype="float32").T - sine()).max() <= tolerance
    assert json.loads(path.with_suffix(".json").read_text("utf-8")) == make_recipe().model_dump(mode="json")
    assert read_recipe(path) == make_recipe()


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_any_number_of_channels(tmp_path: Path, channels: int) -> None:
    path = write(tmp_path / "take.wav", sine(channels=channels))
    assert soundfile.info(path).channels == channels


def test_the_tempo_lies_in_the_wav_and_other_readers_do_not_mind(tmp_path: Path) -> None:
    path = write(tmp_path / "take.wav", sine(2.0))
    data = path.read_bytes()
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
    acid = data[data.index(b"acid") + 8 :]
    beats, denominator, numerator, bpm = struct.unpack("<IHHf", acid[12:24])
    assert (beats, denominator, numerator, bpm) == (4, 4, 4, 120.0)
    with wave.open(str(path)) as file:
        assert file.getnframes() == 2 * RATE


def test_a_length_between_beats_claims_no_tempo() -> None:
    assert b"acid" not in encode(sine(0.7), RATE, format="wav", marks=LoopMarks(bpm=120.0), recipe="a recipe")


def test_a_tempo_that_nobody_knows_is_not_claimed() -> None:
    assert b"acid" in encode(sine(2.0), RATE, format="wav", marks=LoopMarks(bpm=120.0))
    assert b"acid" not in encode(sine(2.0), RATE, format="wav", marks=LoopMarks(bpm=None))


def test_a_finished_take_is_never_overwritten(tmp_path: Path) -> None:
    path = write(tmp_path / "take.wav", sine())
    before = path.read_bytes()
    with pytest.raises(BridgeError, match="never overwritten") as caught:
        write(path, sine(0.25))
    assert caught.value.code == "exists"
    assert path.read_bytes() == before
    assert path.with_suffix(".json").exists()


def test_a_name_that_appears_while_writing_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, notes = tmp_path / "take.wav", tmp_path / "take.mid"
    encode_first = drop.encoded

    def late(*arguments: object, **named: object) -> io.BytesIO:
        path.write_bytes(b"somebody else's")
        return encode_first(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(drop, "encoded", late)
    with pytest.raises(BridgeError, match="already there"):
        write(path, sine(), midi=b"MThd")
    assert not notes.exists()
    assert path.read_bytes() == b"somebody else's"
    assert [entry.name for entry in tmp_path.iterdir()] == ["take.wav"]


def test_without_hard_links_a_take_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    path = write(tmp_path / "take.wav", sine())
    assert soundfile.info(path).frames == RATE // 2
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["take.json", "take.wav"]


def test_nobody_ever_sees_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    sync = os.fsync

    def watching(descriptor: int) -> None:
        seen.append(sorted(entry.name for entry in tmp_path.iterdir()))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watching)
    write(tmp_path / "take.wav", sine())
    # The name of a part cannot be foreseen, so that nobody can lay a link there.
    hidden = [[re.sub("[0-9a-f]{16}", "*", name) for name in names] for names in seen]
    assert [f".take.json.*{PART_SUFFIX}"] in hidden
    assert [f".take.wav.*{PART_SUFFIX}", "take.json"] in hidden
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["take.json", "take.wav"]


def test_a_full_disk_is_said_so_and_leaves_nothing_behind(small_disk: Path) -> None:
    with pytest.raises(BridgeError, match="full") as caught:
        write(small_disk / "take.wav", sine(20.0))
    assert caught.value.code == "disk"
    assert list(small_disk.iterdir()) == []
    write(small_disk / "short.wav", sine(0.1))


def test_the_notes_are_there_before_their_take_and_go_with_it_while_it_is_unfinished(tmp_path: Path) -> None:
    notes = tmp_path / "take.mid"
    notes.write_bytes(b"of a killed render")
    path = write(tmp_path / "take.wav", sine(), midi=b"MThd")
    assert notes.read_bytes() == b"MThd"
    drop.discard_unfinished([path])
    assert notes.exists()
    path.unlink()
    drop.discard_unfinished([path])
    assert list(tmp_path.iterdir()) == []


def test_names_in_any_script(tmp_path: Path) -> None:
    folder = tmp_path / "Größe 音楽 🎹"
    folder.mkdir()
    path = write(folder / "klavier_été_夜.wav", sine())
    assert soundfile.info(path).frames == RATE // 2


_AS_NOBODY = """
import os, sys
from pathlib import Path
import numpy as np
import soundfile
from bridge.messages import BridgeError
from bridge.outputs.drop import write_take
from bridge.library.loop_marks import LoopMarks
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
try:
    write_take(Path(sys.argv[1]), np.zeros((1, 10), np.float32), 44100, format="wav",
               marks=LoopMarks(bpm=120.0), recipe_compact="{}", recipe_readable="{}")
except BridgeError as error:
    print(error.code, error)
"""


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        missing("only root can become an unprivileged user")
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o755)
    _open_the_way(tmp_path)
    program = [sys.executable, "-c", _AS_NOBODY, str(folder / "take.wav")]
    shown = subprocess.run(program, capture_output=True, text=True, check=False)
    assert shown.stdout.startswith("folder cannot write in"), shown.stderr
    assert str(folder) in shown.stdout
    assert list(folder.iterdir()) == []


def _open_the_way(folder: Path) -> None:
    """Lets others pass through pytest's private folders."""
    for parent in (folder, *folder.parents):
        if parent.owner() == "root" and parent != Path(parent.anchor):
            parent.chmod(parent.stat().st_mode | 0o011)

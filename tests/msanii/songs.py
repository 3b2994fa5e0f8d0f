"""A short song in POP909's form, for the tests of the data commands."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import mido

from msanii.controls.features import Events
from msanii.data import synthesizer
from msanii.data.bar_time import bar_song
from msanii.data.midi_take import MidiTake, Voice
from msanii.data.pop909_song import read_pop909_song
from msanii.errors import DataError
from tests.conftest import missing, need

BEAT_SECONDS = 0.5
BEATS = 24


def needs_synthesizer() -> None:
    """Skips a test where FluidSynth or its sounds are missing, and fails in CI."""
    need("fluidsynth")
    try:
        synthesizer.find_soundfont()
    except DataError as error:
        missing(str(error))


def midi_bytes(*, tempos: tuple[tuple[int, int], ...] = ((0, 500_000),), pedal: bool = False) -> bytes:
    """A C4 on every beat in PIANO and an E4 on the first in MELODY, at 480 ticks a beat."""
    tempo_track = mido.MidiTrack()
    now = 0
    for tick, tempo in tempos:
        tempo_track.append(mido.MetaMessage("set_tempo", tempo=tempo, time=tick - now))
        now = tick
    melody = _track("MELODY", [(0, "note_on", 64, 90), (480, "note_off", 64, 0)])
    events = [(480 * beat, "note_on", 60, 80) for beat in range(BEATS)]
    events += [(480 * beat + 240, "note_off", 60, 0) for beat in range(BEATS)]
    piano = _track("PIANO", sorted(events))
    if pedal:
        piano.insert(1, mido.Message("control_change", control=64, value=127))
    buffer = io.BytesIO()
    mido.MidiFile(type=1, ticks_per_beat=480, tracks=[tempo_track, melody, piano]).save(file=buffer)
    return buffer.getvalue()


def _track(name: str, events: list[tuple[int, str, int, int]]) -> mido.MidiTrack:
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    now = 0
    for tick, kind, note, velocity in events:
        track.append(mido.Message(kind, note=note, velocity=velocity, time=tick - now))
        now = tick
    return track


def beats_text() -> str:
    flags = ((beat * BEAT_SECONDS, beat % 2 == 0, beat % 4 == 0) for beat in range(BEATS))
    return "".join(f"{seconds} {half:d}.0 {bar:d}.0\n" for seconds, half, bar in flags)


def chords_text() -> str:
    return "0.0\t2.0\tC:maj\n2.0\t4.0\tA:min/b3\n4.0\t12.0\tN\n"


def song_members(number: int) -> dict[str, bytes]:
    """What POP909's archive holds of one song."""
    return {
        f"pop909/{number:03d}/{number:03d}.mid": midi_bytes(),
        f"pop909/{number:03d}/beat_midi.txt": beats_text().encode(),
        f"pop909/{number:03d}/chord_midi.txt": chords_text().encode(),
    }


def write_archive(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:xz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def song_events() -> Events:
    """The song as its keys play it at its own tempo."""
    song = bar_song(read_pop909_song(midi_bytes(), beats_text(), chords_text()))
    voice = Voice(part="keys", sound="grand piano", notes=song.tracks["PIANO"])
    return MidiTake(song=song, part="keys", voices=(voice,), bpm=120.0, off_beat=0.5).events()

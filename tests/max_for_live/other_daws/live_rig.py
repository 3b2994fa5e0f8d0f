"""Live with the Remote Script in it."""

from __future__ import annotations

import time
from typing import Any

from tests.conftest import ROOT
from tests.max_for_live.other_daws import live_stub as live
from tests.max_for_live.other_daws.live_framework import CInstance

FOLDER = ROOT / "max_for_live" / "other_daws" / "live_remote_script"
PATIENCE_SECONDS = 120
GENERATE, PLACE, CANCEL = 36, 38, 39
NOTE_ON_16, CC_16 = 0x9F, 0xBF


class Rig:
    """Live with the script switched on; `song` is the set."""

    def __init__(self, script: Any, song: live.Song) -> None:
        self.song = song
        self.c_instance = CInstance(song)
        self.surface = script.create_instance(self.c_instance)

    @property
    def shown(self) -> list[str]:
        return self.c_instance.shown

    def press(self, number: int, status: int = NOTE_ON_16) -> None:
        self.surface.receive_midi((status, number, 127))
        self.surface.receive_midi((status, number, 0))

    def wait(self, words: str) -> str:
        """Tick as Live does until the words are shown; the whole sentence."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := [one for one in self.shown if words in one]):
            assert time.monotonic() < deadline, f"`{words}` was never shown: {self.shown}"
            self.surface.update_display()
            time.sleep(0.005)
        return found[-1]

    def clips(self) -> list[Any]:
        slots = [slot for track in self.song.tracks for slot in track.clip_slots]
        return [slot.clip for slot in slots if slot.has_clip and slot.clip.is_audio_clip]


def put_midi_clip(track: Any, chords: list[list[int]]) -> None:
    """Chords, one a bar, in the first slot of a track."""
    notes = [
        live.MidiNote(pitch=pitch, start_time=4.0 * bar, duration=4.0, velocity=100.0, mute=False)
        for bar, pitches in enumerate(chords)
        for pitch in pitches
    ]
    track.clip_slots[0].put(live.MidiClip(notes, 4.0 * len(chords)))

"""What the MIDI clips of a scene play, for the bridge to hear: it recognises their chords."""

from __future__ import annotations

import math
import re
from typing import Any, Dict, List, Tuple

# A word in a track's name says who plays there.
PARTS = {
    "drum": "drums",
    "drums": "drums",
    "beat": "drums",
    "kit": "drums",
    "bass": "bass",
    "pad": "pad",
    "strings": "pad",
    "lead": "lead",
    "melody": "lead",
    "keys": "keys",
    "piano": "keys",
    "chords": "keys",
}
MOST_NOTES = 4096


def part_of(name: str) -> str:
    """Return the part that a track's name speaks of, or an empty text."""
    for word in re.findall(r"[a-z]+", name.lower()):
        if word in PARTS:
            return PARTS[word]
    return ""


def scene_notes(tracks: Any, scene: int) -> Tuple[List[Dict[str, Any]], float]:
    """Return the notes of the scene's MIDI clips on tracks that are not muted, and their length in beats.

    Shorter loops repeat until the longest has ended. Notes are as in the bridge's note files.
    """
    heard = []
    for track in tracks:
        slots = track.clip_slots
        if track.mute or scene >= len(slots) or not slots[scene].has_clip:
            continue
        clip = slots[scene].clip
        if clip.is_midi_clip and not clip.muted:
            heard.append((part_of(track.name), clip.loop_start, clip.loop_end, _notes(clip)))
    beats = max((end - start for _, start, end, _ in heard), default=0.0)
    notes: List[Dict[str, Any]] = []
    for part, start, end, played in heard:
        for turn in range(math.ceil(beats / (end - start) - 1e-9)):
            notes += _turn(part, turn * (end - start), beats, played)
    return notes[:MOST_NOTES], beats


def _notes(clip: Any) -> List[Tuple[int, float, float, float]]:
    start, end = clip.loop_start, clip.loop_end
    found = []
    for note in clip.get_notes_extended(0, 128, start, end - start):
        if not note.mute:
            length = min(note.start_time + note.duration, end) - note.start_time
            found.append((note.pitch, note.start_time - start, length, note.velocity))
    return found


def _turn(
    part: str, from_beats: float, end_beats: float, played: List[Tuple[int, float, float, float]]
) -> List[Dict[str, Any]]:
    notes = []
    for pitch, start, length, velocity in played:
        at = from_beats + start
        if at < end_beats - 1e-9:
            note = {
                "pitch": int(pitch),
                "start_beats": at,
                "duration_beats": min(length, end_beats - at),
                "velocity": max(1, min(127, round(velocity))),
            }
            notes.append(dict(note, part=part) if part else note)
    return notes

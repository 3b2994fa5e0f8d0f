"""Puts takes into clip slots. What yields goes on a tick later, since Live sets clips up by itself, too.

Signatures and errors are those of Live's own documentation strings, as collected for every version at
https://photonicvelocity.github.io/LiveAPI/.
"""

from __future__ import annotations

import json
from typing import Any, Iterator, List, Optional, Tuple

import Live

from .take import Take

GREEN = 0x3DC300
COMPLEX = 4
SETTLE_TICKS = 2
NEAR_BEATS = 1e-3
NEAR_SECONDS = 2e-3
TOO_OLD = "This Live cannot make clips of files: that needs 11.3.25, 12.0.5 or newer. Drag in %s"


def why_no_audio(track: Any, song: Any) -> str:
    """Return why no audio clip can be put on a track, or an empty text."""
    if track not in list(song.tracks):
        return "return tracks and the main track hold no clips"
    if track.is_foldable:
        return "a group track holds no clips"
    if track.has_midi_input:
        return "a MIDI track holds no audio clips"
    if track.is_frozen:
        return "the track is frozen"
    return ""


def audio_track(song: Any) -> Optional[Any]:
    """Return the selected track, or else the first one, that takes audio clips; None if there is none."""
    for track in [song.view.selected_track, *song.tracks]:
        if not why_no_audio(track, song):
            return track
    return None


def selected_scene(song: Any) -> int:
    """Return the selected scene's place, counted from 0."""
    return list(song.scenes).index(song.view.selected_scene)


def place(song: Any, track: Any, take: Take, warp: bool, loop: bool) -> Iterator[str]:
    """Put a take into a track's next free slot, from the selected scene on. Yields "", then what was done."""
    slot, scene = _free_slot(song, track)
    if not hasattr(slot, "create_audio_clip"):
        yield TOO_OLD % take.path
        return
    try:
        slot.create_audio_clip(take.path)
    except (RuntimeError, ValueError) as error:
        yield "Live made no clip of %s (%s): is the file still there?" % (take.name, error)
        return
    slot.clip.name = take.name
    slot.clip.color = GREEN
    placed = "Placed in scene %d of %s." % (scene + 1, track.name)
    # A take without a known tempo has no beats to be warped to.
    if warp and take.beats > 0:
        yield from _warped(slot, take, loop, placed)
    else:
        yield from _unwarped(slot, take, placed)


def _free_slot(song: Any, track: Any) -> Tuple[Any, int]:
    for scene in range(selected_scene(song), len(track.clip_slots)):
        if not track.clip_slots[scene].has_clip:
            return track.clip_slots[scene], scene
    song.create_scene(-1)
    scene = len(track.clip_slots) - 1
    return track.clip_slots[scene], scene


def _warped(slot: Any, take: Take, loop: bool, placed: str) -> Iterator[str]:
    slot.clip.warping = True
    yield from _settle()
    if not slot.has_clip:
        yield "The clip went away while it was set up."
        return
    clip = slot.clip
    if clip.warping:
        _straighten(clip, take)
        clip.warp_mode = COMPLEX
        clip.looping = loop
        _bounds(clip, take.beats)
    yield from _settle()
    if slot.has_clip and not _is_right(slot.clip, take):
        yield from _unwarped(
            slot, take, placed + " Live warped it in its own way, so Warp is off: it plays at its own tempo."
        )
    else:
        yield placed


def _unwarped(slot: Any, take: Take, placed: str) -> Iterator[str]:
    slot.clip.warping = False
    yield from _settle()
    if slot.has_clip and not slot.clip.warping:
        # Unwarped clips count in seconds.
        _bounds(slot.clip, take.seconds)
    yield placed


def _settle() -> Iterator[str]:
    for _ in range(SETTLE_TICKS):
        yield ""


def _bounds(clip: Any, end: float) -> None:
    # The end goes first: a loop's beginning must lie before it.
    clip.loop_end = end
    clip.loop_start = 0.0
    clip.loop_end = end
    clip.end_marker = end
    clip.start_marker = 0.0


def _markers(clip: Any) -> List[Tuple[float, float]]:
    """Seconds and beats of each warp marker. Live hands out its own objects, or in some versions JSON."""
    found = clip.warp_markers
    if isinstance(found, str):
        return [(one["sample_time"], one["beat_time"]) for one in json.loads(found)["warp_markers"]]
    return [(one.sample_time, one.beat_time) for one in found]


def _straighten(clip: Any, take: Take) -> None:
    """The whole file over its own beats, whatever tempo Live guessed: one straight line."""
    markers = _markers(clip)
    if len(markers) < 2 or _is_straight(markers, take):
        return
    # The hidden last marker cannot be moved; it follows the one before it.
    for _, beats in markers[-2:0:-1]:
        clip.remove_warp_marker(beats)
    first_seconds, first_beats = markers[0]
    # Live likes to pin the first transient rather than the file's beginning.
    wanted = first_seconds * take.file_beats / take.seconds
    if abs(first_beats - wanted) > 1e-9:
        clip.move_warp_marker(first_beats, wanted - first_beats)
    clip.add_warp_marker(Live.Clip.WarpMarker(take.seconds, take.file_beats))


def _is_straight(markers: List[Tuple[float, float]], take: Take) -> bool:
    per_beat = take.seconds / take.file_beats
    return all(abs(seconds - beats * per_beat) < NEAR_SECONDS for seconds, beats in markers)


def _is_right(clip: Any, take: Take) -> bool:
    return (
        bool(clip.warping)
        and abs(clip.loop_start) < NEAR_BEATS
        and abs(clip.loop_end - take.beats) < NEAR_BEATS
        and _is_straight(_markers(clip), take)
    )

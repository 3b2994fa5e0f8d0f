"""A strict stand-in for Live as a Remote Script sees it: what Live does not have is an error.

Properties, signatures and errors are those of Live 12.2's own documentation strings
(https://photonicvelocity.github.io/LiveAPI/).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import soundfile

_NUMBER = (float, int)


class LomObject:
    """`PROPERTIES` are name -> (type, settable); Boost's converters let an int pass for a float or bool."""

    PROPERTIES: ClassVar[dict[str, tuple[Any, bool]]] = {}

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, **values: Any) -> None:
        assert values.keys() <= self.PROPERTIES.keys(), values.keys() - self.PROPERTIES.keys()
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.PROPERTIES:
            raise AttributeError(f"{type(self).__name__} has no `{name}`")
        kind, settable = self.PROPERTIES[name]
        if not settable:
            raise AttributeError(f"can't set `{name}` of {type(self).__name__}")
        if not isinstance(value, kind):
            raise TypeError(f"Python argument types did not match C++ signature: {name}={value!r}")
        self.set(name, value)

    def set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)


class WarpMarker(LomObject):
    PROPERTIES: ClassVar = {"sample_time": (_NUMBER, False), "beat_time": (_NUMBER, False)}

    def __init__(self, sample_time: float, beat_time: float) -> None:
        super().__init__(sample_time=sample_time, beat_time=beat_time)


class MidiNote(LomObject):
    PROPERTIES: ClassVar = {
        "pitch": (int, True),
        "start_time": (_NUMBER, True),
        "duration": (_NUMBER, True),
        "velocity": (_NUMBER, True),
        "mute": (bool, True),
    }


class Clip(LomObject):
    PROPERTIES: ClassVar = {
        "name": (str, True),
        "color": (int, True),
        "muted": (bool, True),
        "is_audio_clip": (bool, False),
        "is_midi_clip": (bool, False),
        "looping": (bool, True),
        "loop_start": (_NUMBER, True),
        "loop_end": (_NUMBER, True),
        "start_marker": (_NUMBER, True),
        "end_marker": (_NUMBER, True),
    }


class MidiClip(Clip):
    PROPERTIES: ClassVar = {**Clip.PROPERTIES, "_notes": (list, False)}

    def __init__(self, notes: list[MidiNote], beats: float) -> None:
        bounds = {"loop_start": 0.0, "loop_end": beats, "start_marker": 0.0, "end_marker": beats}
        super().__init__(
            name="", color=0, muted=False, is_audio_clip=False, is_midi_clip=True, looping=True, **bounds
        )
        object.__setattr__(self, "_notes", notes)

    def get_notes_extended(self, from_pitch: int, pitch_span: int, from_time: float, span: float) -> Any:
        assert isinstance(from_pitch, int)
        assert isinstance(pitch_span, int)
        pitches = range(from_pitch, from_pitch + pitch_span)
        notes: list[MidiNote] = self._notes
        return [n for n in notes if n.pitch in pitches and from_time <= n.start_time < from_time + span]


class AudioClip(Clip):
    """`guess` is how Live's preferences warp a new clip; markers of `stubborn` ones do not move."""

    PROPERTIES: ClassVar = {
        **Clip.PROPERTIES,
        "file_path": (str, False),
        "warping": (bool, True),
        "warp_mode": (int, True),
        "warp_markers": (tuple, False),
        "_stubborn": (bool, False),
    }

    def __init__(self, path: str, tempo: float, guess: str) -> None:
        seconds = soundfile.info(path).duration
        beats = seconds * tempo / 60
        points = {
            "double": [(0.0, 0.0), (seconds / 2, beats), (seconds, beats * 2)],
            "stubborn": [(0.0, 0.0), (seconds, beats * 2)],
            "transient": [(0.12, 0.0), (seconds, beats)],
        }.get(guess, [(0.0, 0.0), (seconds, beats)])
        warping = guess != "off"
        end = points[-1][1] if warping else seconds
        bounds = {"loop_start": 0.0, "loop_end": end, "start_marker": 0.0, "end_marker": end}
        super().__init__(
            name=Path(path).name, color=0, muted=False, is_audio_clip=True, is_midi_clip=False,
            looping=False, **bounds, file_path=path, warping=warping, warp_mode=0,
            _stubborn=guess == "stubborn",
        )  # fmt: skip
        self._mark(points)

    def _mark(self, points: list[tuple[float, float]], beat_seconds: float = 0.0) -> None:
        """The points, and Live's hidden last marker 1/32 beat behind the last, in the tempo before it."""
        points = sorted(points)
        if len(points) > 1:
            (seconds, beats), (s, b) = points[-2:]
            beat_seconds = (s - seconds) / (b - beats)
        hidden = (points[-1][0] + beat_seconds / 32, points[-1][1] + 1 / 32)
        object.__setattr__(self, "warp_markers", tuple(WarpMarker(*one) for one in [*points, hidden]))

    def _points(self) -> list[tuple[float, float]]:
        return [(m.sample_time, m.beat_time) for m in self.warp_markers[:-1]]

    def _change(self, points: list[tuple[float, float]]) -> None:
        if not self._stubborn:
            last, hidden = self.warp_markers[-2:]
            self._mark(points, (hidden.sample_time - last.sample_time) * 32)

    def set(self, name: str, value: Any) -> None:
        if name == "looping" and value and not self.warping:
            raise RuntimeError("Only warped audio clips can be looped")
        if name == "loop_start" and value >= self.loop_end:
            raise RuntimeError("Cannot set LoopStart behind LoopEnd")
        if name == "loop_end" and value <= self.loop_start:
            raise RuntimeError("Cannot set LoopEnd before LoopStart")
        before = self.warping
        super().set(name, value)
        if name == "warping" and bool(before) != bool(value):
            self._recount(bool(value))

    def _recount(self, warping: bool) -> None:
        """Loop and markers count in beats while the clip is warped, else in seconds."""
        points = [(s, b) if warping else (b, s) for s, b in self._points()]
        (x0, y0), (x1, y1) = points[0], points[-1]
        for name in ("loop_start", "loop_end", "start_marker", "end_marker"):
            value = y0 + (getattr(self, name) - x0) * (y1 - y0) / (x1 - x0)
            object.__setattr__(self, name, value)
        if not warping:
            object.__setattr__(self, "looping", False)

    def _take_off(self, beat_time: float) -> tuple[float, float]:
        (found,) = [one for one in self._points() if abs(one[1] - beat_time) < 1e-9]
        return found

    def add_warp_marker(self, marker: WarpMarker) -> None:
        assert isinstance(marker, WarpMarker), "did not match C++ signature"
        seconds, beats = marker.sample_time, marker.beat_time
        self._change([one for one in self._points() if abs(one[1] - beats) > 1e-6] + [(seconds, beats)])

    def remove_warp_marker(self, beat_time: float) -> None:
        found = self._take_off(beat_time)
        self._change([one for one in self._points() if one != found])

    def move_warp_marker(self, beat_time: float, distance: float) -> None:
        seconds, beats = self._take_off(beat_time)
        kept = [one for one in self._points() if one != (seconds, beats)]
        self._change([*kept, (seconds, beats + distance)])


class ClipSlot(LomObject):
    PROPERTIES: ClassVar = {"has_clip": (bool, False), "clip": (object, False), "_track": (object, False)}

    def __init__(self, track: Track) -> None:
        super().__init__(has_clip=False, clip=None, _track=track)

    def put(self, clip: Clip | None) -> None:
        object.__setattr__(self, "clip", clip)
        object.__setattr__(self, "has_clip", clip is not None)


class NewClipSlot(ClipSlot):
    """As of Live 11.3.25 and 12.0.5."""

    def create_audio_clip(self, path: str) -> Clip:
        track: Track = self._track
        if not isinstance(path, str):
            raise TypeError("did not match C++ signature")
        if self.has_clip or not track.has_audio_input or track.is_frozen:
            raise RuntimeError("cannot create an audio clip here")
        if not Path(path).is_absolute() or not Path(path).is_file():
            raise RuntimeError("not a valid audio file")
        clip = AudioClip(path, track._song.tempo, track._song.guess)
        self.put(clip)
        return clip


class Track(LomObject):
    PROPERTIES: ClassVar = {
        "name": (str, True),
        "mute": (bool, True),
        "has_audio_input": (bool, False),
        "has_midi_input": (bool, False),
        "is_foldable": (bool, False),
        "is_frozen": (bool, False),
        "clip_slots": (tuple, False),
        "_song": (object, False),
    }


class SongView(LomObject):
    PROPERTIES: ClassVar = {
        "selected_track": (Track, True),
        "selected_scene": (object, True),
        "detail_clip": ((Clip, type(None)), True),
    }


class Song(LomObject):
    """A set without tracks yet. `slot_type` is that of its Live, `guess` how that warps new clips."""

    PROPERTIES: ClassVar = {
        "tempo": (_NUMBER, True),
        "signature_numerator": (int, True),
        "signature_denominator": (int, True),
        "tracks": (tuple, False),
        "scenes": (tuple, False),
        "view": (SongView, False),
        "guess": (str, True),
        "_slot_type": (type, False),
    }

    def __init__(self, scenes: int = 4, slot_type: type[ClipSlot] = NewClipSlot) -> None:
        made = tuple(LomObject() for _ in range(scenes))
        view = SongView(selected_track=None, selected_scene=made[0], detail_clip=None)
        super().__init__(
            tempo=120.0, signature_numerator=4, signature_denominator=4, tracks=(), scenes=made, view=view,
            guess="right", _slot_type=slot_type,
        )  # fmt: skip

    def add_track(self, name: str, kind: str = "audio") -> Track:
        track = Track(
            name=name, mute=False, has_audio_input=kind in ("audio", "frozen"), has_midi_input=kind == "midi",
            is_foldable=kind == "group", is_frozen=kind == "frozen", _song=self,
        )  # fmt: skip
        slots = tuple(self._slot_type(track) for _ in self.scenes)
        object.__setattr__(track, "clip_slots", slots)
        object.__setattr__(self, "tracks", (*self.tracks, track))
        self.view.selected_track = track
        return track

    def create_scene(self, index: int) -> Any:
        assert index == -1
        object.__setattr__(self, "scenes", (*self.scenes, LomObject()))
        for track in self.tracks:
            slot = self._slot_type(track)
            object.__setattr__(track, "clip_slots", (*track.clip_slots, slot))
        return self.scenes[-1]

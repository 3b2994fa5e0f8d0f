"""A standard MIDI file's bytes -> its tracks: notes, pedals, tempos and meters, in ticks. Pure Python.

Reads files as players do: it skips foreign chunks and events, and forgives a wrong track length and running
status after a system exclusive message, all of which mido refuses. Work is bounded by bytes and events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from msanii.errors import ScoreError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MOST_EVENTS = 200_000
NOTE_OFF, NOTE_ON, CONTROL, PROGRAM = 0x80, 0x90, 0xB0, 0xC0
_DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
_KEPT = frozenset({NOTE_OFF, NOTE_ON, CONTROL, PROGRAM})
# MIDI time code, song position and song select have data; none of them belongs in a file.
_SYSTEM_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}
_EXCLUSIVE = (0xF0, 0xF7)
_META, _NAME, _INSTRUMENT, _END, _TEMPO, _METER = 0xFF, 0x03, 0x04, 0x2F, 0x51, 0x58
_LONGEST_NUMBER = 4
_LONGEST_NAME = 64


class Event(NamedTuple):
    """A channel message: `kind` is NOTE_ON and the like, `data` its two data bytes."""

    tick: int
    kind: int
    channel: int
    data: tuple[int, int]


class MeterMark(NamedTuple):
    """A time signature as in the file: the denominator is 2 to the power, up to 255."""

    tick: int
    numerator: int
    power: int


@dataclass(kw_only=True)
class Track:
    """A track's events in the file's order; `end_tick` is its end-of-track mark."""

    name: str = ""
    events: list[Event] = field(default_factory=list)
    tempos: list[tuple[int, int]] = field(default_factory=list)
    meters: list[MeterMark] = field(default_factory=list)
    end_tick: int = 0


@dataclass(frozen=True, kw_only=True)
class MidiFile:
    """The tracks of a file, and the ticks of a quarter note; tempos are microseconds a quarter note."""

    kind: int
    ticks_per_beat: int
    tracks: tuple[Track, ...]


class _DamagedError(Exception):
    """A track that no player could read."""


def is_midi(data: bytes) -> bool:
    """Whether data begins as a MIDI file, plain or in RIFF, with or without a byte order mark."""
    return data.removeprefix(BYTE_ORDER_MARK)[:4] in (b"MThd", b"RIFF")


def read_midi(data: bytes) -> MidiFile:
    """Read a file's tracks. Raises ScoreError without the file's name: what is wrong, and what to do."""
    data = data.removeprefix(BYTE_ORDER_MARK)
    if data[:4] == b"RIFF":
        raise ScoreError("a RIFF file, expected a plain .mid; export it as a standard MIDI file")
    if len(data) < 14:
        raise ScoreError("a damaged MIDI file; export it again")
    header_end = 8 + int.from_bytes(data[4:8])
    kind, ticks_per_beat = int.from_bytes(data[8:10]), int.from_bytes(data[12:14])
    if kind == 2:
        raise ScoreError("a MIDI file of format 2 (separate patterns); export it as format 0 or 1")
    if ticks_per_beat & 0x8000:
        raise ScoreError("counts time in SMPTE frames, expected beats; export it with musical time")
    if ticks_per_beat == 0:
        raise ScoreError("a damaged MIDI file (no ticks in a beat); export it again")
    try:
        tracks = _tracks(data, header_end)
    except _DamagedError as error:
        raise ScoreError("a damaged MIDI file; export it again") from error
    return MidiFile(kind=kind, ticks_per_beat=ticks_per_beat, tracks=tuple(tracks))


def _tracks(data: bytes, position: int) -> list[Track]:
    tracks: list[Track] = []
    budget = MOST_EVENTS
    while position + 8 <= len(data):
        name, start = data[position : position + 4], position + 8
        end = start + int.from_bytes(data[position + 4 : start])
        if name != b"MTrk":
            position = end
            continue
        length_is_right = end == len(data) or data[end : end + 4] == b"MTrk"
        reader = _TrackReader(data, start, end if length_is_right else len(data), budget)
        read_to = reader.read()
        if not reader.has_end and not length_is_right:
            raise _DamagedError
        budget -= reader.count
        tracks.append(reader.track)
        position = end if length_is_right or _is_chunk(data, end) else read_to
    return tracks


def _is_chunk(data: bytes, position: int) -> bool:
    name = data[position : position + 4]
    return len(name) == 4 and name.isalnum()


class _TrackReader:
    """Reads one track's bytes, from `position` up to its end-of-track mark or `limit`."""

    def __init__(self, data: bytes, position: int, limit: int, budget: int) -> None:
        self.track = Track()
        self.has_end = False
        self.count = 0
        self._data = data
        self._position = position
        self._limit = limit
        self._budget = budget
        self._tick = 0
        self._status = 0

    def read(self) -> int:
        """Read the track; returns the position after it."""
        while self._position < self._limit and not self.has_end:
            self.count += 1
            if self.count > self._budget:
                raise ScoreError(
                    f"more than {MOST_EVENTS} events, expected a clip; export the part that you need alone"
                )
            self._tick += self._number()
            self._event()
        self.track.end_tick = self._tick
        return self._position

    def _byte(self) -> int:
        if self._position >= self._limit:
            raise _DamagedError
        self._position += 1
        return self._data[self._position - 1]

    def _number(self) -> int:
        """A variable-length quantity; more than four bytes are none."""
        value = 0
        for _ in range(_LONGEST_NUMBER):
            byte = self._byte()
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise _DamagedError

    def _bytes(self) -> bytes:
        """A length and so many bytes."""
        length = self._number()
        start = self._position
        if start + length > self._limit:
            raise _DamagedError
        self._position += length
        return self._data[start : self._position]

    def _event(self) -> None:
        byte = self._byte()
        if byte == _META:
            self._meta(self._byte(), self._bytes())
        elif byte in _EXCLUSIVE:
            self._bytes()
        elif byte > 0xF0:
            self._position += _SYSTEM_BYTES.get(byte, 0)
        elif byte >= 0x80:
            self._status = byte
            self._message(self._byte())
        elif self._status:
            self._message(byte)
        else:
            raise _DamagedError

    def _message(self, first: int) -> None:
        kind, channel = self._status & 0xF0, self._status & 0x0F
        # A data byte has seven bits; some programs write 128 for the loudest.
        second = min(self._byte(), 127) if _DATA_BYTES[kind] == 2 else 0
        if kind in _KEPT:
            self.track.events.append(Event(self._tick, kind, channel, (min(first, 127), second)))

    def _meta(self, kind: int, data: bytes) -> None:
        if kind == _END:
            self.has_end = True
        elif kind in (_NAME, _INSTRUMENT):
            # Longer names tell no more, and a file may rename its track a million times.
            if len(self.track.name) < _LONGEST_NAME:
                name = data[:_LONGEST_NAME].decode("utf-8", "replace")
                self.track.name = f"{self.track.name} {name}".strip()
        elif kind == _TEMPO and len(data) >= 3 and any(data[:3]):
            self.track.tempos.append((self._tick, int.from_bytes(data[:3])))
        elif kind == _METER and len(data) >= 2:
            self.track.meters.append(MeterMark(self._tick, data[0], data[1]))

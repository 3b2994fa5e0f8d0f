"""Parser from MIDI bytes to control movements: notes, CC, 14-bit CC, NRPN, program change, pitch bend.

Follows the "MIDI 1.0 Detailed Specification": CC n and CC n + 32 form one 14-bit value; CC 99 and 98 select a
non-registered parameter, 101 and 100 a registered one, 6 and 38 set it, 96 and 97 step it, and 127/127
deselects it. Use one parser for each port.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.midi_child.wire import ControlId, Kind, Moved

_DATA_HIGH, _DATA_LOW = 6, 38
_UP, _DOWN = 96, 97
_NRPN_LOW, _NRPN_HIGH, _RPN_LOW, _RPN_HIGH = 98, 99, 100, 101
_ALL_SOUND_OFF, _ALL_NOTES_OFF = 120, 123
_LOWEST_PAIRED_LOW, _HIGHEST_PAIRED_LOW = 32, 63
_NULL = 127
_LENGTHS = {0x80: 3, 0x90: 3, 0xA0: 3, 0xB0: 3, 0xC0: 2, 0xD0: 2, 0xE0: 3}
_MOST = 16_383


@dataclass(slots=True)
class _Channel:
    """The state of one channel: halves of 14-bit values, the selected parameter, sounding notes."""

    high: dict[int, int] = field(default_factory=dict)
    chosen_high: int | None = None
    chosen_low: int | None = None
    is_registered: bool = False
    values: dict[int, int] = field(default_factory=dict)
    sounding: set[int] = field(default_factory=set)

    def parameter(self) -> int | None:
        """Return the number of the selected non-registered parameter, or None."""
        if self.is_registered or self.chosen_high is None or self.chosen_low is None:
            return None
        if self.chosen_high == self.chosen_low == _NULL:
            return None
        return 128 * self.chosen_high + self.chosen_low

    def is_chosen(self) -> bool:
        """Return whether data entry sets a registered or non-registered parameter, or else is a plain CC."""
        both = (self.chosen_high, self.chosen_low)
        return None not in both and both != (_NULL, _NULL)


class ControlParser:
    """Parses the messages of one port, one at a time. Never raises, whatever the bytes."""

    def __init__(self) -> None:
        self._channels = [_Channel() for _ in range(16)]

    def feed(self, data: bytes) -> list[Moved]:
        """Return the movements of one message; none for anything but a complete channel message."""
        status = data[0] & 0xF0 if data else 0
        if _LENGTHS.get(status) != len(data) or any(byte > 127 for byte in data[1:]):
            return []
        return list(self._moved(status, data[0] & 0x0F, data[1], data[2] if len(data) > 2 else 0))

    def release_all(self) -> list[Moved]:
        """Release every sounding note, as when the port is gone."""
        return [moved for channel in range(16) for moved in self._released(channel)]

    def _moved(self, status: int, channel: int, first: int, second: int) -> Iterator[Moved]:
        state = self._channels[channel]
        match status:
            case 0x90 if second > 0:
                state.sounding.add(first)
                yield _moved("note", channel, first, second)
            case 0x80 | 0x90:
                state.sounding.discard(first)
                yield _moved("note", channel, first, 0)
            case 0xB0:
                yield from self._control_change(channel, first, second)
            case 0xC0:
                yield _moved("program", channel, 0, first)
            case 0xE0:
                yield _moved("bend", channel, 0, 128 * second + first)

    def _control_change(self, channel: int, number: int, value: int) -> Iterator[Moved]:
        state = self._channels[channel]
        if number in (_NRPN_LOW, _NRPN_HIGH, _RPN_LOW, _RPN_HIGH):
            self._choose(state, number, value)
        elif number in (_DATA_HIGH, _DATA_LOW, _UP, _DOWN) and state.is_chosen():
            yield from self._data_entry(state, channel, number, value)
        elif number in (_ALL_SOUND_OFF, _ALL_NOTES_OFF):
            yield from self._released(channel)
        else:
            yield _moved("cc", channel, number, value)
            yield from self._paired(state, channel, number, value)

    @staticmethod
    def _choose(state: _Channel, number: int, value: int) -> None:
        registered = number in (_RPN_LOW, _RPN_HIGH)
        if registered != state.is_registered:
            state.chosen_high = state.chosen_low = None
        state.is_registered = registered
        if number in (_NRPN_HIGH, _RPN_HIGH):
            state.chosen_high = value
        else:
            state.chosen_low = value

    @staticmethod
    def _data_entry(state: _Channel, channel: int, number: int, value: int) -> Iterator[Moved]:
        parameter = state.parameter()
        if parameter is None:  # a registered one: bend range and tuning only concern synthesizers
            return
        before = state.values.get(parameter, 0)
        match number:
            case 6:
                # A high byte alone is a complete value: many controllers send no low byte.
                now = 128 * value
            case 38:
                now = before & ~0x7F | value
            case 96:
                now = min(before + 1, _MOST)
            case _:
                now = max(before - 1, 0)
        state.values[parameter] = now
        yield _moved("nrpn", channel, parameter, now)

    @staticmethod
    def _paired(state: _Channel, channel: int, number: int, value: int) -> Iterator[Moved]:
        if number < _LOWEST_PAIRED_LOW:
            state.high[number] = value
            return
        high = state.high.get(number - 32) if number <= _HIGHEST_PAIRED_LOW else None
        if high is not None:
            yield _moved("cc14", channel, number - 32, 128 * high + value)

    def _released(self, channel: int) -> list[Moved]:
        state = self._channels[channel]
        moved = [_moved("note", channel, note, 0) for note in sorted(state.sounding)]
        state.sounding.clear()
        return moved


def _moved(kind: Kind, channel: int, number: int, value: int) -> Moved:
    return Moved(ControlId(kind, channel + 1, number), value)

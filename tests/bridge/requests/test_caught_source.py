"""A source that was caught: its tempo and bars are known and never guessed, whatever is heard in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.library.caught_bars import CaughtBars
from bridge.library.takes import Library
from bridge.messages import BridgeError, HeardAudio, Verb
from tests.bridge.files import write_tone
from tests.bridge.library.test_caught_bars import write
from tests.bridge.requests.test_heard_source import Listening, resolved

BARS = CaughtBars(bars=4, bpm=127.3333, numerator=4, denominator=4)
BEAT = 60 / 127.2
BEATS = tuple(0.01 + number * BEAT for number in range(16))
HEARD = HeardAudio(127.2, 4, 4, 441, "C major", "C | F | G | C", 0.9, BEATS, 1.0)
DOUBLE = HeardAudio(63.6, 4, 4, 441, "C major", "C | G", 0.9, BEATS[::2], 1.0)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "library")
    yield library
    library.close()


@pytest.fixture
def caught(library: Library) -> Path:
    return write(library.folder / "caught.wav", BARS)


@pytest.mark.parametrize("verb", ["vary", "inpaint", "outpaint"])
def test_its_tempo_is_known_and_its_chords_are_heard(library: Library, caught: Path, verb: Verb) -> None:
    length: dict[str, Any] = {"bars": 2} if verb == "outpaint" else {}
    request = resolved(library, Listening(HEARD), verb, source=caught.name, **length)
    assert (request.bpm, request.numerator, request.denominator) == (127.3333, 4, 4)
    assert (request.chords, request.key, request.knows_tempo) == ("C|F|G|C", "C major", True)
    if verb == "vary":
        assert request.beat_seconds == "0"  # bar 1 begins with the file
    if verb == "outpaint":
        assert request.seconds == pytest.approx(2 * 4 * 60 / 127.3333)


@pytest.mark.parametrize("listening", [None, Listening(BridgeError("model", "no")), Listening(DOUBLE)])
def test_it_is_known_without_ears_and_with_ears_that_hear_half_of_it(
    library: Library, caught: Path, listening: Listening | None
) -> None:
    request = resolved(library, listening, source=caught.name)
    assert (request.bpm, request.chords, request.knows_tempo) == (127.3333, "", True)


def test_what_the_user_says_goes_first(library: Library, caught: Path) -> None:
    listening = Listening(HEARD)
    request = resolved(library, listening, source=caught.name, chords="Am F C G", bpm=127.3333)
    assert (request.chords, request.numerator) == ("Am F C G", 4)
    assert listening.asked == []
    assert resolved(library, listening, source=caught.name, bpm=90.0).bpm == 90.0


def test_a_part_completes_it_in_its_bars(library: Library, caught: Path) -> None:
    def bass(listening: Listening | None, **said: Any) -> tuple[float, float | None, str]:
        request = resolved(library, listening, "generate", follows=[caught], part="bass", seed=1, **said)
        return request.bpm, request.bars, request.chords

    assert bass(Listening(HEARD)) == (127.3333, 4, "C|F|G|C")
    assert bass(None, chords="Dm G") == (127.3333, 4, "Dm G")
    with pytest.raises(BridgeError, match="send `bpm` and `chords`"):
        bass(None)
    with pytest.raises(BridgeError, match="on other bars than its own; send `chords`"):
        bass(Listening(DOUBLE))


def test_with_other_audio_it_leads_and_two_of_other_tempos_are_refused(
    library: Library, caught: Path, tmp_path: Path
) -> None:
    loop = write_tone(tmp_path / "loop.wav", 4.0)
    listening = Listening(HEARD)
    request = resolved(library, listening, "generate", follows=[loop, caught], part="bass", seed=1)
    assert request.bpm == 127.3333
    assert listening.asked == [["loop.wav", "caught.wav"]]
    other = write(library.folder / "other.wav", BARS.model_copy(update={"bpm": 100.0}))
    with pytest.raises(BridgeError, match="their tempos or bars differ"):
        resolved(library, listening, "generate", follows=[other, caught], part="bass", seed=1)

"""The table of deck values, and the decks of the audio child that have to follow it."""

from __future__ import annotations

import pytest

from bridge.audio_child.decks.deck import Deck
from bridge.audio_child.transport import Transport
from bridge.deck_values import DECK_VALUES, DeckValue


@pytest.mark.parametrize("value", DECK_VALUES, ids=lambda value: value.name)
def test_the_audio_childs_deck_declares_every_value_and_starts_at_its_default(value: DeckValue) -> None:
    # `setattr` would also accept a name that the deck does not know.
    assert value.name in Deck.__annotations__ or isinstance(getattr(Deck, value.name, None), property)
    assert getattr(Deck(1, Transport(48_000), 0.01), value.name) == value.default

"""What is on its way to a deck, and what is to happen once it is there."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.audio_child.decks.endless import Bars
from bridge.messages.stage import Quantise


@dataclass(frozen=True, slots=True)
class Launch:
    """How to launch; without `quantise` by the deck's own. `on_beat` is a follow action's line."""

    quantise: Quantise | None = None
    starts_transport: bool = True
    on_beat: float | None = None


@dataclass(slots=True, eq=False)
class Coming:
    """A take on its way to a deck, or the first of these `bars`, and what to do once it is there.

    With `launch` it is launched, with `rejoin_beat` it goes on as if it had played since then, with neither
    it is only loaded. A stop, an undo or a panic on the way takes both away.
    """

    launch: Launch | None = None
    rejoin_beat: float | None = None
    bars: Bars | None = None

    @property
    def follows(self) -> bool:
        """Whether it is on its way for a follow action."""
        return self.launch is not None and self.launch.on_beat is not None

    def takes_over(self, before: Coming) -> None:
        """Start as what this replaces would have: a take loaded over one that is armed is armed too."""
        if before.launch is not None:
            self.launch = before.launch
        elif before.rejoin_beat is not None and self.rejoin_beat is None:
            self.launch = Launch(starts_transport=False)

    def only_load(self) -> None:
        """Do not start it once it is there."""
        self.launch = self.rejoin_beat = None

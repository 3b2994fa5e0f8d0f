"""Programs that send from one socket and hear at another, as Max does: where their answers go."""

from __future__ import annotations

from collections import OrderedDict

from bridge.messages import Hello, Message, Notify, Peer

MAX_PEERS = 1_024
# As long as a subscription: another program may be given the same port by its system later.
SECONDS = 60.0


class ReplyPorts:
    """Remembers the reply port that a sender named last, for `SECONDS`; `now` never goes back."""

    def __init__(self) -> None:
        self._homes: OrderedDict[Peer, tuple[Peer, float]] = OrderedDict()

    def home(self, peer: Peer, now: float) -> Peer:
        """Where answers to this sender go."""
        home, until = self._homes.get(peer, (peer, now))
        return home if until > now else peer

    def learn(self, peer: Peer, message: Message, now: float) -> None:
        """Takes the reply port of a hello or notify; one that names none takes it back."""
        if not isinstance(message, Hello | Notify):
            return
        self._homes.pop(peer, None)
        if message.reply_port is not None:
            self._homes[peer] = Peer(peer.host, message.reply_port), now + SECONDS
            while len(self._homes) > MAX_PEERS:
                self._homes.popitem(last=False)

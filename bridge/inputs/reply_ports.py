"""Reply ports of programs that send from one socket and receive on another, as Max does."""

from __future__ import annotations

from collections import OrderedDict

from bridge.messages import Hello, Message, Notify, Peer

MAX_PEERS = 1_024
# As long as a subscription: the system may later give the same port to another program.
SECONDS = 60.0


class ReplyPorts:
    """Remembers each sender's last reply port for `SECONDS`. `now` is in seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._homes: OrderedDict[Peer, tuple[Peer, float]] = OrderedDict()

    def home(self, peer: Peer, now: float) -> Peer:
        """Return where to send answers for this sender."""
        home, until = self._homes.get(peer, (peer, now))
        return home if until > now else peer

    def learn(self, peer: Peer, message: Message, now: float) -> None:
        """Store the reply port of a hello or notify; one without a reply port removes it.

        A WebSocket has none."""
        if peer.socket or not isinstance(message, Hello | Notify):
            return
        self._homes.pop(peer, None)
        if message.reply_port is not None:
            self._homes[peer] = Peer(peer.host, message.reply_port), now + SECONDS
            while len(self._homes) > MAX_PEERS:
                self._homes.popitem(last=False)

"""What clients on the network may not do: reach this machine's files through others, or overwrite them."""

from __future__ import annotations

from bridge import messages as m
from bridge.messages import BridgeError, Message, PartialRequest, Peer
from bridge.messages import midi as mm
from bridge.messages.requests import without
from bridge.messages.stage import ChooseInput
from bridge.parameters import PATHS


def check_permitted(message: Message, *, may_overwrite: bool) -> None:
    """Raise BridgeError `forbidden` for what a network client may not do.

    `may_overwrite` is whether the settings let it replace and remove what is kept here.
    """
    if _is_local(message.sender):
        return
    if isinstance(message, m.SetParameter | m.ResetParameter) and message.name in PATHS:
        # Others, who may read more, would open it.
        what = f"`{message.name}`: a client on the network cannot set it for everybody"
        raise BridgeError("forbidden", f"{what}; name the file in the request itself")
    if isinstance(message, m.RevealTake):
        what = "a client on the network cannot open a folder of this machine"
        raise BridgeError("forbidden", f"{what}; download the take from the page instead")
    if isinstance(message, ChooseInput):
        what = "a client on the network cannot open a microphone of this machine"
        raise BridgeError("forbidden", f"{what}; choose the input there")
    if _overwrites(message) and not may_replace(message.sender, may_overwrite=may_overwrite):
        what = "a client on the network may not replace or remove what is kept here"
        raise BridgeError("forbidden", f"{what}; set `network_may_overwrite` in the daemon's settings")


def may_replace(sender: Peer | None, *, may_overwrite: bool) -> bool:
    """Return whether a client may replace what is kept here; `may_overwrite` as for `check_permitted`."""
    return may_overwrite or _is_local(sender)


def visible(session: PartialRequest, sender: Peer | None) -> PartialRequest:
    """Return the values of the session that hold for a client: for one on the network, no paths."""
    return session if _is_local(sender) else without(session, PATHS)


def _is_local(sender: Peer | None) -> bool:
    """Whether a message comes from this machine, as those of knobs and pads, which have no sender."""
    return sender is None or sender.is_on_this_machine


def _overwrites(message: Message) -> bool:
    match message:
        case m.SavePreset(replace=replace):
            return replace
        case m.StarTake(on=on):
            return not on
        case mm.Learn() | mm.Forget():
            return True
    return False

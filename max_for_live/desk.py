"""The centre of the patch: the script, the controls and labels around it, and the cords between them."""

from __future__ import annotations

from collections.abc import Mapping

from max_for_live import faces
from max_for_live.controls import CONTROLS, LABELS
from max_for_live.patch import Box, Patch

# The first words of the messages that the script sends to the patch.
ORDERS = (
    "osc", "port", "daemon_port", "controls", "status", "progress", "menu", "set", "annotate", "enable",
    "store",
    "preview_gate", "preview_load", "preview_length",
)  # fmt: skip


class Desk:
    """The script's box (one inlet, one outlet), the face's boxes by name, and cords to and from the script.

    The script has one outlet, because Max restores cords before a script can declare how many it has.
    """

    def __init__(self, patch: Patch) -> None:
        self.patch = patch
        patch.section("Script and face")
        saved = {"filename": faces.SCRIPT, "parameter_enable": 0}
        self.script = patch.object(f"js {faces.SCRIPT}", saved_object_attributes=saved)
        self.controls = {control.name: faces.add_control(patch, control) for control in CONTROLS}
        drawn = [(label.name, faces.add_label(patch, label)) for label in LABELS]
        self.labels = {name: box for name, box in drawn if name}
        self._orders = patch.object("route " + " ".join(ORDERS))
        patch.connect(self.script, self._orders)

    def on(self, order: str, *boxes: Box) -> None:
        """Route the script's messages `order` through `boxes`."""
        self.patch.chain(self._orders, *boxes, outlet=ORDERS.index(order))

    def spread(self, order: str, targets: Mapping[str, Box], text: str, **other_texts: str) -> None:
        """Route `order name value` to the target of that name, through an object `text`."""
        names = self.patch.object("route " + " ".join(targets))
        self.on(order, names)
        for outlet, (name, target) in enumerate(targets.items()):
            way = other_texts.get(name, text)
            self.patch.chain(names, self.patch.object(way), target, outlet=outlet)

    def tell(self, source: Box, box: Box, outlet: int = 0) -> None:
        """Send the output of `source` to the script, through `box`."""
        self.patch.chain(source, box, self.script, outlet=outlet)

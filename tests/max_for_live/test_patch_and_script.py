"""Patch and script together: whatever the real script says to bridge and face, the patch carries."""

from __future__ import annotations

from max_for_live.controls import CONTROLS
from max_for_live.wiring import build_patcher
from tests.conftest import DaemonUnderTest
from tests.max_for_live.max_messages import MaxPatch
from tests.max_for_live.node_device import NodeLive

QUICK = {"bars": 1, "steps": 2, "count": 2}
LATER = (
    "generate",
    "cancel",
    "reveal",
)  # buttons that this session presses elsewhere, or that leave the device


def test_whatever_the_script_says_in_a_session_arrives(daemon: DaemonUnderTest) -> None:
    daemon.status()
    with NodeLive() as live:
        device = live.add(daemon.port, controls=QUICK)
        live.wait_words(device, "Ready")
        live.press(device, "dice")
        live.control(device, "seed", "7")
        live.press(device, "generate")
        live.wait_words(device, "Done")
        for control in CONTROLS:
            if control.kind in ("number", "dial", "toggle", "menu"):
                live.control(device, control.name, control.initial)
            elif control.kind == "tab":
                live.control(device, control.name, control.words[-1][0])
            elif control.kind == "button" and control.name not in LATER:
                live.press(device, control.name)
        live.control(device, "star", 1)
        live.wait(lambda: any(atoms[0] == "take/star" for atoms in live.said(device, "osc")), "the star")
        said = list(live.out[device])
    patch = MaxPatch(build_patcher())
    lost = [atoms for atoms in said if not patch.say("js", *atoms)]
    assert not lost, f"the patch drops {lost}"
    orders = {str(atoms[0]) for atoms in said}
    assert {"osc", "port", "controls", "status", "progress", "menu", "set", "enable", "store"} <= orders
    assert {"preview_gate", "preview_load"} & orders

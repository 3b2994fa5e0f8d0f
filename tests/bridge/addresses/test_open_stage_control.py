"""The layout for Open Stage Control: it follows the table, and all that it sends is understood."""

from __future__ import annotations

import json
from typing import Any

from bridge.addresses.open_stage_control import layout
from bridge.addresses.table import BY_PATH, parse
from bridge.inputs.osc_packets import read_message, write_message
from bridge.messages import Message, Peer
from bridge.settings import factory_presets_folder

FILE = factory_presets_folder() / "controllers" / "open_stage_control.json"


def widgets(container: dict[str, Any]) -> list[dict[str, Any]]:
    """All widgets that send."""
    inside = [*container.get("tabs", []), *container.get("widgets", [])]
    return [own for child in inside for own in (widgets(child) if "widgets" in child else [child])]


def test_the_file_is_up_to_date() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8")) == json.loads(json.dumps(layout())), "make readme"


def test_every_widget_sends_what_the_table_understands() -> None:
    content: Any = layout()["content"]
    found = widgets(content)
    assert len(found) > 40
    assert len({widget["id"] for widget in found}) == len(found)
    for widget in found:
        assert widget["address"] in BY_PATH, widget
        sent = (
            [widget["range"][end] for end in ("min", "max")]
            if "range" in widget
            else widget.get("values", [1])
        )
        for value in sent:
            typed = {"f": float, "i": int, "s": str}[widget["typeTags"]](value)
            address, words = read_message(write_message(widget["address"], (typed,)))
            assert isinstance(parse(address, words, Peer("127.0.0.1", 9)), Message), widget


def test_what_has_no_address_of_ours_sends_nothing() -> None:
    content: Any = layout()["content"]
    containers = [*content["tabs"], *(panel for tab in content["tabs"] for panel in tab["widgets"])]
    for container in containers:
        assert container["bypass"]
        assert container["address"] not in BY_PATH

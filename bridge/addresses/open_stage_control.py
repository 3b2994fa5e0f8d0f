"""A layout for Open Stage Control (https://openstagecontrol.ammd.net), made from the OSC table.

Widgets keep their names and addresses as long as the table does, so that own changes to a copy stay good. The
file's form is that of the program's version 1.
"""

from __future__ import annotations

from bridge.addresses import ROOT
from bridge.addresses.faders import FADER, PARAM01
from bridge.deck_values import BY_NAME, Choice

DECKS = 4
TARGET = "127.0.0.1:9800"
# What one moves while music is made; all others have their addresses too.
_PARAMETERS = (
    "bars", "count", "steps", "guidance", "strength", "ratio", "swing", "density", "register_pitch",
    "dynamics",
)  # fmt: skip

Widget = dict[str, object]


def layout() -> Widget:
    """Return the layout: decks and transport on one tab, what is asked of the model on the other."""
    tabs = [
        _container("tab", "Stage", "horizontal", [*map(_deck, range(1, DECKS + 1)), _master()]),
        _container("tab", "Make", "vertical", [_parameters(), _verbs()]),
    ]
    root = {"type": "root", "id": "root", "tabs": tabs, "widgets": []}
    return {"createdWith": "Open Stage Control", "version": "1.30.1", "type": "session", "content": root}


def _deck(deck: int) -> Widget:
    at = f"deck/{deck}/"
    quantise = BY_NAME["quantise"].kind
    words = quantise.words if isinstance(quantise, Choice) else ()
    return _container("panel", f"deck {deck}", "vertical", [
        _fader("gain", FADER + at + "gain"),
        _widget("knob", "pan", FADER + at + "pan", range={"min": 0, "max": 1}, typeTags="f"),
        _button("launch", at + "launch", "tap"),
        _button("stop", at + "stop", "tap"),
        _button("mute", at + "mute", "toggle"),
        _button("loop", at + "loop", "toggle"),
        _widget("dropdown", "quantise", at + "quantise", values=list(words), typeTags="s"),
    ])  # fmt: skip


def _master() -> Widget:
    return _container("panel", "master", "vertical", [
        _fader("gain", FADER + "master/gain"),
        _fader("tempo", FADER + "transport/tempo"),
        *(_button(name, path, "tap") for name, path in (
            ("play", "transport/play"), ("stop", "transport/stop"), ("undo", "undo"), ("panic", "panic"))),
    ])  # fmt: skip


def _parameters() -> Widget:
    faders = [_fader(name, PARAM01 + name) for name in _PARAMETERS]
    return _container("panel", "values", "horizontal", faders)


def _verbs() -> Widget:
    buttons = [("generate", "generate"), ("cancel all", "cancel"), ("loop", "param/loop")]
    modes = {"loop": "toggle"}
    return _container(
        "panel", "ask", "horizontal", [_button(name, path, modes.get(name, "tap")) for name, path in buttons]
    )


def _container(kind: str, name: str, direction: str, widgets: list[Widget]) -> Widget:
    """A tab or panel. Its own address is none of ours, and it sends nothing."""
    for widget in widgets:
        widget["id"] = f"{name} {widget['id']}"
    return {
        "type": kind, "id": name, "label": name, "address": f"/{name.replace(' ', '_')}", "bypass": True,
        "layout": direction, "expand": True, "widgets": widgets,
    }  # fmt: skip


def _fader(name: str, path: str) -> Widget:
    return _widget("fader", name, path, range={"min": 0, "max": 1}, typeTags="f", design="compact")


def _button(name: str, path: str, mode: str) -> Widget:
    return _widget("button", name, path, mode=mode, on=1, off=0, typeTags="i")


def _widget(kind: str, name: str, path: str, **values: object) -> Widget:
    return {
        "type": kind, "id": name, "label": name, "address": ROOT + path, "target": TARGET, "expand": True,
        **values,
    }  # fmt: skip

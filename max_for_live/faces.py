"""Turns a control's description into the box that Max draws: its class, its Live parameter, its look.

Colours are left to Live's theme wherever an object follows it by itself; the others name theme colours.
"""

from __future__ import annotations

from typing import Any

from bridge.settings import DEFAULT_PORT
from max_for_live.controls import (
    LIGHT_RECT,
    PROGRESS_RECT,
    STATUS_RECT,
    WAVEFORM_RECT,
    Control,
    Label,
    Visibility,
    stored_long_name,
)
from max_for_live.patch import Box, Patch

SCRIPT = "MsaniiLive.js"
BUFFER = "---msanii_preview"  # three dashes: a name of its own in every instance
SCRIPT_MISSING = f"Script missing: put {SCRIPT} beside Msanii.amxd, or run msanii-bridge install-device."

_CLASSES = {"number": "live.numbox", "dial": "live.dial", "tab": "live.tab", "menu": "live.menu"}
_INVISIBLE: dict[Visibility, int] = {"automated": 0, "stored": 1, "hidden": 2}
_FLOAT, _INT, _ENUM, _BLOB = range(4)  # parameter_type
_UNIT_INT, _UNIT_FLOAT, _UNIT_PERCENT, _UNIT_CUSTOM = 0, 1, 5, 9  # parameter_unitstyle
_MODULATE_NONE, _MODULATE_BIPOLAR, _MODULATE_ABSOLUTE = 0, 2, 4  # parameter_modmode


def add_control(patch: Patch, control: Control) -> Box:
    """Adds the box of one control."""
    if control.kind == "text":
        return _add_text(patch, control)
    parameter = _parameter(control)
    look: dict[str, Any] = {"varname": control.name, **_info(control.long_name, control.info)}
    if not control.is_ready:
        look["active"] = 0
    if control.kind in ("toggle", "button"):
        look |= {"mode": int(control.kind == "toggle"), "outputmode": 1}  # 1: when the mouse is let go
        look |= {"automation": "Off", "automationon": "On"}
        # `text` is an attribute of live.text, not what was typed into an object box.
        look |= {"text": control.text, "texton": control.text}
        return patch.show(control.rect, "live.text", **look, **parameter)
    if control.kind == "tab":
        look |= {"num_lines_patching": 1, "num_lines_presentation": 1, "livemode": 1, "mode": 1}
    return patch.show(control.rect, _CLASSES[control.kind], **look, **parameter)


def add_label(patch: Patch, label: Label) -> Box:
    """Adds words to the face."""
    info = _info(label.name.replace("_", " ").capitalize(), label.info) if label.info else {}
    return patch.show(label.rect, "live.comment", label.text, textjustification=0, **info)


def add_status(patch: Patch) -> tuple[Box, Box, Box]:
    """Adds the status light, the status words (three lines) and the progress; returns the three."""
    light = patch.show(
        LIGHT_RECT, "panel", mode=0, rounded=10, border=0, bgfillcolor=[0.5, 0.5, 0.5, 1.0],
        **_info("Status", "Green: ready. Yellow: rendering. Orange: read this. Red: something is wrong."),
    )  # fmt: skip
    words = patch.show(
        STATUS_RECT, "live.comment", SCRIPT_MISSING, textjustification=0, fontsize=9.0,
        **_info("Status", "What the bridge says; the whole sentence, where it is long."),
    )  # fmt: skip
    progress = Control(
        name="progress", kind="number", rect=PROGRESS_RECT, long_name="Progress", short_name="Progress",
        info="How far this device's render has come.", visibility="hidden", high=100, is_whole=False,
        unit="%",
    )  # fmt: skip
    bar = patch.show(
        progress.rect, "live.numbox", varname=progress.name, appearance=2, ignoreclick=1,
        **_info(progress.long_name, progress.info), **_parameter(progress),
    )  # fmt: skip
    return light, words, bar


def add_waveform(patch: Patch) -> Box:
    """Adds the picture of the take that is heard."""
    return patch.show(
        WAVEFORM_RECT, "waveform~", buffername=BUFFER, setmode=0, labels=0, norulerclick=1, ticks=0, vticks=0,
        allowdrag=0, ignoreclick=1, grid=0.0, bgcolor=[0.12, 0.12, 0.12, 1.0],
        waveformcolor=[0.45, 0.75, 0.85, 1.0],
        saved_attribute_attributes=_theme(bgcolor="live_lcd_bg", waveformcolor="live_lcd_control_fg"),
        **_info("Take", "The take that is heard."),
    )  # fmt: skip


def add_store(patch: Patch, name: str) -> Box:
    """Adds a `pattr` whose value the Live set keeps: stored, never automated.

    Every value begins with `v`, so that none can be mistaken for a word that `pattr` itself obeys.
    """
    title = stored_long_name(name)
    value = {
        "parameter_longname": title, "parameter_shortname": title, "parameter_type": _BLOB,
        "parameter_invisible": _INVISIBLE["stored"], "parameter_initial_enable": 1,
        "parameter_initial": ["v", "-"], "parameter_modmode": _MODULATE_NONE,
    }  # fmt: skip
    return patch.object(
        f"pattr stored_{name}", varname=f"stored_{name}", saved_attribute_attributes={"valueof": value},
        saved_object_attributes={"initial": ["v", "-"], "parameter_enable": 1, "parameter_mappable": 0},
        **_info(title, "A text that the set keeps for this device."),
    )  # fmt: skip


def _add_text(patch: Patch, control: Control) -> Box:
    text = str(DEFAULT_PORT) if control.name == "daemon_port" else ""
    return patch.show(
        control.rect, "textedit", text, varname=control.name, keymode=1, outputmode=1, nosymquotes=1, lines=1,
        wordwrap=0, rounded=0.0, border=0.0, fontsize=9.5, parameter_enable=0,
        bgcolor=[0.12, 0.12, 0.12, 1.0], textcolor=[0.85, 0.85, 0.85, 1.0],
        saved_attribute_attributes=_theme(bgcolor="live_lcd_bg", textcolor="live_lcd_control_fg"),
        **_info(control.long_name, control.info),
    )  # fmt: skip


def _parameter(control: Control) -> dict[str, Any]:
    """The keys that make a box a Live parameter."""
    value: dict[str, Any] = {
        "parameter_longname": control.long_name,
        "parameter_shortname": control.short_name,
        "parameter_annotation_name": control.long_name,
        "parameter_info": control.info,
        "parameter_invisible": _INVISIBLE[control.visibility],
        "parameter_initial_enable": 1,
        "parameter_initial": [float(control.initial)],
        "parameter_mmin": float(control.low),
        "parameter_mmax": float(control.high),
        **_type(control),
    }
    return {"parameter_enable": 1, "saved_attribute_attributes": {"valueof": value}}


def _type(control: Control) -> dict[str, Any]:
    if control.kind in ("toggle", "button"):
        return _enumeration(["Off", "On"])
    if control.words:
        return _enumeration([shown for _, shown in control.words])
    if control.unit:
        units = {"parameter_unitstyle": _UNIT_CUSTOM, "parameter_units": control.unit}
        if control.unit == "%":
            units = {"parameter_unitstyle": _UNIT_PERCENT}
    else:
        units = {"parameter_unitstyle": _UNIT_INT if control.is_whole else _UNIT_FLOAT}
    if control.is_whole:
        return {"parameter_type": _INT, "parameter_modmode": _MODULATE_ABSOLUTE, **units}
    return {"parameter_type": _FLOAT, "parameter_modmode": _MODULATE_BIPOLAR, **units}


def _enumeration(names: list[str]) -> dict[str, Any]:
    return {
        "parameter_type": _ENUM,
        "parameter_enum": names,
        "parameter_mmax": len(names) - 1,
        "parameter_modmode": _MODULATE_NONE,
    }


def _info(title: str, text: str) -> dict[str, str]:
    """What Live's info view shows while the mouse is over a box."""
    return {"annotation_name": title, "annotation": text}


def _theme(**colours: str) -> dict[str, Any]:
    return {name: {"expression": f"themecolor.{colour}"} for name, colour in colours.items()}

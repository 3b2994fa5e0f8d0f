"""The device's wiring: which message goes where. All its OSC addresses come from `bridge.addresses.table`.

Patch and script exchange plain messages; the script decides, the patch displays, stores and transmits.
"""

from __future__ import annotations

from bridge.addresses import ROOT
from bridge.addresses.table import ANSWERS, BY_PATH
from bridge.parameters import VERBS
from bridge.settings import DEFAULT_PORT, LOOPBACK
from max_for_live import faces
from max_for_live.controls import BANKS, CONTROLS, STORED, STORED_BY_ITSELF, WIDTH_PIXELS, Control
from max_for_live.desk import Desk
from max_for_live.patch import Box, Patch
from max_for_live.preview import add_preview

# Addresses below the root that the script sends (ASKED) and receives (HEARD).
ASKED = (
    *VERBS, "complete", "edit", "cancel", "hello", "notify", "status", "sync", "preset/list", "preset/read",
    "style/list", "take/star", "listen",
)  # fmt: skip
HEARD = (
    "queued", "progress", "take", "done", "fail", "welcome", "synced", "notify.reply", "status.reply",
    "preset/list.reply", "preset/read.reply", "style/list.reply", "take/star.reply", "heard",
)  # fmt: skip

_FIRST_REPLY_PORT = 9810  # until the script has found a free one
_PACKET_BYTES = 16_384  # Max's default, 5,096, is too small for 4,096 characters of chords

# Live's theme colours for text and waveforms on a dark background, while the device is off and on.
_DIM, _BRIGHT = "lcd_control_fg_zombie", "lcd_control_fg"

# The status light's red, green and blue, by the number that the script sends.
_LIGHTS = {
    0: "0.5 0.5 0.5", 1: "0.9 0.2 0.2", 2: "0.3 0.8 0.35", 3: "0.95 0.8 0.2", 4: "0.95 0.55 0.15",
}  # fmt: skip


def build_patcher() -> dict[str, object]:
    """Return the whole device as the JSON of a .maxpat."""
    desk = Desk(Patch(WIDTH_PIXELS))
    switch = _hear_live(desk)
    _speak_osc(desk)
    _send_controls(desk)
    _grey_by_verb(desk)
    _show(desk)
    _keep(desk)
    waveform = add_preview(desk)
    _dim_while_off(desk, switch, waveform)
    return desk.patch.patcher(BANKS, [faces.SCRIPT])


def address(path: str) -> str:
    """Return the OSC address of a message that the device sends or receives.

    Raises:
        ValueError: for an address that is not in the bridge's table.
    """
    whole = ROOT + path
    if whole in BY_PATH or whole in ANSWERS or whole.removesuffix(".reply") in BY_PATH:
        return whole
    raise ValueError(f"{whole}: bridge/addresses/table.py has no such address")


def _hear_live(desk: Desk) -> Box:
    """Connect Live's own messages: device ready, switched on or off (its box is returned), sample rate."""
    patch = desk.patch
    patch.section("Live")
    device, rate = patch.object("live.thisdevice"), patch.object("dspstate~")
    desk.tell(device, patch.object("t b"))
    desk.tell(device, patch.object("prepend enabled"), 1)
    desk.tell(rate, patch.object("prepend sample_rate"), 1)
    desk.on("controls", patch.object("t b"), rate)
    return device


def _dim_while_off(desk: Desk, switch: Box, waveform: Box) -> None:
    """Dim the boxes that are not Live's own with the device, in the current theme's colour."""
    patch = desk.patch
    patch.section("Look while the device is off")
    kept, which = patch.object("int 1"), patch.object("sel 0 1")
    patch.chain(switch, kept, which, outlet=1)
    theme, colour = patch.object("live.colors"), patch.object(f"route {_DIM} {_BRIGHT}")
    for outlet, name in enumerate((_DIM, _BRIGHT)):
        patch.chain(which, patch.message(name), theme, outlet=outlet)
    patch.connect(theme, kept, 1)  # on a change of theme
    patch.connect(theme, colour)
    texts = [desk.controls[control.name] for control in CONTROLS if control.kind == "text"]
    for attribute, boxes in (("textcolor", texts), ("waveformcolor", [waveform])):
        paint = patch.object(f"prepend {attribute}")
        for outlet in range(2):
            patch.connect(colour, paint, outlet)
        for box in boxes:
            patch.connect(paint, box)


def _speak_osc(desk: Desk) -> None:
    """Connect OSC in both directions, and the ports, which the script chooses."""
    patch = desk.patch
    patch.section("OSC")
    sender = patch.object(f"udpsend {LOOPBACK} {DEFAULT_PORT}")
    patch.chain(patch.object(f"loadmess maxpacketsize {_PACKET_BYTES}"), sender)
    asked = patch.object("route " + " ".join(ASKED))
    desk.on("osc", asked)
    for outlet, path in enumerate(ASKED):
        patch.chain(asked, patch.object(f"prepend {address(path)}"), sender, outlet=outlet)
    desk.on("daemon_port", patch.object("prepend port"), sender)
    receiver = patch.object(f"udpreceive {_FIRST_REPLY_PORT} @defer 1 @quiet 1")
    desk.on("port", patch.object("prepend port"), receiver)
    heard = patch.object("route " + " ".join(address(path) for path in HEARD))
    patch.connect(receiver, heard)
    for outlet, path in enumerate(HEARD):
        desk.tell(heard, patch.object(f"prepend osc {path}"), outlet)


def _send_controls(desk: Desk) -> None:
    """Send every control's value to the script, when it changes and when the script asks for `controls`."""
    patch = desk.patch
    patch.section("Controls to the script")
    again = patch.message("outputvalue")
    desk.on("controls", again)
    for control in CONTROLS:
        box = desk.controls[control.name]
        if control.kind == "button":
            _send_press(desk, control, box)
            continue
        if control.kind == "tab":
            _send_word(desk, control, box)
        else:
            source = patch.chain(box, patch.object("route text")) if control.kind == "text" else box
            desk.tell(source, patch.object(f"prepend control {control.name}"))
        if control.visibility == "automated":
            patch.connect(again, box)


def _send_press(desk: Desk, control: Control, box: Box) -> None:
    # Text typed without a final Return counts too: these first make the text boxes report.
    is_request = control.name in ("generate", "complete")
    texts = [each.name for each in CONTROLS if each.kind == "text"] if is_request else []
    order = desk.patch.chain(box, desk.patch.object("t b" + " b" * len(texts)))
    for outlet, text in enumerate(texts, start=1):
        desk.patch.connect(order, desk.controls[text], outlet)
    desk.tell(order, desk.patch.message(f"press {control.name}"))


def _send_word(desk: Desk, control: Control, box: Box) -> None:
    """Send a tab's word, as the bridge spells it, instead of its index."""
    patch = desk.patch
    which = patch.chain(box, patch.object("sel " + " ".join(map(str, range(len(control.words))))))
    for outlet, (word, _) in enumerate(control.words):
        desk.tell(which, patch.message(f"control {control.name} {word}"), outlet)


def _grey_by_verb(desk: Desk) -> None:
    """Grey out the controls that the chosen verb does not use."""
    # Automation may arrive on the scheduler's thread, where drawing is not allowed.
    verb = desk.patch.chain(desk.controls["verb"], desk.patch.object("deferlow"))
    for control in CONTROLS:
        if control.verbs == VERBS or not control.is_ready:
            continue
        taken = "||".join(f"($i1=={index})" for index, verb in enumerate(VERBS) if verb in control.verbs)
        test, grey = desk.patch.object(f"expr {taken}"), desk.patch.object("prepend active")
        desk.patch.chain(verb, test, grey, desk.controls[control.name])


def _show(desk: Desk) -> None:
    """Connect status, progress, menus, values and greying to the script's messages."""
    patch = desk.patch
    patch.section("The script to the face")
    light, words, progress = faces.add_status(patch)
    parts = patch.object("unpack 0 s")
    desk.on("status", parts)
    colours = patch.chain(parts, patch.object("sel " + " ".join(map(str, _LIGHTS))))
    for outlet, colour in enumerate(_LIGHTS.values()):
        patch.chain(colours, patch.message(f"bgfillcolor {colour} 1."), light, outlet=outlet)
    # Live's info view has the full sentence if it does not fit on the three lines.
    for what in ("set", "annotation"):
        patch.chain(parts, patch.object(f"prepend {what}"), words, outlet=1)
    desk.on("progress", patch.object("* 100."), patch.object("prepend set"), progress)
    boxes = {control: desk.controls[control.name] for control in CONTROLS}
    menus = {control.name: box for control, box in boxes.items() if control.kind == "menu"}
    desk.spread("menu", menus, "prepend _parameter_range")
    # A closed menu shows a dozen letters; its info text has the take's full name.
    told = {name: desk.controls[name] for name in ("takes", "as_heard")}
    desk.spread("annotate", told, "prepend annotation")
    values = {control.name: box for control, box in boxes.items() if control.kind != "button"}
    desk.spread("set", {**values, **desk.labels}, "prepend set")
    live = {c.name: box for c, box in boxes.items() if c.kind != "text" and c.verbs == VERBS and c.is_ready}
    desk.spread("enable", live, "prepend active")


def _keep(desk: Desk) -> None:
    """Connect the stored texts: `store` writes one, and the script receives it then and at every load."""
    patch = desk.patch
    patch.section("Texts kept in the set")
    again = patch.object("t b")
    desk.on("controls", again)
    kept = {name: faces.add_store(patch, name) for name in STORED}
    # Assigning to a stored-only pattr makes no undo step (Max's reference, pattr).
    desk.spread("store", kept, "prepend v", **dict.fromkeys(STORED_BY_ITSELF, "prepend assign v"))
    for name, box in kept.items():
        patch.connect(again, box)
        desk.tell(patch.chain(box, patch.object("route v")), patch.object(f"prepend stored {name}"))

"""Table of the device's controls and labels, with their position, Live parameter and texts.

Ranges and defaults come from `bridge.parameters`; a control's range may be narrower, never wider.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.messages import Verb
from bridge.parameters import PARAMETERS, VERBS, Parameter, value_of
from bridge.render.engine import model_sampling
from max_for_live.patch import Rect

WIDTH_PIXELS = 552
ROW_PIXELS = 15  # the height of one line of controls

Kind = Literal["number", "dial", "toggle", "tab", "menu", "button", "text"]
# Live's terms: automated and stored in the set; stored only; neither.
Visibility = Literal["automated", "stored", "hidden"]
Word = tuple[str, str]  # the value sent to the script, the text on the face


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control. Patch and script know it by `name`, which for values of the bridge is the bridge's name.

    Live stores values by `long_name`, which must never change after a release.
    """

    name: str
    kind: Kind
    rect: Rect
    long_name: str
    short_name: str
    info: str
    visibility: Visibility = "automated"
    text: str = ""
    words: tuple[Word, ...] = ()
    low: float = 0
    high: float = 1
    initial: float = 0
    is_whole: bool = True
    unit: str = ""
    verbs: tuple[Verb, ...] = VERBS
    is_ready: bool = True


@dataclass(frozen=True, slots=True)
class Label:
    """Text on the face. The script rewrites labels that have a name."""

    text: str
    rect: Rect
    name: str = ""
    info: str = ""


# Rows and columns of the face, in pixels.
_R1, _R2, _R3, _R4, _R5, _R6 = (60 + 18 * row for row in range(6))
_LEFT, _MIDDLE, _RIGHT = 8, 254, 400

_SHIPPED = model_sampling(str(PARAMETERS["model"].default))
_DIALS = ("guidance", "strength", "ratio")


def _number(name: str, rect: Rect, long_name: str, high: float, more: str = "") -> Control:
    """A control of a number in the bridge's table, from the table's low to the device's own `high`.

    Its info text is the table's help, followed by `more` about the device.
    """
    row = PARAMETERS[name]
    is_whole = name not in _DIALS
    low = 1.0 if is_whole else float(row.low or 0)
    return Control(
        name=name, kind="number" if is_whole else "dial", rect=rect, long_name=long_name,
        short_name=long_name, info=f"{_sentence(row.help)} {more}".strip(), low=low, high=high,
        initial=_initial(row), is_whole=is_whole, verbs=row.verbs,
    )  # fmt: skip


def _initial(row: Parameter) -> float:
    """The control's initial value on a new device: the bridge's default, or the shipped model's own value."""
    return float((value_of(_SHIPPED, row.name) if row.of_model else row.default) or 0)


def _choice(name: str, rect: Rect, long_name: str, info: str) -> Control:
    words = tuple((str(choice), str(choice).capitalize()) for choice in PARAMETERS[name].choices)
    return Control(
        name=name, kind="tab", rect=rect, long_name=long_name, short_name=long_name, info=info, words=words,
        verbs=PARAMETERS[name].verbs,
    )  # fmt: skip


def _toggle(name: str, rect: Rect, long_name: str, text: str, info: str, asks: str = "") -> Control:
    """A switch for the producer; if it `asks` a parameter of the bridge, it requires that parameter."""
    row = PARAMETERS.get(asks)
    return Control(
        name=name, kind="toggle", rect=rect, long_name=long_name, short_name=text, text=text, info=info,
        initial=float(row.default or 0) if row and name == asks else 0.0, verbs=row.verbs if row else VERBS,
        is_ready=row is not None or not asks,
    )  # fmt: skip


def _shown_toggle(name: str, rect: Rect, long_name: str, text: str, info: str) -> Control:
    """A switch that the script sets: hidden from Live, or every change would be an undo step."""
    return Control(
        name=name, kind="toggle", rect=rect, long_name=long_name, short_name=text, text=text, info=info,
        visibility="hidden",
    )  # fmt: skip


def _menu(
    name: str, rect: Rect, long_name: str, info: str, is_ready: bool = True, verbs: tuple[Verb, ...] = VERBS
) -> Control:
    """A menu that the script fills; hidden, as Live must not store an index into a list that changes."""
    return Control(
        name=name, kind="menu", rect=rect, long_name=f"{long_name} Menu", short_name=long_name, info=info,
        visibility="hidden", words=(("-", "-"),), is_ready=is_ready, verbs=verbs,
    )  # fmt: skip


def _button(name: str, rect: Rect, text: str, info: str, verbs: tuple[Verb, ...] = VERBS) -> Control:
    long_name = name.replace("_", " ").title() + " Button"
    return Control(
        name=name, kind="button", rect=rect, long_name=long_name, short_name=text, text=text, info=info,
        visibility="hidden", verbs=verbs,
    )  # fmt: skip


def _text(name: str, rect: Rect, info: str) -> Control:
    title = name.replace("_", " ").title()
    return Control(
        name=name, kind="text", rect=rect, long_name=title, short_name=title, info=info, visibility="stored"
    )


def _help(name: str) -> str:
    return _sentence(PARAMETERS[name].help) if name in PARAMETERS else "For a later version of the bridge."


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


CONTROLS: tuple[Control, ...] = (
    _button("generate", (_RIGHT, 4, 100, 28), "Generate",
            "Asks the bridge for takes with everything shown here, at the set's tempo, meter and key."),
    _button("cancel", (504, 4, 40, 28), "Cancel", "Stops this device's render."),
    Control(
        name="verb", kind="tab", rect=(_LEFT, 38, 260, 16), long_name="Verb", short_name="Verb",
        words=tuple((verb, verb.capitalize()) for verb in VERBS),
        info="What to do: new music, a variation of the source, a blend of two sources, a part of the source "
        "renewed, or the source continued.",
    ),
    _button("hear_clip", (276, 38, 50, 16), "Hear clip",
            "Tells tempo, meter, key and chords of the selected audio clip, as it is heard."),
    _text("daemon_port", (356, 38, 36, 16), "The UDP port of msanii-bridge serve."),
    # What to play.
    _menu("preset", (46, _R1, 78, ROW_PIXELS), "Preset",
          "Sets every value, sound and part too; change them afterwards. "
          "Tempo, meter and key stay the set's."),
    _menu("style", (128, _R1, 118, ROW_PIXELS), "Style", _help("style"), verbs=PARAMETERS["style"].verbs),
    _number("bars", (214, _R2, 32, ROW_PIXELS), "Bars", high=64,
            more="For Inpaint, how many bars are renewed; for Outpaint, how many are new."),
    _text("chords", (46, _R2, 139, ROW_PIXELS),
          "One chord a bar, as in Am F C G, or with lengths in beats, as in Am:2 F:2. "
          "For Vary, Interpolate and Inpaint they count from the source's first bar; "
          "for Outpaint from the first new one."),
    _menu("progression", (46, _R3, 114, ROW_PIXELS), "Progression",
          "Writes this progression in the set's key into the chords, where it can be edited."),
    _button("as_heard", (164, _R3, 46, ROW_PIXELS), "As heard",
            "Writes the chords that were heard in an audio clip, with their key."),
    _button("dice", (214, _R3, 32, ROW_PIXELS), "Dice", "Throws a progression in the set's key."),
    _menu("clip_track", (46, _R4, 68, ROW_PIXELS), "Clip",
          "Which MIDI clip is read: the one in detail view, or the one that a track plays."),
    _button("chords_from_clip", (118, _R4, 28, ROW_PIXELS), "Read", "Reads the chords of that MIDI clip."),
    _toggle("use_notes", (150, _R4, 32, ROW_PIXELS), "Use Notes", "Notes",
            "The takes play the clip's notes, not its chords alone.", "notes"),
    _button("render_clip", (186, _R4, 60, ROW_PIXELS), "Render clip",
            "Renders the take of that MIDI clip with its notes of now; other bars stay as they are."),
    _menu("sound", (46, _R5, 76, ROW_PIXELS), "Sound", _help("sound"), "sound" in PARAMETERS),
    _menu("part", (126, _R5, 56, ROW_PIXELS), "Part", _help("part"), "part" in PARAMETERS),
    _button("complete", (186, _R5, 60, ROW_PIXELS), "Complete",
            "Writes that part to the clips that play, or else to those of the selected scene."),
    _button("source", (_LEFT, _R6, 36, ROW_PIXELS), "Source",
            "Takes the selected audio clip as heard: its loop, in the set's tempo.",
            PARAMETERS["source"].verbs),
    _button("source_b", (126, _R6, 46, ROW_PIXELS), "Source B",
            "Takes the selected audio clip as the second source.", PARAMETERS["source_b"].verbs),
    # How to play it.
    _number("guidance", (_MIDDLE, _R1, 46, 48), "Guidance", high=10),
    _number("strength", (300, _R1, 46, 48), "Strength", high=1),
    _number("ratio", (346, _R1, 46, 48), "Ratio", high=1),
    _number("count", (286, _R4, 26, ROW_PIXELS), "Takes", high=16,
            more="A preset of several parts gives one take for each and one for their mix."),
    _number("steps", (354, _R4, 38, ROW_PIXELS), "Steps", high=200),
    _text("seed", (286, _R5, 64, ROW_PIXELS), "The first take's seed; the same seed gives the same take."),
    _toggle("seed_lock", (354, _R5, 38, ROW_PIXELS), "Seed Lock", "Lock",
            "On: this seed again. Off: a new seed every time, shown here."),
    _toggle("loop", (_MIDDLE, _R6, 28, ROW_PIXELS), "Loop", "Loop",
            "The take's end meets its start; where the preset's end cannot, it is cut.", "loop"),
    _choice("side", (286, _R6, 64, ROW_PIXELS), "Side", "Which side of the source gets new music."),
    Control(
        name="from_bar", kind="number", rect=(354, _R6, 38, ROW_PIXELS), long_name="From Bar",
        short_name="FromBar", info="Inpaint renews the source from this bar on, as many bars as Bars says.",
        low=1, high=256, initial=1, unit="bar %d", verbs=("inpaint",),
    ),
    # What came.
    _menu("takes", (_RIGHT, _R1, 106, ROW_PIXELS), "Take",
          "The takes of this device; the chosen one is heard."),
    _button("previous", (_RIGHT, _R2, 33, ROW_PIXELS), "Prev", "Hears the take before."),
    _button("next", (437, _R2, 33, ROW_PIXELS), "Next", "Hears the take after."),
    _shown_toggle("preview", (474, _R2, 33, ROW_PIXELS), "Preview", "Play",
                  "Plays the take, looped and locked to Live's transport, as loud as its clip will be."),
    _shown_toggle("star", (511, _R2, 33, ROW_PIXELS), "Star", "Star", "Marks the take as one to keep."),
    _button("place", (_RIGHT, _R5, 33, ROW_PIXELS), "Place", "Puts the chosen take into Live, as a clip."),
    _button("place_all", (437, _R5, 45, ROW_PIXELS), "Place all",
            "Puts every take of the last request into Session, one below the other."),
    _button("place_notes", (486, _R5, 58, ROW_PIXELS), "Place notes",
            "Puts the take's notes into a MIDI clip, in the next empty slot of the track that the Clip menu "
            "names, or else of the selected one."),
    Control(
        name="place_in", kind="tab", rect=(_RIGHT, _R6, 100, ROW_PIXELS), long_name="Place In",
        short_name="PlaceIn", words=(("session", "Session"), ("arrangement", "Arrange")),
        info="Session: the next empty slot of this track, from the selected scene. Arrange: at the playhead, "
        "one take at a time.",
    ),
    _button("reveal", (504, _R6, 40, ROW_PIXELS), "Reveal", "Shows the take's file in its folder."),
)  # fmt: skip

LABELS: tuple[Label, ...] = (
    Label("Port", (334, 38, 22, 16)),
    Label("", (438, 38, 106, 16), "follows", "Tempo, meter and key of the next takes: the set's."),
    Label("Preset", (_LEFT, _R1, 38, ROW_PIXELS)),
    Label("Bars", (189, _R2, 25, ROW_PIXELS)),
    Label("Chords", (_LEFT, _R2, 38, ROW_PIXELS)),
    Label("In key", (_LEFT, _R3, 38, ROW_PIXELS)),
    Label("Clip", (_LEFT, _R4, 38, ROW_PIXELS)),
    Label("Sound", (_LEFT, _R5, 38, ROW_PIXELS)),
    Label("-", (46, _R6, 78, ROW_PIXELS), "source", "The clip that was taken as source."),
    Label("-", (174, _R6, 72, ROW_PIXELS), "source_b", "The clip that was taken as second source."),
    Label("Takes", (_MIDDLE, _R4, 32, ROW_PIXELS)),
    Label("Steps", (324, _R4, 30, ROW_PIXELS)),
    Label("Seed", (_MIDDLE, _R5, 32, ROW_PIXELS)),
    Label("-", (506, _R1, 38, ROW_PIXELS), "take", "Which take is heard."),
)

LIGHT_RECT: Rect = (8, 5, 10, 10)
STATUS_RECT: Rect = (22, 2, 370, 35)
PROGRESS_RECT: Rect = (_RIGHT, 38, 34, 16)
WAVEFORM_RECT: Rect = (_RIGHT, _R3, 144, 33)

# Texts that the Live set stores for the script, in the order of Live's parameter list.
STORED: tuple[str, ...] = (
    "preset", "chords", "seed", "sound", "part", "style", "progression", "clip_track", "source", "source_b",
    "takes", "port", "daemon_port",
)  # fmt: skip

# Texts that the script stores by itself, without user action: they must not create undo steps.
STORED_BY_ITSELF = ("takes", "port")

# Parameter banks for Push, which shows eight at a time.
BANKS = {
    "Main": ("Verb", "Bars", "Takes", "Guidance", "Strength", "Ratio", "Steps", "Loop"),
    "More": ("Side", "From Bar", "Seed Lock", "Use Notes", "Place In"),
}


def stored_long_name(name: str) -> str:
    """Return Live's name of a stored text. Live finds values by it: it must never change after a release."""
    return name.replace("_", " ").title() + " Text"

"""The OSC table: every address with its arguments and answer. Parser, help and README are derived from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from bridge import messages as m
from bridge.addresses import ROOT
from bridge.addresses import arguments as read
from bridge.addresses import endless as endless_addresses
from bridge.addresses import midi as midi_addresses
from bridge.addresses import parameters as parameter_addresses
from bridge.addresses import scenes as scene_addresses
from bridge.addresses import stage as stage_addresses
from bridge.addresses import takes as take_addresses
from bridge.addresses.arguments import Arguments
from bridge.addresses.events import EVENT_ADDRESSES
from bridge.addresses.faders import FADER, PARAM, PARAM01, fader_rows
from bridge.addresses.row import CHANGES_OTHERS_COST, RENDER_COST, Address, on_press
from bridge.addresses.scenes import SCENE
from bridge.addresses.stage import DECK
from bridge.messages import BridgeError, Message, Peer, Verb
from bridge.messages.scenes import MAX_SCENES
from bridge.messages.stage import MAX_DECKS
from bridge.meter import METER_PARTS, meter_values
from bridge.parameters import PARAMETERS, VERBS
from bridge.values import MAX_NAME_CHARACTERS, check_name, name_of, shown
from msanii.choices import did_you_mean
from msanii.limits import MOST_CHORD_CHARACTERS

ANSWERS = EVENT_ADDRESSES | {ROOT + name for name in ("welcome", "synced", "heard")}


def parse(address: str, arguments: Arguments, sender: Peer | None) -> Message | None:
    """Parse an OSC message into a message of `bridge.messages`; None for a button's release.

    Raises:
        BridgeError: with a code of `ERROR_CODES`, and a sentence with field, value and remedy.
    """
    row = BY_PATH.get(address)
    if row is None:
        raise unknown_address(address)
    message = row.build(address, arguments)
    if message is None:
        return None
    return replace(message, about=message.about or about_of(address, arguments), sender=sender)


def unknown_address(address: str) -> BridgeError:
    """Return the error for an address that is not in the table."""
    if address.startswith(ROOT + PARAM):
        return parameter_addresses.unknown("address", address, address.removeprefix(ROOT + PARAM))
    meant = did_you_mean(
        _DECK_NUMBER.sub(f"/deck/{DECK}/", address, count=1), [row.path for row in ADDRESSES]
    )
    remedy = meant and f"{meant} Or send"
    return BridgeError(
        "address", f"{shown(address)}: no such address; {remedy or 'send'} {ROOT}help for the list."
    )


def is_answer(address: str) -> bool:
    """Return whether only daemons send this. Two daemons would otherwise answer each other for ever."""
    return address in ANSWERS or address.endswith(".reply")


def about_of(address: str, arguments: Arguments) -> str:
    """Return what a failure of this message names first: its job id, or else its address."""
    name = address.removeprefix(ROOT)
    is_render = name in VERBS or name == "complete"
    has_id = len(arguments) > 1 and len(arguments) % 2 == is_render
    if (is_render or name == "edit") and has_id and read.is_job_id(arguments[0]):
        return str(arguments[0])
    return address[: read.MAX_JOB_ID_CHARACTERS]


# --- one builder per shape of message ---------------------------------------------------------------


def _render(verb: Verb, address: str, arguments: Arguments) -> m.Render | None:
    if len(arguments) == 1:
        if not read.is_pressed(address, arguments[0], "`key value` pairs, or a job id and `key value` pairs"):
            return None
        return m.Render(verb, None, {})
    job_id = None
    if len(arguments) % 2:
        job_id, arguments = read.job_id(arguments), arguments[1:]
    return m.Render(verb, job_id, read.pairs(arguments, verb))


def _complete(address: str, arguments: Arguments) -> m.Render | None:
    expected = "`part`, `notes` or `source`, and other `key value` pairs"
    read.expect(address, arguments, 2, None, expected)
    follows, others = read.sources(address, arguments)
    if not others:
        raise _missing("part", "the part to write to it")
    render = _render("generate", address, others)
    if render is None:
        return None
    said = {name for name, value in render.values.items() if value}
    if "part" not in said:
        raise _missing("part", "the part to write to it")
    if render.values["part"].strip().lower() == "mix":
        raise BridgeError("value", "`part`: got mix, expected a single part: keys, lead, pad, bass or drums.")
    if "notes" in said and follows:
        raise BridgeError("value", "`notes` and `source` both say what plays; send one of them.")
    if "notes" not in said and not follows:
        raise _missing("notes", "the file of what plays, or `source` and audio")
    return replace(render, completes=True, follows=follows)


def _missing(name: str, what: str) -> BridgeError:
    return BridgeError("missing", f"`{name}`: got nothing, expected {what}; send it and its value.")


def _edit(address: str, arguments: Arguments) -> m.Edit:
    expected = "a take's path or file name, and `key value` pairs"
    read.expect(address, arguments, 1, None, expected)
    job_id = None
    if len(arguments) % 2 == 0:
        job_id, arguments = read.edit_job_id(arguments), arguments[1:]
    take = read.take(address, arguments[0], expected)
    values, texts = read.edit_pairs(arguments[1:])
    chord, recompose, renew = (texts.get(key, "") for key in read.EDIT_KEYS)
    return m.Edit(take, job_id, values, chord, recompose, renew)


def _list_styles(address: str, arguments: Arguments) -> m.ListStyles:
    read.expect(address, arguments, 0, 2, "two whole numbers, as 6 8, or nothing for all styles")
    if len(arguments) < len(METER_PARTS):
        return m.ListStyles()  # a lone argument is a button's press
    numerator, denominator = (
        PARAMETERS[name].check(value) for name, value in zip(METER_PARTS, arguments, strict=True)
    )
    return m.ListStyles(int(numerator), int(denominator))


def _read_chords(address: str, arguments: Arguments) -> m.ReadChords:
    read.expect(address, arguments, 1, 3, "chords and, if wanted, a key and a meter")
    words = [name_of(word) for word in arguments]  # Nashville numbers may come as a number
    for word, longest in zip(
        words, (MOST_CHORD_CHARACTERS, PARAMETERS["key"].max_characters, 8), strict=False
    ):
        if not isinstance(word, str) or len(word) > longest:
            expected = f"a text of at most {longest} characters"
            raise BridgeError("type", f"{address}: got {shown(word)}, expected {expected}; send that.")
    text, key, meter = (*map(str, words), *("", "")[len(words) - 1 :])
    numerator, denominator = meter_values(meter or "4/4").values()
    return m.ReadChords(text, key, f"{numerator}/{denominator}")


def _hello(address: str, arguments: Arguments) -> m.Hello:
    read.expect(address, arguments, 1, 2, "a nonce and, if wanted, a reply port")
    nonce = str(read.echo(address, "nonce", arguments[0]))
    return m.Hello(nonce, reply_port=read.reply_port(arguments[1:]))


def _notify(address: str, arguments: Arguments) -> m.Notify:
    read.expect(address, arguments, 1, 2, "1 or 0 and, if wanted, a reply port")
    on = read.is_pressed(address, arguments[0], "1 or 0")
    return m.Notify(on, reply_port=read.reply_port(arguments[1:]))


def _sync(address: str, arguments: Arguments) -> m.Sync:
    read.expect(address, arguments, 1, 1, "an id of your own, which comes back in /msanii/synced")
    return m.Sync(read.echo(address, "id", arguments[0]))


def _cancel(address: str, arguments: Arguments) -> m.Cancel | None:
    read.expect(address, arguments, 1, 1, "a job id, or all")
    wanted = arguments[0]
    if not isinstance(wanted, str):
        return m.Cancel("all", about="all") if read.is_pressed(address, wanted, "a job id, or all") else None
    job_id = read.text(address, wanted, "a job id, or all", read.MAX_JOB_ID_CHARACTERS)
    return m.Cancel(job_id, about=job_id)


def _named_preset(kind: type[m.LoadPreset | m.ReadPreset], address: str, arguments: Arguments) -> Message:
    read.expect(address, arguments, 1, 1, "a preset's name")
    return kind(_preset_name(address, arguments[0]))


def _save_preset(address: str, arguments: Arguments) -> m.SavePreset | None:
    is_button = len(arguments) == 1 and not isinstance(arguments[0], str)
    if is_button:
        if not read.is_pressed(address, arguments[0], _SAVE_EXPECTS):
            return None
        raise BridgeError("missing", f"{address}: a button has no name; send {_SAVE_EXPECTS}.")
    read.expect(address, arguments, 1, None, _SAVE_EXPECTS)
    name, pairs = _preset_name(address, arguments[0]), list(arguments[1:])
    if len(pairs) % 2:
        raise BridgeError("missing", f"{address}: {shown(pairs[-1])} has no value; send `key value` pairs.")
    overwrite = False
    if "replace" in pairs[::2]:
        at = 2 * pairs[::2].index("replace")
        overwrite = read.is_pressed(address, pairs[at + 1], "1 or 0 after `replace`")
        del pairs[at : at + 2]
    return m.SavePreset(name, overwrite, read.pairs(pairs))


def _preset_name(address: str, value: object) -> str:
    return check_name("preset", read.text(address, value, "a preset's name", MAX_NAME_CHARACTERS))


def _no_fader(address: str, arguments: Arguments) -> Message:  # noqa: ARG001
    raise BridgeError("address", f"{address}: write what the value is called in the place of `<...>`.")


_DECK_NUMBER = re.compile(r"/deck/\d+/")
_SAVE_EXPECTS = "a name, and then `key value` pairs"


# --- the table ---------------------------------------------------------------------------------------

VERB_HELP: Mapping[Verb, str] = {
    "generate": "renders new music",
    "vary": "renders variations of `source`",
    "interpolate": "renders a blend of `source` and `source_b`",
    "inpaint": "renders a region of `source` anew",
    "outpaint": "extends `source` at its beginning or end",
}
_JOB_ANSWER = "queued, progress, take, done; or fail"
_GENERATE = partial(_render, "generate")


def _rows() -> tuple[Address, ...]:
    row, renders = Address, "[job_id] key value ..."
    table = (
        *(row(verb, renders, VERB_HELP[verb], _JOB_ANSWER, partial(_render, verb), cost=RENDER_COST)
          for verb in VERBS),
        row("complete", "[job_id] part name notes or source path key value ...",
            "composes and renders the part that is missing to what plays in a file of notes, or is heard in "
            "audio; `source` may be there several times, for files that play together",
            _JOB_ANSWER, _complete, cost=RENDER_COST),
        row("edit", "[job_id] take key value ...", "renders a take anew with other chords, notes or values; "
            "`chord 3 Dm`, `recompose 3-4` and `renew 3-4` name bars", _JOB_ANSWER, _edit, cost=RENDER_COST),
        row("cancel", "job_id or all", "cancels one job or all", "fail job_id cancelled message", _cancel),
        row("hello", "nonce [reply_port]", "finds the daemon, its version and its folders",
            "welcome nonce version takes_folder exchange_folder", _hello),
        row("notify", "1 or 0 [reply_port]",
            "subscribes to all events; expires after the seconds in the answer unless renewed",
            "notify.reply on seconds", _notify),
        row("status", "", "returns the state of the daemon", "status.reply ...", on_press(m.Status), True),
        row("sync", "id", "answers once everything sent before it is queued", "synced id", _sync),
        row("version", "", "returns the version", "version.reply version", on_press(m.Version), True),
        row("help", "", "returns this list", "help.reply ...", on_press(m.Help)),
        row("preset/list", "", "lists the names of the presets", "preset/list.reply name ...",
            on_press(m.ListPresets), True),
        row("preset/load", "name", "loads a preset for the session, and clears its sticky values",
            "preset/load.reply name", partial(_named_preset, m.LoadPreset),
            cost=CHANGES_OTHERS_COST),
        row("preset/read", "name", "returns every value that a preset gives a request",
            "preset/read.reply name key value ...", partial(_named_preset, m.ReadPreset), True, cost=2),
        row("preset/save", "name [replace 1] key value ...",
            "saves the session's preset and values, overridden by these, as a preset",
            "preset/save.reply name", _save_preset, cost=4),
        row("style/list", "[numerator denominator]", "lists the styles that suit a meter: families of "
            "grooves, then grooves; without a meter all of them", "style/list.reply name ...", _list_styles,
            True, cost=10),
        row("chords/read", "text [key] [meter]",
            "reads a progression, and returns how each chord is understood: its span in quarter notes, its "
            "name and its notes; `problem` is empty, or why it cannot be read",
            "chords/read.reply text problem start end name notes ...", _read_chords, True, cost=4),
        *take_addresses.rows(),
        *midi_addresses.rows(),
        *endless_addresses.rows(),
        *stage_addresses.deck_rows(1, _GENERATE),
        *stage_addresses.rows(),
        *scene_addresses.scene_rows(1),
        *scene_addresses.rows(),
        row(f"{FADER}<address>", "[position]", "sets any number, switch or choice of this list by a position "
            "from 0 to 1, as in /msanii/fader/deck/1/gain 0.5", "as at its address", _no_fader, True),
        row(f"{PARAM01}<name>", "[position]", "sets a parameter by a position from 0 to 1, as "
            "/msanii/fader/param/<name> does", "as at its address", _no_fader, True),
        *parameter_addresses.rows(),
    )  # fmt: skip
    # The answer to help has a message for each row.
    costs = {"help": len(table)}
    return tuple(
        replace(entry, path=ROOT + entry.path, cost=costs.get(entry.path, entry.cost)) for entry in table
    )


def _by_path() -> Mapping[str, Address]:
    rows = {row.path: row for row in ADDRESSES if "<" not in row.path}
    for deck in range(1, MAX_DECKS + 1):
        for row in stage_addresses.deck_rows(deck, _GENERATE):
            path = ROOT + row.path.replace(DECK, str(deck))
            rows[path] = replace(row, path=path)
    for scene in range(1, MAX_SCENES + 1):
        for row in scene_addresses.scene_rows(scene):
            path = ROOT + row.path.replace(SCENE, str(scene))
            rows[path] = replace(row, path=path)
    return rows | fader_rows(rows, ROOT)


# The rows of decks and scenes are listed once, with `<n>` for the number, faders in one row; BY_PATH has all.
ADDRESSES: tuple[Address, ...] = _rows()
BY_PATH: Mapping[str, Address] = _by_path()


def readme_table() -> str:
    """Return the table as Markdown, for the README."""
    lines = ["| address | arguments | what it does | answer |", "|---|---|---|---|"]
    for row in ADDRESSES:
        cells = (f"`{row.path}`", _cell(row.arguments), row.help, _cell(row.answer))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def help_text() -> str:
    """Return the table as plain lines, for a terminal or a reply."""
    return "\n".join(f"{row.path} {row.arguments}".rstrip() + f": {row.help}" for row in ADDRESSES)


def _cell(text: str) -> str:
    return f"`{text}`" if text else ""

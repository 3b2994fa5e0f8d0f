"""The OSC table: every address with its arguments and answer. Parser, help and README are derived from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from bridge import messages as m
from bridge.addresses import ROOT
from bridge.addresses import arguments as read
from bridge.addresses import endless as endless_addresses
from bridge.addresses import midi as midi_addresses
from bridge.addresses import stage as stage_addresses
from bridge.addresses.arguments import Arguments
from bridge.addresses.events import EVENT_ADDRESSES
from bridge.addresses.row import Address, on_press
from bridge.addresses.stage import DECK
from bridge.messages import BridgeError, Message, Peer, Verb
from bridge.messages.stage import MAX_DECKS
from bridge.parameters import PARAMETERS, VERBS, Parameter
from bridge.values import MAX_NAME_CHARACTERS, check_name, shown

ANSWERS = EVENT_ADDRESSES | {ROOT + "welcome", ROOT + "synced"}


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
    if address.startswith(ROOT + "param/"):
        names = ", ".join(PARAMETERS)
        return BridgeError("address", f"{shown(address)}: no such parameter; there are {names}.")
    return BridgeError("address", f"{shown(address)}: no such address; send {ROOT}help for the list.")


def is_answer(address: str) -> bool:
    """Return whether only daemons send this. Two daemons would otherwise answer each other for ever."""
    return address in ANSWERS or address.endswith(".reply")


def about_of(address: str, arguments: Arguments) -> str:
    """Return what a failure of this message names first: its job id, or else its address."""
    is_render = address.removeprefix(ROOT) in VERBS
    if is_render and len(arguments) > 1 and len(arguments) % 2 and read.is_job_id(arguments[0]):
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
    if is_button and not read.is_pressed(address, arguments[0], _SAVE_EXPECTS):
        return None
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


def _star(address: str, arguments: Arguments) -> m.StarTake:
    expected = "a take's path or file name and, to take the star away, 0"
    read.expect(address, arguments, 1, 2, expected)
    take = read.text(address, arguments[0], expected, PARAMETERS["source"].max_characters)
    on = len(arguments) == 1 or read.is_pressed(address, arguments[1], "1 or 0")
    return m.StarTake(take, on)


def _parameter(parameter: Parameter, address: str, arguments: Arguments) -> Message:
    read.expect(address, arguments, 0, 1, f"{parameter.expected()}, or nothing to read it")
    if not arguments:
        return m.ReadParameter(parameter.name)
    return m.SetParameter(parameter.name, parameter.check(arguments[0]))


_SAVE_EXPECTS = "a name, and then `key value` pairs"


# --- the table ---------------------------------------------------------------------------------------

_VERB_HELP: Mapping[Verb, str] = {
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
        *(row(verb, renders, _VERB_HELP[verb], _JOB_ANSWER, partial(_render, verb)) for verb in VERBS),
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
            "preset/load.reply name", partial(_named_preset, m.LoadPreset)),
        row("preset/read", "name", "returns every value that a preset gives a request",
            "preset/read.reply name key value ...", partial(_named_preset, m.ReadPreset), True),
        row("preset/save", "name [replace 1] key value ...",
            "saves the session's preset and values, overridden by these, as a preset",
            "preset/save.reply name", _save_preset),
        row("take/star", "path_or_name [1 or 0]", "marks a take as one to keep", "take/star.reply name on",
            _star),
        *midi_addresses.rows(),
        *endless_addresses.rows(),
        *stage_addresses.deck_rows(1, _GENERATE),
        *stage_addresses.rows(),
        *(row(f"param/{p.name}", f"[{p.kind}]", f"{p.help} ({p.expected()})", "its value, when read",
              partial(_parameter, p), True) for p in PARAMETERS.values()),
    )  # fmt: skip
    return tuple(replace(entry, path=ROOT + entry.path) for entry in table)


def _by_path() -> Mapping[str, Address]:
    rows = {row.path: row for row in ADDRESSES if DECK not in row.path}
    for deck in range(1, MAX_DECKS + 1):
        for row in stage_addresses.deck_rows(deck, _GENERATE):
            path = ROOT + row.path.replace(DECK, str(deck))
            rows[path] = replace(row, path=path)
    return rows


# A deck's rows are listed once, with `<n>` for its number; BY_PATH has them for every deck.
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

"""`msanii-bridge` without a command: what is running, where things are, and what to do next."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.options import console, plain, read_settings, safe
from bridge.messages import BridgeError

if TYPE_CHECKING:
    from bridge.library.daemon_record import DaemonRecord
    from bridge.settings import Settings

ANSWER_SECONDS = 0.4
Status = Mapping[str, object]
Step = tuple[str, str]  # what to type or open, and what for


class State(StrEnum):
    """What is known of the daemon."""

    none = "none"
    answers = "answers"
    silent = "silent"
    other_library = "other library"


@dataclass(frozen=True, slots=True)
class Found:
    """The daemon of a library: its record, and what it answered."""

    state: State
    record: DaemonRecord | None = None
    takes_folder: str = ""
    status: Status | None = None
    stream: Status | None = None
    unreadable: str = ""

    def says(self, name: str) -> str:
        """Return a value of the status, as text."""
        return str((self.status or {}).get(name, ""))


def overview() -> None:
    """Print what is running, where takes and page are, and three things to do next."""
    out = console()
    try:
        settings = read_settings(None)
    except BridgeError as error:
        out.print(
            f"[bold red]The settings are wrong:[/] {safe(error.message)}", soft_wrap=True, highlight=False
        )
        out.print("`msanii-bridge doctor` says what to do, `msanii-bridge --help` lists the commands.")
        return
    found = look(settings)
    for heading, text in facts(settings, found):
        out.print(f"[bold]{heading:<8}[/] {safe(text)}", soft_wrap=True, highlight=False)
    out.print("\n[bold]Next[/]")
    steps = next_steps(settings, found)
    width = max(len(plain(step)) for step, _ in steps)
    for step, purpose in steps:
        out.print(
            f"  [cyan]{safe(step)}[/]{' ' * (width - len(plain(step)))}  {safe(purpose)}",
            soft_wrap=True,
            highlight=False,
        )
    out.print("\n`msanii-bridge --help` lists every command.", highlight=False)


def look(settings: Settings) -> Found:
    """Look for the daemon of the library, and for another one at the port. Takes under a second."""
    from bridge.library.daemon_record import running_daemon

    unreadable = ""
    record = None
    try:
        record = running_daemon(settings.library)
    except OSError as error:
        unreadable = error.strerror or str(error)
    found = _ask(record.port if record is not None else settings.port, record)
    if record is None and found.state is State.answers and not _serves(found, settings):
        found = Found(State.other_library, takes_folder=found.takes_folder)
    return Found(found.state, record, found.takes_folder, found.status, found.stream, unreadable)


def facts(settings: Settings, found: Found) -> list[Step]:
    """Return what there is to know, as headings and sentences."""
    return [
        ("Daemon", _daemon(settings, found)),
        *([("Model", _model(found)), ("Stage", _stage(found))] if found.status is not None else []),
        ("Page", _page(settings, found)),
        ("Takes", _takes(settings, found)),
        ("Log", str(settings.log_path) if settings.log_file else "none: `log_file` is false in the settings"),
    ]


def next_steps(settings: Settings, found: Found) -> list[Step]:
    """Return three things to do next, which depend on what is running."""
    install: list[Step] = (
        [("msanii-bridge install-device", "put the device into Live's User Library")]
        if _lacks_device()
        else []
    )
    match found.state:
        case State.none | State.other_library:
            port = "" if found.state is State.none else " --port 9900 --http-port 9901"
            steps: list[Step] = [
                (f"msanii-bridge serve --open{port}", "start the daemon and open its page"),
                ("msanii-bridge demo", "render a few takes without it, in a minute or two"),
            ]
            return [*steps, *install, ("msanii-bridge doctor", "check what works on this computer")][:3]
        case State.silent:
            return [
                ("msanii-bridge log", "see what it said last"),
                (_end(found), "end it, if it does not answer in a minute"),
                ("msanii-bridge serve", "start it again"),
            ]
        case State.answers:
            return [*_repairs(found), *_uses(settings, found), *install, *_stage_steps(found)][:3]


def _ask(port: int, record: DaemonRecord | None) -> Found:
    """Ask who listens at the port, and how it is."""
    from bridge.cli.client import Client

    try:
        with Client(port) as client:
            takes_folder = str(client.hello(ANSWER_SECONDS).arguments[2])
            client.send("/msanii/status")
            client.send("/msanii/stream/status")
            answers: dict[str, Status] = {}
            for answer in client.answers(ANSWER_SECONDS):
                answers[answer.address] = _named(answer.arguments)
                if {"/msanii/status.reply", "/msanii/stream/status.reply"} <= answers.keys():
                    break
    except (BridgeError, OSError, IndexError):
        return Found(State.none if record is None else State.silent)
    return Found(
        State.answers,
        takes_folder=takes_folder,
        status=answers.get("/msanii/status.reply", {}),
        stream=answers.get("/msanii/stream/status.reply"),
    )


def _named(words: tuple[object, ...]) -> Status:
    return {str(name): value for name, value in zip(words[::2], words[1::2], strict=False)}


def _serves(found: Found, settings: Settings) -> bool:
    return Path(found.takes_folder) in (settings.library, settings.drop_folder)


def _daemon(settings: Settings, found: Found) -> str:
    match found.state:
        case State.none:
            return "does not run"
        case State.other_library:
            return f"none for these takes; at port {settings.port} runs one for {found.takes_folder}"
        case State.silent:
            assert found.record is not None  # noqa: S101  (without one it does not run)
            return (
                f"process {found.record.pid} has run {_since(found.record)}, but does not answer "
                f"at port {found.record.port}"
            )
        case State.answers:
            port = found.record.port if found.record is not None else settings.port
            since = f", {_since(found.record)}" if found.record is not None else ""
            return f"version {found.says('version')} runs{since}, at port {port}"


def _since(record: DaemonRecord) -> str:
    begun = time.localtime(record.since)
    is_today = begun[:3] == time.localtime()[:3]
    return "since " + time.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M", begun)


def _model(found: Found) -> str:
    problem, worker, model = found.says("problem"), found.says("worker"), found.says("model")
    if problem:
        return f"{worker}: {problem}"
    waiting = found.says("unfinished") or "0"
    queue = "nothing to render" if waiting == "0" else f"{waiting} to render"
    where = f" on {found.says('device')}" if found.says("device") else ""
    return f"{model}{where}, {worker}, {queue}" if model else f"{worker}, {queue}"


def _stage(found: Found) -> str:
    stream = found.stream or {}
    words = [str(stream.get(name, "")) for name in ("state", "device", "note")]
    if words[0] in ("", "off"):
        return "off: `msanii-bridge serve --stream` plays takes on decks"
    return ", ".join(filter(None, words))


def _page(settings: Settings, found: Found) -> str:
    address = _page_address(found)
    if address:
        return address
    if found.state is State.answers:
        return "none: started with --no-http, or its port is taken" if found.record else "not known"
    if found.state is State.silent:
        return "does not answer either, if it has one"
    if not settings.http:
        return "none: `http` is false in the settings"
    return f"http://127.0.0.1:{settings.http_port} once the daemon runs"


def _page_address(found: Found) -> str:
    if found.state is not State.answers or found.record is None or not found.record.http_port:
        return ""
    return f"http://127.0.0.1:{found.record.http_port}"


def _takes(settings: Settings, found: Found) -> str:
    from bridge.library.folders import LibraryFolders

    folder = settings.drop_folder or settings.library
    try:
        if found.unreadable:
            raise PermissionError(0, found.unreadable)
        count = sum(1 for _ in LibraryFolders(settings.library, settings.drop_folder).audio_files())
    except OSError as error:
        return (
            f"{folder} cannot be read ({error.strerror}): make it readable, or choose another with --library"
        )
    return f"{folder}, {count} file{'' if count == 1 else 's'}" if folder.exists() else f"{folder}, none yet"


def _lacks_device() -> bool:
    """Whether Live's User Library is there without our device."""
    from bridge.cli.daw_scripts.max_device import FILES, PLACE
    from bridge.library.user_library import find_user_library

    try:
        return not (find_user_library() / PLACE / FILES[-1]).exists()
    except (BridgeError, OSError):
        return False


def _repairs(found: Found) -> list[Step]:
    from bridge.cli.installation.update import is_outdated, restart_line

    steps: list[Step] = []
    if found.record is not None and is_outdated(found.record):
        steps.append((restart_line(found.record), "the program was updated: restart the daemon"))
    if found.says("problem"):
        steps.append(("msanii-bridge doctor", "find out why it cannot render"))
    return steps


def _uses(settings: Settings, found: Found) -> list[Step]:
    port = found.record.port if found.record is not None else settings.port
    flag = "" if port == settings.port else f" --port {port}"
    address = _page_address(found)
    opening: list[Step] = [(address, "open the page in the browser")] if address else []
    return [
        *opening,
        (f'msanii-bridge generate --chords "Am F C G" --bpm 97 --bars 4{flag}', "render a take"),
    ]


def _stage_steps(found: Found) -> list[Step]:
    if str((found.stream or {}).get("state", "off")) == "off":
        return [
            ("msanii-bridge takes", "list your takes"),
            ("msanii-bridge serve --stream", "stop the daemon, and start it so that it plays on decks"),
        ]
    return [("msanii-bridge send /msanii/deck/1/load TAKE", "put a take on a deck; `takes` lists them")]


def _end(found: Found) -> str:
    from bridge.cli.installation.update import end_line

    return end_line(found.record) if found.record is not None else "Ctrl-C in its terminal"

"""The daemon without a socket or a worker: what it answers when its parts are slow, deaf or new."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bridge import messages as m
from bridge.addresses.table import parse
from bridge.daemon import Daemon
from bridge.inputs.osc import OscServer
from bridge.library.takes import Library
from bridge.messages import Argument, Job, Peer
from bridge.render.local_engine import LocalEngine
from bridge.render.recovery import resume
from bridge.requests import resolver
from bridge.settings import Settings
from tests.bridge.render_requests import make_request
from tests.bridge.waiting import until

ASKER, OTHER = Peer("127.0.0.1", 40_001), Peer("127.0.0.1", 40_002)
Sent = list[tuple[Peer, str, tuple[Argument, ...]]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What the daemon sends."""
    kept: Sent = []

    def send(_: OscServer, peer: Peer, address: str, arguments: Sequence[Argument] = ()) -> None:
        kept.append((peer, address, tuple(arguments)))

    monkeypatch.setattr(OscServer, "send", send)
    return kept


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Set as long as no source is looked for; every source lies on a drive that does not answer."""
    free, looking = threading.Event(), threading.Event()

    def keep_source(*_: object) -> None:
        looking.set()
        free.wait()

    monkeypatch.setattr(Library, "keep_source", keep_source)
    yield looking
    free.set()


def alone(
    folder: Path, story: Callable[[Daemon], Coroutine[Any, Any, None]], *, stream: bool = False
) -> None:
    """Runs a story with a daemon that has neither socket nor worker."""

    async def run() -> None:
        daemon = Daemon(
            Settings(library=folder / "library", presets_folder=folder / "presets", stream=stream)
        )
        inboxes = (daemon._inbox, daemon._stage_inbox, daemon._stops)
        tasks = [asyncio.create_task(inbox.work()) for inbox in inboxes]
        try:
            await story(daemon)
        finally:
            await daemon._close(tasks)

    asyncio.run(asyncio.wait_for(run(), 20))


def asked(sender: Peer, address: str, *arguments: object) -> m.Message:
    message = parse(f"/msanii/{address}", arguments, sender)
    assert message is not None
    return message


def vary(job_id: str, source: str = "/far/away/long song.wav") -> m.Message:
    return asked(ASKER, "vary", job_id, "source", source, "strength", 0.5)


def test_a_source_that_does_not_answer_is_given_up(
    tmp_path: Path, sent: Sent, stuck: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "SOURCE_SECONDS", 1.0)

    async def story(daemon: Daemon) -> None:
        daemon.receive(vary("j"))
        daemon.receive(m.Sync(1, sender=ASKER))
        await until(lambda: len(sent) == 2, 5)

    alone(tmp_path, story)
    (_, fail, (about, code, sentence)), synced = sent
    assert (fail, about, code) == ("/msanii/fail", "j", "source")
    assert "`long song.wav` does not answer" in str(sentence)
    assert synced == (ASKER, "/msanii/synced", (1,))


def test_a_stuck_source_keeps_neither_the_end_nor_a_cancel_waiting(
    tmp_path: Path, sent: Sent, stuck: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled: list[str] = []

    def cancel(_: LocalEngine, job_id: str) -> bool:
        cancelled.append(job_id)
        return True

    monkeypatch.setattr(LocalEngine, "cancel", cancel)

    async def story(daemon: Daemon) -> None:
        for job_id in ("renders", "waits"):
            daemon._queue.put(Job(job_id, make_request(), ASKER))
        assert daemon._queue.take_next() is not None
        daemon.receive(vary("looked for"))
        await until(stuck.is_set, 5)
        monkeypatch.setattr(LocalEngine, "rendering", ("renders",))
        daemon.receive(asked(OTHER, "cancel", "renders"))
        assert cancelled == ["renders"]
        daemon.receive(asked(OTHER, "cancel", "all"))
        assert cancelled == ["renders"] * 2
        assert daemon._queue.state("waits") == "queued", "in its turn, with what is asked for before it"
        daemon.receive(asked(OTHER, "cancel", "waits"))
        assert daemon._queue.state("waits") == "cancelled"
        # What is asked for by a message in line is cancelled in its turn.
        daemon.receive(asked(OTHER, "cancel", "looked for"))
        assert not [arguments for _, _, arguments in sent if arguments[0] == "looked for"]

    alone(tmp_path, story)


def test_a_cancel_that_reaches_no_render_is_answered(tmp_path: Path, sent: Sent) -> None:
    async def story(daemon: Daemon) -> None:
        daemon._queue.put(Job("lost", make_request(), ASKER))
        assert daemon._queue.take_next() is not None
        daemon.receive(asked(OTHER, "cancel", "lost"))
        daemon.receive(asked(OTHER, "cancel", "all"))
        await until(lambda: len(sent) == 2, 5)

    alone(tmp_path, story)
    assert [(to, address, arguments[:2]) for to, address, arguments in sent] == [
        (OTHER, "/msanii/fail", ("lost", "unknown_job")),
        (OTHER, "/msanii/fail", ("all", "unknown_job")),
    ]


def test_jobs_of_another_version_fail_to_their_senders(tmp_path: Path, sent: Sent) -> None:
    async def before(daemon: Daemon) -> None:
        daemon._queue.put(Job("old", make_request(), ASKER))

    async def after(daemon: Daemon) -> None:
        resume(daemon._queue, daemon._notifier.follow, daemon._outlet.deliver)

    alone(tmp_path, before)
    library = Library(tmp_path / "library")
    journal = library.journal_path
    library.close()
    with sqlite3.connect(journal) as database:
        database.execute('UPDATE jobs SET request = \'{"verb": "generate"}\'')
    database.close()
    alone(tmp_path, after)
    why = "this job was queued by another version of the bridge; send it again"
    assert sent == [(ASKER, "/msanii/fail", ("old", "render", why))]


def test_a_parameter_without_a_value_is_answered_with_nil(tmp_path: Path, sent: Sent) -> None:
    async def story(daemon: Daemon) -> None:
        daemon.receive(m.ReadParameter("seconds", sender=ASKER))
        await until(lambda: bool(sent), 5)

    alone(tmp_path, story)
    assert sent == [(ASKER, "/msanii/param/seconds", (None,))]


def test_every_message_has_a_handler(tmp_path: Path) -> None:
    modules = (m.daemon, m.endless, m.midi, m.requests, m.scenes, m.stage)
    kinds = {
        kind
        for module in modules
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, m.Message) and not name.startswith("_")
    }

    async def story(daemon: Daemon) -> None:
        assert set(daemon._routes) == kinds - {m.Message}

    alone(tmp_path, story)


@pytest.mark.parametrize("stop", ["panic", "transport/stop"])
def test_a_take_on_a_drive_that_does_not_answer_keeps_no_stop_waiting(
    stop: str, tmp_path: Path, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, looking = threading.Event(), threading.Event()

    def open_named(*_: object, **__: object) -> None:
        looking.set()
        free.wait()

    monkeypatch.setattr("bridge.stage.find_take.open_named", open_named)

    async def story(daemon: Daemon) -> None:
        daemon.receive(asked(ASKER, "deck/1/load", "/far/away/a.wav"))
        await until(looking.is_set, 5)
        daemon.receive(asked(ASKER, "deck/1/launch"))
        daemon.receive(asked(ASKER, "master/gain", -3.0))
        daemon.receive(asked(OTHER, stop))
        # The launch is called off, the stop carried out, and the gain keeps its turn.
        await until(lambda: not daemon._stops.waiting and not daemon._stops.is_held_up, 5)
        assert daemon._stage_inbox.is_held_up
        assert daemon._stage_inbox.waiting == 1
        free.set()
        await until(lambda: not daemon._stage_inbox.is_held_up and not daemon._stage_inbox.waiting, 5)

    try:
        alone(tmp_path, story, stream=True)
    finally:
        free.set()
    cancelled = [arguments for to, _, arguments in sent if to == ASKER and arguments[1:2] == ("cancelled",)]
    assert [about for about, _, _ in cancelled] == ["/msanii/deck/1/launch"]

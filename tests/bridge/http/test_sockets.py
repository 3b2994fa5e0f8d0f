"""WebSockets: JSON and OSC in both directions, and clients that are slow, many or hostile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest

from bridge import messages as m
from bridge.http.json_messages import write_json
from bridge.http.sockets import MAX_SOCKETS, MAX_WAITING_BYTES, Socket
from bridge.inputs.osc_packets import read_message, write_message
from bridge.inputs.rate_limit import BURST
from bridge.messages import Argument, Done, Peer
from tests.bridge.http.served import answer_to, heard, served, served_test, text
from tests.bridge.waiting import until


@served_test
async def test_a_message_in_json_is_that_of_osc(tmp_path: Path) -> None:
    async with served(tmp_path) as page, page.socket() as socket:
        await socket.send_str(text("/msanii/generate", "job-1", "chords", "Am F", "bpm", 97.3, "loop", True))
        await socket.send_str(text("/msanii/hello", "there"))
        assert await heard(socket) == ("/msanii/welcome", ["there"])
        (render, _) = page.seen
        assert isinstance(render, m.Render)
        assert (render.job_id, dict(render.values)) == ("job-1", {"chords": "Am F", "bpm": 97.3, "loop": 1})


@pytest.mark.parametrize(
    ("written", "value", "kind"), [("4", 4, int), ("4.0", 4.0, float), ('{"f": 4}', 4.0, float)]
)
@served_test
async def test_numbers_keep_their_type(tmp_path: Path, written: str, value: float, kind: type) -> None:
    async with served(tmp_path) as page, page.socket() as socket:
        await socket.send_str(f'{{"address": "/msanii/sync", "args": [{written}]}}')
        assert await heard(socket) == ("/msanii/synced", [value])
        (sync,) = page.seen
        assert isinstance(sync, m.Sync)
        assert type(sync.id) is kind


@pytest.mark.parametrize(
    "frame",
    [
        "", "junk", "[", "null", "[1]", "{}", '{"address": 1}', '{"address": "no slash"}',
        '{"address": "/ü"}',
        '{"address": "/msanii/sync", "args": 1}', '{"address": "/msanii/sync", "args": [[1]]}',
        '{"address": "/msanii/sync", "args": [{"f": "x"}]}', '{"address": "/msanii/sync", "args": [NaN]}',
        '{"address": "/msanii/sync", "args": [1e999]}',
        '{"address": "/msanii/sync", "args": [9999999999999999999]}',
        '{"address": "/msanii/nope"}', '{"address": "/' + "x" * 400 + '"}', "[" * 60_000,
        '{"COMMAND": "LISTEN"}', '{"COMMAND": "DELETE", "DATA": "/"}',
        json.dumps({"address": "/msanii/sync", "args": [0] * 300}),
        json.dumps({"address": "/msanii/generate", "args": ["chords", "A" * 20_000]}),
        '{"address": "/msanii/sync", "args": ["\\ud800"]}',
    ],
)  # fmt: skip
@served_test
async def test_a_frame_that_is_no_message_is_refused_and_the_socket_goes_on(
    tmp_path: Path, frame: str
) -> None:
    async with served(tmp_path) as page, page.socket() as socket:
        await socket.send_str(frame)
        await socket.send_str(text("/msanii/hello", "after"))
        first = await heard(socket)
        if "ud800" not in frame:  # which has no form in UTF-8, but may be echoed
            assert first[0] == "/msanii/fail"
            assert first[1][1] in ("malformed", "address", "type", "value")
            assert len(first[1][2]) < 400
            first = await heard(socket)
        else:
            first = await heard(socket)
        assert first == ("/msanii/welcome", ["after"])


@served_test
async def test_garbage_in_binary_is_refused_and_the_socket_goes_on(tmp_path: Path) -> None:
    async with served(tmp_path) as page, page.socket() as socket:
        for junk in (b"", b"\x00", b"\xff" * 100, b"#bundle\x00" + b"\x01" * 30, b"/x\x00\x00,i\x00\x00"):
            await socket.send_bytes(junk)
        await socket.send_bytes(write_message("/msanii/hello", ("after",)))
        answers: list[tuple[str, tuple[object, ...]]] = []
        while not answers or answers[-1][0] != "/msanii/welcome":
            answers.append(read_message(await socket.receive_bytes(timeout=20)))
        assert [address for address, _ in answers[:-1]] == ["/msanii/fail"] * 5


@served_test
async def test_who_sends_osc_is_answered_in_osc(tmp_path: Path) -> None:
    async with served(tmp_path) as page, page.socket() as socket:
        await socket.send_bytes(write_message("/msanii/hello", ("n",)))
        assert read_message(await socket.receive_bytes(timeout=20)) == ("/msanii/welcome", ("n",))
        page.notifier.deliver(Done("job-1"))
        assert read_message(await socket.receive_bytes(timeout=20)) == ("/msanii/done", ("job-1",))


@served_test
async def test_every_socket_hears_all_events_and_a_change_goes_to_all_but_its_sender(tmp_path: Path) -> None:
    async with served(tmp_path) as page, page.socket() as mine, page.socket() as other:
        await mine.send_str(text("/msanii/param/guidance", 3))
        assert await heard(other) == ("/msanii/param/guidance", [3.0])
        assert await heard(other) == ("/msanii/fader/param/guidance", [0.15])
        assert await heard(other) == ("/msanii/param01/guidance", [0.15])
        page.notifier.deliver(Done("job-1"))
        for socket in (mine, other):
            assert await heard(socket) == ("/msanii/done", ["job-1"])


@served_test
async def test_a_position_of_param01_sets_the_parameter(tmp_path: Path) -> None:
    async with served(tmp_path) as page, page.socket() as socket:
        await socket.send_str(text("/msanii/param01/guidance", 0.5))
        await socket.send_str(text("/msanii/param01/guidance"))
        assert await heard(socket) == ("/msanii/param01/guidance", [0.5])
        assert page.values["guidance"] == 10


@served_test
async def test_a_reply_port_does_not_turn_answers_away_from_a_socket(tmp_path: Path) -> None:
    async with served(tmp_path) as page, page.socket() as socket:
        await socket.send_str(text("/msanii/hello", "n", 9_999))
        assert await heard(socket) == ("/msanii/welcome", ["n"])


@served_test
async def test_a_socket_that_closes_is_forgotten(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        async with page.socket() as socket:
            await socket.send_str(text("/msanii/hello", "n"))
            await heard(socket)
            assert len(page.sockets) == len(page.notifier.subscribers()) == 1
        await until(lambda: len(page.sockets) == 0)
        assert page.notifier.subscribers() == []


@served_test
async def test_a_flood_is_left_out_as_over_udp_and_steering_gets_through(tmp_path: Path) -> None:
    async with served(tmp_path) as page, page.socket() as socket:
        for number in range(int(BURST) + 1_000):
            await socket.send_str(text("/msanii/param/steps", 1 + number % 100))
        await socket.send_str(text("/msanii/hello", "after"))
        failures = []
        while (came := await heard(socket))[0] != "/msanii/welcome":
            failures.append(came)
        assert [arguments[1] for _, arguments in failures] == ["busy"] * len(failures)
        assert failures
        assert len(page.seen) < BURST + 1_000


@served_test
async def test_a_frame_of_10_mb_ends_its_own_socket_alone(tmp_path: Path) -> None:
    async with served(tmp_path) as page, page.socket() as other:
        for frame in ("x" * 10_000_000, b"x" * 10_000_000):
            async with page.socket() as socket:
                try:
                    await (socket.send_str(frame) if isinstance(frame, str) else socket.send_bytes(frame))
                    ended = await socket.receive(timeout=20)
                    assert ended.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
                    assert socket.close_code in (aiohttp.WSCloseCode.MESSAGE_TOO_BIG, 1006)
                except ConnectionError:
                    pass  # closed while it was still sending
        await other.send_str(text("/msanii/hello", "n"))
        assert await heard(other) == ("/msanii/welcome", ["n"])
        await until(lambda: len(page.sockets) == 1)


@pytest.mark.timeout(600)
@served_test
async def test_a_thousand_sockets_leave_room_for_those_that_are_open(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        opened, refused = [], []
        for _ in range(1_000):
            try:
                opened.append(await page.socket())
            except aiohttp.WSServerHandshakeError as error:
                refused.append(error.status)
        assert len(opened) == MAX_SOCKETS
        assert refused == [503] * (1_000 - MAX_SOCKETS)
        page.notifier.deliver(Done("job-1"))
        for socket in opened:
            assert await heard(socket) == ("/msanii/done", ["job-1"])
        for socket in opened:
            await socket.close()
        await until(lambda: len(page.sockets) == 0)
        async with page.socket() as socket:
            await socket.send_str(text("/msanii/hello", "n"))
            assert await heard(socket) == ("/msanii/welcome", ["n"])


@served_test
async def test_a_client_that_does_not_read_is_dropped_and_holds_nobody_up(tmp_path: Path) -> None:
    async with served(tmp_path) as page, page.socket() as other:
        slow = await page.socket()
        await until(lambda: len(page.sockets) == 2)
        slow._response.connection.transport.pause_reading()
        # The systems on both sides buffer some megabytes; beyond these it waits here, up to the limit.
        for number in range(2_000):
            job = f"{number}-{'x' * 60_000}"
            page.notifier.deliver(Done(job))
            assert await heard(other) == ("/msanii/done", [job])
            if len(page.sockets) == 1:
                break
        assert len(page.sockets) == 1
        assert MAX_WAITING_BYTES / 60_000 < number < 1_000
        await other.send_str(text("/msanii/hello", "n"))
        await answer_to(other, "/msanii/welcome")
        await slow.close()


def test_of_a_value_only_the_latest_waits() -> None:
    socket = Socket(Peer("127.0.0.1", 1, 1))
    for number in range(100_000):
        socket.put("/msanii/param/bpm", f"{number}")
    assert asyncio.run(socket.next()) == "99999"
    assert socket.waiting_bytes == 0


@served_test
async def test_an_event_is_written_once_for_all_sockets_and_answers_do_not_wait_behind_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def write(address: str, arguments: Sequence[Argument]) -> str:
        written.append(address)
        return write_json(address, arguments)

    monkeypatch.setattr("bridge.http.sockets.write_json", write)
    async with served(tmp_path) as page:
        opened = [await page.socket() for _ in range(10)]
        await until(lambda: len(page.sockets) == 10)
        page.notifier.deliver(Done("job-1"))
        for socket in opened:
            assert await heard(socket) == ("/msanii/done", ["job-1"])
        page.changed("param/guidance", 5.0)
        for socket in opened:
            assert await heard(socket) == ("/msanii/param/guidance", [5.0])
        assert written == [
            "/msanii/done", "/msanii/param/guidance", "/msanii/fader/param/guidance",
            "/msanii/param01/guidance",
        ]  # fmt: skip
        for socket in opened:
            await socket.close()

"""The OSC server survives whatever arrives on a real socket, and tells the sender what was wrong."""

from __future__ import annotations

import asyncio
import math
import random
import time

import pytest

from bridge import messages as m
from bridge.addresses.table import ANSWERS
from bridge.inputs.intake import HORIZON_SECONDS, Intake
from bridge.inputs.osc import OscServer
from bridge.inputs.osc_packets import write_message
from bridge.messages import BridgeError, Message, Peer
from tests.bridge.osc_desk import Client, bundle, desk, jump, socket_test
from tests.bridge.waiting import until

# --- what is understood ---


@socket_test
async def test_a_message_arrives_with_its_sender() -> None:
    async with desk() as (open_desk, client):
        client.send("/msanii/generate", "j1", "bpm", 97.3, "chords", "C♯m F♯", "bars", 4)
        (message,) = await open_desk.all_sent_by(client)
        values: m.PartialRequest = {"bpm": 97.3, "chords": "C♯m F♯", "bars": 4.0}
        assert message == m.Render("generate", "j1", values, sender=Peer("127.0.0.1", client.port))


@socket_test
async def test_a_buttons_release_does_nothing_and_is_not_answered() -> None:
    async with desk() as (open_desk, client):
        client.send("/msanii/generate", 0)
        client.send("/msanii/vary", 0.0)
        assert await open_desk.all_sent_by(client) == []


@socket_test
async def test_a_bundle_is_read_in_order_and_one_bad_message_spoils_only_itself() -> None:
    async with desk() as (open_desk, client):
        inner = bundle(write_message("/msanii/param/bpm", [90]))
        client.transport.sendto(
            bundle(write_message("/msanii/param/steps", [20]), inner, write_message("/nope", []),
                   write_message("/msanii/generate", []))
        )  # fmt: skip
        assert (await client.failure())[:2] == ("/nope", "address")
        kinds = [type(message) for message in await open_desk.all_sent_by(client)]
        assert kinds == [m.SetParameter, m.SetParameter, m.Render]


@socket_test
async def test_a_dated_bundle_waits_for_its_time_while_others_are_served() -> None:
    async with desk() as (open_desk, client):
        client.transport.sendto(bundle(write_message("/msanii/generate", []), at=time.time() + 20))
        assert await open_desk.all_sent_by(client) == []
        jump(10)
        assert await open_desk.all_sent_by(client) == []
        jump(10)
        assert [type(message) for message in await open_desk.all_sent_by(client)] == [m.Render]


@socket_test
async def test_a_dated_bundle_keeps_its_order() -> None:
    async with desk() as (open_desk, client):
        for round_number in range(5):
            ids = [f"j{round_number}-{number}" for number in range(10)]
            messages = [write_message("/msanii/generate", [job_id, "bpm", 90]) for job_id in ids]
            open_desk.seen.clear()
            client.transport.sendto(bundle(*messages, at=time.time() + 0.05))
            await until(lambda: len(open_desk.seen) == 10)
            assert [getattr(message, "job_id", None) for message in open_desk.seen] == ids


@socket_test
async def test_two_times_in_one_packet_are_kept_apart() -> None:
    async with desk() as (open_desk, client):
        now = time.time()
        late = bundle(write_message("/msanii/param/steps", [20]), at=now + 20)
        early = bundle(write_message("/msanii/param/bpm", [90]), at=now + 10)
        client.transport.sendto(bundle(late, early))
        assert await open_desk.all_sent_by(client) == []
        jump(20)
        sent = await open_desk.all_sent_by(client)
        assert [getattr(message, "name", None) for message in sent] == ["bpm", "steps"]


@socket_test
async def test_a_past_or_immediate_bundle_is_served_at_once() -> None:
    async with desk() as (open_desk, client):
        client.transport.sendto(bundle(write_message("/msanii/status", []), at=time.time() - 1000))
        client.transport.sendto(bundle(write_message("/msanii/status", [])))
        assert len(await open_desk.all_sent_by(client)) == 2


@socket_test
async def test_a_bundle_from_the_far_future_is_refused() -> None:
    async with desk() as (open_desk, client):
        job = write_message("/msanii/generate", ["j1", "bpm", 90])
        client.transport.sendto(bundle(job, at=time.time() + HORIZON_SECONDS + 5))
        about, code, message = await client.failure()
        assert (about, code) == ("j1", "value")
        assert "expected at most 60 s" in message
        assert await open_desk.all_sent_by(client) == []


@socket_test
async def test_a_wildcard_reads_and_sets_but_starts_nothing() -> None:
    async with desk() as (open_desk, client):
        client.send("/msanii/param/{steps,iterations}", 20)
        client.send("/msanii/param/b[ap]*")
        client.send("/msanii/*")
        client.send("/msanii/stat*")
        seen = await open_desk.all_sent_by(client)
        names = [getattr(message, "name", type(message).__name__) for message in seen]
        assert names == ["steps", "iterations", "bars", "bpm", "batch", "Status", "Version", "Status"]


@socket_test
async def test_a_wildcard_that_fits_commands_or_nothing_is_refused() -> None:
    async with desk() as (_, client):
        for pattern, words in (("/msanii/*paint", "several"), ("/x/*", "no such"), ("/msanii/[", "`[`")):
            client.send(pattern, 1)
            about, code, message = await client.failure()
            assert (about, code) == (pattern, "address")
            assert words in message


# --- what is refused, with an answer, and without harm ---

GENERATE = b"/msanii/generate\x00\x00\x00\x00"
BAD_PACKETS: list[tuple[str, bytes, str, str]] = [
    ("text", b"hello", "malformed", "not an OSC message"),
    ("no end", b"/msanii/generate", "malformed", "not an OSC message"),
    ("not ASCII", b"/\xff\xfe\x00", "malformed", "not ASCII"),
    ("control characters", b"/a\nb\x00\x00\x00\x00", "malformed", "control characters"),
    ("no type tags", GENERATE + b"abc\x00", "malformed", "type tags"),
    ("a strange tag", GENERATE + b",Q\x00\x00", "malformed", "type tag 'Q'"),
    ("cut short", GENERATE + b",sd\x00", "malformed", "end too early"),
    ("half an int", GENERATE + b",i\x00\x00\x00\x01", "malformed", "end too early"),
    ("a huge blob", GENERATE + b",b\x00\x00\x7f\xff\xff\xff", "malformed", "end too early"),
    ("a negative blob", GENERATE + b",b\x00\x00\xff\xff\xff\x00", "type", "no number"),
    ("open brackets", GENERATE + b"," + b"[" * 100 + b"\x00\x00\x00", "malformed", "end too early"),
    ("nested arrays", GENERATE + b"," + b"[" * 100 + b"]" * 100 + b"\x00\x00\x00", "type", "no number"),
    ("not UTF-8", GENERATE + b",ss\x00key\x00\xc3\x28\xff\x00", "malformed", "not UTF-8"),
    ("1,000 arguments", GENERATE + b"," + b"T" * 1000 + b"\x00\x00\x00", "malformed", "1000 arguments"),
    ("60 kB", write_message("/msanii/generate", ["chords", "C " * 30_000]), "malformed", "at most 16384"),
    ("14 kB", write_message("/msanii/generate", ["chords", "C " * 7_000]), "value", "14000 characters"),
    ("NaN", write_message("/msanii/generate", ["bpm", math.nan]), "value", "`bpm`: got nan"),
    ("infinity", write_message("/msanii/generate", ["bpm", math.inf]), "value", "`bpm`: got inf"),
    ("a wrong type", write_message("/msanii/generate", ["bpm", "fast"]), "type", "`bpm`: got 'fast'"),
    ("a missing value", write_message("/msanii/generate", ["bpm", 90, "key"]), "missing", "`key` has no"),
    ("an unknown address", write_message("/msanii/nope", []), "address", "no such address"),
    ("40 stars", write_message("/msanii/" + "*a" * 40, []), "address", "no such address"),
    ("a long pattern", write_message("/" + "*" * 255, []), "address", "no such address"),
    ("2,000 bundles", (b"#bundle\x00" + bytes(8) + b"\x00\x00\x7f\xff") * 2000, "malformed", "add up"),
    ("a bundle cut short", b"#bundle\x00\x00\x00", "malformed", "time tag"),
    ("a wrong size", b"#bundle\x00" + bytes(8) + b"\x00\x00\x00\xff/a\x00\x00", "malformed", "add up"),
    ("a negative size", b"#bundle\x00" + bytes(8) + b"\xff\xff\xff\xfc", "malformed", "add up"),
    ("no size", b"#bundle\x00" + bytes(8) + bytes(4), "malformed", "add up"),
    ("8,000 messages", bundle(*[b"/\x00\x00\x00"] * 8_000), "malformed", "more than 512"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("_name", "packet", "code", "words"), BAD_PACKETS, ids=[row[0] for row in BAD_PACKETS]
)
@socket_test
async def test_a_bad_packet_is_answered_and_harms_nothing(
    _name: str, packet: bytes, code: str, words: str
) -> None:
    async with desk() as (open_desk, client):
        client.transport.sendto(packet)
        _, got, message = await client.failure()
        assert (got, words in message) == (code, True), message
        assert await open_desk.all_sent_by(client) == []


@socket_test
async def test_bundles_nested_two_thousand_deep_are_refused_quickly() -> None:
    packet = write_message("/msanii/status", [])
    for _ in range(2_000):
        packet = bundle(packet)
    async with desk() as (open_desk, client):
        began = time.thread_time()
        open_desk.server.receive(packet, ("127.0.0.1", client.port))
        assert time.thread_time() - began < 0.5
        assert "nested more than 8 deep" in (await client.failure())[2]
        assert await open_desk.all_sent_by(client) == []


@socket_test
async def test_random_bytes_are_refused_and_a_damaged_message_is_refused_or_still_valid() -> None:
    draw = random.Random(7)  # noqa: S311 - a fixed seed is the point
    good = [
        write_message("/msanii/generate", ["j", "bpm", 90, "key", "Am"]),
        bundle(write_message("/msanii/status", [])),
    ]
    async with desk(per_second=1e9, burst=1e9) as (open_desk, client):
        for turn in range(2_000):
            packet = bytearray(draw.choice(good) if turn % 2 else draw.randbytes(draw.randrange(200)))
            for _ in range(draw.randrange(1, 6)):
                if packet:
                    packet[draw.randrange(len(packet))] = draw.randrange(256)
            before = len(open_desk.seen)
            open_desk.server.receive(bytes(packet), ("127.0.0.1", client.port))
            delivered = open_desk.seen[before:]
            if not delivered:
                code = (await client.failure())[1]
                assert code in (("address", "malformed", "type", "value") if turn % 2 else ("malformed",))
                continue
            assert turn % 2, packet
            (message,) = delivered
            assert isinstance(message, m.Render | m.Status)
            if isinstance(message, m.Render):
                assert 20 <= float(str(message.values["bpm"])) <= 999
        assert client.answers.empty()


@socket_test
async def test_a_hello_is_answered_right_after_a_burst_of_twenty_thousand() -> None:
    async with desk() as (open_desk, client):
        packet = write_message("/msanii/generate", ["bpm", 90])
        for number in range(20_000):
            client.transport.sendto(packet)
            if number % 200 == 0:
                await asyncio.sleep(0)
        began = time.thread_time()
        before = await client.ask("/msanii/hello", "still there?", "/msanii/welcome")
        assert time.thread_time() - began < 1
        assert 1 <= len(before) < 20
        assert {(address, arguments[1]) for address, arguments in before} == {("/msanii/fail", "busy")}
        assert len(open_desk.seen) < 10_000


@socket_test
async def test_a_handlers_errors_go_back_with_the_job_id() -> None:
    def refuse(message: Message) -> None:
        if isinstance(message, m.Render):
            raise BridgeError("busy", "the queue is full.")
        raise RuntimeError("a fault of ours")

    opened = OscServer("127.0.0.1", 0, Intake(refuse, lambda *answer: opened.send(*answer)))
    await opened.start()
    where = ("127.0.0.1", opened.port)
    transport, client = await asyncio.get_running_loop().create_datagram_endpoint(Client, remote_addr=where)
    client.send("/msanii/generate", "j1", "bpm", 90)
    assert await client.failure() == ("j1", "busy", "the queue is full.")
    client.send("/msanii/status")
    about, code, message = await client.failure()
    assert (about, code) == ("/msanii/status", "internal")
    assert "a fault of ours" not in message
    transport.close()
    opened.close()


@socket_test
async def test_who_is_not_allowed_gets_no_answer() -> None:
    refused: list[str] = []

    def allow(host: str) -> bool:
        refused.append(host)
        return False

    async with desk(allow=allow) as (open_desk, client):
        client.send("/nope")
        client.send("/msanii/generate")
        await until(lambda: len(refused) == 2)
        # Sent after any answer, so it comes after any answer.
        open_desk.server.send(Peer("127.0.0.1", client.port), "/msanii/last")
        assert await client.answer() == ("/msanii/last", ())
        assert open_desk.seen == []


@pytest.mark.parametrize("name", sorted(ANSWERS | {"/msanii/status.reply"}))
@socket_test
async def test_an_answer_is_never_answered(name: str) -> None:
    async with desk() as (open_desk, client):
        client.send(name, "j1", "address", "from another daemon")
        client.transport.sendto(name.encode() + b"\x00" * (4 - len(name) % 4) + b"junk")
        assert await open_desk.all_sent_by(client) == []


@socket_test
async def test_the_server_never_talks_to_itself() -> None:
    async with desk() as (open_desk, client):
        open_desk.server.send(Peer("127.0.0.1", open_desk.server.port), "/msanii/generate", ())
        assert await open_desk.all_sent_by(client) == []


@socket_test
async def test_a_taken_port_is_named_with_a_remedy() -> None:
    async with desk() as (open_desk, _):
        port = open_desk.server.port
        with pytest.raises(BridgeError, match=rf"`port`: {port} is taken") as raised:
            await OscServer("127.0.0.1", port, Intake(print, print)).start()
        assert raised.value.code == "busy"
    with pytest.raises(BridgeError, match="`host`: cannot listen on"):
        await OscServer("203.0.113.1", 0, Intake(print, print)).start()


@socket_test
async def test_sending_to_nobody_harms_nothing() -> None:
    async with desk() as (open_desk, client):
        for _ in range(20):
            open_desk.server.send(Peer("127.0.0.1", 9), "/msanii/done", ("j",))
        open_desk.server.send(Peer("no such host", 9), "/msanii/done", ("j",))
        open_desk.server.send(Peer("127.0.0.1", 9), "/msanii/take", ("x" * 80_000,))
        assert await open_desk.all_sent_by(client) == []
    open_desk.server.send(Peer("127.0.0.1", 9), "/msanii/done", ("after closing",))

"""What one client may cost: packets and patterns have budgets, and nobody else waits for them."""

from __future__ import annotations

import time

from bridge import messages as m
from bridge.addresses.table import ADDRESSES, BY_PATH
from bridge.inputs.intake import MAX_SCHEDULED
from bridge.inputs.osc_packets import write_message
from bridge.messages.midi import ReloadMaps
from tests.bridge.osc_desk import bundle, desk, jump, socket_test
from tests.bridge.waiting import until


@socket_test
async def test_a_bundle_of_helps_is_cut_short() -> None:
    async with desk(per_second=1) as (open_desk, client):
        client.transport.sendto(bundle(*[write_message("/msanii/help", [])] * 512))
        _, code, sentence = await client.failure()
        assert (code, "left out" in sentence) == ("busy", True)
        helps = sum(isinstance(message, m.Help) for message in open_desk.seen)
        assert 1 <= helps <= 2_000 / len(ADDRESSES) + 1


@socket_test
async def test_dated_helps_do_not_gather() -> None:
    async with desk(per_second=1e6, burst=1e6) as (open_desk, client):
        helps = [write_message("/msanii/help", [])] * 100
        client.transport.sendto(bundle(*helps, at=time.time() + 20))
        assert "already wait" in (await client.failure())[2]
        assert open_desk.seen == []
        jump(20)
        await until(lambda: bool(open_desk.seen))
        assert len(open_desk.seen) <= MAX_SCHEDULED / len(ADDRESSES)


@socket_test
async def test_patterns_ask_a_question_once_a_packet() -> None:
    async with desk() as (open_desk, client):
        patterns = ["/msanii/*", "/msanii/stat*", "/msanii/hel?", "/msanii/{help,status}", "/msanii/h[e]lp"]
        client.transport.sendto(bundle(*[write_message(pattern, []) for pattern in patterns]))
        kinds = [type(message) for message in await open_desk.all_sent_by(client)]
        assert sorted(kind.__name__ for kind in kinds) == ["Help", "Status", "Version"]


@socket_test
async def test_a_packet_of_long_patterns_does_not_stall_the_loop() -> None:
    async with desk() as (open_desk, client):
        pattern = write_message("/*" + "{a,b}*" * 4 + "?*" * 100, [])
        began = time.thread_time()
        open_desk.server.receive(bundle(*[pattern] * 200), ("127.0.0.1", client.port))
        assert time.thread_time() - began < 1.0
        answers = [(await client.failure())[1]]
        while answers[-1] == "address":
            answers.append((await client.failure())[1])
        assert answers[-1] == "busy"
        assert len(answers) < 50


@socket_test
async def test_another_machine_pays_from_one_purse_whatever_its_port() -> None:
    async with desk(per_second=0.0, burst=5.0) as (open_desk, _):
        packet = write_message("/msanii/param/bpm", [90])
        for port in range(20):
            open_desk.server.receive(packet, ("192.168.1.9", 10_000 + port))
        assert len(open_desk.seen) == 5
        for port in range(20):
            open_desk.server.receive(packet, ("127.0.0.1", 10_000 + port))
        assert len(open_desk.seen) == 25


@socket_test
async def test_a_message_pays_for_its_work_not_for_its_bytes() -> None:
    async with desk(per_second=0.0, burst=40.0) as (open_desk, _):
        cheap, dear = write_message("/msanii/param/bpm", [90]), write_message("/msanii/midi/reload", [])
        cost = BY_PATH["/msanii/midi/reload"].cost
        for _ in range(100):
            open_desk.server.receive(cheap, ("127.0.0.1", 10_000))
            open_desk.server.receive(dear, ("127.0.0.1", 10_001))
        reloads = sum(isinstance(message, ReloadMaps) for message in open_desk.seen)
        assert (len(open_desk.seen) - reloads, reloads) == (40, 40 // cost)
        assert cost > 1

"""OSCQuery against the examples of its proposal (github.com/Vidvox/OSCQueryProposal), and our tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.addresses.faders import SCALES
from bridge.addresses.table import BY_PATH, parse
from bridge.http.oscquery import ATTRIBUTES, NO_VALUE, READ_WRITE, WRITE, Tree, host_info
from bridge.inputs.osc_packets import read_message, write_message
from bridge.messages import BridgeError, Done, Peer
from bridge.parameters import PARAMETERS
from tests.bridge.http.served import heard, served, served_test, text

TREE = Tree(decks=2)
ME = Peer("127.0.0.1", 1)


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes without contents, and those that are methods beside."""
    inside = [leaf for child in node.get("CONTENTS", {}).values() for leaf in leaves(child)]
    return inside if node["ACCESS"] == NO_VALUE else [node, *inside]


def root() -> dict[str, Any]:
    node = TREE.node("/", {})
    assert node is not None
    return node


# --- the shapes of the proposal's examples --------------------------------------------------------------


def test_the_root_is_a_container_of_no_value_that_holds_everything() -> None:
    # "root node": FULL_PATH "/", ACCESS 0, CONTENTS by name, and no TYPE.
    node = root()
    assert (node["FULL_PATH"], node["ACCESS"], list(node["CONTENTS"])) == ("/", 0, ["msanii"])
    assert "TYPE" not in node


def test_a_number_has_type_value_range_and_both_ways_of_access() -> None:
    # As "/foo" and "/bar": "TYPE": "f", "VALUE": [0.5], "RANGE": [{"MIN": 0.0, "MAX": 100.0}].
    node = TREE.node("/msanii/param/guidance", {"/msanii/param/guidance": 3.0})
    assert node == {
        "FULL_PATH": "/msanii/param/guidance", "ACCESS": 3, "TYPE": "f", "VALUE": [3.0],
        "RANGE": [{"MIN": 0, "MAX": 20}], "DESCRIPTION": BY_PATH["/msanii/param/guidance"].help,
    }  # fmt: skip


def test_a_choice_lists_its_values_as_baz_qux_does() -> None:
    # "/baz/qux": "TYPE": "s", "RANGE": [{"VALS": ["empty", "half-full", "full"]}].
    assert TREE.attribute("/msanii/param/side", "RANGE", {}) == {"RANGE": [{"VALS": ["before", "after"]}]}
    assert TREE.attribute("/msanii/param/side", "TYPE", {}) == {"TYPE": "s"}


def test_an_attribute_is_an_object_of_that_alone() -> None:
    # "http://ip:port/foo?VALUE" returns {"VALUE": [0.5]}.
    asked = TREE.attribute("/msanii/param/bpm", "VALUE", {"/msanii/param/bpm": 97.3})
    assert asked == {"VALUE": [97.3]}


def test_what_a_container_lacks_is_an_empty_object() -> None:
    # "http://ip:port/baz?TYPE" returns {}.
    assert TREE.attribute("/msanii/param", "TYPE", {}) == {}


def test_a_value_that_cannot_be_read_is_204_and_one_that_is_absent_is_empty() -> None:
    assert TREE.attribute("/msanii/generate", "VALUE", {}) is None
    assert TREE.attribute("/msanii/param", "VALUE", {}) is None
    assert TREE.attribute("/msanii/param/swing", "VALUE", {}) == {}


def test_an_unknown_node_and_an_unknown_attribute_are_errors_of_their_own() -> None:
    # "http://ip:port/bazzzzz?TYPE" is 404; "an unrecognized attribute" is 400.
    with pytest.raises(BridgeError) as raised:
        TREE.attribute("/msanii/bazzzzz", "TYPE", {})
    assert raised.value.code == "missing"
    with pytest.raises(BridgeError) as raised:
        TREE.attribute("/msanii/param/bpm", "GABBAGABBAHEY", {})
    assert raised.value.code == "value"


def test_host_info_names_the_ports_and_what_is_supported() -> None:
    info = host_info("127.0.0.1", 9_800, 9_801)
    assert info["OSC_PORT"] == 9_800
    assert (info["OSC_IP"], info["OSC_TRANSPORT"], info["WS_PORT"]) == ("127.0.0.1", "UDP", 9_801)
    extensions: Any = info["EXTENSIONS"]
    assert {"ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT", "LISTEN"} == set(extensions)
    assert "OSC_IP" not in host_info(None, 1, 2)


# --- the whole tree -------------------------------------------------------------------------------------


def test_every_address_is_in_the_tree_but_those_of_decks_that_are_not_there() -> None:
    told = {leaf["FULL_PATH"] for leaf in leaves(root())}
    others = {path for path in BY_PATH if any(f"deck/{deck}/" in path for deck in range(3, 17))}
    assert told == set(BY_PATH) - others


def test_every_node_has_known_attributes_that_fit_each_other() -> None:
    for node in leaves(root()):
        assert set(node) <= set(ATTRIBUTES), node
        assert node["ACCESS"] in (WRITE, READ_WRITE)
        assert node["DESCRIPTION"]
        for name in ("RANGE", "UNIT", "VALUE"):
            if name in node:
                assert len(node[name]) == len(node["TYPE"]) == 1, node
        if node["ACCESS"] == READ_WRITE:
            assert node["TYPE"] in ("i", "f", "s")


def test_every_end_of_a_range_and_every_value_of_a_list_is_taken_at_its_address() -> None:
    tried = 0
    for node in leaves(root()):
        for limits in node.get("RANGE", []):
            for value in (*limits.get("VALS", ()), *(limits[end] for end in ("MIN", "MAX") if end in limits)):
                as_typed = {"f": float, "i": int, "s": str}[node["TYPE"]](value)
                address, words = read_message(write_message(node["FULL_PATH"], (as_typed,)))
                parse(address, words, ME)
                tried += 1
    assert tried > 200


def test_the_value_of_a_fader_is_the_position_of_its_value() -> None:
    values = {"/msanii/param/guidance": 5.0}
    for path in ("/msanii/fader/param/guidance", "/msanii/param01/guidance"):
        node = TREE.node(path, values)
        assert node is not None
        assert (node["TYPE"], node["RANGE"], node["VALUE"]) == ("f", [{"MIN": 0.0, "MAX": 1.0}], [0.25])
        assert TREE.addresses_with_values(path) == ["/msanii/param/guidance"]
    assert len(TREE.addresses_with_values("/msanii")) < len(SCALES)


# --- over the wire --------------------------------------------------------------------------------------


@served_test
async def test_http_answers_with_values_and_the_proposals_status(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        page.values["bpm"] = 97.3
        for path, status, content in (
            ("/msanii/param/bpm?VALUE", 200, {"VALUE": [97.3]}),
            ("/msanii/param/swing?VALUE", 200, {}),
            ("/msanii/param/bpm?RANGE", 200, {"RANGE": [{"MIN": 20, "MAX": 999}]}),
            ("/msanii/generate?VALUE", 204, None),
            ("/msanii/param/bpm?FOO", 400, None),
            ("/msanii/bazzzzz?TYPE", 404, None),
            ("/bazzzzz", 404, None),
        ):
            answer = await page.get(path)
            assert answer.status == status, path
            if content is not None:
                assert answer.json() == content
        tree = (await page.get("/")).json()
        assert tree["CONTENTS"]["msanii"]["CONTENTS"]["param"]["CONTENTS"]["bpm"]["VALUE"] == [97.3]
        info = (await page.get("/msanii/anything?HOST_INFO")).json()
        assert (info["OSC_PORT"], info["WS_PORT"]) == (9_800, page.port)


@served_test
async def test_a_browser_gets_the_page_at_the_root_and_a_program_the_tree(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        asked = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        assert "<title>page" in (await page.get("/", headers=asked)).body.decode()
        assert (await page.get("/", headers={"Accept": "*/*"})).content_type == "application/json"
        assert (await page.get("/?HOST_INFO", headers=asked)).content_type == "application/json"


@pytest.mark.parametrize("path", ["/", "/ws"])
@served_test
async def test_listen_streams_one_address_and_ignore_ends_it(tmp_path: Path, path: str) -> None:
    async with served(tmp_path) as page, page.socket(path) as socket, page.socket() as other:
        await socket.send_json({"COMMAND": "LISTEN", "DATA": "/msanii/param/bpm"})
        await socket.send_json({"COMMAND": "LISTEN", "DATA": "/msanii/sync.done"})
        # A frame of its own is answered only after what it sent before.
        await socket.send_bytes(write_message("/msanii/param/guidance", (2.0,)))
        assert (await heard(other))[0] == "/msanii/param/guidance"
        page.changed("param/steps", 12)
        page.notifier.deliver(Done("job-1"))
        page.changed("param/bpm", 90.0)
        assert read_message(await socket.receive_bytes(timeout=20)) == ("/msanii/param/bpm", (90.0,))
        await socket.send_json({"COMMAND": "IGNORE", "DATA": "/msanii/param/bpm"})
        await socket.send_json({"COMMAND": "LISTEN", "DATA": "/msanii/done"})
        await socket.send_bytes(write_message("/msanii/param/guidance", (4.0,)))
        while (await heard(other)) != ("/msanii/param/guidance", [4.0]):
            pass
        page.changed("param/bpm", 91.0)
        page.notifier.deliver(Done("job-2"))
        assert read_message(await socket.receive_bytes(timeout=20)) == ("/msanii/done", ("job-2",))


@served_test
async def test_values_are_read_as_the_client_itself_could_and_nobody_is_told_what_fails(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as page, page.socket() as socket:
        page.values["steps"] = 12
        tree = (await page.get("/msanii")).json()
        assert tree["CONTENTS"]["param"]["CONTENTS"]["steps"]["VALUE"] == [12]
        assert "VALUE" not in tree["CONTENTS"]["deck"]["CONTENTS"]["1"]["CONTENTS"]["gain"]
        await socket.send_str(text("/msanii/hello", "n"))
        assert await heard(socket) == ("/msanii/welcome", ["n"])


@served_test
async def test_who_asks_for_the_whole_tree_without_end_is_told_to_wait(tmp_path: Path) -> None:
    async with served(tmp_path, burst=150, per_second=1) as page:
        page.values |= dict.fromkeys(PARAMETERS, 1)
        statuses = [(await page.get("/msanii")).status for _ in range(5)]
        assert statuses == [200, 503, 503, 503, 503]

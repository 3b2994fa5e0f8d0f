"""The wildcard matcher agrees with OSC 1.0, and no pattern can make it slow."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.inputs.wildcards import is_pattern, matching
from bridge.messages import BridgeError


@pytest.mark.parametrize(
    ("pattern", "address", "fits"),
    [
        ("/a/b", "/a/b", True),
        ("/a/*", "/a/b", True),
        ("/a/*", "/a/", True),
        ("/a/*", "/a/b/c", False),
        ("/*", "/a/b", False),
        ("/*/*", "/a/b", True),
        ("/a?c", "/abc", True),
        ("/a?c", "/a/c", False),
        ("/a?", "/a", False),
        ("/[a-c]x", "/bx", True),
        ("/[a-c]x", "/dx", False),
        ("/[!a-c]x", "/dx", True),
        ("/[!a-c]x", "/ax", False),
        ("/[!a]b", "//b", False),
        ("/[a-]x", "/-x", True),
        ("/{one,two}/x", "/two/x", True),
        ("/{one,two}/x", "/three/x", False),
        ("/{o*,t}", "/one", True),
        ("/{a,b}{c,d}", "/bc", True),
        ("/{,a}b", "/b", True),
        ("/*a*a*b", "/xaxab", True),
        ("/**", "/anything", True),
        ("/x]", "/x]", True),
    ],
)
def test_patterns_mean_what_osc_says(pattern: str, address: str, fits: bool) -> None:
    assert matching(pattern, [address]) == ([address] if fits else [])


@given(st.text("ab*?", max_size=10), st.text("ab", max_size=10))
def test_stars_and_question_marks_agree_with_regular_expressions(pattern: str, address: str) -> None:
    expression = pattern.replace("*", "[^/]*").replace("?", "[^/]")
    assert bool(matching(pattern, [address])) == bool(re.fullmatch(expression, address))


@pytest.mark.parametrize(
    "pattern",
    ["/" + "*a" * 40, "/" + "*" * 255, "/" + "*?" * 120, "/" + "[a-z]*" * 40, "/*{a,b}*{a,b}*{a,b}*{a,b}*b"],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    addresses = ["/" + "a" * 200] * 50
    began = time.thread_time()
    matching(pattern, addresses)
    assert time.thread_time() - began < 0.5


@pytest.mark.parametrize("pattern", ["/[a", "/{a", "/{a{b}}", "/" + "a" * 256, "/{" + "," * 200 + "}"])
def test_a_broken_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(BridgeError, match="address pattern") as raised:
        matching(pattern, ["/a"])
    assert raised.value.code == "address"


def test_plain_addresses_are_no_patterns() -> None:
    assert not is_pattern("/msanii/param/steps")
    assert all(is_pattern(f"/a{sign}") for sign in "*?[{")

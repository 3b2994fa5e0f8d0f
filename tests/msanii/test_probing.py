"""The probe: what is clearly fastest is chosen, and what was measured is read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch

from msanii.errors import MsaniiError
from msanii.memory_layout import parse_layout
from msanii.probing import Probe, Timings, machine, probe, threads_beside_a_daw


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


class Stopwatch:
    """A clock that goes on only while somebody works."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def work(self, *seconds: float) -> Callable[[], None]:
        """Work that takes these seconds, one after the other, and then the last of them."""
        left = list(seconds)

        def take_time() -> None:
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return take_time


@pytest.mark.parametrize(
    ("usual", "other", "chosen"),
    [(1.0, 0.5, "other"), (1.0, 0.95, "usual"), (1.0, 2.0, "usual"), (1.0, 0.8, "other")],
)
def test_another_choice_must_be_clearly_faster(usual: float, other: float, chosen: str) -> None:
    clock = Stopwatch()
    timings = Timings(clock)
    works = {"usual": clock.work(usual), "other": clock.work(other)}
    assert timings.fastest("threads", works) == chosen
    assert timings.seconds == {"threads": {"usual": pytest.approx(usual), "other": pytest.approx(other)}}


def test_a_slow_first_time_and_a_disturbed_one_do_not_count() -> None:
    clock = Stopwatch()
    timings = Timings(clock)
    works = {"usual": clock.work(0.1, 0.1, 0.1), "other": clock.work(9.0, 0.7, 0.05)}
    assert timings.fastest("threads", works) == "other"


def test_what_has_no_alternative_is_not_measured() -> None:
    timings = Timings(Stopwatch())

    def fail() -> None:
        raise AssertionError

    assert timings.fastest("threads", {"2": fail}) == "2"
    assert timings.seconds == {}


def test_this_machine_is_measured_without_the_global_generator() -> None:
    before = torch.get_rng_state()
    found = probe("cpu", threads=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert found.device == "cpu"
    assert found.threads == torch.get_num_threads() == 1
    assert "threads" not in found.seconds
    assert set(found.seconds["layout, long"]) == {"contiguous", "channels_last"}
    assert all(seconds > 0 for taken in found.seconds.values() for seconds in taken.values())
    assert found.machine == machine("cpu", threads=1) != machine("cpu", threads=2)
    parse_layout(found.layout)
    assert found.placement.dtype_name == found.dtype


def test_what_the_user_chose_is_not_questioned() -> None:
    found = probe("cpu", "float32", 1)
    assert (found.device, found.dtype, found.threads) == ("cpu", "float32", 1)
    assert "device and type" not in found.seconds


def test_a_probe_is_read_back() -> None:
    found = Probe("machine", "cpu", "float32", "channels_last from 2048 frames", 3, {"threads": {"3": 0.1}})
    assert Probe.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    "damage",
    [
        {"threads": 0},
        {"threads": "2"},
        {"layout": "rows"},
        {"device": "abacus"},
        {"dtype": 3},
        {"seconds": []},
        {"x": 1},
    ],
)
def test_a_damaged_probe_is_refused(damage: dict[str, object]) -> None:
    whole = Probe("machine", "cpu", "float32", "contiguous", 3, {}).to_json()
    with pytest.raises(MsaniiError):
        Probe.from_json(whole | damage)
    others: list[object] = [None, 3, [1], "probe", {}]
    for value in others:
        with pytest.raises(MsaniiError):
            Probe.from_json(value)


def test_one_of_many_threads_is_left_to_the_daw() -> None:
    assert [threads_beside_a_daw(count) for count in (1, 2, 3, 8)] == [1, 2, 2, 7]

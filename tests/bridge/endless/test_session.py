"""One endless deck's state: what is urgent, what is behind, which files are needed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bridge.endless.session import KEPT_BARS, PAST_EVERY_BARS, EndlessSession
from bridge.messages.bars import BarDone, Maker
from tests.bridge.endless_bench import RATE
from tests.bridge.render_requests import make_request

MAKER = Maker("tiny", "f" * 64, "cpu", "float32", 1)


def render(session: EndlessSession, maker: Maker = MAKER) -> int:
    """Has the next bar made; returns its number."""
    order = session.begin()
    for path in (order.bar_path, order.past_path):
        path.touch()
    session.finished(BarDone("s", order.bar, 0.1, maker))
    return order.bar


def test_a_bar_that_is_not_urgent_waits_for_the_job(tmp_path: Path) -> None:
    session = EndlessSession(
        "s", 1, make_request(), {}, tmp_path, tmp_path, ahead=3, rate=RATE, clock=lambda: 100.0
    )  # bars of two seconds
    session.plays(4)
    session.bar_cost_seconds = 0.5
    assert session.begin().urgent_at == pytest.approx(100.0 + 2.0 - 2.0 - 1.0)


def test_behind_is_counted_and_lines_that_passed_are_left_out(tmp_path: Path) -> None:
    session = EndlessSession("s", 1, make_request(), {}, tmp_path, tmp_path, ahead=3, rate=RATE)
    render(session)
    assert session.unrendered == 1
    session.plays(0)
    session.misses(1)
    session.misses(2)
    assert session.times_behind == 2
    assert session.margin == 0
    assert session.begin().bar == 3


def test_files_go_once_they_are_played_and_old(tmp_path: Path) -> None:
    session = EndlessSession("s", 1, make_request(), {}, tmp_path, tmp_path, ahead=3, rate=RATE)
    for bar in range(KEPT_BARS + 10):
        render(session)
        session.plays(bar)
    assert len(list(tmp_path.glob("bar_*"))) == KEPT_BARS + 2
    oldest = 8  # the bar that begins the chain to the oldest one kept
    begins = range(oldest, KEPT_BARS + 10, PAST_EVERY_BARS)
    pasts = [f"past_{bar - 1:06d}.npz" for bar in begins] + [f"past_{KEPT_BARS + 9:06d}.npz"]
    assert sorted(path.name for path in tmp_path.glob("past_*")) == sorted(set(pasts))


def test_a_recipe_begins_where_the_past_is_kept_and_leaves_out_bars_that_were_never_made(
    tmp_path: Path,
) -> None:
    session = EndlessSession("s", 1, make_request(), {}, tmp_path, tmp_path, ahead=3, rate=RATE)
    for _ in range(PAST_EVERY_BARS + 2):
        session.plays(render(session))
    session.misses(12)
    session.change(make_request(chords="C"))
    session.plays(render(session))
    kept = session.last_played(2)
    assert kept.recipe.made == (8, 9, 13)
    assert (kept.recipe.first_bar, kept.recipe.bars, kept.recipe.is_whole) == (9, 2, True)
    assert [change.bar for change in kept.recipe.changes] == [8, 13]
    assert kept.recipe.request_of(13).chords == "C"
    assert kept.past == tmp_path / "past_000007.npz"
    assert [path.name for path in kept.paths] == ["bar_000009.npy", "bar_000013.npy"]
    assert session.last_played(7).past is None
    assert session.last_played(7).recipe.made[0] == 0


def test_a_model_that_was_changed_amid_the_chain_leaves_no_recipe(tmp_path: Path) -> None:
    session = EndlessSession("s", 1, make_request(), {}, tmp_path, tmp_path, ahead=3, rate=RATE)
    session.plays(render(session))
    session.plays(render(session, replace(MAKER, fingerprint="0" * 64)))
    kept = session.last_played(2)
    assert not kept.recipe.is_whole
    assert kept.past is None

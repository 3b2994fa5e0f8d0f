"""The listening process, for real: its death, its limit, its end. Each story starts at least one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from bridge.listening.listener_process import ListenerProcess, most_seconds
from bridge.listening.questions import Question
from bridge.messages import BridgeError, HeardAudio
from tests.bridge.files import write_tone
from tests.bridge.waiting import until


@pytest.fixture
def question(models: Path, tmp_path: Path) -> Question:
    return Question((write_tone(tmp_path / "tone.wav", 1.0),), "tone.wav", 1.0, models / "listener")


def test_one_process_answers_question_after_question_and_ends_when_none_comes(question: Question) -> None:
    async def story() -> None:
        process = ListenerProcess(keep_seconds=3600.0)
        first = await process.ask(question)
        pid = process.pid
        assert isinstance(first, HeardAudio)
        assert await process.ask(question) == first
        assert process.pid == pid is not None
        assert psutil.Process(pid).nice() > 0
        process._keep_seconds = 0.0
        await process.ask(question)
        await until(lambda: process.pid is None)
        await until(lambda: not psutil.pid_exists(pid))
        await process.stop()

    asyncio.run(story())


def test_a_death_during_a_question_is_its_error_and_the_next_question_starts_it_anew(
    question: Question,
) -> None:
    async def story() -> None:
        process = ListenerProcess()
        asking = asyncio.create_task(process.ask(question))
        await until(lambda: process.pid is not None)
        psutil.Process(process.pid).kill()
        with pytest.raises(BridgeError, match=r"`tone\.wav`: the listening process ended") as refused:
            await asking
        assert refused.value.code == "internal"
        assert isinstance(await process.ask(question), HeardAudio)
        await process.stop()
        assert process.pid is None

    asyncio.run(story())


def test_who_does_not_answer_in_time_is_killed(question: Question) -> None:
    async def story() -> None:
        asked: list[float] = []

        def none_at_all(seconds: float) -> float:
            asked.append(seconds)
            return 0.0

        process = ListenerProcess(limit_of=none_at_all)
        with pytest.raises(BridgeError, match="not heard within 0 s") as refused:
            await process.ask(question)
        assert (refused.value.code, asked, process.pid) == ("busy", [question.seconds], None)
        await process.stop()

    asyncio.run(story())


def test_a_longer_file_may_take_longer() -> None:
    assert most_seconds(1800.0) > most_seconds(1.0) >= 60.0


def test_a_process_that_cannot_be_started_is_an_error(
    question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("no process left")

    async def story() -> None:
        monkeypatch.setattr("bridge.listening.listener_process.ChildProcess", refused)
        with pytest.raises(BridgeError, match="cannot be started") as error:
            await ListenerProcess().ask(question)
        assert error.value.code == "busy"

    asyncio.run(story())

"""The listening process as the daemon sees it: a question starts it, and a while without any ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from bridge.listening.listener_child import listen_main
from bridge.listening.questions import Answer, NotHeard, Question
from bridge.messages import BridgeError, HeardAudio
from bridge.system.child_process import ChildProcess

KEEP_SECONDS = 60.0


def most_seconds(audio_seconds: float) -> float:
    """Return how long an answer may take, with the process's start, on a machine that is busy otherwise."""
    return 120.0 + audio_seconds / 2


class ListenerProcess:
    """Asks a process of its own what is heard in a file. It takes one question at a time.

    The process ends after `keep_seconds` without questions; the next one starts it again, as it does one that
    has died. One that has not answered within `limit_of(audio_seconds)` is killed.
    """

    def __init__(
        self,
        *,
        keep_seconds: float = KEEP_SECONDS,
        limit_of: Callable[[float], float] = most_seconds,
        target: Callable[[Connection], None] = listen_main,
    ) -> None:
        self._keep_seconds = keep_seconds
        self._limit_of = limit_of
        self._target = target
        self._process: ChildProcess | None = None
        self._number = 0
        self._ended: asyncio.Future[str] | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The process's id; None while there is none."""
        return None if self._process is None else self._process.pid

    async def ask(self, question: Question) -> HeardAudio:
        """Return what is heard in a file.

        Raises:
            BridgeError: the process's own (`model`, `source`), or `internal` if it dies, `busy` if it does
                not answer in time.
        """
        if self._idle is not None:
            self._idle.cancel()
        process = self._running()
        try:
            answer = await self._answered(process, question)
        except BaseException:
            # It hears on for nobody.
            self._kill()
            raise
        self._idle = asyncio.get_running_loop().call_later(self._keep_seconds, self._kill)
        if isinstance(answer, NotHeard):
            raise BridgeError(answer.code, answer.message)
        return answer

    async def stop(self) -> None:
        """End the process, and wait until it has ended."""
        if self._idle is not None:
            self._idle.cancel()
        self._kill()
        if self._ended is not None:
            await asyncio.shield(self._ended)

    def _running(self) -> ChildProcess:
        if self._process is None or self._process.ended.done():
            self._number += 1
            on_message = partial(self._received, self._number)
            try:
                self._process = ChildProcess(self._target, (), name="listener", on_message=on_message)
            except (OSError, RuntimeError) as error:
                raise BridgeError(
                    "busy",
                    f"the listening process cannot be started ({error}); close some programs, and ask again",
                ) from error
            self._ended = self._process.ended
        return self._process

    async def _answered(self, process: ChildProcess, question: Question) -> Answer:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answer = answer
        limit = self._limit_of(question.seconds)
        process.send(question)  # if it is gone, it has ended
        either: set[asyncio.Future[Any]] = {answer, process.ended}
        await asyncio.wait(either, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        what = f"source `{question.name}`"
        if process.ended.done():
            raise BridgeError(
                "internal",
                f"{what}: the listening process ended before it had heard it: {process.ended.result()}; ask "
                "again, or send a shorter part of it",
            )
        raise BridgeError(
            "busy",
            f"{what}: not heard within {limit:g} s; ask again when this machine does less, or send a shorter "
            "part of it",
        )

    def _received(self, number: int, answer: Answer) -> None:
        """Take an answer; what a killed process said before is for a question that nobody asks any more."""
        if number == self._number and self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()

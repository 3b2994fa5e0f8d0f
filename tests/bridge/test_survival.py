"""What the daemon outlives: kills, full disks, locked folders, damaged models. Nothing accepted is lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import soundfile

from bridge.cli.client import Answer, Client
from tests.bridge.after_trouble import is_gone, no_half_file, status_of, takes_of, wait_until
from tests.conftest import DaemonUnderTest, fail_of, need

MakeDaemon = Callable[..., DaemonUnderTest]
SLOW = ("bars", 8, "steps", 1000, "scheduler", "ddim", "iterations", 1)
QUICK = ("bars", 1, "steps", 2, "iterations", 2)


def _begun(client: Client, job_id: str) -> None:
    """Wait until a render of the job has made progress."""
    for answer in client.job(job_id, 60.0):
        if answer.address == "/msanii/progress" and float(str(answer.arguments[1])) > 0.0:
            return
        assert answer.address in ("/msanii/queued", "/msanii/progress")


def test_a_burst_of_20000_messages(make_daemon: MakeDaemon) -> None:
    """Afterwards a hello costs less than a second's work, and every job answered `queued` is there."""
    running = make_daemon().start()
    running.status()
    noisy, witness = running.client(), running.client()
    queued: set[str] = set()
    for number in range(20_000):
        if number % 4:
            noisy.send("/msanii/param/steps", 12)
        else:
            noisy.send("/msanii/generate", f"burst-{number}", *SLOW)
        if not number % 100:
            queued |= _queued(noisy, 0.0005)
    assert running.process is not None
    itself = psutil.Process(running.process.pid)
    before = itself.cpu_times()
    witness.hello()
    noisy.hello()
    after = itself.cpu_times()
    assert after.user + after.system - before.user - before.system < 1.0
    queued |= _queued(noisy, 1.0)
    assert queued
    running.kill()
    running.start()
    again = running.client()
    for job_id in sorted(queued):
        assert fail_of(list(again.ask("/msanii/generate", job_id, *QUICK)))[1] == "exists"
    assert int(str(status_of(again)["unfinished"])) >= len(queued)


def _queued(client: Client, seconds: float) -> set[str]:
    return {
        str(answer.arguments[0]) for answer in client.answers(seconds) if answer.address == "/msanii/queued"
    }


def test_a_worker_killed_once_renders_the_job_again(make_daemon: MakeDaemon) -> None:
    running = make_daemon().start()
    worker = running.status()["pid"]
    client = running.client()
    client.send("/msanii/notify", 1)
    client.send("/msanii/generate", "once", *SLOW[:2], "steps", 60, "scheduler", "ddim", "iterations", 1)
    _begun(client, "once")
    psutil.Process(int(worker)).kill()
    answers = list(client.answers(0.0))
    for answer in client.answers(90.0):
        answers.append(answer)
        if answer.address in ("/msanii/done", "/msanii/fail"):
            break
    assert answers[-1] == Answer("/msanii/done", ("once",))
    assert any(answer.address == "/msanii/child" for answer in answers)
    assert len(takes_of(answers)) == 1
    no_half_file(running.library)


def test_a_worker_killed_twice_fails_the_job_and_the_daemon_goes_on(make_daemon: MakeDaemon) -> None:
    running = make_daemon().start()
    client = running.client()
    client.send("/msanii/generate", "twice", *SLOW)
    for _ in range(2):
        worker = running.status()["pid"]
        _begun(client, "twice")
        psutil.Process(int(worker)).kill()
        wait_until(lambda gone=worker: running_pid(running) not in (0, gone))  # type: ignore[misc]
    about, code, sentence = fail_of(list(client.job("twice", 60.0)))
    assert (about, code) == ("twice", "render")
    assert "twice" in sentence
    assert list(client.ask("/msanii/generate", "after", *QUICK))[-1] == Answer("/msanii/done", ("after",))
    no_half_file(running.library)


def running_pid(running: DaemonUnderTest) -> int:
    """The worker's process id now; 0 while there is none."""
    return int(str(status_of(running.client())["pid"]))


def test_a_daemon_killed_mid_queue_goes_on_where_it_was(make_daemon: MakeDaemon) -> None:
    running = make_daemon().start()
    running.status()
    client = running.client()
    client.send("/msanii/generate", "first", *SLOW[:2], "steps", 100, "scheduler", "ddim", "iterations", 1)
    for name in ("second", "third"):
        client.send("/msanii/generate", name, *QUICK)
    client.wait_for("/msanii/queued", about="third")
    _begun_any(client)
    worker = psutil.Process(running_pid(running))
    running.kill()
    wait_until(lambda: is_gone(worker))
    running.start()
    done = set()
    for answer in client.answers(90.0):  # the same socket: jobs remember who asked
        assert answer.address != "/msanii/fail", answer
        if answer.address == "/msanii/done":
            done.add(answer.arguments[0])
        if len(done) == 3:
            break
    assert done == {"first", "second", "third"}
    assert len(list(running.library.glob("*.wav"))) == 3
    no_half_file(running.library)


def _begun_any(client: Client) -> None:
    client.wait_for("/msanii/progress")


def test_a_stopped_daemon_leaves_no_process_and_ends_well(make_daemon: MakeDaemon) -> None:
    running = make_daemon().start()
    running.status()
    client = running.client()
    client.send("/msanii/generate", "cut-off", *SLOW)
    _begun(client, "cut-off")
    assert running.process is not None
    children = psutil.Process(running.process.pid).children(recursive=True)
    assert running.stop() == 0
    wait_until(lambda: all(map(is_gone, children)))
    no_half_file(running.library)


def test_a_full_disk(make_daemon: MakeDaemon, small_disk: Path) -> None:
    running = make_daemon(library=small_disk / "library").start()
    running.status()
    client = running.client()
    answers = list(
        client.ask("/msanii/generate", "big", "bars", 8, "steps", 2, "iterations", 2, "format", "float")
    )
    about, code, sentence = fail_of(answers)
    assert (about, code) == ("big", "disk")
    assert "free some space" in sentence
    no_half_file(running.library)
    assert list(client.ask("/msanii/generate", "small", "bars", 0.25, "steps", 2, "iterations", 2))[
        -1
    ] == Answer("/msanii/done", ("small",))


def _without_powers() -> list[str]:
    """A prefix that runs a program as an ordinary user would: file permissions count even for root."""
    if os.geteuid() != 0:
        return []
    return [need("setpriv"), "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX permissions")
def test_a_library_that_cannot_be_written_is_refused_at_the_start(
    make_daemon: MakeDaemon, tmp_path: Path
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    running = make_daemon(library=locked / "library", wrapper=_without_powers())
    assert running.spawn().wait(20) == 1
    assert "make it writable, or choose another folder" in running.words()
    assert "Traceback" not in running.words()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX permissions")
def test_a_folder_locked_later_fails_its_jobs_only(make_daemon: MakeDaemon, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    secret = tmp_path / "secret.wav"
    soundfile.write(secret, [[0.1, 0.1]] * 1000, 44_100)
    secret.chmod(0)
    running = make_daemon(flags=["--drop-folder", str(drop)], wrapper=_without_powers()).start()
    running.status()
    client = running.client()
    drop.chmod(0o555)
    about, code, sentence = fail_of(list(client.ask("/msanii/generate", "locked", *QUICK)))
    assert (about, code) == ("locked", "folder")
    assert "writable" in sentence
    _, code, sentence = fail_of(list(client.ask("/msanii/vary", "source", str(secret), "strength", 0.5)))
    assert code == "source"
    assert "secret.wav" in sentence
    drop.chmod(0o755)
    assert list(client.ask("/msanii/generate", "open", *QUICK))[-1] == Answer("/msanii/done", ("open",))
    no_half_file(drop)


def test_a_port_in_use_is_named(make_daemon: MakeDaemon, daemon: DaemonUnderTest) -> None:
    second = make_daemon(port=daemon.port)
    assert second.spawn().wait(20) == 1
    assert str(daemon.port) in second.words()
    assert "--port" in second.words()
    assert "Traceback" not in second.words()


def test_a_second_daemon_on_the_same_library_is_refused(
    make_daemon: MakeDaemon, daemon: DaemonUnderTest
) -> None:
    second = make_daemon(library=daemon.library, log_name="second.log")
    assert second.spawn().wait(20) == 1
    assert "another msanii-bridge already uses the folder" in second.words()
    assert "Traceback" not in second.words()


@pytest.mark.parametrize("damages", [("missing", "no weights"), ("cut short", "no configuration")])
def test_a_missing_or_damaged_model(
    damages: tuple[str, ...], make_daemon: MakeDaemon, tiny_model: Path, tmp_path: Path
) -> None:
    """The first damage is there at the start, the second comes while the daemon runs."""
    models = tmp_path / "models"
    models.mkdir()
    running = make_daemon(models=models)
    for damage in damages:
        shutil.rmtree(models / "tiny", ignore_errors=True)
        save_damaged(tiny_model, models / "tiny", damage)
        client = (running if running.process else running.start()).client()
        _, code, sentence = fail_of(list(client.ask("/msanii/generate", damage, *QUICK)))
        assert code == "model", sentence
        assert "tiny" in sentence
    shutil.rmtree(models / "tiny", ignore_errors=True)
    shutil.copytree(tiny_model, models / "tiny")
    assert list(client.ask("/msanii/generate", "mended", *QUICK))[-1] == Answer("/msanii/done", ("mended",))


def save_damaged(model: Path, folder: Path, damage: str) -> None:
    """Copy a model, but for what is damaged; "missing" makes no folder."""
    if damage == "missing":
        return
    shutil.copytree(model, folder)
    weights = folder / "model.safetensors"
    if damage == "no weights":
        weights.unlink()
    elif damage == "cut short":
        weights.write_bytes(weights.read_bytes()[:5_000])
    elif damage == "no configuration":
        (folder / "config.json").write_text("{", encoding="utf-8")

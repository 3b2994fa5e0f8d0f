"""The `msanii-bridge` command as a user runs it: output, exit status, one sentence for a failure."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.cli.app import main
from bridge.cli.client import Client, parse_argument
from bridge.cli.own_daemon import free_port
from bridge.messages import BridgeError
from tests.conftest import ROOT, DaemonUnderTest, save_tiny_model
from tests.patient_client import PatientClient

QUICK = ("steps", "2", "iterations", "2")


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keeps the user's own settings, presets and library out of the test."""
    monkeypatch.setenv("MSANII_PRESETS_FOLDER", str(tmp_path / "presets"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("MSANII_LIBRARY", str(tmp_path / "library"))
    return tmp_path


def command(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, without colours and wide enough for whole lines."""
    return subprocess.run(
        [sys.executable, "-m", "bridge", *words],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_send_prints_replies_until_done(daemon: DaemonUnderTest, own_folders: Path) -> None:
    job = f"send-{free_port()}"
    done = command("send", "/msanii/generate", job, "bars", "1", *QUICK, "--port", str(daemon.port))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"/msanii/queued {job} ")
    assert lines[-1] == f"/msanii/done {job}"
    assert any(line.startswith(f"/msanii/take {job} 0 ") for line in lines)


def test_send_prints_the_answer_of_a_question(daemon: DaemonUnderTest, own_folders: Path) -> None:
    done = command("send", "/msanii/preset/list", "--port", str(daemon.port))
    assert "piano_loop" in done.stdout
    assert done.returncode == 0


def test_send_fails_with_the_daemons_sentence(daemon: DaemonUnderTest, own_folders: Path) -> None:
    done = command("send", "/msanii/generate", "bpm", "-5", "--port", str(daemon.port))
    assert done.returncode == 1
    assert "bpm" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_send_without_a_daemon_says_how_to_start_one(own_folders: Path) -> None:
    done = command("send", "/msanii/status", "--port", str(free_port()))
    assert done.returncode == 1
    assert "msanii-bridge serve" in done.stderr
    assert "Traceback" not in done.stderr


def test_presets_are_listed(
    own_folders: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    _main("presets")
    shown = capsys.readouterr().out
    for name in ("piano_loop", "sketch", "paper", "long_form"):
        assert name in shown


def _main(*words: str) -> int:
    """The command in this process; returns its exit status."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)


def test_a_failure_is_one_sentence(own_folders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _main("render", "nothing.wav") == 1
    said = capsys.readouterr().err
    assert "take `nothing.wav`: neither a file nor a take in" in said
    assert said.count("\n") == 1


def test_serve_refuses_a_setting_that_it_does_not_know(
    own_folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = own_folders / "settings.yaml"
    settings.write_text("portt: 9800\n", encoding="utf-8")
    assert _main("serve", "--settings", str(settings)) == 1
    assert "portt" in capsys.readouterr().err


def test_serve_on_a_lan_needs_to_know_who_may_ask(
    own_folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main("serve", "--lan") == 1
    assert "allow" in capsys.readouterr().err


def test_render_makes_the_same_take_again(daemon: DaemonUnderTest, own_folders: Path) -> None:
    import numpy as np
    import soundfile

    with PatientClient(daemon.port) as client:
        asked = ("bars", 1, "bpm", 97.3, "count", 2, "seed", 41, "steps", 2, "iterations", 2)
        takes = [
            a.arguments[2] for a in client.ask("/msanii/generate", *asked) if a.address == "/msanii/take"
        ]
    second = Path(str(takes[1]))
    # By its name, as `takes` lists it; its path and that of its .json do as well.
    done = command("render", second.name, "--library", str(daemon.library), "--port", str(daemon.port))
    assert done.returncode == 0, done.stderr
    again = Path(done.stdout.splitlines()[0])
    assert again != second
    assert np.array_equal(soundfile.read(second)[0], soundfile.read(again)[0])
    assert second.with_suffix(".mid").read_bytes() == again.with_suffix(".mid").read_bytes()


def test_render_names_the_model_that_is_missing(
    daemon: DaemonUnderTest, own_folders: Path, tmp_path: Path
) -> None:
    with PatientClient(daemon.port) as client:
        asked = ("bars", 1, "steps", 2, "iterations", 2)
        (take,) = [
            a.arguments[2] for a in client.ask("/msanii/generate", *asked) if a.address == "/msanii/take"
        ]
    recipe = json.loads(Path(str(take)).with_suffix(".json").read_text(encoding="utf-8"))
    recipe["model_fingerprint"] = "feedfacecafebeef"
    edited = tmp_path / "edited.json"
    edited.write_text(json.dumps(recipe), encoding="utf-8")
    done = command("render", str(edited), "--port", str(daemon.port))
    assert done.returncode == 1
    assert "feedfacecafebeef" in done.stderr


def _take(client: Client, verb: str, *asked: str | float) -> Path:
    """The one take of a render, made quickly."""
    answers = client.ask(f"/msanii/{verb}", *asked, "steps", 2, "iterations", 2)
    (take,) = [a.arguments[2] for a in answers if a.address == "/msanii/take"]
    return Path(str(take))


def _same_audio(one: Path, other: Path) -> bool:
    import numpy as np
    import soundfile

    return one != other and np.array_equal(soundfile.read(one)[0], soundfile.read(other)[0])


def test_render_goes_by_the_model_that_the_recipe_names(
    make_daemon: Any, tiny_model: Path, own_folders: Path, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    shutil.copytree(tiny_model, models / "tiny")
    save_tiny_model(models / "other", seed=1)
    daemon = make_daemon(models=models).start()
    with PatientClient(daemon.port) as client:
        other = _take(client, "generate", "bars", 1, "seed", 3, "model", "other")
        tiny = _take(client, "generate", "bars", 1, "seed", 3)
    assert not _same_audio(tiny, other)
    for take in (other, tiny):  # of the two models, the one that is not resident
        done = command("render", str(take), "--port", str(daemon.port), "--models-folder", str(models))
        assert done.returncode == 0, done.stderr
        assert _same_audio(take, Path(done.stdout.splitlines()[-1]))
    fingerprint = json.loads(other.with_suffix(".json").read_text(encoding="utf-8"))["model_fingerprint"]
    save_tiny_model(models / "other", seed=2)
    for _ in range(2):  # replaced, then gone
        done = command("render", str(other), "--port", str(daemon.port), "--models-folder", str(models))
        assert done.returncode == 1
        assert fingerprint in done.stderr
        shutil.rmtree(models / "other", ignore_errors=True)


def test_render_knows_a_model_whose_sampling_changed_since(
    make_daemon: Any, tiny_model: Path, own_folders: Path, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    shutil.copytree(tiny_model, models / "tiny")
    first = make_daemon(models=models).start()
    with PatientClient(first.port) as client:
        take = _take(client, "generate", "bars", 1, "seed", 3, "guidance_rule", "plain", "edition", 1)
    first.stop()
    recipe = json.loads(take.with_suffix(".json").read_text(encoding="utf-8"))
    # As a recipe of before these two existed.
    del recipe["request"]["guidance_rule"], recipe["request"]["edition"]
    old = tmp_path / "old.json"
    old.write_text(json.dumps(recipe), encoding="utf-8")
    config = json.loads((models / "tiny" / "config.json").read_text(encoding="utf-8"))
    config["sampling"]["guidance_rule"] = "projected"
    config["former_fingerprints"] = [recipe["model_fingerprint"]]
    (models / "tiny" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    daemon = make_daemon(models=models).start()
    done = command("render", str(old), "--port", str(daemon.port), "--models-folder", str(models))
    assert done.returncode == 0, done.stderr
    assert _same_audio(take, Path(done.stdout.splitlines()[-1]))


def test_nothing_of_the_session_gets_into_a_recipe(
    daemon: DaemonUnderTest, session: Client, own_folders: Path
) -> None:
    with PatientClient(daemon.port) as client:
        source = _take(client, "generate", "seconds", 1.3, "seed", 3)
        list(client.ask("/msanii/preset/save", "mine", "bpm", 97.3))
        takes = [
            _take(client, "generate", "seconds", 1.1, "preset", "mine"),
            _take(client, "inpaint", "source", str(source), "preset", "mine"),
            _take(client, "inpaint", "source", str(source), "from_seconds", 0.5),
            _take(client, "outpaint", "source", str(source), "seconds", 0.7),
        ]
        # The session's own preset is gone too, which nobody but the session needs.
        list(client.ask("/msanii/preset/load", "mine"))
        (daemon.library.parent / "presets" / "mine.yaml").unlink()
        sticky: dict[str, str | float] = {"from_seconds": 0.2, "to_seconds": 0.6, "bars": 2, "count": 2}
        sticky.update(chords="C", key="Am", rate=48000, source=str(takes[0]))
        for name, value in sticky.items():
            client.send(f"/msanii/param/{name}", value)
    for take in takes:
        done = command("render", str(take), "--port", str(daemon.port))
        assert done.returncode == 0, done.stderr
        assert ("there is no mine any more" in done.stdout) == ("mine" in take.name)
        assert _same_audio(take, Path(done.stdout.splitlines()[-1]))


def test_takes_are_listed_starred_and_pruned_only_after_asking(
    daemon: DaemonUnderTest, own_folders: Path
) -> None:
    with PatientClient(daemon.port) as client:
        asked = ("bars", 1, "steps", 2, "iterations", 2)
        (take,) = [
            a.arguments[2] for a in client.ask("/msanii/generate", *asked) if a.address == "/msanii/take"
        ]
    path = Path(str(take))
    shelf = ("takes", "--library", str(daemon.library))
    assert path.name in command(*shelf).stdout
    assert command(*shelf, "star", path.name).returncode == 0
    assert command(*shelf, "prune", stdin="n\n").returncode == 1
    assert path.exists()


@pytest.mark.parametrize(
    ("text", "value"), [("12", 12), ("97.3", 97.3), ("Am F", "Am F"), ("-1", -1), ("1e3", 1000.0)]
)
def test_words_become_numbers_where_they_read_as_numbers(text: str, value: object) -> None:
    assert parse_argument(text) == value


def test_a_client_says_who_does_not_answer() -> None:
    port = free_port()
    with Client(port) as client, pytest.raises(BridgeError, match=str(port)):
        client.hello(0.1)

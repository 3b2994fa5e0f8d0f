"""The OSC contract, through the real socket: what is answered, in which order, what lies on disk."""

from __future__ import annotations

import getpass
import json
import re
import socket
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.cli.client import Answer, Client
from bridge.library.recipes import read_recipe
from bridge.messages import Argument
from bridge.render.status import version
from msanii.composer.grooves.library import shipped_grooves_folder
from tests.bridge.files import write_tone
from tests.conftest import DaemonUnderTest, fail_of
from tests.patient_client import PatientClient

MakeDaemon = Callable[..., DaemonUnderTest]
QUICK: tuple[Argument, ...] = ("steps", 2, "iterations", 2)
SLOW: tuple[Argument, ...] = ("bars", 8, "steps", 1000, "scheduler", "ddim", "iterations", 1)


def takes_of(answers: list[Answer]) -> list[Path]:
    """The files that the answers name, in their order."""
    assert not [answer for answer in answers if answer.address == "/msanii/fail"], answers[-1]
    return [Path(str(answer.arguments[2])) for answer in answers if answer.address == "/msanii/take"]


@pytest.fixture
def name(client: Client, request: pytest.FixtureRequest) -> str:
    """A job id that no other test uses."""
    return f"{request.node.name[:40]}-{client.port}"


# --- questions ------------------------------------------------------------------------------------------


def test_hello_is_welcomed_with_version_and_folders(client: Client, daemon: DaemonUnderTest) -> None:
    (welcome,) = client.ask("/msanii/hello", "nonce-1")
    nonce, number, takes, exchange = welcome.arguments[:4]
    assert (nonce, number, takes) == ("nonce-1", version(), str(daemon.library))
    assert Path(str(exchange)).is_dir()


def test_hello_answers_at_the_port_it_names(client: Client) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.settimeout(2.0)
        client.send("/msanii/hello", "there", elsewhere.getsockname()[1])
        assert elsewhere.recv(65_536).startswith(b"/msanii/welcome\0")


def test_status_is_pairs(daemon: DaemonUnderTest) -> None:
    status = daemon.status()
    assert status["model"] == "tiny"
    assert status["device"] == "cpu"
    assert status["threads"] == 1
    assert status["layout"] == "contiguous"
    assert len(str(status["fingerprint"])) >= 16


def test_help_lists_every_address(client: Client) -> None:
    listed = {answer.arguments[0] for answer in client.ask("/msanii/help")}
    assert {"/msanii/generate", "/msanii/outpaint", "/msanii/param/steps", "/msanii/sync"} <= listed


def test_sync_comes_after_all_that_was_sent_before(client: Client, name: str) -> None:
    for number in range(20):
        client.send("/msanii/generate", f"{name}-{number}", *SLOW)
    client.send("/msanii/sync", 7)
    seen = []
    for answer in client.answers(30.0):
        seen.append(answer)
        if answer.address == "/msanii/synced":
            break
    queued = [answer.arguments[0] for answer in seen if answer.address == "/msanii/queued"]
    assert queued == [f"{name}-{number}" for number in range(20)]
    assert seen[-1].arguments == (7,)
    for number in range(20):
        client.send("/msanii/cancel", f"{name}-{number}")
        assert client.wait_for("/msanii/fail", about=f"{name}-{number}").arguments[1] == "cancelled"


# --- sticky parameters and presets ----------------------------------------------------------------------


def test_a_parameter_is_sticky_and_can_be_read(session: Client) -> None:
    own = Answer("/msanii/param/steps", (4,))  # what the tiny model says for itself
    assert list(session.ask("/msanii/param/steps")) == [own]
    assert list(session.ask("/msanii/param/steps", 3.0)) == []
    assert list(session.ask("/msanii/param/steps")) == [Answer("/msanii/param/steps", (3,))]
    session.send("/msanii/param/bpm", 97.3)
    session.send("/msanii/param/bars", 1)
    take = soundfile.info(str(takes_of(list(session.ask("/msanii/generate", 1)))[0]))
    assert take.frames == round(Fraction(4 * 60 * 44_100) / Fraction("97.3"))


def test_presets_are_saved_loaded_listed_and_never_overwritten_unasked(session: Client) -> None:
    session.send("/msanii/param/steps", 5)
    assert list(session.ask("/msanii/preset/save", "mine", "bpm", 90))[-1].arguments == ("mine",)
    assert fail_of(list(session.ask("/msanii/preset/save", "mine", "bpm", 91)))[1] == "exists"
    session.send("/msanii/preset/save", "mine", "replace", 1, "bpm", 92)
    listed = list(session.ask("/msanii/preset/list"))[-1]
    assert {"piano_loop", "sketch", "paper", "long_form", "mine"} <= set(listed.arguments)
    session.send("/msanii/param/steps", 9)
    session.send("/msanii/preset/load", "mine")
    assert list(session.ask("/msanii/param/bpm"))[-1] == Answer("/msanii/param/bpm", (92.0,))
    assert list(session.ask("/msanii/param/steps"))[-1] == Answer("/msanii/param/steps", (5,))


def test_styles_are_listed_by_meter_and_the_users_own_come_at_once(
    daemon: DaemonUnderTest, session: Client
) -> None:
    def listed(*meter: Argument) -> set[str]:
        return set(map(str, list(session.ask("/msanii/style/list", *meter))[-1].arguments))

    assert {"house", "deep_house", "waltz", "slow_waltz"} <= listed()
    assert "deep_house" in listed(4, 4)
    assert "slow_waltz" in listed(3, 4)
    assert not {"slow_waltz", "waltz"} & listed(4, 4)
    folder = daemon.library.parent / "presets" / "grooves"
    folder.mkdir(parents=True)
    shipped = (shipped_grooves_folder() / "slow_waltz.yaml").read_text(encoding="utf-8")
    (folder / "my_waltz.yaml").write_text(shipped, encoding="utf-8")
    assert "my_waltz" in listed(3, 4)
    (folder / "my_waltz.yaml").write_text("pattern: 7\n", encoding="utf-8")
    assert "my_waltz" not in listed(3, 4)
    assert fail_of(list(session.ask("/msanii/style/list", 0, 4)))[:2] == ("/msanii/style/list", "value")


# --- jobs -----------------------------------------------------------------------------------------------


def test_a_job_tells_its_whole_story(client: Client, daemon: DaemonUnderTest, name: str) -> None:
    asked = ("chords", "Am F", "bpm", 97.3, "bars", 2, "seed", 7, "count", 2, "steps", 8, "iterations", 4)
    answers = list(client.ask("/msanii/generate", name, *asked))
    order = [answer.address.removeprefix("/msanii/") for answer in answers]
    assert order[0] == "queued"
    assert answers[0].arguments == (name, 7)
    assert order[-1] == "done"
    assert order.count("take") == 2
    fractions = [
        float(str(answer.arguments[1])) for answer in answers if answer.address == "/msanii/progress"
    ]
    assert fractions
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1
    samples = round(Fraction(2 * 4 * 60 * 44_100) / Fraction("97.3"))
    for index, path in enumerate(takes_of(answers)):
        info = soundfile.info(str(path))
        assert (info.frames, info.samplerate, info.channels, info.subtype) == (samples, 44_100, 2, "PCM_24")
        assert path.parent == daemon.library
        recipe = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert (recipe["index"], recipe["seed"]) == (index, 7 + index)
        assert f"_{7 + index}_" in path.name
        assert "97.3bpm" in path.name


def test_the_same_seed_gives_the_same_samples(client: Client, name: str) -> None:
    made = [
        takes_of(list(client.ask("/msanii/generate", f"{name}-{n}", "bars", 1, "seed", seed, *QUICK)))[0]
        for n, seed in enumerate((7, 7, 8))
    ]
    first, again, other = (soundfile.read(path)[0] for path in made)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len({path.name for path in made}) == 3


@pytest.mark.parametrize(("rate", "meter"), [(48_000, (3, 4)), (96_000, (7, 8)), (88_200, (4, 4))])
def test_length_is_exact_at_every_rate_and_meter(
    rate: int, meter: tuple[int, int], client: Client, name: str
) -> None:
    numerator, denominator = meter
    asked = ("bars", 1, "bpm", 133.7, "rate", rate, "numerator", numerator, "denominator", denominator)
    (path,) = takes_of(list(client.ask("/msanii/generate", name, *asked, *QUICK)))
    exact = Fraction(4 * numerator, denominator) * 60 / Fraction("133.7") * rate
    info = soundfile.info(str(path))
    assert (info.frames, info.samplerate) == (round(exact), rate)


@pytest.mark.parametrize("verb", ["vary", "interpolate", "inpaint", "outpaint"])
def test_every_verb_works_from_a_file(verb: str, client: Client, name: str, tmp_path: Path) -> None:
    source = tmp_path / "Ünïcode Klänge 音.wav"
    clip = np.random.default_rng(1).uniform(-0.3, 0.3, (66_150, 2))
    soundfile.write(source, clip, 44_100)
    asked: dict[str, tuple[Argument, ...]] = {
        "vary": ("strength", 0.5),
        "interpolate": ("source_b", str(source), "ratio", 0.5, "strength", 0.5),
        "inpaint": ("from_seconds", 0.5, "to_seconds", 1.0),
        "outpaint": ("seconds", 0.5),
    }
    extra = QUICK if verb in ("vary", "interpolate") else ("iterations", 2)
    answers = list(client.ask(f"/msanii/{verb}", name, "source", str(source), *asked[verb], *extra))
    (path,) = takes_of(answers)
    assert soundfile.info(str(path)).frames == 66_150 + (22_050 if verb == "outpaint" else 0)


def test_two_clients_with_the_same_job_id(client: Client, daemon: DaemonUnderTest, name: str) -> None:
    with PatientClient(daemon.port) as other:
        client.send("/msanii/generate", name, "bars", 1, *QUICK)
        client.wait_for("/msanii/queued", about=name)
        about, code, sentence = fail_of(list(other.ask("/msanii/generate", name, "bars", 1, *QUICK)))
        assert (about, code) == (name, "exists")
        assert "send another" in sentence
        assert [answer.address for answer in client.job(name, 30.0)][-1] == "/msanii/done"


def test_cancel_stops_a_render_and_empties_the_queue(client: Client, name: str) -> None:
    client.send("/msanii/generate", name, *SLOW)
    client.send("/msanii/generate", f"{name}-waiting", *SLOW)
    client.wait_for("/msanii/progress", about=name)
    client.send("/msanii/cancel", "all")
    ended, fractions = set(), [0.0]
    for answer in client.answers(30.0):
        if answer.address == "/msanii/progress":
            fractions.append(float(str(answer.arguments[1])))
        if answer.address == "/msanii/fail":
            ended.add(answer.arguments[:2])
        if len(ended) == 2:
            break
    assert ended == {(name, "cancelled"), (f"{name}-waiting", "cancelled")}
    assert max(fractions) < 0.5


def test_subscribers_hear_of_others_jobs_until_their_lease_ends(
    make_daemon: MakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSANII_LEASE_SECONDS", "5")
    running = make_daemon().start()
    listener, asker = running.client(), running.client()
    assert list(listener.ask("/msanii/notify", 1))[-1] == Answer("/msanii/notify.reply", (1, 5.0))
    asker.send("/msanii/generate", "heard", "bars", 1, *QUICK)
    assert listener.wait_for("/msanii/queued").arguments[0] == "heard"
    asker.wait_for("/msanii/done", about="heard", timeout_seconds=120.0)
    for number in range(100):
        while listener.receive(0.05) is not None:
            pass
        answers = list(asker.ask("/msanii/generate", f"again-{number}", "bars", 1, *QUICK))
        assert answers[-1].address == "/msanii/done"
        if listener.receive(0.05) is None:
            return
    pytest.fail("the listener still hears of others' jobs")


def test_a_loaded_preset_is_tweaked_and_saved_under_a_new_name(session: Client) -> None:
    session.send("/msanii/preset/save", "base", "sound", "organ", "bars", 2, "bpm", 82)
    assert list(session.ask("/msanii/preset/load", "BASE"))[-1].arguments == ("base",)
    session.send("/msanii/param/guidance", 4)
    session.send("/msanii/preset/save", "tweaked", "bars", 8)
    session.send("/msanii/preset/save", "base", "replace", 1, "bpm", 83)
    for name, values in (("tweaked", ("organ", 8.0, 82.0, 4.0)), ("base", ("organ", 2.0, 83.0, 4.0))):
        session.send("/msanii/preset/load", name)
        read = [list(session.ask(f"/msanii/param/{each}"))[-1] for each in _TWEAKED]
        assert tuple(answer.arguments[0] for answer in read) == values


_TWEAKED = ("sound", "bars", "bpm", "guidance")


def test_a_preset_is_read_without_becoming_the_sessions_own(client: Client) -> None:
    answer = list(client.ask("/msanii/preset/read", "sketch"))[-1]
    assert answer.address == "/msanii/preset/read.reply"
    assert answer.arguments[0] == "sketch"
    values = dict(zip(answer.arguments[1::2], answer.arguments[2::2], strict=True))
    assert (values["steps"], values["iterations"], values["chords"]) == (6, 12, "Am F C G")
    assert list(client.ask("/msanii/param/preset"))[-1].arguments == ("piano_loop",)


def test_a_session_value_is_unset_and_everybody_hears_it(daemon: DaemonUnderTest, session: Client) -> None:
    client, listener = session, daemon.client()
    listener.send("/msanii/notify", 1)
    listener.wait_for("/msanii/notify.reply")
    list(client.ask("/msanii/param/bpm", 97.3))
    assert list(client.ask("/msanii/param/list")) == [Answer("/msanii/param/list.reply", ("bpm",))]
    listener.wait_for_value("/msanii/param/bpm", 97.3)
    answer = Answer("/msanii/param/reset.reply", ("bpm",))
    assert list(client.ask("/msanii/param/reset", "bpm")) == [answer]
    listener.wait_for_value("/msanii/param/bpm", 120.0)
    assert list(client.ask("/msanii/param/list")) == [Answer("/msanii/param/list.reply", ())]
    # A wildcard reads the values, and unsets none.
    list(client.ask("/msanii/param/steps", 7))
    read = {answer.address for answer in client.ask("/msanii/param/*") if answer.arguments != (None,)}
    assert "/msanii/param/bpm" in read
    assert "/msanii/param/list.reply" not in read
    (found,) = client.ask("/msanii/param/list")
    assert found.arguments == ("steps",)


def test_a_take_is_starred(client: Client, name: str) -> None:
    (path,) = takes_of(list(client.ask("/msanii/generate", name, "bars", 1, *QUICK)))
    assert list(client.ask("/msanii/take/star", path.name))[-1] == Answer(
        "/msanii/take/star.reply", (path.name, 1)
    )
    assert list(client.ask("/msanii/take/star", str(path), 0))[-1].arguments == (path.name, 0)


def test_a_take_is_named_everybody_hears_it_and_the_name_stands_for_it(
    client: Client, daemon: DaemonUnderTest, name: str
) -> None:
    (path,) = takes_of(list(client.ask("/msanii/generate", name, "bars", 1, "chords", "Am F", *QUICK)))
    with daemon.client() as other:
        other.send("/msanii/notify", 1)
        other.wait_for("/msanii/notify.reply")
        answer = list(client.ask("/msanii/take/name", path.name, f"Chorus {name}"))[-1]
        assert answer == Answer("/msanii/take/name.reply", (path.name, f"Chorus {name}"))
        assert other.wait_for("/msanii/take/named").arguments == answer.arguments
    assert list(client.ask("/msanii/take/star", f"chorus {name}"))[-1].arguments == (path.name, 1)
    (varied,) = takes_of(list(client.ask("/msanii/vary", "source", f"Chorus {name}", *QUICK)))
    source = read_recipe(varied).request.source
    assert source is not None
    assert source.name == path.name
    (edited,) = takes_of(list(client.ask("/msanii/edit", f"Chorus {name}", "chord", "1 Dm")))
    assert read_recipe(edited).request.parent == path.name
    (bass,) = takes_of(
        list(client.ask("/msanii/complete", "part", "bass", "notes", f"Chorus {name}", *QUICK))
    )
    assert read_recipe(bass).request.part == "bass"
    assert list(client.ask("/msanii/take/name", f"Chorus {name}"))[-1].arguments == (path.name, "")
    _, code, _ = fail_of(list(client.ask("/msanii/take/star", f"Chorus {name}")))
    assert code == "missing"


# --- names and privacy ----------------------------------------------------------------------------------


def test_folders_and_names_beyond_ascii(make_daemon: MakeDaemon, tmp_path: Path) -> None:
    running = make_daemon(library=tmp_path / "Müsik Ордер 音楽 🎹" / "Msanii").start()
    template = "große <bpm> Skizze ♯<n>"
    answers = list(
        running.client().ask("/msanii/generate", "ä-1", "bars", 1, "name_template", template, *QUICK)
    )
    assert answers[-1] == Answer("/msanii/done", ("ä-1",))
    (path,) = takes_of(answers)
    assert path.parent == running.library
    assert path.name == "große 120 Skizze ♯1.wav"
    assert soundfile.info(str(path)).frames == 88_200


def test_no_path_or_user_can_be_read_from_a_recipe(client: Client, name: str, tmp_path: Path) -> None:
    source = write_tone(tmp_path / "take one.wav", 1.0)
    (path,) = takes_of(list(client.ask("/msanii/vary", name, "source", str(source), "strength", 0.5, *QUICK)))
    for text in (path.with_suffix(".json").read_text(encoding="utf-8"), read_recipe(path).compact()):
        assert "take one.wav" in text
        for folder in (tmp_path, path.parent, Path.home()):
            assert str(folder) not in text
        for word in (socket.gethostname(), getpass.getuser()):
            assert not re.search(rf"\b{re.escape(word)}\b", text)
    assert str(tmp_path).encode() not in path.read_bytes()

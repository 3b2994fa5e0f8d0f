"""The SuperCollider class, installed, in real sclang and scsynth (on JACK), against a real daemon."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
import soundfile

from bridge.cli.daw_scripts.programs import PROGRAMS
from bridge.cli.daw_scripts.records import Records
from bridge.cli.own_daemon import free_port
from tests.bridge.jack_server import jack_server
from tests.conftest import DaemonUnderTest, need

BPM, BARS = "97.3", 2
SAMPLES = round(Fraction(BARS * 4 * 60 * 44_100) / Fraction(BPM))
RUN_SECONDS = 120
ASK = f'(preset: "sketch", chords: "Am F C G", bpm: {BPM}, bars: {BARS})'

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a program in sclang with the class installed; returns what it posted."""
    extensions = tmp_path / ".local" / "share" / "SuperCollider" / "Extensions"
    list(PROGRAMS["supercollider"].install(extensions, Records(tmp_path / "installed.json"), "1"))

    def sclang(code: str, **environment: str) -> str:
        file = tmp_path / "program.scd"
        file.write_text(f"(\n{code}\n)\n", encoding="utf-8")
        # sclang brings Qt's browser, which wants a screen, and refuses root with its sandbox on.
        screenless = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1"}
        share = str(tmp_path / ".local" / "share")
        home = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "XDG_DATA_HOME": share}
        done = subprocess.run(
            [need("sclang"), str(file)],
            env={**os.environ, **home, **screenless, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        assert "ERROR" not in done.stdout, done.stdout[-4000:]
        return done.stdout

    return sclang


@pytest.fixture
def port(daemon: DaemonUnderTest) -> int:
    """The port of a daemon that has loaded its model."""
    daemon.status()
    return daemon.port


def _posted(name: str, said: str) -> list[str]:
    return re.findall(rf"^{name}: (.+)$", said, re.MULTILINE)


def test_a_take_progress_and_a_variation_come_back(run: Run, port: int) -> None:
    said = run(f"""
        var m = Msanii({port});
        m.generate({ASK},
            onProgress: {{ |fraction| "progress: %".format(fraction).postln }},
            onTake: {{ |take|
                "take: %".format(take.path).postln;
                "bpm: %".format(take.bpm.round(0.01)).postln
            }},
            onDone: {{ |takes|
                "done: %".format(takes.size).postln;
                m.vary(nil, [strength: 0.5], onTake: {{ |take|
                    "varied: %".format(take.path).postln;
                    "jobs: %".format(m.takes.size).postln;
                    0.exit
                }})
            }});
    """)
    (path,) = _posted("take", said)
    assert soundfile.info(path).frames == SAMPLES
    assert (_posted("bpm", said), _posted("done", said), _posted("jobs", said)) == (["97.3"], ["1"], ["2"])
    fractions = [float(one) for one in _posted("progress", said)]
    assert fractions
    assert all(0 <= fraction <= 1 for fraction in fractions)
    assert soundfile.info(_posted("varied", said)[0]).frames == SAMPLES


def test_what_is_refused_cancelled_or_not_answered_fails_with_a_sentence(run: Run, port: int) -> None:
    said = run(f"""
        var m = Msanii({port}), gone = Msanii({free_port()});
        Msanii.answerSeconds = 1;
        gone.generate((bars: 2), onFail: {{ |sentence|
            "gone: %".format(sentence).postln;
            Msanii.answerSeconds = 60;
            m.generate([preset: "no_such_preset"], onFail: {{ |sentence|
                "refused: %".format(sentence).postln;
                m.generate((preset: \\sketch, bars: 64), onFail: {{ |sentence|
                    "cancelled: %".format(sentence).postln;
                    0.exit
                }});
                m.cancel
            }})
        }});
    """)
    assert "start msanii-bridge serve" in _posted("gone", said)[0]
    assert "no_such_preset" in _posted("refused", said)[0]
    assert len(_posted("cancelled", said)) == 1


def test_parameters_and_decks_are_reached(run: Run, port: int, daemon: DaemonUnderTest) -> None:
    run(f"""
        var m = Msanii({port});
        OSCFunc({{ |message| m.param(\\steps); OSCFunc({{ 0.exit }}, "/msanii/param/steps", m.bridge) }},
            "/msanii/fail", m.bridge);
        m.param(\\steps, 3);
        m.deck(1, \\launch); // refused: the daemon plays through no device
    """)
    with daemon.client() as client:
        client.send("/msanii/param/steps")
        assert client.wait_for("/msanii/param/steps").arguments[0] == 3
        client.send("/msanii/param/reset", "all")
        client.wait_for("/msanii/param/reset.reply")


def test_a_take_is_read_into_a_buffer_and_heard(run: Run, port: int) -> None:
    need("scsynth")
    with jack_server("sc") as jack:
        said = run(
            f"""
            var m = Msanii({port});
            Server.default = s = Server(\\test, NetAddr("127.0.0.1", {free_port()}));
            s.waitForBoot {{
                m.generate({ASK}, onTake: {{
                    m.read(action: {{ |buffer|
                        "frames: %".format(buffer.numFrames).postln;
                        {{ SendReply.kr(Impulse.kr(20), "/heard", Amplitude.kr(In.ar(0))) }}
                            .play(addAction: \\addToTail);
                        OSCFunc({{ |message|
                            if (message[3] > 0.001) {{ m.stop; "heard: yes".postln; s.quit; 0.exit }}
                        }}, "/heard");
                        m.play;
                    }})
                }})
            }};
            """,
            **jack.environment,
        )
    assert _posted("frames", said) == [str(SAMPLES)]
    assert "yes" in _posted("heard", said)


def test_the_help_file_names_every_public_method() -> None:
    folder = PROGRAMS["supercollider"].source()
    code = (folder / "Msanii.sc").read_text(encoding="utf-8").split("// --- private")[0]
    methods = set(re.findall(r"^\t\*?(\w+) \{", code, re.MULTILINE)) - {"init"}
    help_text = (folder / "HelpSource" / "Classes" / "Msanii.schelp").read_text(encoding="utf-8")
    assert methods <= set(re.findall(r"^METHOD:: (\w+)", help_text, re.MULTILINE))

"""Fixtures of the whole suite: a model small enough for every test, and a daemon behind a real UDP socket."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from bridge.cli.client import Answer, Client
from bridge.cli.own_daemon import DaemonStatus, free_port, stop, wait_for_model
from tests.patient_client import PatientClient

if TYPE_CHECKING:
    from msanii.config import ControlGroup

ROOT = Path(__file__).parent.parent
# The name of a model that is not there: a daemon that renders nothing then starts without PyTorch.
NO_MODEL = "none"
# All tests in this folder share one Ray cluster.
ONE_CLUSTER = "tests/bridge/pool/"

# Hundreds of Pythons are started here, and each would compile what all of them import.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Read when torch is first imported: waiting threads that spin make everything beside them crawl.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# Most tests' daemons need no MIDI: those that do say so.
os.environ.setdefault("MSANII_MIDI", "0")

# Nor a page: tests of it ask for a port of its own.
os.environ.setdefault("MSANII_HTTP", "0")

# Nor a log file in this user's folders.
os.environ.setdefault("MSANII_LOG_FILE", "0")

# Nor ears, which take seconds to open.
os.environ.setdefault("MSANII_HEAR_SOURCES", "0")
os.environ.setdefault("MSANII_HEAR_TAKES", "0")

# The tests' networks are tiny: a second thread would only wait, and it waits by spinning.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Nor a probe of this machine, whose answer would change the samples from run to run.
os.environ.setdefault("MSANII_LAYOUT", "contiguous")

# On a busy machine a render may take longer than a subscription lasts.
os.environ.setdefault("MSANII_LEASE_SECONDS", "600")

# A busy machine takes longer than Hypothesis allows for one example.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep a file's tests in one of several processes, so that what they share is made once.

    xdist 3.8 does not see groups (`xdist_group`) under pytest 9.2, and has no word of it.
    """
    from xdist.scheduler import LoadFileScheduling

    def group(nodeid: str) -> str:
        return ONE_CLUSTER if nodeid.startswith(ONE_CLUSTER) else nodeid.split("::")[0]

    scheduling = LoadFileScheduling(config, log)
    scheduling._split_scope = group
    return scheduling


def need(program: str) -> str:
    """The program's path; skips where it is missing, and fails in CI (REQUIRE_REAL=1)."""
    path = shutil.which(program)
    if path is None:
        missing(f"{program} is not installed")
    return str(path)


def need_browser() -> str:
    """The path of Debian's Chromium, without windows if it is installed so, which is lighter."""
    return shutil.which("chromium-headless-shell") or need("chromium")


def missing(reason: str) -> None:
    """Skip a test that this machine cannot run; fail instead where everything must be real."""
    if os.environ.get("REQUIRE_REAL") == "1":
        pytest.fail(f"{reason}, and REQUIRE_REAL=1 allows no skip")
    pytest.skip(reason)


def save_tiny_model(
    folder: Path, seed: int = 0, context: bool = False, controls: tuple[ControlGroup, ...] = ()
) -> Path:
    """Write a model with random weights that runs the real path in milliseconds.

    It goes by context if so wanted, and knows all that models are controlled by unless `controls` are named.
    """
    import torch

    from msanii.checkpoint.folder import save_model
    from msanii.config import (
        DEFAULT_CONTROLS,
        ModelConfig,
        SamplingDefaults,
        TransformsConfig,
        UNetConfig,
        VocoderConfig,
    )
    from msanii.diffusion.unet import UNet
    from msanii.signal.transforms import Transforms
    from msanii.vocoder.magnitude import Vocoder

    vocoder = VocoderConfig(d_model=16, d_hidden_factor=1)
    config = ModelConfig(
        name="tiny",
        transforms=TransformsConfig(),
        unet=UNetConfig(
            d_base=16,
            d_hidden_factor=1,
            d_multipliers=(1, 1, 1),
            d_timestep=16,
            dilations=(1, 1, 1),
            n_heads=2,
            has_attention=(False, False, True),
            has_resampling=(True, True, False),
            n_block_layers=(1, 1, 1),
            controls=controls or DEFAULT_CONTROLS,
            context=context,
        ),
        vocoder=vocoder,
        sampling=SamplingDefaults(steps=4, scheduler="dpmsolver++", guidance=2.0, iterations=4),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        unet, parts = UNet(config.unet), (Vocoder(vocoder), Transforms(config.transforms))
        for projection in (unet.control_fn, unet.context_fn):
            if projection is not None:  # fresh, it is blind
                for weights in projection.parameters():
                    torch.nn.init.normal_(weights, std=0.1)
    save_model(folder, config, unet, *parts)
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with random weights: 3 levels of width 16, the default controls."""
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny_context_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with context, in a folder of models of its own."""
    return save_tiny_model(tmp_path_factory.mktemp("context_models") / "tiny", context=True)


@dataclass
class DaemonUnderTest:
    """A daemon process behind its real UDP socket."""

    library: Path
    models: Path
    model: str = "tiny"
    port: int = field(default_factory=free_port)
    flags: Sequence[str] = ()
    wrapper: Sequence[str] = ()
    log_name: str = "daemon.log"
    process: subprocess.Popen[bytes] | None = None
    clients: list[PatientClient] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """Everything that the daemon printed."""
        return self.library.parent / self.log_name

    def command(self) -> list[str]:
        """The command line, with everything that could reach the user's own folders turned away."""
        own = ["--presets-folder", str(self.library.parent / "presets")]
        own += ["--sounds-folder", str(self.library.parent / "sounds")]
        place = ["--port", str(self.port), "--library", str(self.library)]
        model = [
            "--models-folder",
            str(self.models),
            "--model",
            self.model,
            "--device",
            "cpu",
            "--threads",
            "1",
        ]
        return [*self.wrapper, sys.executable, "-m", "bridge", "serve", *place, *model, *own, *self.flags]

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the process without waiting for an answer."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        return self.process

    @property
    def pid(self) -> int:
        """The id of the process that was started last."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> DaemonUnderTest:
        """Start the process and wait for its first welcome."""
        self.spawn()
        self.client().hello()
        return self

    def client(self, host: str = "127.0.0.1") -> PatientClient:
        """A client with a socket of its own, closed with the daemon."""
        client = PatientClient(self.port, host)
        self.clients.append(client)
        return client

    def status(self) -> DaemonStatus:
        """The daemon's status, once its model is loaded."""
        return wait_for_model(self.client())

    def kill(self) -> None:
        """End the process as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End the process as a user would; returns its exit status."""
        assert self.process is not None
        stop(self.process)
        for client in self.clients:
            client.close()
        self.clients.clear()
        return self.process.returncode

    def words(self) -> str:
        """What the daemon printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="session")
def daemon(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonUnderTest]:
    """One daemon for all tests that leave it as they found it."""
    library = tmp_path_factory.mktemp("shared") / "library"
    running = DaemonUnderTest(library, tiny_model.parent)
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture
def make_daemon(tiny_model: Path, tmp_path: Path) -> Iterator[Any]:
    """Makes daemons (not started) for tests that break them; keywords are `DaemonUnderTest`'s."""
    made: list[DaemonUnderTest] = []

    def make(library: Path | None = None, **values: Any) -> DaemonUnderTest:
        one = DaemonUnderTest(
            library or tmp_path / "library", values.pop("models", tiny_model.parent), **values
        )
        made.append(one)
        return one

    yield make
    for one in made:
        if one.process is not None:
            one.stop()


@pytest.fixture
def client(daemon: DaemonUnderTest) -> Iterator[Client]:
    """A client of the shared daemon."""
    with PatientClient(daemon.port) as one:
        yield one


@pytest.fixture
def session(daemon: DaemonUnderTest, client: Client) -> Iterator[Client]:
    """A client of the shared daemon for a test that changes the session or presets: both are put back."""
    presets = daemon.library.parent / "presets"
    yield client
    shutil.rmtree(presets, ignore_errors=True)
    list(client.ask("/msanii/param/reset", "all"))


def fail_of(answers: Sequence[Answer]) -> tuple[str, str, str]:
    """The one `/msanii/fail` among the answers: what it is about, its code, its sentence."""
    (found,) = [answer for answer in answers if answer.address == "/msanii/fail"]
    about, code, sentence = found.arguments
    return str(about), str(code), str(sentence)

"""Settings of the daemon: ports, folders, network access, model and device.

They come from a YAML file, environment variables (`MSANII_PORT` and so on) and flags; each overrides the
one before. Unknown names in the file or among the flags are errors.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from bridge.messages import BridgeError, PartialRequest, Peer, partial_request
from bridge.parameters import PARAMETERS
from bridge.system.pool_address import PoolAddress, parse_pool
from bridge.system.yaml_files import read_yaml
from bridge.values import place_of, reason_of, shown
from msanii.music.taught.folder import default_folder

PROGRAM = "msanii-bridge"
ENVIRONMENT_PREFIX = "MSANII_"
DEFAULT_PORT = 9800
DEFAULT_HTTP_PORT = 9801
LOWEST_SURFACE_PORT, HIGHEST_PORT = 1024, 65535
LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only with `lan`, which in turn needs an allow list

_LAYOUT = re.compile(r"auto|contiguous|channels_last( from [1-9][0-9]{0,8} frames)?")

Network = ipaddress.IPv4Network


def _folder(value: object) -> object:
    if not isinstance(value, str | Path) or not str(value).strip():
        raise ValueError("expected a folder's path")
    try:
        return Path(value).expanduser().absolute()
    except RuntimeError as error:
        raise ValueError("there is no home folder for `~`; write the whole path") from error


def _items(value: object) -> object:
    """Split a list that comes from one environment variable or flag at its commas."""
    return [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value


def _network(value: object) -> object:
    try:
        network = ipaddress.ip_network(str(value), strict=False)
    except ValueError as error:
        raise ValueError("expected an IP address, or a network such as 192.168.1.0/24") from error
    if network.version != 4:
        raise ValueError("the daemon hears IPv4 alone; give the client's IPv4 address, such as 192.168.1.20")
    return network


def _peer(value: object) -> object:
    """Read a peer such as 192.168.1.20:9000. Host names are refused: looking one up may hang."""
    try:
        host, port = str(value).rsplit(":", 1)
        peer = Peer(str(ipaddress.IPv4Address(host)), int(port))
    except ValueError as error:
        raise ValueError("expected an IP address and a port, such as 192.168.1.20:9000") from error
    if not LOWEST_SURFACE_PORT <= peer.port <= HIGHEST_PORT:
        raise ValueError(f"expected a port from {LOWEST_SURFACE_PORT} to {HIGHEST_PORT}")
    return peer


def _layout(value: object) -> object:
    """Check a memory layout: as recipes name it, or `auto`."""
    if not _LAYOUT.fullmatch(str(value)):
        raise ValueError("expected auto, contiguous, channels_last, or `channels_last from N frames`")
    return value


def _pool(value: object) -> object:
    text = str(value).strip()
    if text:
        parse_pool(text)
    return text


def _name(parameter: str) -> BeforeValidator:
    def check(value: object) -> object:
        try:
            return PARAMETERS[parameter].check(value)
        except BridgeError as error:
            raise ValueError(str(error)) from error

    return BeforeValidator(check)


Folder = Annotated[Path, BeforeValidator(_folder)]
_Allowed = Annotated[Network, BeforeValidator(_network)]
_Pool = Annotated[str, BeforeValidator(_pool)]
_Peer = Annotated[Peer, BeforeValidator(_peer)]


class Settings(BaseModel):
    """Validated settings. Folders are absolute; none is created or read before it is needed."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=(), allow_inf_nan=False)

    port: int = Field(DEFAULT_PORT, ge=0, le=65535, description="UDP port for OSC; 0 picks a free one")
    lan: bool = Field(False, description="listen on the network, not on this machine alone")
    allow: Annotated[tuple[_Allowed, ...], BeforeValidator(_items)] = Field(
        (), description="network clients that may send messages: IP addresses or networks"
    )
    allowed_folders: Annotated[tuple[Folder, ...], BeforeValidator(_items)] = Field(
        (), description="folders from which network clients may name sources"
    )
    network_may_overwrite: bool = Field(
        False, description="let network clients replace presets and names, change MIDI controls, remove stars"
    )
    library: Folder = Field(
        default_factory=lambda: default_library(),
        description="folder that takes are written to",
    )
    drop_folder: Folder | None = Field(None, description="folder to write takes to instead of the library")
    exchange_folder: Folder = Field(
        default_factory=lambda data: data["library"] / ".msanii" / "exchange",
        description="folder in which clients may leave files for a request",
    )
    models_folder: Folder | None = Field(
        None, description="folder of further models, each in a folder of its own"
    )
    sounds_folder: Folder = Field(
        default_factory=default_folder, description="folder of the sounds that you taught by `msanii teach`"
    )
    presets_folder: Folder = Field(
        default_factory=lambda: Path(platformdirs.user_config_dir(PROGRAM)) / "presets",
        description="folder of your own presets",
    )
    model: Annotated[str | None, _name("model")] = Field(None, description="default model")
    name_template: Annotated[str | None, _name("name_template")] = Field(
        None, description="default template for the file names of takes"
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="compute device")
    dtype: Literal["auto", "float32", "bfloat16"] = Field("auto", description="floating-point type")
    layout: Annotated[str, BeforeValidator(_layout)] = Field(
        "auto", description="the network's layout in memory; auto is what this machine computes fastest"
    )
    threads: int = Field(0, ge=0, le=1024, description="CPU threads of the render worker; 0 is automatic")
    pool: _Pool = Field(
        "",
        description="render on many machines: local:N, ray://HOST:PORT or auto; empty: on this one",
    )
    hear_sources: bool = Field(
        True, description="hear tempo, bars and chords of sources and loops that nobody says them of"
    )
    hear_takes: bool = Field(
        True, description="hear every take before it is done: how much of its chords and onsets is heard"
    )
    stream: bool = Field(False, description="live playback: decks, transport, an audio device")
    audio_device: str = Field("", max_length=256, description="audio device: its name or number")
    audio_rate: int = Field(
        0, ge=0, le=384_000, description="sample rate of the stream in hertz; 0 is the device's"
    )
    audio_channels: int = Field(2, ge=1, le=64, description="channels to open; the first two carry sound")
    input: str = Field(
        "", max_length=256, description="audio input to catch bars from: its name or number, or `default`"
    )
    input_channels: int = Field(2, ge=1, le=2, description="channels of the input: 1 is mono, 2 is stereo")
    input_first_channel: int = Field(1, ge=1, le=128, description="the first of these channels")
    round_trip_ms: float | None = Field(
        None, ge=0, le=2_000, description="how much later the input has what the output plays, as measured"
    )
    latency_ms: float = Field(100.0, ge=20, le=2_000, description="how far ahead of playback audio is mixed")
    decks: int = Field(4, ge=1, le=16, description="number of decks")
    crossfade_ms: float = Field(10.0, ge=0, le=1_000, description="crossfade when a deck changes takes")
    midi: bool = Field(True, description="listen to MIDI controllers and keyboards")
    midi_api: str = Field(
        "", max_length=32, description="MIDI API, such as UNIX_JACK; empty is the system's usual one"
    )
    notify: Annotated[tuple[_Peer, ...], BeforeValidator(_items)] = Field(
        (), description="surfaces that hear every event without asking, such as 192.168.1.20:9000"
    )
    http: bool = Field(True, description="serve the page in the browser, WebSockets and OSCQuery")
    http_port: int = Field(
        DEFAULT_HTTP_PORT, ge=0, le=65535, description="TCP port of the page; 0 picks a free one"
    )
    log_file: bool = Field(True, description="write what the daemon says to a log file too")
    lease_seconds: float = Field(60.0, ge=1, le=86_400, description="how long a notify subscription lasts")

    @model_validator(mode="after")
    def _lan_names_who(self) -> Settings:
        if self.lan and not self.allow:
            raise ValueError("`lan` needs `allow`: name the addresses that may ask, such as 192.168.1.20")
        return self

    @model_validator(mode="after")
    def _notify_names_allowed(self) -> Settings:
        for peer in self.notify:
            if not self.allows(peer.host):
                raise ValueError(
                    f"`notify`: {peer.host} is not among those who may send messages; "
                    "set `lan`, and add it to `allow`"
                )
        return self

    @property
    def host(self) -> str:
        """The IP address to listen on."""
        return EVERYWHERE if self.lan else LOOPBACK

    @property
    def pool_address(self) -> PoolAddress | None:
        """Where jobs are rendered, if not by this machine's worker alone."""
        return parse_pool(self.pool) if self.pool else None

    @property
    def model_folders(self) -> tuple[Path, ...]:
        """The folders that are searched before the bundled models."""
        return (self.models_folder,) if self.models_folder else ()

    @property
    def uploads_folder(self) -> Path:
        """The folder of files that were sent to the page."""
        return self.exchange_folder / "uploads"

    @property
    def grooves_folder(self) -> Path:
        """The folder of the user's own grooves, which need not exist."""
        return self.presets_folder / "grooves"

    @property
    def probe_path(self) -> Path:
        """The file beside the settings that remembers what this machine computes fastest with."""
        return default_settings_path().with_name("probe.json")

    @property
    def log_path(self) -> Path:
        """The daemon's log file; each library has its own, named by a hash so that it tells no path."""
        name = os.path.normcase(str(self.library))
        if name == os.path.normcase(str(default_library())):
            return default_log_path()
        tag = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:8]
        return default_log_path().with_name(f"{PROGRAM}-{tag}.log")

    @cached_property
    def user_defaults(self) -> PartialRequest:
        """The user's defaults for request parameters."""
        named = {"model": self.model, "name_template": self.name_template}
        return partial_request({name: value for name, value in named.items() if value is not None})

    def allows(self, host: str) -> bool:
        """Whether messages from this address are accepted: always from this machine, else if listed."""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return address.is_loopback or (self.lan and any(address in network for network in self.allow))

    def folders_for(self, sender: Peer | None) -> tuple[Path, ...] | None:
        """Return the folders in which a client may name sources; None (this machine) means anywhere.

        Who has the page's token may also name takes, and what was uploaded.
        """
        if sender is None or sender.is_on_this_machine:
            return None
        of_page = (self.uploads_folder, self.drop_folder or self.library) if sender.socket else ()
        return (*of_page, *self.allowed_folders)


def default_library() -> Path:
    """Return the folder of takes of those who name no other."""
    return Path(platformdirs.user_music_dir()) / "Msanii"


def log_folder() -> Path:
    """Return the folder of log files, where this system keeps logs; it need not exist."""
    return Path(platformdirs.user_log_dir(PROGRAM))


def default_log_path() -> Path:
    """Return the log file of the default library, which need not exist."""
    return log_folder() / f"{PROGRAM}.log"


def wants_log_file(environment: Mapping[str, str]) -> bool:
    """Whether to write a log file where the settings themselves cannot be read."""
    named = {name: value for name, value in _from_environment(environment).items() if name == "log_file"}
    try:
        return Settings.model_validate(named).log_file
    except ValidationError:
        return True


def default_settings_path() -> Path:
    """Return the path of the user's settings file, which need not exist."""
    return Path(platformdirs.user_config_dir(PROGRAM)) / "settings.yaml"


def factory_presets_folder() -> Path:
    """Return the folder of factory presets: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parent
    packed = package / "_presets"
    return packed if packed.is_dir() else package.parent / "presets"


def load_settings(
    path: Path | None = None,
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Load the settings; `flags` that are None count as not given.

    The file at `path` must exist; the default one may be missing. `environment` defaults to that of the
    process.

    Raises:
        BridgeError: `value`, listing all mistakes at once.
    """
    values: dict[str, object] = {}
    file = path or default_settings_path()
    if path is not None or file.is_file():
        values.update(read_yaml(file, code="value"))
    values.update(_from_environment(os.environ if environment is None else environment))
    values.update({name: value for name, value in (flags or {}).items() if value is not None})
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise BridgeError("value", " ".join(_sentences(error))) from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    names = {ENVIRONMENT_PREFIX + name.upper(): name for name in Settings.model_fields}
    return {name: environment[key] for key, name in names.items() if environment.get(key)}


def _sentences(error: ValidationError) -> list[str]:
    sentences = []
    for problem in error.errors(include_url=False):
        if problem["type"] == "default_factory_not_called":  # a consequence of another mistake
            continue
        where, what = place_of(problem), reason_of(problem)
        if problem["type"] == "extra_forbidden":
            known = ", ".join(Settings.model_fields)
            sentences.append(f"`{where}`: no such setting; there are {known}.")
        elif where and not what.startswith("`"):
            sentences.append(f"`{where}`: got {shown(problem['input'])}; {what}.")
        else:
            sentences.append(what.removesuffix(".") + ".")
    return sentences

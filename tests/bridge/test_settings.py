"""Settings: where they come from, what they refuse, and who may ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.messages import BridgeError, Peer
from bridge.settings import Settings, factory_presets_folder, load_settings


def loaded(path: Path | None = None, environment: dict[str, str] | None = None, **flags: Any) -> Settings:
    return load_settings(path, flags, environment or {})


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("bridge.settings.default_settings_path", lambda: tmp_path / "none.yaml")


def test_without_anything_only_this_machine_is_heard() -> None:
    settings = loaded()
    assert (settings.host, settings.port, settings.library.name) == ("127.0.0.1", 9800, "Msanii")
    assert settings.allows("127.0.0.1")
    assert settings.allows("::1")
    assert not settings.allows("192.168.1.20")
    assert settings.folders_for(Peer("127.0.0.1", 9)) is None
    assert settings.user_defaults == {}


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("port: 1\nthreads: 1\nmodel: from file\n")
    settings = loaded(file, {"MSANII_PORT": "2", "MSANII_THREADS": "2"}, port=3, device=None)
    assert (settings.port, settings.threads, settings.model, settings.device) == (3, 2, "from file", "auto")
    assert settings.user_defaults == {"model": "from file"}


def test_folders_are_absolute_and_home_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    settings = loaded(library="~/Müsik", drop_folder="relative")
    assert settings.library == tmp_path / "Müsik"
    assert settings.drop_folder == Path.cwd() / "relative"
    assert settings.exchange_folder == settings.library / ".msanii" / "exchange"
    assert not settings.library.exists()


def test_the_network_needs_a_list_of_who_may_ask() -> None:
    with pytest.raises(BridgeError, match="`lan` needs `allow`"):
        loaded(lan=True)
    settings = loaded(lan=True, allow="192.168.1.0/24, 10.0.0.5", allowed_folders=["/music"])
    assert settings.host == "0.0.0.0"  # noqa: S104 - what is tested
    assert settings.allows("192.168.1.77")
    assert settings.allows("10.0.0.5")
    assert settings.allows("127.0.0.1")
    assert not settings.allows("10.0.0.6")
    assert not settings.allows("not an address")
    assert settings.folders_for(Peer("10.0.0.5", 9)) == (Path("/music").absolute(),)
    assert settings.folders_for(Peer("not an address", 9)) == (Path("/music").absolute(),)


def test_who_has_the_pages_token_may_name_takes_and_uploads() -> None:
    settings = Settings(library=Path("/takes"), exchange_folder=Path("/exchange"))
    with_token = settings.folders_for(Peer("10.0.0.5", 9, socket=1))
    assert with_token == (Path("/exchange/uploads").absolute(), Path("/takes").absolute())


def test_an_allow_list_alone_opens_nothing() -> None:
    settings = loaded(allow=["192.168.1.20"])
    assert settings.host == "127.0.0.1"
    assert not settings.allows("192.168.1.20")


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"port": -1}, "`port`: got -1"),
        ({"port": 70_000}, "`port`: got 70000"),
        ({"port": "many"}, "`port`: got 'many'"),
        ({"device": "tpu"}, "`device`: got 'tpu'"),
        ({"colour": "red"}, "`colour`: no such setting; there are port, lan"),
        ({"library": ""}, "`library`: got ''; expected a folder's path"),
        ({"library": 3}, "`library`: got 3"),
        ({"allow": ["here"]}, "expected an IP address"),
        ({"model": "../x"}, "`model`: got '../x', expected a name"),
        ({"name_template": "a/<n>"}, "`name_template`: got 'a/<n>'"),
        ({"lease_seconds": float("nan")}, "`lease_seconds`: got nan"),
        ({"threads": -1}, "`threads`: got -1"),
        ({"layout": "rows"}, "`layout`: got 'rows'; expected auto, contiguous, channels_last"),
        ({"layout": 3}, "`layout`: got 3; expected auto"),
        ({"notify": "tablet:9000"}, "expected an IP address and a port, such as 192.168.1.20:9000"),
        ({"notify": "127.0.0.1:80"}, "expected a port from 1024 to 65535"),
        ({"notify": "192.168.1.20:9000"}, "`notify`: 192.168.1.20 is not among those who may send messages"),
    ],
)
def test_a_bad_value_is_told_with_its_name(flags: dict[str, Any], words: str) -> None:
    with pytest.raises(BridgeError) as raised:
        loaded(**flags)
    assert raised.value.code == "value"
    assert words in raised.value.message
    assert "PydanticUndefined" not in raised.value.message


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(BridgeError) as raised:
        loaded(port=-1, device="tpu", colour="red")
    assert all(name in raised.value.message for name in ("`port`", "`device`", "`colour`"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &a [1]\nb: *a\n", "aliases"),
        ("port: [", "not YAML"),
        ("x" * 70_000, "bytes"),
        ("- 1", "name: value"),
        ("colour: red", "no such setting"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    with pytest.raises(BridgeError, match=words):
        loaded(file)


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(BridgeError, match="cannot be read"):
        loaded(tmp_path / "missing.yaml")


def test_a_file_may_hold_lists(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("lan: true\nallow: [192.168.1.20, 10.0.0.0/8]\nallowed_folders:\n- /music\n- /samples\n")
    settings = loaded(file)
    assert settings.allows("10.1.2.3")
    assert len(settings.allowed_folders) == 2


def test_surfaces_that_are_told_without_asking_must_be_allowed(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("lan: true\nallow: [192.168.1.0/24]\nnotify: [192.168.1.20:9000, 127.0.0.1:9001]\n")
    assert loaded(file).notify == (Peer("192.168.1.20", 9000), Peer("127.0.0.1", 9001))
    assert loaded(notify="127.0.0.1:9001").notify == (Peer("127.0.0.1", 9001),)


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_factory_presets_folder_exists() -> None:
    assert (factory_presets_folder() / "piano_loop.yaml").is_file()


@pytest.mark.parametrize("network", ["::1", "fe80::/10", "192.168.1.20, ::1"])
def test_an_ipv6_address_is_refused_since_nobody_there_would_be_heard(network: str) -> None:
    with pytest.raises(BridgeError, match=r"`allow.*the daemon hears IPv4 alone; give the client's IPv4"):
        loaded(lan=True, allow=network)

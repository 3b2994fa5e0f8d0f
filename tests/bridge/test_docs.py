"""Documents that cannot drift: their tables, commands, requests, paths, links and code are tested."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from bridge.addresses.table import ADDRESSES, BY_PATH, parse, readme_table
from bridge.cli.app import app, with_table
from bridge.cli.client import parse_argument
from bridge.inputs.wildcards import is_pattern, matching
from bridge.messages import BridgeError, Peer
from bridge.midi.map import load_map
from bridge.requests.preset_folders import Presets
from bridge.settings import ENVIRONMENT_PREFIX, Settings, factory_presets_folder, load_settings
from bridge.values import TEMPLATE_FIELDS
from msanii.__main__ import build_app

ROOT = Path(__file__).parents[2]
FOLDERS = (
    ".",
    "bridge",
    "bridge/audio_child",
    "msanii",
    "msanii/pretrained/default",
    "msanii/pretrained/composer",
    "msanii/pretrained/listener",
    "presets",
    "max_for_live",
    "max_for_live/other_daws",
    "max_for_live/other_daws/bitwig",
    "max_for_live/other_daws/live_remote_script",
    "max_for_live/other_daws/pure_data",
    "max_for_live/other_daws/supercollider",
    "tests/outside_ears",
)
DOCUMENTS = [ROOT / folder / "README.md" for folder in FOLDERS] + [ROOT / "CONTRIBUTING.md"]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in DOCUMENTS}
BRIDGE = TEXTS["bridge/README.md"]
SENDER = Peer("127.0.0.1", 9)
COMMANDS: dict[str, Any] = {
    "msanii": typer.main.get_command(build_app()),
    "msanii-bridge": typer.main.get_command(app),
}
each_document = pytest.mark.parametrize("name", TEXTS)


def _blocks(text: str, language: str = r"\w*") -> list[str]:
    """The contents of the fenced blocks in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def _code(text: str) -> list[str]:
    """Lines of fenced blocks without their comments, and spans of code in the text between them."""
    lines = [line for block in _blocks(text) for line in block.replace("\\\n", " ").splitlines()]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`]+)`", prose)
    return [re.sub(r"(^|\s)#.*", "", line).strip() for line in lines] + [" ".join(s.split()) for s in spans]


def _requests(text: str) -> list[list[str]]:
    """Addresses with their arguments: what `msanii-bridge send` and spans of code say."""
    found = [re.sub(r"^msanii-bridge send ", "", code) for code in _code(text)]
    return [shlex.split(code) for code in found if re.match(r"/msanii/[\w/*]+( |$)", code)]


# --- the OSC table ------------------------------------------------------------------------------------


def test_the_osc_table_is_the_codes_own() -> None:
    assert with_table(BRIDGE, readme_table()) == BRIDGE, "run `make readme`"


@pytest.mark.parametrize("row", ADDRESSES, ids=lambda row: row.path)
def test_every_address_is_in_the_reference(row: object) -> None:
    assert f"| `{row.path}` |" in BRIDGE  # type: ignore[attr-defined]


def test_a_file_without_markers_is_refused() -> None:
    with pytest.raises(BridgeError, match="OSC table"):
        with_table("nothing here", "table")


# --- what people type and send ------------------------------------------------------------------------


@each_document
def test_every_command_exists_with_its_options(name: str) -> None:
    for code in _code(TEXTS[name]):
        words = code.split()
        if words and words[0] in COMMANDS and len(words) > 1:
            _check_command(COMMANDS[words[0]], words[1:], code)


def _check_command(command: Any, words: list[str], code: str) -> None:
    # Without a command both are something; with one it has to be there.
    needs_command = (*COMMANDS.values(), COMMANDS["msanii-bridge"].commands["bench"])
    while words and (words[0] in (commands := getattr(command, "commands", {})) or command in needs_command):
        assert words[0] in commands, code
        command, words = commands[words[0]], words[1:]
    known = {"--help", *(option for parameter in command.params for option in _options(parameter))}
    assert {word for word in words if re.match(r"--?[a-z]", word)} <= known, code


def _options(parameter: Any) -> list[str]:
    return [*parameter.opts, *parameter.secondary_opts]


@each_document
def test_every_request_is_one_that_the_daemon_takes(name: str) -> None:
    for address, *words in _requests(TEXTS[name]):
        arguments = [parse_argument(word) for word in words]
        if is_pattern(address):
            assert matching(address, BY_PATH)
        elif address not in BY_PATH:
            _check_event(address)
        elif arguments and words != ["..."]:
            parse(address, arguments, SENDER)


def _check_event(address: str) -> None:
    """Assert that the code sends this address: it stands there whole, or without the part before its name."""
    word = address.removeprefix("/msanii/").removeprefix("midi/event/")
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "bridge").rglob("*.py"))
    assert any(f'"{address}' in source or f'"{word}"' in source for source in sources), address


@each_document
def test_an_oscsend_line_has_a_type_for_each_argument(name: str) -> None:
    for address, tags, rest in re.findall(r"oscsend \S+ \d+ (\S+) ([sif]+) (.+)", TEXTS[name]):
        words = shlex.split(rest)
        assert len(tags) == len(words)
        parse(
            address,
            [parse_argument(word) if tag != "s" else word for tag, word in zip(tags, words, strict=True)],
            SENDER,
        )


@each_document
def test_every_make_target_exists(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for code in _code(TEXTS[name]):
        if code.startswith("make "):
            assert re.search(rf"^{code.split()[1]}:", makefile, re.MULTILINE), code


# --- settings, presets, maps, Python ------------------------------------------------------------------


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_described_with_its_default(name: str) -> None:
    (default,) = re.findall(rf"^\| `{name}` \| (.+?) \|", BRIDGE, re.MULTILINE)
    value = Settings.model_fields[name].get_default(call_default_factory=False)
    if isinstance(value, bool | int | float):
        assert default == f"`{str(value).lower() if isinstance(value, bool) else format(value, 'g')}`"


@each_document
def test_every_environment_variable_is_a_settings(name: str) -> None:
    for variable in re.findall(rf"\b{ENVIRONMENT_PREFIX}([A-Z_]+)=", TEXTS[name]):
        assert variable.lower() in Settings.model_fields


def test_every_placeholder_of_file_names_is_described() -> None:
    assert [field for field in TEMPLATE_FIELDS if f"`<{field}>`" not in BRIDGE] == []


def test_every_factory_preset_is_described() -> None:
    names = Presets(factory_presets_folder(), ROOT / "nowhere").names()
    described = re.findall(r"^\| `(\w+)` \|", TEXTS["presets/README.md"], re.MULTILINE)
    assert sorted(described) == sorted(names)


def test_the_example_of_a_preset_loads(tmp_path: Path) -> None:
    (block,) = _blocks(TEXTS["presets/README.md"], "yaml")
    (tmp_path / "verse.yaml").write_text(block, encoding="utf-8")
    preset = Presets(factory_presets_folder(), tmp_path).get("verse")
    assert preset.description == "Drums for the second verse."
    assert preset.values["guidance"] == 3.5


def test_the_examples_of_a_map_and_of_settings_load(tmp_path: Path) -> None:
    map_block, _pack_recipe, settings_block = _blocks(BRIDGE, "yaml")
    (tmp_path / "map.yaml").write_text(map_block, encoding="utf-8")
    assert load_map(tmp_path / "map.yaml").description == "my controller"
    (tmp_path / "settings.yaml").write_text(settings_block, encoding="utf-8")
    assert load_settings(tmp_path / "settings.yaml", environment={}).port == 9801


def test_the_python_example_renders(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import soundfile

    (block,) = _blocks(TEXTS["msanii/README.md"], "python")
    monkeypatch.setattr("msanii.checkpoint.folder.DEFAULT_FOLDER", tiny_model)
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "msanii/README.md", "exec"), {})  # noqa: S102  (the example is our own)
    for seed in (7, 8):
        assert soundfile.info(f"take_{seed}.wav").frames == round(16 * 60 * 44_100 / 97.3)


# --- the documents themselves -------------------------------------------------------------------------


def test_the_readme_stays_under_200_lines() -> None:
    assert len(TEXTS["README.md"].splitlines()) < 200


@each_document
def test_every_path_exists(name: str) -> None:
    for path in re.findall(r"`((?:msanii|bridge|presets|max_for_live|tests)/[\w/]+[\w/.]*)`", TEXTS[name]):
        assert (ROOT / path).exists() or (ROOT / name).parent.joinpath(path).exists(), path


@each_document
def test_every_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[name]):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        found = (ROOT / name).parent / file if file else ROOT / name
        assert found.exists(), target
        if anchor:
            assert anchor in _anchors(found.read_text(encoding="utf-8")), target


def _anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_document
def test_no_machine_path_is_in_it(name: str) -> None:
    assert not re.search(r"/(?:home|Users|work|root)/\w", TEXTS[name])

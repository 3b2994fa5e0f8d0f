"""Documentation that cannot drift: the README's table, commands and promises are held against the code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from bridge.addresses.table import ADDRESSES, readme_table
from bridge.cli.app import app, with_table
from bridge.messages import BridgeError
from bridge.parameters import PARAMETERS
from bridge.requests.presets import Presets
from bridge.settings import factory_presets_folder

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_osc_table_is_the_codes_own() -> None:
    assert with_table(README, readme_table()) == README, "run `make readme`"


@pytest.mark.parametrize("row", ADDRESSES, ids=lambda row: row.path)
def test_every_address_is_in_the_readme(row: object) -> None:
    assert f"| `{row.path}` |" in README  # type: ignore[attr-defined]


def test_a_file_without_markers_is_refused() -> None:
    with pytest.raises(BridgeError, match="OSC table"):
        with_table("nothing here", "table")


def test_every_factory_preset_is_described() -> None:
    names = Presets(factory_presets_folder(), ROOT / "nowhere").names()
    assert {"piano_loop", "sketch", "paper", "long_form"} <= set(names)
    for name in names:
        assert f"`{name}`" in README


def test_every_command_in_the_readme_exists() -> None:
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    said = set(re.findall(r"msanii-bridge ([a-z-]+)", README))
    assert said
    assert said <= known


def test_every_key_in_the_readmes_requests_exists() -> None:
    lines = re.findall(r"send \S*/msanii/generate (.+)|oscsend \S+ \d+ /msanii/generate \w+ \S+ (.+)", README)
    assert len(lines) >= 2
    for line in lines:
        words = shlex.split(next(filter(None, line)))
        assert set(words[::2]) <= set(PARAMETERS), words


def test_the_oscsend_line_has_a_type_for_each_argument() -> None:
    for tags, rest in re.findall(r"oscsend \S+ \d+ \S+ ([sif]+) (.+)", README):
        assert len(tags) == len(shlex.split(rest))


@pytest.mark.parametrize("target", ["make demo", "make test", "make check"])
def test_the_readme_names_the_make_targets(target: str) -> None:
    assert target in README
    assert re.search(rf"^{target.split()[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(
    "path", re.findall(r"`((?:msanii|bridge|presets|max_for_live|tests)/[\w/]+[\w/.]*)`", README)
)
def test_every_path_in_the_readme_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_no_machine_path_is_committed_in_the_documents() -> None:
    for document in ROOT.glob("*.md"):
        text = document.read_text(encoding="utf-8")
        assert not re.search(r"/(?:home|Users|work|root)/\w", text), document.name

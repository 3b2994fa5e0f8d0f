"""The scripts for Ardour as far as plain Lua reads them. `make ardour` runs them in a real Ardour."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, need

FOLDER = ROOT / "max_for_live" / "other_daws" / "ardour"
NAMES = {
    "msanii_generate_here.lua": "Msanii: Generate here",
    "msanii_place_take.lua": "Msanii: Place take",
}
BEGIN, END = "The same in all of Msanii's scripts: begin", "The same in all of Msanii's scripts: end"

# Ardour keeps the bytecode of `factory` alone: of what is outside it, only globals are left to it.
READ = """
ardour = function (header)
  for _, key in ipairs ({ "type", "name", "license", "author", "description" }) do print (header[key]) end
end
dofile (arg[1])
print (debug.getupvalue (factory, 1), debug.getupvalue (factory, 2))
local action = load (string.dump (factory, true)) ()
print (type (action))
"""


def shared(path: Path) -> str:
    """What a script has between the two lines that frame what all have."""
    text = path.read_text(encoding="utf-8")
    return text[text.index(BEGIN) : text.index(END)]


def test_every_script_is_named_here() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.lua")) == sorted(NAMES)


@pytest.mark.parametrize("script", NAMES)
def test_ardour_finds_an_action_that_needs_nothing_outside_its_factory(script: str, tmp_path: Path) -> None:
    reader = tmp_path / "read.lua"
    reader.write_text(READ, encoding="utf-8")
    ran = subprocess.run(
        [need("lua5.4"), reader, FOLDER / script], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    kind, name, licence, author, description, upvalues, action = ran.stdout.splitlines()
    assert (kind, name, licence, author) == ("EditorAction", NAMES[script], "MIT", "Msanii")
    assert description not in ("", "nil")
    assert upvalues == "_ENV"
    assert action == "function"


def test_the_scripts_share_the_same_lines() -> None:
    first, *others = (shared(FOLDER / name) for name in NAMES)
    assert first.count("\n") > 100
    assert all(other == first for other in others)

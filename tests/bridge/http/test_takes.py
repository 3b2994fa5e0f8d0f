"""Takes over HTTP: the list, audio in ranges, MIDI, notes, waveform, picture, recipe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from bridge.http.waveform import peaks
from bridge.library.shelf import Shelf
from bridge.library.take_files import TakeFiles
from bridge.library.takes import Library, name_take
from bridge.messages import BridgeError
from tests.bridge.files import drop_take, write_tone
from tests.bridge.http.served import Served, served, served_test
from tests.bridge.render_requests import make_recipe

NOTES = ((0.0, 1.0, 60, 80), (1.0, 2.0, 64, 90))


def composed(**values: Any) -> Any:
    """The recipe of a take with a score."""
    given = {"part": "keys", "chords": "Am", "key": "A minor", "compose": "auto"} | values
    return make_recipe(**given).model_copy(update={"notes": {"keys": NOTES, "bass": NOTES[:1]}})


async def listed(page: Served, query: str = "") -> list[dict[str, Any]]:
    answer = await page.get(f"/takes{query}")
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json()
    return found


@served_test
async def test_the_list_has_every_take_with_what_its_recipe_says(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        library = page.settings.library
        take = drop_take(library / "one.wav", composed(parent="zero.wav", bpm=97.0))
        TakeFiles(take).midi.write_bytes(b"MThd")
        (found,) = await listed(page)
        assert found == {
            "name": "one.wav", "label": "", "seconds": 2.0, "bpm": 97.0, "meter": "4/4", "key": "A minor",
            "chords": "Am",
            "sound": "", "part": "keys", "preset": "piano_loop", "verb": "generate", "seed": 7, "star": False,
            "made": "2026-11-22T14:00:00Z", "bytes": take.stat().st_size, "has_notes": True,
            "parent": "zero.wav",
        }  # fmt: skip


@served_test
async def test_the_list_is_searched_starred_and_paged_newest_first(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        library = page.settings.library
        for number in range(5):
            part = "bass" if number % 2 else "keys"
            recipe = make_recipe(part=part).model_copy(update={"created": f"2026-11-2{number}T14:00:00Z"})
            drop_take(library / f"take_{number}.wav", recipe)
        (library / ".msanii" / "starred").write_text("take_1.wav\n")
        assert [take["name"] for take in await listed(page)] == [f"take_{n}.wav" for n in (4, 3, 2, 1, 0)]
        assert [take["name"] for take in await listed(page, "?query=BASS take")] == [
            "take_3.wav",
            "take_1.wav",
        ]
        assert [take["name"] for take in await listed(page, "?star=1")] == ["take_1.wav"]
        assert [take["name"] for take in await listed(page, "?query=take_2.wav")] == ["take_2.wav"]
        name_take(Shelf(library), "take_3.wav", "Größer Chorus")
        (found,) = await listed(page, "?query=grösser")
        assert (found["name"], found["label"]) == ("take_3.wav", "Größer Chorus")
        answer = await page.get("/takes?from=1&count=2")
        assert answer.headers["X-Total-Count"] == "5"
        assert [take["name"] for take in answer.json()] == ["take_3.wav", "take_2.wav"]


@pytest.mark.parametrize("query", ["from=x", "from=-1", "count=0", "count=100000", "count=" + "9" * 5000])
@served_test
async def test_a_bad_number_is_named(tmp_path: Path, query: str) -> None:
    async with served(tmp_path) as page:
        answer = await page.get(f"/takes?{query}")
        assert answer.status == 400
        error = answer.json()
        assert error["code"] == "value"
        assert query.split("=")[0] in error["message"]


@served_test
async def test_audio_comes_whole_and_in_ranges(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        take = drop_take(page.settings.library / "one.wav")
        data = take.read_bytes()
        answer = await page.get("/takes/one.wav")
        assert (answer.status, answer.content_type, answer.body) == (200, "audio/wav", data)
        part = await page.get("/takes/one.wav", headers={"Range": "bytes=100-199"})
        assert (part.status, part.body) == (206, data[100:200])
        assert part.headers["Content-Range"] == f"bytes 100-199/{len(data)}"
        end = await page.get("/takes/one.wav", headers={"Range": "bytes=-10"})
        assert end.body == data[-10:]
        beyond = await page.get("/takes/one.wav", headers={"Range": f"bytes={len(data)}-"})
        assert beyond.status == 416
        same = await page.get("/takes/one.wav", headers={"If-None-Match": answer.headers["ETag"]})
        assert same.status == 304


@served_test
async def test_midi_recipe_notes_waveform_and_picture_of_a_take(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        recipe = composed()
        take = drop_take(page.settings.library / "one.wav", recipe)
        TakeFiles(take).midi.write_bytes(b"MThd....")
        for name in ("one.wav.mid", "one.mid"):
            midi = await page.get(f"/takes/{name}")
            assert (midi.content_type, midi.body) == ("audio/midi", b"MThd....")
        told = (await page.get("/takes/one.wav/recipe")).json()
        assert told == json.loads(recipe.compact())
        notes = (await page.get("/takes/one.wav/notes")).json()
        assert (notes["own"], notes["editable"], notes["why"]) == (["keys"], True, "")
        assert notes["parts"] == {"keys": [list(note) for note in NOTES], "bass": [list(NOTES[0])]}
        assert (notes["bars"], notes["bar_beats"], notes["bpm"]) == (1, 4.0, 120.0)
        TakeFiles(take).midi.unlink()
        waveform = (await page.get("/takes/one.wav/peaks?width=50")).json()
        assert waveform == {"low": [0.25] * 50, "high": [0.25] * 50}
        picture = await page.get("/takes/one.wav/picture")
        (tmp_path / "picture.png").write_bytes(picture.body)
        with Image.open(tmp_path / "picture.png") as drawn:
            assert drawn.size[1] > 100
        assert not TakeFiles(take).picture.exists()


@served_test
async def test_a_take_that_played_freely_says_why_it_has_no_notes(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        drop_take(page.settings.library / "free.wav")
        answer = await page.get("/takes/free.wav/notes")
        assert answer.status == 404
        assert "has no notes" in answer.json()["message"]


@served_test
async def test_the_mix_of_an_arrangement_shows_its_parts_and_says_why_it_is_not_edited(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as page:
        recipe = composed(part="", parts="keys,bass", count=3)
        drop_take(page.settings.library / "mix.wav", recipe.model_copy(update={"index": 2}))
        notes = (await page.get("/takes/mix.wav/notes")).json()
        assert (notes["own"], notes["editable"]) == (["keys", "bass"], False)
        assert "is the mix" in notes["why"]


@served_test
async def test_a_damaged_take_is_an_error_and_not_a_fault(tmp_path: Path) -> None:
    async with served(tmp_path) as page:
        (page.settings.library / "junk.wav").write_bytes(b"RIFFjunk")
        for path in ("peaks", "picture", "recipe", "notes"):
            answer = await page.get(f"/takes/junk.wav/{path}")
            assert 400 <= answer.status < 500, path
            assert answer.json()["message"]


def test_a_waveform_is_the_lowest_and_highest_of_every_span(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    audio = rng.uniform(-1, 1, (10_007, 2)).astype(np.float32)
    soundfile.write(tmp_path / "x.wav", audio, 44_100, subtype="FLOAT")
    low, high = peaks(tmp_path / "x.wav", 0, 13)
    spans = np.arange(10_007) * 13 // 10_007
    for span in range(13):
        inside = audio[spans == span]
        assert low[span] == pytest.approx(inside.min(), abs=1e-4)
        assert high[span] == pytest.approx(inside.max(), abs=1e-4)


def test_a_short_file_has_as_many_spans_as_samples(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", np.array([0.5, -0.5, 0.25], np.float32), 8_000, subtype="FLOAT")
    assert peaks(tmp_path / "x.wav", 0, 600) == ([0.5, -0.5, 0.25], [0.5, -0.5, 0.25])


def test_the_peaks_of_blocks_are_joined(tmp_path: Path) -> None:
    write_tone(tmp_path / "long.wav", 15.0)
    low, high = peaks(tmp_path / "long.wav", 0, 7)
    assert max(high) == pytest.approx(0.1, abs=0.001)
    assert all(value == pytest.approx(-0.1, abs=0.001) for value in low)
    with pytest.raises(BridgeError):
        peaks(tmp_path, 0, 7)


def test_the_parent_of_an_edited_take_is_in_the_index(tmp_path: Path) -> None:
    library = Library(tmp_path)
    try:
        path = drop_take(tmp_path / "one.wav", composed(parent="zero.wav"))
        assert library.add(path).parent == "zero.wav"
    finally:
        library.close()
    from bridge.library.index import known_takes
    from bridge.library.shelf import Shelf

    assert known_takes(Shelf(tmp_path))[str(path)].parent == "zero.wav"

"""What was heard, as a MIDI file and as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from msanii.errors import MsaniiError
from msanii.limits import DEFAULT_BPM
from msanii.listening.heard import Heard
from msanii.music.chords import Meter
from msanii.music.midi_notes import BeatNote
from msanii.music.midi_writing import MidiHead, to_midi
from msanii.signal.audio_files import Clip
from msanii.signal.spectrogram_picture import coloured_spectrogram

_HEADER_ROWS = 34
_INK, _BEAT, _BAR = (220, 220, 220), (120, 150, 180), (120, 255, 160)
_LETTER_COLUMNS = 6


def heard_midi(heard: Heard) -> bytes:
    """A MIDI file of the notes and chords, its beats those that were heard, however they drift.

    It starts with the bar line at or before the audio's start. Without a tempo it is at 120 bpm, in real
    time.
    """
    bpm = heard.bpm or DEFAULT_BPM
    meter = Meter(numerator=heard.numerator or 4, denominator=heard.denominator or 4)
    seconds, quarters = _beat_map(heard, bpm)

    def at(time: float) -> float:
        return float(np.interp(time, seconds, quarters))

    notes: list[BeatNote] = [
        (at(note.onset_seconds), at(note.end_seconds), note.pitch, note.velocity) for note in heard.notes
    ]
    head = MidiHead(
        beats=max(at(heard.seconds), float(meter.bar_beats)),
        bpm=bpm,
        meter=meter,
        key=heard.key or "",
        chords=[(max(at(one.start_seconds), 0.0), one.text) for one in heard.chord_spans],
    )
    return to_midi({"keys": notes}, head)


def _beat_map(heard: Heard, bpm: float) -> tuple[list[float], list[float]]:
    """Seconds and quarter notes from the file's start, to interpolate between; past the beats at `bpm`."""
    per_second = bpm / 60
    places = [place for _, place in heard.beats]
    if len(places) < 2 or 0 not in places or heard.numerator is None or heard.denominator is None:
        return [0.0, heard.seconds], [0.0, heard.seconds * per_second]
    bar = 4 * heard.numerator / heard.denominator
    unit = bar / (max(places) + 1)
    seconds = [at for at, _ in heard.beats]
    quarters = [unit * (number - places.index(0)) for number in range(len(places))]
    before = quarters[0] - seconds[0] * per_second
    shift = -bar * np.floor(before / bar + 1e-6)
    seconds = [0.0, *seconds, max(heard.seconds, seconds[-1] + 1e-3)]
    quarters = [before, *quarters, quarters[-1] + (seconds[-1] - seconds[-2]) * per_second]
    return seconds, [float(quarter + shift) for quarter in quarters]


def write_heard_picture(path: Path, clip: Clip, heard: Heard) -> None:
    """Write a PNG of the spectrogram with beats, bar lines and chords over it.

    Raises MsaniiError if it cannot be written.
    """
    spectrogram = coloured_spectrogram(clip.audio, clip.rate)
    columns = spectrogram.width / clip.seconds
    picture = Image.new("RGB", (spectrogram.width, _HEADER_ROWS + spectrogram.height))
    picture.paste(spectrogram, (0, _HEADER_ROWS))
    drawing = ImageDraw.Draw(picture)
    drawing.text((2, 2), f"{path.stem}: {heard.sentences()[0]}; key: {heard.key or 'not sure'}", fill=_INK)
    for seconds, place in heard.beats:
        column = seconds * columns
        bottom = picture.height if place == 0 else _HEADER_ROWS + spectrogram.height // 10
        drawing.line((column, _HEADER_ROWS, column, bottom), fill=_BAR if place == 0 else _BEAT)
    free = 0.0
    for span in heard.chord_spans:
        column = span.start_seconds * columns
        if column >= free:
            drawing.text((column + 2, _HEADER_ROWS // 2), span.text, fill=_INK)
            free = column + _LETTER_COLUMNS * (len(span.text) + 1)
    try:
        picture.save(path, format="PNG")
    except OSError as error:
        raise MsaniiError(f"picture: `{path}` cannot be written ({error}); check the folder") from error

"""Takes made from the score of another one: some bars rendered anew, or all of it with other notes.

Letters: C audio channels, L samples. Audio is float32 of shape (C, L), full scale at 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from msanii.choices import RepaintName
from msanii.composer.rewriting import rewritten
from msanii.composer.scores import Written, as_given
from msanii.limits import DEFAULT_REPAINT
from msanii.music.bars import bar_regions
from msanii.music.midi_notes import BeatNote
from msanii.music.score import Score
from msanii.rendering.renewed_take import renewed_takes
from msanii.signal.audio_files import Clip
from msanii.takes import CHANNELS, Take, TakeRenderer


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRenderer(TakeRenderer):
    """Renders scores whose notes, by part, are there already, and of which some bars are composed anew.

    `groove_seed` is as in `ScoreComposer`.
    """

    groove_seed: int | None = None

    def renew(
        self,
        source: Clip,
        bars: Collection[int],
        score: Score,
        given: Mapping[str, tuple[BeatNote, ...]] | None = None,
        parts: Sequence[str] = (),
        *,
        repaint: RepaintName = DEFAULT_REPAINT,
        repaint_steps: int | None = None,
    ) -> Iterator[Take]:
        """Render bars of the source, counted from 0, anew in one pass, as the score now asks for.

        The source begins with the score's first bar, and ends or loops as the renderer's takes do. Every
        sample outside the bars stays as it is, at the source's own rate; fades of 30 ms lie inside them.
        The take plays the notes of `parts` in `given`, with `compose` auto those in the bars composed anew;
        without `given` it plays the score's own.
        """
        played = self._rewritten(score, given, parts, bars)
        heard = self._at_model_rate(source)

        def regions(rate: int, samples: int) -> list[tuple[int, int]]:
            line = partial(score.bar_line, rate=rate)
            return bar_regions(bars, line, count=score.whole_bars, samples=samples)

        rendered = self.pipeline.renew(
            heard,
            regions(rate=self.pipeline.rate, samples=heard.shape[1]),
            [one.score for one in played],
            seeds=self._seeds(self.count),
            end=self.end,
            loop=self.loop,
            repaint=repaint,
            repaint_steps=repaint_steps,
            sampling=self.sampling,
            on_step=self.on_step,
        )
        made = renewed_takes(
            rendered,
            source,
            regions(rate=source.rate, samples=source.samples),
            source_rate=self.pipeline.rate,
            loop=self.loop,
            end=self.end,
            bar_line=score.samples(source.rate),
            allow_clipping=self.allow_clipping,
        )
        takes = (Take(audio, source.rate, tail) for audio, tail in made)
        return _with_notes(takes, played, parts)

    def rewrite(
        self,
        bars: Collection[int],
        score: Score,
        given: Mapping[str, tuple[BeatNote, ...]],
        parts: Sequence[str],
    ) -> Iterator[Take]:
        """Generate the score's music with the notes of `parts` in `given`, those in `bars` composed anew.

        With `compose` off none are. New notes are fitted to the other parts in `given`, which do not play.
        """
        played = self._rewritten(score, given, parts, bars)
        rendered = self.pipeline.generate(
            [one.score for one in played],
            seeds=self._seeds(self.count),
            sampling=self.sampling,
            channels=CHANNELS,
            end=self.end,
            loop=self.loop,
            on_step=self.on_step,
        )
        takes = self._finished(rendered, score.samples(self.pipeline.rate), score.samples(self._rate()))
        return _with_notes(takes, played, parts)

    def _rewritten(
        self,
        score: Score,
        given: Mapping[str, tuple[BeatNote, ...]] | None,
        parts: Sequence[str],
        bars: Collection[int],
    ) -> list[Written]:
        if given is None:
            return [as_given(score)] * self.count
        composer = replace(self._composer, groove_seed=self.groove_seed)
        composed = bars if self.compose == "auto" else ()
        return [
            rewritten(composer, score, given, parts, bars=composed, seed=seed)
            for seed in self._seeds(self.count)
        ]


def _with_notes(takes: Iterable[Take], played: Iterable[Written], parts: Sequence[str]) -> Iterator[Take]:
    """The takes with what they play; their MIDI files have the notes of `parts` if that is a single one."""
    heard = parts[0] if len(parts) == 1 else ""
    return (
        replace(take, notes=one.notes, midi=one.midi(heard)) for take, one in zip(takes, played, strict=True)
    )

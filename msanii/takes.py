"""Rendering takes, the finished samples of audio files, for every verb and for arrangements.

`Pipeline` renders at the model's rate. Here sources have their own rates, and rendered audio gets the file's
rate, exact length, ending and loudness; in- and outpainting splice it into the untouched source.

Letters: B variations, C audio channels, L samples. Audio is float32 of shape (C, L), full scale at 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from msanii.choices import Compose, End, RepaintName, Side
from msanii.composer.continuing import continued, ends_on_bar_line, recomposed
from msanii.composer.grooves.library import Grooves
from msanii.composer.plan import Notes
from msanii.composer.scores import ScoreComposer, Written, as_given
from msanii.diffusion.sampling import OnStep
from msanii.limits import (
    DEFAULT_COMPOSE,
    DEFAULT_REPAINT,
    DEFAULT_SIDE,
    LOUDNESS_LUFS,
    REGION_TOLERANCE_SECONDS,
)
from msanii.music.parts import part_names
from msanii.music.score import Note, Score
from msanii.pipelines import Pipeline
from msanii.rendering.arrangement import finish_arrangement, part_scores
from msanii.rendering.job import Sampling, edition_of
from msanii.rendering.looping import check_loop_end
from msanii.rendering.take import Span, Take, finished_takes, spliced_takes, with_notes
from msanii.signal.audio_files import Clip
from msanii.signal.loop_finishing import resample_loop

__all__ = ["CHANNELS", "Take", "TakeRenderer"]

CHANNELS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRenderer:
    """Renders `count` variations as one batch, with the seeds `seed`, `seed + 1` and so on.

    Calling a verb samples them all; iterating over the result finishes one take at a time. `sampling` None
    means the model's own. `rate` is the files' in hertz; None: the model's, or the source's for in- and
    outpainting. `loudness_lufs` None leaves the level alone, as in- and outpainting always do: the source
    that they keep may then exceed full scale, which raises OutputError unless `allow_clipping` (for
    floating-point files). With `compose` auto, `generate` and `arrange` write notes for what has none, in a
    `style` ("" leaves it open) of `grooves` (None: the program's), if the model knows notes. `on_step` and
    errors are as in `Pipeline`.
    """

    pipeline: Pipeline
    seed: int
    count: int = 1
    sampling: Sampling | None = None
    rate: int | None = None
    end: End = "cut"
    loop: bool = False
    loudness_lufs: float | None = LOUDNESS_LUFS
    allow_clipping: bool = False
    compose: Compose = DEFAULT_COMPOSE
    style: str = ""
    grooves: Grooves | None = None
    on_step: OnStep | None = None

    def __post_init__(self) -> None:
        if self.loop:
            check_loop_end(self.end)

    def generate(self, score: Score) -> Iterator[Take]:
        """Generate music of the score's length; each variation has notes of its own."""
        played = [self._with_notes(score, seed) for seed in self._seeds(self.count)]
        rendered = self.pipeline.generate(
            [one.score for one in played] if self._composes else score,
            seeds=self._seeds(self.count),
            sampling=self.sampling,
            channels=CHANNELS,
            end=self.end,
            loop=self.loop,
            on_step=self.on_step,
        )
        takes = self._finished(rendered, score.samples(self.pipeline.rate), score.samples(self._rate()))
        return with_notes(takes, played)

    def arrange(
        self,
        score: Score,
        parts: Sequence[str],
        sounds: Sequence[str] = (),
        levels_db: Sequence[float] = (),
        notes: Sequence[tuple[Note, ...]] = (),
    ) -> Iterator[Take]:
        """Render each part in order, then their mix. `sounds`, `levels_db` and `notes` have one entry a part.

        Any of them may be empty. Parts without notes are composed together, to those that have some; if they
        are not to be composed, every part plays the score's notes where `notes` is empty. There is one seed
        per part. `count` arrangements are rendered as one batch and come one after another.
        """
        seeds = self._seeds(self.count * len(parts))
        arranged = [self._arranged(score, parts, sounds, notes, seed) for seed in seeds[:: len(parts)]]
        rendered = self.pipeline.generate(
            [
                one
                for written in arranged
                for one in part_scores(score, parts, sounds, self._notes_of(written, notes))
            ],
            seeds=seeds,
            channels=CHANNELS,
            sampling=self.sampling,
            loop=self.loop,
            on_step=self.on_step,
        )
        batches = rendered.view(self.count, len(parts), *rendered.shape[1:])
        return (
            take
            for written, batch in zip(arranged, batches, strict=True)
            for take in self._finished_arrangement(batch, written, parts, levels_db)
        )

    def _arranged(
        self,
        score: Score,
        parts: Sequence[str],
        sounds: Sequence[str],
        notes: Sequence[tuple[Note, ...]],
        seed: int,
    ) -> Written:
        if self._composes:
            return self._composer.arranged(score, parts, sounds, notes, seed=seed)
        names = part_names(parts)
        by_part = {name: score.in_quarters(plays) for name, plays in zip(names, notes, strict=False)}
        return Written(score=score, notes=by_part, sounds=dict(zip(names, sounds, strict=False)))

    def _notes_of(self, written: Written, given: Sequence[tuple[Note, ...]]) -> Sequence[tuple[Note, ...]]:
        if not self._composes:
            return given
        return [written.score.timed(played) for played in written.notes.values()]

    def _finished_arrangement(
        self, rendered: Tensor, written: Written, parts: Sequence[str], levels_db: Sequence[float]
    ) -> Iterator[Take]:
        rate = self._rate()
        arrangement = finish_arrangement(
            rendered.cpu().numpy(),
            parts,
            samples=written.score.samples(rate),
            source_rate=self.pipeline.rate,
            rate=rate,
            loop=self.loop,
            fade=self.end == "fade",
            loudness_lufs=self.loudness_lufs,
            levels_db=levels_db,
            edition=edition_of(self.sampling),
        )
        for part, audio in {**arrangement.parts, "": arrangement.mix}.items():
            yield Take(audio, rate, notes=written.notes, midi=written.midi(part))

    def vary(
        self, source: Clip, score: Score | None = None, *, strength: float, samples: int | None = None
    ) -> Iterator[Take]:
        """Vary the source. `samples` is the file's length; None: the source's, to within a sample."""
        rendered = self.pipeline.vary(
            self._at_model_rate(source),
            score,
            seeds=self._seeds(self.count),
            strength=strength,
            loop=self.loop,
            sampling=self.sampling,
            on_step=self.on_step,
        )
        if samples is None and self.loop:
            samples = source.samples_at(self._rate())
        return self._finished(rendered, rendered.shape[-1], samples)

    def interpolate(
        self,
        source: Clip,
        other: Clip,
        ratio: float,
        score: Score | None = None,
        *,
        strength: float,
        samples: int | None = None,
    ) -> Iterator[Take]:
        """Blend two sources: ratio 0 is the first, 1 the other. `samples` None: as long as the shorter."""
        rendered = self.pipeline.interpolate(
            self._at_model_rate(source),
            self._at_model_rate(other),
            ratio,
            score,
            seeds=self._seeds(self.count),
            strength=strength,
            sampling=self.sampling,
            on_step=self.on_step,
        )
        return self._finished(rendered, rendered.shape[-1], samples)

    def inpaint(
        self,
        source: Clip,
        from_seconds: float | None,
        to_seconds: float | None,
        score: Score | None = None,
        *,
        repaint: RepaintName = DEFAULT_REPAINT,
        repaint_steps: int | None = None,
        notes: Mapping[str, Notes] | None = None,
    ) -> Iterator[Take]:
        """Replace the source between two times; None: its start, its end.

        If the source's `notes` are known, in beats by part, the bars of the new music are composed to them.
        """
        # At the model's rate, an end within the last sample could be rounded to outside the source.
        past_end = None if to_seconds is None else to_seconds - source.seconds
        if past_end is not None and -1 / source.rate < past_end <= REGION_TOLERANCE_SECONDS:
            to_seconds = None
        region = from_seconds or 0.0, source.seconds if to_seconds is None else to_seconds
        played = [
            recomposed(self._composer, score, notes, region, seed)
            for seed in self._seeds(self.count)
            if self._composes and score and notes
        ]
        rendered = self.pipeline.inpaint(
            self._at_model_rate(source),
            from_seconds,
            to_seconds,
            [one.shown for one in played] or score,
            seeds=self._seeds(self.count),
            repaint=repaint,
            repaint_steps=repaint_steps,
            sampling=self.sampling,
            on_step=self.on_step,
        )
        start = 0 if from_seconds is None else round(from_seconds * source.rate)
        end = source.samples if to_seconds is None else min(round(to_seconds * source.rate), source.samples)
        return with_notes(
            self._spliced(rendered, source, Span(start, end, source.samples)), [one.whole for one in played]
        )

    def outpaint(
        self,
        source: Clip,
        new: Score,
        side: Side = DEFAULT_SIDE,
        score: Score | None = None,
        *,
        repaint: RepaintName = DEFAULT_REPAINT,
        repaint_steps: int | None = None,
        notes: Mapping[str, Notes] | None = None,
    ) -> Iterator[Take]:
        """Add music before or after the source, as long as `new` and following `score`.

        If the source's `notes` are known, in beats by part, the new bars are composed to them.
        """
        played = [
            continued(self._composer, score, notes, source_seconds=source.seconds, side=side, seed=seed)
            for seed in self._seeds(self.count)
            if self._composes and score and notes and ends_on_bar_line(score, source.seconds, side)
        ]
        rendered = self.pipeline.outpaint(
            self._at_model_rate(source),
            new.seconds,
            side,
            [one.shown for one in played] or score,
            seeds=self._seeds(self.count),
            repaint=repaint,
            repaint_steps=repaint_steps,
            sampling=self.sampling,
            on_step=self.on_step,
        )
        kept, added = source.samples, new.samples(source.rate)
        if side == "before":
            span = Span(0, added, added + kept, offset=added)
        else:
            span = Span(kept, kept + added, kept + added)
        added_samples = new.samples(self.rate or source.rate)
        return with_notes(self._spliced(rendered, source, span, added_samples), [one.whole for one in played])

    @property
    def _composes(self) -> bool:
        return self.compose == "auto" and self.pipeline.knows_notes

    @property
    def _composer(self) -> ScoreComposer:
        return ScoreComposer(style=self.style, loop=self.loop, grooves=self.grooves)

    def _with_notes(self, score: Score, seed: int) -> Written:
        if self._composes:
            return self._composer.with_notes(score, seed)
        return as_given(score)

    def _seeds(self, count: int) -> list[int]:
        return [self.seed + place for place in range(count)]

    def _rate(self) -> int:
        return self.rate or self.pipeline.rate

    def _at_model_rate(self, source: Clip) -> Tensor:
        if not self.loop:
            return torch.from_numpy(source.at(self.pipeline.rate))
        return torch.from_numpy(resample_loop(source.audio, source.samples_at(self.pipeline.rate)))

    def _finished(self, rendered: Tensor, loop_samples: int, samples: int | None) -> Iterator[Take]:
        """Finish takes that are new from end to end; `samples` None: as long as rendered."""
        rate = self._rate()
        if samples is None:
            samples = round(rendered.shape[-1] * rate / self.pipeline.rate)
        return finished_takes(
            rendered,
            samples=samples,
            source_rate=self.pipeline.rate,
            rate=rate,
            end=self.end,
            loop_samples=loop_samples if self.loop else None,
            loudness_lufs=self.loudness_lufs,
            edition=edition_of(self.sampling),
        )

    def _spliced(self, rendered: Tensor, source: Clip, span: Span, added: int = 0) -> Iterator[Take]:
        """Finish takes that keep their source; `added` is the number of new samples at the file's rate."""
        rate = self.rate or source.rate
        return spliced_takes(
            rendered,
            source,
            span,
            samples=source.samples_at(rate) + added,
            source_rate=self.pipeline.rate,
            rate=rate,
            allow_clipping=self.allow_clipping,
            edition=edition_of(self.sampling),
        )

"""Evaluation of a vocoder on a model's own mels, compared with Griffin-Lim.

There is no true audio to compare with: both are compared with real renders of other music, by the features of
the sound classifier. Letters: C audio channels, L samples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msanii.evaluation.clips import ClipRenderer
from msanii.evaluation.reference import Reference, sound_prompts, spread
from msanii.evaluation.rows.prompts import PromptResults, frechet_to_real, sound_rows
from msanii.evaluation.rows.row import Row, beside, make_row, mean_of_known, ratio
from msanii.evaluation.vocoder_table import OnClip, named_vocoders
from msanii.rendering.resynthesis import Resynthesis

LABEL = "Griffin-Lim"
MOST_DISTANCE_RATIO = 1.0


def evaluate_generated(
    renderer: ClipRenderer,
    vocoder: Resynthesis,
    paper: Resynthesis,
    reference: Reference,
    *,
    clips: int,
    on_step: Callable[[float], None] | None = None,
    on_clip: OnClip | None = None,
) -> tuple[Row, ...]:
    """The table for at most `clips` prompts, each sampled once and decoded by both.

    `on_step(fraction)` is called after every clip, and `on_clip` with its title and both versions.
    """
    prompts = spread(sound_prompts(reference.prompts), clips)
    decoders = named_vocoders(vocoder, paper)
    results = {name: PromptResults() for name in decoders}
    mel_errors: dict[str, list[float]] = {name: [] for name in decoders}
    mels = renderer.mels([prompt.score for prompt in prompts])
    for number, (prompt, log_mel) in enumerate(zip(prompts, mels, strict=True)):
        samples, made = prompt.score.samples(renderer.rate), {}
        for name, decoder in decoders.items():
            audio = decoder.decode(log_mel[None], seed=renderer.seed + number)
            mel_errors[name].append(float((decoder.encode(audio[0]) - log_mel).abs().mean()))
            made[name] = audio[0, :, :samples].float().cpu().numpy()
            results[name].classify(made[name], renderer.rate, prompt, reference)
        if on_clip is not None:
            on_clip(f"{prompt.song} {prompt.purpose} {', '.join(prompt.score.sounds)}", made)
        if on_step is not None:
            on_step((number + 1) / len(prompts))
    ours, theirs = results.values()
    return (*_distance_rows(ours, theirs, reference), *_mel_rows(*mel_errors.values()))


def _distance_rows(ours: PromptResults, theirs: PromptResults, reference: Reference) -> list[Row]:
    """The rows of the sound classifier for both, the real ones once, and the ratio of their distances."""
    known = sound_rows(ours, reference)
    same = {row.name for row in known if row.name.endswith(("[real]", "compared"))}
    other = [beside(row, LABEL) for row in sound_rows(theirs, reference) if row.name not in same]
    distances = [frechet_to_real(one.features, reference) for one in (ours, theirs)]
    decides = make_row(
        f"sounds: Frechet distance over that of {LABEL}",
        ratio(*distances),
        f"at most {MOST_DISTANCE_RATIO:g}",
        high=MOST_DISTANCE_RATIO,
    )
    return [*known, *other, decides]


def _mel_rows(ours: Sequence[float], theirs: Sequence[float]) -> list[Row]:
    """The difference between the mel of the audio and the U-Net's mel; both without a target."""
    name = "mel L1, sound to what the U-Net asked for"
    row = make_row(name, mean_of_known(ours))
    return [row, beside(make_row(name, mean_of_known(theirs)), LABEL)]

"""griffin_lim: the paper's algorithm, exact where the spectrogram is consistent; one generator each."""

import math

import pytest
import torch
import torchaudio

from msanii.signal.griffin_lim import Kept, griffin_lim, stft

N_FFT, HOP = 2048, 1024


def tone(samples: int, *frequencies: float) -> torch.Tensor:
    time = torch.arange(samples) / 44_100
    return torch.stack([torch.sin(2 * math.pi * frequency * time) for frequency in frequencies])


def magnitude_of(waveform: torch.Tensor) -> torch.Tensor:
    window = torch.hann_window(N_FFT)
    return torch.stft(waveform, N_FFT, HOP, window=window, return_complex=True).abs()


def make_generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def spectral_error(waveform: torch.Tensor, magnitude: torch.Tensor) -> float:
    return float((magnitude_of(waveform) - magnitude).norm() / magnitude.norm())


def test_gives_what_torchaudio_gives_from_the_same_start() -> None:
    noise = torch.randn(2, 40 * HOP, generator=torch.Generator().manual_seed(1))
    magnitude = magnitude_of(noise)
    ours = griffin_lim(magnitude, n_fft=N_FFT, hop=HOP, iterations=4)
    window = torch.hann_window(N_FFT)
    theirs = torchaudio.functional.griffinlim(
        magnitude, window, N_FFT, HOP, N_FFT, 1.0, 4, 0.99, None, rand_init=False
    )
    # float32 in another order of operations: 1e-4 of a signal with a deviation of 1.
    torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=0)


def test_the_true_phase_gives_the_waveform_back() -> None:
    wave = tone(30 * HOP, 220, 331.5)
    phase = stft(wave, n_fft=N_FFT, hop=HOP).angle()
    found = griffin_lim(magnitude_of(wave), n_fft=N_FFT, hop=HOP, iterations=3, phase=phase)
    torch.testing.assert_close(found, wave, atol=1e-5, rtol=0)


def test_more_iterations_come_closer_to_the_magnitude() -> None:
    wave = tone(40 * HOP, 220, 440) + 0.3 * tone(40 * HOP, 277, 1500)
    magnitude = magnitude_of(wave)[None]
    errors = [
        spectral_error(
            griffin_lim(magnitude, n_fft=N_FFT, hop=HOP, iterations=count, generators=make_generators(3))[0],
            magnitude[0],
        )
        for count in (0, 10, 60)
    ]
    assert errors[0] > 2 * errors[1] > 3 * errors[2]


def test_a_variation_does_not_depend_on_its_neighbours() -> None:
    magnitude = magnitude_of(tone(20 * HOP, 220, 330)).expand(3, -1, -1, -1)
    together = griffin_lim(magnitude, n_fft=N_FFT, hop=HOP, iterations=2, generators=make_generators(5, 6, 7))
    alone = griffin_lim(magnitude[:1], n_fft=N_FFT, hop=HOP, iterations=2, generators=make_generators(6))
    torch.testing.assert_close(together[1], alone[0], atol=1e-5, rtol=0)
    assert (together[0] - together[1]).abs().max() > 0.1


def test_long_signals_are_worked_on_in_spans_without_a_trace() -> None:
    wave = torch.randn(1, 700 * HOP, generator=torch.Generator().manual_seed(2))
    phase = stft(wave, n_fft=N_FFT, hop=HOP).angle()
    found = griffin_lim(magnitude_of(wave), n_fft=N_FFT, hop=HOP, iterations=1, phase=phase)
    torch.testing.assert_close(found, wave, atol=1e-4, rtol=0)


def test_kept_samples_come_back_as_they_were() -> None:
    wave = tone(30 * HOP, 220)
    mask = torch.arange(30 * HOP) < 12_345
    found = griffin_lim(
        magnitude_of(wave)[None].expand(2, -1, -1, -1),
        n_fft=N_FFT,
        hop=HOP,
        iterations=5,
        generators=make_generators(1, 2),
        kept=Kept(wave, mask),
    )
    assert torch.equal(found[:, :, :12_345], wave[:, :12_345].expand(2, 1, -1))


@pytest.mark.parametrize("length", [20 * HOP - 1000, 20 * HOP, 20 * HOP + 700])
def test_any_length_that_the_frames_cover(length: int) -> None:
    magnitude = magnitude_of(tone(20 * HOP, 220))
    assert griffin_lim(magnitude, n_fft=N_FFT, hop=HOP, iterations=1, length=length).shape == (1, length)


def test_silence_stays_silent() -> None:
    silence = griffin_lim(torch.zeros(1, 1025, 20), n_fft=N_FFT, hop=HOP, iterations=3)
    assert silence.abs().max() == 0


def test_progress_reaches_the_end_and_may_stop_the_work() -> None:
    magnitude = magnitude_of(tone(20 * HOP, 220))
    seen: list[float] = []
    griffin_lim(magnitude, n_fft=N_FFT, hop=HOP, iterations=4, on_step=seen.append)
    assert seen == [0.25, 0.5, 0.75, 1.0]

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        griffin_lim(magnitude, n_fft=N_FFT, hop=HOP, iterations=4, on_step=stop)


def test_shapes_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="1000 bins, n_fft 2048 needs 1025"):
        griffin_lim(torch.ones(1000, 20), n_fft=N_FFT, hop=HOP, iterations=1)
    with pytest.raises(ValueError, match="2 frames, too few"):
        griffin_lim(torch.ones(1025, 2), n_fft=N_FFT, hop=HOP, iterations=1)
    with pytest.raises(ValueError, match="length: got 99999 samples"):
        griffin_lim(torch.ones(1025, 20), n_fft=N_FFT, hop=HOP, iterations=1, length=99_999)
    with pytest.raises(ValueError, match="generators: got 2, expected one for each of 3"):
        griffin_lim(
            torch.ones(3, 1025, 20), n_fft=N_FFT, hop=HOP, iterations=1, generators=make_generators(1, 2)
        )

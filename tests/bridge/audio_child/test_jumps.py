"""The beat jumps, as when another program's clock starts anew: what plays goes along, and is heard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bridge.audio_child import protocol as p
from bridge.audio_child.mixer import Mixer
from bridge.audio_child.orders import Orders
from tests.bridge.audio_child.sounds import BAR, RATE, SEAM, begun, endless_mixer, loop, render


def test_a_clock_that_starts_while_music_plays_takes_the_decks_along() -> None:
    mixer, audio = endless_mixer(8)
    unused: Any = None
    orders = Orders(mixer, unused, unused, unused, unused)
    heard = [render(mixer, 235 * 512)]
    orders.obey(p.PlayTransport(64.0, None))
    heard.append(render(mixer, BAR - 1_024))
    line = np.concatenate(heard)
    assert line[mixer.delay :].all()
    assert begun(mixer) == [0, 1, 2]
    at = mixer.transport.boundary_frame(64.0) + mixer.delay
    assert (line[at + SEAM :] == audio[2][SEAM:][: len(line) - at - SEAM]).all()


@pytest.mark.parametrize("stopped", [False, True])
@pytest.mark.parametrize("beat", [0.0, 2.0, 61.0, 3.3])
def test_a_loop_goes_on_when_the_beat_jumps_back_before_its_launch(stopped: bool, beat: float) -> None:
    mixer = Mixer(RATE, 1)
    audio, take = loop(120, bars=2)
    mixer.locate(64.0)
    mixer.decks[1].hold(take)
    mixer.launch(mixer.decks[1])
    render(mixer, 5 * RATE)
    if stopped:
        mixer.stop()
        render(mixer, 4_096)
    mixer.locate(beat)
    mixer.play()

    line = render(mixer, 9 * RATE)[mixer.delay :]
    # Once the crossfade is over, the loop's place is the beat's: it was launched on a multiple of its length.
    place = round(beat * RATE / 2) % len(audio)
    own = np.roll(audio, -place, axis=0)
    assert (line[SEAM : len(own)] == own[SEAM:]).all()
    assert line[SEAM:].all()

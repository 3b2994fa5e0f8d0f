"""The vocoders that a model may have, and which one a configuration asks for."""

from __future__ import annotations

from msanii.config import ModelConfig, OnePassConfig
from msanii.vocoder.magnitude import Vocoder
from msanii.vocoder.network import OnePassVocoder

AnyVocoder = Vocoder | OnePassVocoder


def build_vocoder(config: ModelConfig) -> AnyVocoder:
    """A vocoder with first weights from torch's global generator."""
    if isinstance(config.vocoder, OnePassConfig):
        return OnePassVocoder(config.vocoder, config.transforms)
    return Vocoder(config.vocoder)

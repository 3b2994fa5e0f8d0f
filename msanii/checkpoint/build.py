"""The vocoders that a model may have, built from its configuration."""

from __future__ import annotations

from msanii.config import ModelConfig, OnePassConfig
from msanii.vocoder.magnitude import Vocoder
from msanii.vocoder.network import OnePassVocoder

AnyVocoder = Vocoder | OnePassVocoder


def build_vocoder(config: ModelConfig) -> AnyVocoder:
    """Build a vocoder, with initial weights from torch's global generator."""
    if isinstance(config.vocoder, OnePassConfig):
        return OnePassVocoder(config.vocoder, config.transforms)
    return Vocoder(config.vocoder)

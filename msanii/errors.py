"""Errors that a musician can act on: they name the field, the value, what was expected and what to do."""


class MsaniiError(ValueError):
    """Base of every error that this package raises on purpose."""


class ConfigError(MsaniiError):
    """A configuration has an unknown key, a wrong type or an impossible combination."""


class CheckpointError(MsaniiError):
    """A model folder or a published checkpoint cannot be read or written."""


class ChordError(MsaniiError):
    """Chord text that cannot be read."""


class ScoreError(MsaniiError):
    """A length, tempo or meter that makes no music."""


class ControlError(MsaniiError):
    """A control was asked for that the model does not have."""


class AudioError(MsaniiError):
    """An audio file or signal that cannot be used."""


class DataError(MsaniiError):
    """A dataset, archive or renderer that cannot be used."""


class OutputError(MsaniiError):
    """A rendered signal that must not be called done: silent, not finite or clipped."""

"""Errors for musicians: each names the field, the value, what was expected and what to do."""


class MsaniiError(ValueError):
    """Base of every error that this package raises on purpose."""


class ConfigError(MsaniiError):
    """A configuration has an unknown key, a wrong type or an impossible combination."""


class CheckpointError(MsaniiError):
    """A model folder or a published checkpoint cannot be read or written."""


class ChordError(MsaniiError):
    """Chord text cannot be parsed."""


class ScoreError(MsaniiError):
    """A length, tempo, meter, note, sound or part is invalid."""


class GrooveError(MsaniiError):
    """A groove file has a mistake, or a style fits no groove."""


class ControlError(MsaniiError):
    """A control was requested that the model does not have."""


class AudioError(MsaniiError):
    """An audio file or signal cannot be used."""


class DataError(MsaniiError):
    """A dataset, archive or renderer cannot be used."""


class OutputError(MsaniiError):
    """A rendered signal is silent, not finite or clipped, and must not be reported as done."""

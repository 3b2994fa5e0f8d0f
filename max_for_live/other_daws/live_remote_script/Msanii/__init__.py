"""Msanii: a Remote Script for Ableton Live 11 and 12, a control surface of this folder's name."""


def create_instance(c_instance):  # type: ignore[no-untyped-def]
    """Called by Live when the script is chosen in its settings; returns the control surface."""
    # Imported here, so that Live's scan of all scripts loads nothing else.
    from .surface import MsaniiSurface

    return MsaniiSurface(c_instance)

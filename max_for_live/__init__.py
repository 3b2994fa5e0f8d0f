"""The Max for Live device, generated from Python; `python -m max_for_live.build_device` writes its files."""

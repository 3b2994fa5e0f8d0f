"""The Max for Live device, written from Python; `python -m max_for_live.build_device` makes its files."""

"""The scripts for Ardour in a real Ardour without a window: `make ardour`. Ardour is too large for CI."""

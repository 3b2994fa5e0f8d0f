"""A stand-in for REAPER."""

"""Outputs of the daemon: audio files, OSC events and answers, the live audio stream."""

"""Inputs of the daemon, OSC and MIDI, which produce the messages of `bridge.messages`."""

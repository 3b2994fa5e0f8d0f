"""A daemon between music software and the model: OSC and MIDI messages in, audio takes out."""

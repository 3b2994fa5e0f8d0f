"""The MIDI child process: ports and hot-plugging, MIDI input, clock in and out."""

"""The MIDI child: ports, hot plug, what was played, clock in and out. Runs in a process of its own."""

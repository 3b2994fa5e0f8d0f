"""The audio child process: transport, decks, mixer and audio device."""

"""The decks: what each holds, what sounds, what waits for a line; takes and endless bars as they are read."""

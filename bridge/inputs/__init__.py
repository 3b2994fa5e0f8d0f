"""Ways in: each turns what arrives into one of the messages of `bridge.messages`."""

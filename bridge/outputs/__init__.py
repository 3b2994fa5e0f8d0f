"""Ways out: each carries a take or an event to where the musician is."""

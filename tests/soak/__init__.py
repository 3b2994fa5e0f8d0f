"""Programs that kill, flood and fill for minutes or hours, and count: `python -m tests.soak --help`."""

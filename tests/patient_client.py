"""A client that waits as long as a busy machine takes. A test that passes is no slower for it."""

from __future__ import annotations

from bridge.cli.client import Answer, Client
from bridge.messages import Argument

PATIENCE_SECONDS = 120.0


class PatientClient(Client):
    """Waits for two minutes at least."""

    def wait_for(
        self, *addresses: str, about: Argument = None, timeout_seconds: float = PATIENCE_SECONDS
    ) -> Answer:
        """Return the first message at one of `addresses`."""
        return super().wait_for(*addresses, about=about, timeout_seconds=timeout_seconds)

    def hello(self, timeout_seconds: float = PATIENCE_SECONDS) -> Answer:
        """Send hello until the daemon answers."""
        return super().hello(timeout_seconds)

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

    def wait_for_value(self, address: str, value: object) -> None:
        """Wait until `address` says this value: an earlier one may be on its way, held back by others."""
        heard: list[tuple[Argument, ...]] = []
        for answer in self.answers(PATIENCE_SECONDS):
            if answer.address == address:
                if answer.arguments == (value,):
                    return
                heard.append(answer.arguments)
        raise AssertionError(f"{address} said {heard}, never {value}")

    def hello(self, timeout_seconds: float = PATIENCE_SECONDS) -> Answer:
        """Send hello until the daemon answers."""
        return super().hello(timeout_seconds)

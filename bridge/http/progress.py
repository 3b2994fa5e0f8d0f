"""How far each job is, for pages that open in the middle of a render."""

from __future__ import annotations

from bridge.messages import Done, Event, Failed, Progress


class JobProgress:
    """Keeps the last progress of each job that is open."""

    def __init__(self) -> None:
        self._fractions: dict[str, float] = {}

    def event(self, event: Event) -> None:
        """Follow an event."""
        if isinstance(event, Progress):
            self._fractions[event.job_id] = event.fraction
        elif isinstance(event, Done | Failed):
            self._fractions.pop(event.job_id, None)

    def of(self, job_id: str) -> float:
        """Return the part of a job that is done, from 0 to 1."""
        return min(1.0, max(0.0, self._fractions.get(job_id, 0.0)))

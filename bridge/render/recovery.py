"""Resumes the journal's unfinished jobs when the daemon starts after a stop or a crash."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bridge.messages import Failed, Peer
from bridge.render.queue import RenderQueue

_log = logging.getLogger(__name__)


def resume(
    queue: RenderQueue, follow: Callable[[str, Peer | None], None], deliver: Callable[[Failed], None]
) -> None:
    """Resume the jobs of a stopped or killed daemon; their senders get the events at their old addresses."""
    found = queue.recover()
    for job_id, sender in found.unreadable:
        follow(job_id, sender)
        why = "this job was queued by another version of the bridge; send it again"
        deliver(Failed(job_id, "render", why))
    for job in (*found.queued, *found.failed):
        follow(job.job_id, job.sender)
    for job in found.failed:
        why = "the daemon ended twice during this render; ask for it again, perhaps shorter"
        deliver(Failed(job.job_id, "render", why))
    if found.queued:
        _log.info("%d unfinished jobs from before go on", len(found.queued))

"""After a stop or a crash: the jobs in the journal go on, and whoever asked for them hears of it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bridge.messages import Failed, Peer
from bridge.render.queue import RenderQueue

_log = logging.getLogger(__name__)


def resume(
    queue: RenderQueue, follow: Callable[[str, Peer | None], None], deliver: Callable[[Failed], None]
) -> None:
    """Jobs that a stopped or killed daemon left go on; their senders hear of them where they were."""
    found = queue.recover()
    for job_id, sender in found.unreadable:
        follow(job_id, sender)
        why = "this job was asked of another version of the bridge; ask for it again"
        deliver(Failed(job_id, "render", why))
    for job in (*found.queued, *found.failed):
        follow(job.job_id, job.sender)
    for job in found.failed:
        why = "the daemon ended twice during this render; ask for it again, perhaps shorter"
        deliver(Failed(job.job_id, "render", why))
    if found.queued:
        _log.info("%d unfinished jobs from before go on", len(found.queued))

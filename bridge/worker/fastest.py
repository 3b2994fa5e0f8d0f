"""Chooses what the worker computes with: as the user said, by rule, or as a probe measured.

torch is imported only inside functions: the daemon imports this package too.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bridge.messages import BridgeError
from bridge.system.probe_file import read_probes, remember_probe
from bridge.worker.loop import WorkerSettings
from msanii.errors import MsaniiError

if TYPE_CHECKING:
    from msanii.probing import Probe

_log = logging.getLogger(__name__)
AUTO = "auto"


def choose(settings: WorkerSettings) -> tuple[str, str, str]:
    """Set PyTorch's threads; return the device, dtype and memory layout of models. Raises MsaniiError."""
    import torch

    from msanii.probing import threads_beside_a_daw

    if settings.layout == AUTO:
        probe = _probe(settings)
        torch.set_num_threads(probe.threads)
        return probe.device, probe.dtype, probe.layout
    torch.set_num_threads(settings.threads or threads_beside_a_daw(torch.get_num_threads()))
    return settings.device, settings.dtype, settings.layout


def _probe(settings: WorkerSettings) -> Probe:
    """Return what is remembered of this machine, or measure it and remember that."""
    from msanii.probing import Probe, machine, probe

    asked = settings.device, settings.dtype, settings.threads
    key, path = machine(*asked), settings.probe_path
    if path is not None and (known := read_probes(path).get(key)) is not None:
        try:
            return Probe.from_json(known)
        except MsaniiError as error:
            _log.warning("what %s remembers of this machine is measured again: %s", path.name, error)
    found = probe(*asked)
    if path is not None:
        try:
            remember_probe(path, key, found.to_json())
        except BridgeError as error:
            _log.warning("the next start measures this machine again: %s", error)
    return found

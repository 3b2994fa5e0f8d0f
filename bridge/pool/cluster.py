"""The Ray cluster of a pool: connects to it, lists its nodes, and starts renderers there.

Ray is imported only by the functions here, in the pool process. Whatever goes wrong with it is raised as a
BridgeError `render` that says what to do.
"""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Any

from bridge.messages import BridgeError
from bridge.pool.actor import RenderActor
from bridge.pool.messages import PoolPlan
from bridge.system.pool_address import PoolAddress

INSTALL = "pip install 'msanii-bridge[pool]'"
_LOCAL_STORE_BYTES = 512 * 2**20
_LEAST_STORE_BYTES = 100 * 2**20
_CONNECT_TRIES_SECONDS = 60.0
_HEAD = re.compile(r"([^:/\s]+):([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one renderer: a node of the cluster, with `cpus` cores and `gpus` GPUs for it."""

    node_id: str
    number: int
    host: str
    cpus: int
    gpus: int


def quiet_environment(address: PoolAddress) -> None:
    """Set Ray's environment before it is imported: no statistics sent anywhere, no chatter, loopback only.

    A pool on this machine has no listener that others could reach.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if address.kind == "local":
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        os.environ.pop("RAY_ADDRESS", None)


def connect(plan: PoolPlan) -> None:
    """Connect to the cluster, or start one on this machine. Raises BridgeError `render`."""
    address = plan.address
    if address.kind == "ray":
        _knock(address.host, address.port, plan.connect_seconds)
    elif address.kind == "auto" and (head := _HEAD.fullmatch(os.environ.get("RAY_ADDRESS", ""))):
        _knock(head[1], int(head[2]), plan.connect_seconds)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "FATAL", "configure_logging": True}
    if address.kind == "local":
        cpus = _cpus_each(address.count)
        options = {
            **quiet, "address": "local", "include_dashboard": False, "num_cpus": cpus * address.count,
            "object_store_memory": _store_bytes(), "_node_ip_address": "127.0.0.1",
        }  # fmt: skip
    elif address.kind == "auto":
        options = {**quiet, "address": "auto"}
    else:
        host = f"[{address.host}]" if ":" in address.host else address.host
        options = {"address": f"ray://{host}:{address.port}", **quiet}
    _within(_CONNECT_TRIES_SECONDS + plan.connect_seconds, lambda: _init(options), address)


def disconnect() -> None:
    """End all renderers, and a cluster that `connect` has started."""
    import ray

    ray.shutdown()


def slots(plan: PoolPlan) -> list[Slot]:
    """Return the places for renderers: `count` here, else one for each GPU, or for a node without any."""
    import ray

    found = list[Slot]()
    for node in ray.nodes():  # type: ignore[no-untyped-call]
        if not node["Alive"]:
            continue
        cpus, gpus = (int(node["Resources"].get(kind, 0)) for kind in ("CPU", "GPU"))
        uses_gpus = gpus > 0 and plan.settings.device in ("auto", "cuda")
        count = plan.address.count or (gpus if uses_gpus else min(cpus, 1))
        share = min(1, gpus // count) if uses_gpus and count else 0
        host = node["NodeManagerHostname"]
        found += [Slot(node["NodeID"], number, host, cpus // count, share) for number in range(count)]
    return found


def start_renderer(slot: Slot, plan: PoolPlan) -> Any:
    """Start a renderer in a slot; returns its handle at once."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    is_local = plan.address.kind == "local"
    threads = plan.settings.threads or max(1, slot.cpus)
    settings = replace(plan.settings, threads=threads)
    return (
        ray.remote(RenderActor)
        .options(
            num_cpus=slot.cpus,
            num_gpus=slot.gpus,
            max_concurrency=4,
            max_restarts=0,
            scheduling_strategy=NodeAffinitySchedulingStrategy(slot.node_id, soft=False),
        )
        .remote(plan.make_renderer, settings, plan.cache_folder, is_local)
    )


def own_version() -> str:
    """Return the version of msanii-bridge here; "" in a source tree that is not installed."""
    try:
        return metadata.version("msanii-bridge")
    except metadata.PackageNotFoundError:
        return ""


def _init(options: dict[str, Any]) -> None:
    import ray

    ray.init(**options)


def _within(seconds: float, act: Callable[[], None], address: PoolAddress) -> None:
    """Run a call of Ray's that may hang; give it up after so many seconds. Raises BridgeError `render`."""
    outcome: list[BaseException | None] = []
    is_over = threading.Event()

    def run() -> None:
        try:
            act()
            outcome.append(None)
        except BaseException as error:  # Ray raises SystemExit too
            outcome.append(error)
        is_over.set()
        # On Linux what Ray has started ends with the thread that started it, so this one stays.
        threading.Event().wait()

    threading.Thread(target=run, name="ray", daemon=True).start()
    is_over.wait(seconds)
    if not outcome:
        raise BridgeError(
            "render",
            f"{_named(address)} does not answer within {seconds:.0f} s: a firewall may be in between, or its "
            "head node hangs; let Ray's ports through, or restart it by `ray stop` and `ray start --head`",
        )
    if outcome[0] is not None:
        raise _explained(outcome[0], address) from outcome[0]


def _knock(host: str, port: int, seconds: float) -> None:
    """Open and close a TCP connection, since Ray's own errors do not say what is wrong."""
    where = f"{host}:{port}"
    try:
        socket.create_connection((host, port), timeout=seconds).close()
    except TimeoutError:
        raise BridgeError(
            "render",
            f"the pool: nothing answers at {where} within {seconds:g} s: the machine is off, or a firewall "
            f"is in between; let TCP port {port} through",
        ) from None
    except OSError as error:
        raise BridgeError(
            "render",
            f"the pool: no Ray cluster is at {where} ({error.strerror or error}); start one there by "
            "`ray start --head`, or give another address",
        ) from None


def _explained(error: BaseException, address: PoolAddress) -> BridgeError:
    text = " ".join(str(error).split())
    lower = text.lower()
    if "version" in lower and ("mismatch" in lower or "differ" in lower or "do not match" in lower):
        why = (
            f"{_named(address)} runs another version of Ray or Python than this machine ({text[:300]}); "
            f"install the same versions everywhere: {INSTALL}"
        )
    elif address.kind == "local":
        why = f"Ray does not start on this machine ({text[:300]}); free memory or cores, and start again"
    elif "could not find any running ray" in lower:
        why = "no Ray cluster runs on this machine; start one by `ray start --head`, or use --pool local:2"
    elif "grpc" in lower and "install" in lower:
        why = f"this machine lacks a part of Ray ({text[:200]}); {INSTALL}"
    else:
        why = (
            f"{_named(address)} cannot be reached ({text[:300]}); look there with `ray status`, and let its "
            "ports through the firewall"
        )
    return BridgeError("render", f"the pool: {why}")


def _named(address: PoolAddress) -> str:
    return {"auto": "the Ray cluster of this machine", "local": "Ray on this machine"}.get(
        address.kind, f"the Ray cluster at {address.host}:{address.port}"
    )


def _cpus_each(count: int) -> int:
    return max(1, (os.cpu_count() or 1) // count)


def _store_bytes() -> int:
    """Return the size of the object store, for a machine with little memory less than usual."""
    import psutil

    return int(max(_LEAST_STORE_BYTES, min(_LOCAL_STORE_BYTES, psutil.virtual_memory().available // 8)))

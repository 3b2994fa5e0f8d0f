"""A Ray cluster in a process of its own, so that Ray's threads and open files stay out of the tests' process.

Reads a command a line, and answers with a line: `start` (the head's address), `add` (a node's number),
`remove NUMBER` and `pretend RAY_VERSION` (ok). Ends with its input.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from typing import Any

_STORE_BYTES = 100 * 2**20
# Each node starts in tens of seconds on a busy machine, of which Ray itself allows 30.
_STARTS = 3


def free_tcp_port() -> int:
    """Return a TCP port of this machine that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _node() -> dict[str, Any]:
    # Named ports: for others, Ray waits 15 s for slow helpers of its own, and then gives up.
    ports = (
        "metrics_agent_port",
        "runtime_env_agent_port",
        "dashboard_agent_listen_port",
        "metrics_export_port",
    )
    return {
        "num_cpus": 1,
        "object_store_memory": _STORE_BYTES,
        "include_dashboard": False,
        "node_ip_address": "127.0.0.1",
        **{name: free_tcp_port() for name in ports},
    }


def _patiently(start: Callable[[], Any]) -> Any:
    for _ in range(_STARTS - 1):
        with suppress(Exception):
            return start()
    return start()


def _pretend(cluster: Any, ray_version: str) -> None:
    """Let the cluster say that it runs another version of Ray; "" for its own."""
    import ray
    from ray._common.usage import usage_lib

    own = ray.__version__
    ray.__version__ = ray_version or own
    usage_lib.put_cluster_metadata(cluster.head_node.get_gcs_client(), ray_init_cluster=False)
    ray.__version__ = own


def main(client_port: int) -> None:
    """Serve commands."""
    from ray.cluster_utils import Cluster

    answers, nodes = sys.stdout, list[Any]()
    cluster: Any = None
    with redirect_stdout(sys.stderr):
        for line in sys.stdin:
            words = line.split()
            match words[0]:
                case "start":
                    head = {"ray_client_server_port": client_port}
                    cluster = _patiently(
                        lambda: Cluster(initialize_head=True, head_node_args=_node() | head)  # noqa: B023
                    )
                    answer = str(cluster.address)
                case "add":
                    nodes.append(_patiently(lambda: cluster.add_node(**_node())))  # noqa: B023
                    answer = str(len(nodes) - 1)
                case "remove":
                    cluster.remove_node(nodes[int(words[1])], allow_graceful=False)
                    answer = "ok"
                case "pretend":
                    _pretend(cluster, words[1] if words[1:] else "")
                    answer = "ok"
            print(answer, file=answers, flush=True)
        if cluster is not None:
            cluster.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]))

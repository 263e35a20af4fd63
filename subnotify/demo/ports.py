"""The two ports of a demonstration on loopback."""

import socket

from subnotify.demo.failures import DemoFailed

HOST = "127.0.0.1"


def require_free(port: int) -> None:
    """Raises DemoFailed where something listens on the port already."""
    if not _is_free(port):
        raise DemoFailed(
            f"port {port} is taken; choose another one, for example: PORT={port + 10} make demo"
        )


def free_port_near(port: int) -> int:
    """That port, or any free one where it is taken."""
    if port <= 65535 and _is_free(port):
        return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a connection that has just been closed does not occupy the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True

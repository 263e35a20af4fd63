"""Ports for servers that a test starts."""

import socket


def free_port() -> int:
    """A port on loopback that nobody listens on; take it at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""Ports for the servers that the tests start."""

import socket


def free_port() -> int:
    """Return a free port chosen by the system, so that concurrent searches do not collide."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

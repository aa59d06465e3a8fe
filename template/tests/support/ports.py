"""Ports for the servers that the tests start."""

import socket


def free_port() -> int:
    """A port that nobody listens on, drawn by the system: two searches at once do not meet."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

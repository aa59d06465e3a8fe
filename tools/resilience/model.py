"""The model API that a project has for its own tests, run as a separate process."""

import secrets
import socket
from pathlib import Path

from ..project import free_port
from .processes import Server

REFUSING = """
import sys, threading
from tests.support.model_api import ModelAPI
from tests.support.model_faults import says

ModelAPI(int(sys.argv[1])).usual = says(b"", 429, Retry_After="1")
threading.Event().wait()
"""


class Model(Server):
    """Responds at once, or rejects every request for now while it is `full`."""

    def __init__(self, project: Path, folder: Path) -> None:
        self.key = secrets.token_hex(16)
        self._python = str(project / ".venv" / "bin" / "python")
        port = free_port()
        command = [
            self._python,
            "-m",
            "tests.support.model_api",
            f"--port={port}",
            f"--key={self.key}",
        ]
        super().__init__(command, port, folder / "model.log", cwd=project)
        self._usual = command

    def be_full(self, full: bool) -> None:
        """Restart as a server that rejects every request, or as the usual one."""
        refusing = [self._python, "-c", REFUSING, str(self.port)]
        self.command = refusing if full else self._usual
        self.restart()

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 5).close()
        except OSError:
            return False
        return True

"""The model's API that a project brings along for its tests, as a process of its own."""

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
    """It answers at once; or refuses everybody for now, once it is `full`."""

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
        """Start again as one that refuses, or that does not."""
        refusing = [self._python, "-c", REFUSING, str(self.port)]
        self.command = refusing if full else self._usual
        self.restart()

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 5).close()
        except OSError:
            return False
        return True

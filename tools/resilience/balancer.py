"""nginx as a load balancer, whose instances of the service change while it runs."""

import os
import shutil
import signal
from pathlib import Path

from ..project import Service, free_port
from .load import Request, ask
from .processes import Server, children, wait_until

CONFIG = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-errors.log;
worker_processes 1;
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    upstream service {{ {servers} }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://service;
            proxy_set_header Host $host;
            # Nothing is sent twice: what one instance loses is lost.
            proxy_next_upstream off;
        }}
    }}
}}
"""


def nginx() -> str | None:
    """The path of nginx, or None if it is not installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Balancer(Server):
    """Distributes requests among the instances that it was last given."""

    def __init__(self, folder: Path, instances: list[Service]) -> None:
        self._config = folder / "nginx.conf"
        self._folder = folder
        command = [nginx() or "nginx", "-p", str(folder), "-c", str(self._config)]
        super().__init__(command, free_port(), folder / "nginx.log")
        self.url = f"http://127.0.0.1:{self.port}"
        self._write(instances)

    def answers(self) -> bool:
        return ask(self.url, Request("GET", "/livez")).status == 200

    def share_among(self, instances: list[Service]) -> None:
        """Send new requests only to these instances, and wait until earlier requests are done."""
        assert self.process is not None
        pid = self.process.pid
        before = set(children(pid))
        self._write(instances)
        os.kill(pid, signal.SIGHUP)
        wait_until(
            lambda: (now := set(children(pid))) and not now & before, "nginx reloads its settings"
        )

    def _write(self, instances: list[Service]) -> None:
        servers = " ".join(f"server {i.url.removeprefix('http://')};" for i in instances)
        user = "user root;" if os.geteuid() == 0 else ""
        values = {"folder": self._folder, "port": self.port, "servers": servers, "user": user}
        self._config.write_text(CONFIG.format(**values))

"""Settings of the production server (https://gunicorn.org/reference/settings/), read by name."""

import os
import resource
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from ...settings import load_settings
from .. import draining, logs
from ..middleware import load_shedding
from .worker import Worker

_settings = load_settings()

bind = f"0.0.0.0:{_settings.port}"
workers = _settings.web_concurrency
threads = load_shedding.threads(_settings)
worker_class = Worker
sendfile = False  # the worker sends what a client does not take at once

# Clients that a worker waits for, whatever they do; each takes a file of the process.
_files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
worker_connections = min(1000, max(100, _files // 2))

# A worker that stops responding to its arbiter is replaced; a slow request does not count.
timeout = 15
# After the drain, requests in flight have this long; both together less than the platform gives.
graceful_timeout = draining.FINISH_SECONDS
# Longer than a load balancer keeps its idle connections (60), so that it closes them first.
keepalive = 65

# Memory that leaks is given back now and then; the jitter keeps workers from leaving together.
max_requests = 100_000
max_requests_jitter = 10_000

# The workers' heartbeat file must not wait for a disk.
_memory = Path("/dev", "shm")
worker_tmp_dir = str(_memory) if os.access(_memory, os.W_OK) else None
control_socket_disable = True

# What a request line and its headers may take; more is refused before it costs anything.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# The application reads X-Forwarded-* itself, and by network: TRUSTED_PROXIES.
forwarded_allow_ips = ""

# The application writes the access line; the server would prepare its own all the same, and drop it.
Logger.access_log_enabled = False
# The server's DEBUG lines show each path as it was sent.
loglevel = _settings.log_level.lower().replace("debug", "info")
logconfig_dict = logs.config(_settings) | {
    "loggers": {
        "gunicorn.error": {"propagate": True},
        "gunicorn.access": {"propagate": False, "level": "CRITICAL"},
    }
}


def when_ready(_: Arbiter) -> None:
    """Balancers see from readiness that the service stops, and turn away before it does."""
    draining.drain_before_stopping(_settings.drain_seconds)

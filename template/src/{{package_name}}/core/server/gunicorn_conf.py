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
sendfile = False  # the worker's loop sends what a client does not accept immediately

# Connections that a worker keeps open, active or idle; each takes a file descriptor.
_files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
worker_connections = min(1000, max(100, _files // 2))

# The arbiter replaces a worker that stops responding to it; slow requests do not matter.
timeout = 15
# For requests in flight, after draining; keep the sum below the platform's grace period.
graceful_timeout = draining.FINISH_SECONDS
# Longer than a load balancer keeps idle connections (60), so that it closes them first.
keepalive = 65

# Replacing a worker frees leaked memory; the jitter keeps workers from stopping together.
max_requests = 100_000
max_requests_jitter = 10_000

# Writing a worker's heartbeat file must not wait for a disk.
_memory = Path("/dev", "shm")
worker_tmp_dir = str(_memory) if os.access(_memory, os.W_OK) else None
control_socket_disable = True

# Longer request lines and headers are rejected before they cost anything.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# The application reads X-Forwarded-* itself, from the networks in TRUSTED_PROXIES.
forwarded_allow_ips = ""

# The application writes the access log; gunicorn would prepare its own lines only to drop them.
Logger.access_log_enabled = False
# gunicorn's DEBUG lines contain the raw path of each request.
loglevel = _settings.log_level.lower().replace("debug", "info")
logconfig_dict = logs.config(_settings) | {
    "loggers": {
        "gunicorn.error": {"propagate": True},
        "gunicorn.access": {"propagate": False, "level": "CRITICAL"},
    }
}


def when_ready(_: Arbiter) -> None:
    """Drain before stopping: load balancers see that readiness fails, and go elsewhere first."""
    draining.drain_before_stopping(_settings.drain_seconds)

"""Shutdown, a killed worker and a rolling restart lose no request that could be served."""

import os
import secrets
import signal
import time
from contextlib import ExitStack
from functools import partial

from tools.project import Service
from tools.resilience.balancer import Balancer, nginx
from tools.resilience.load import Load, Request, ask, failures
from tools.resilience.processes import children, wait_until
from tools.resilience.stack import EXPERIMENTS, NO_LIMITS, Stack, workers

from .conftest import named_skip

CLIENTS = 4
GRACE_SECONDS = 30  # what platforms allow between SIGTERM and SIGKILL
# The database matters little here: many rounds on one, a few on the others.
TIMES = {"sqlite": 20, "postgresql": 5, "mariadb": 5}
SHORT_DRAIN = {"DRAIN_SECONDS": "1"}
LOOKS_EVERY = 0.2  # seconds between a load balancer's health checks
NO_NGINX = "nginx is not installed: run `apt-get install nginx-light`"


def mixed(stack: Stack) -> Load:
    """An endless load of reads and writes."""
    run = secrets.token_hex(4)

    def make(number: int) -> Request:
        return stack.create(f"{run}-{number}") if number % 4 == 0 else stack.get(EXPERIMENTS)

    return Load("", make, clients=CLIENTS)


def stop_under_load(stack: Stack) -> None:
    """Stop a loaded service: readiness flips, clients stop sending and no request is lost."""
    load = mixed(stack)
    with stack.serving(**NO_LIMITS, **SHORT_DRAIN) as service:
        load.url = service.url
        with load.running():
            wait_until(lambda: len(load.outcomes) >= CLIENTS * 2, "the load has started")
            told = time.monotonic()
            service.process.send_signal(signal.SIGTERM)
            wait_until(lambda: is_draining(service), "readiness fails")
            time.sleep(LOOKS_EVERY)
            load.stopping.set()
        assert service.process.wait(GRACE_SECONDS) == 0
        assert time.monotonic() - told < GRACE_SECONDS
        assert service.faults() == []
    assert failures(load.outcomes, 200, 201) == []
    assert [o for o in load.outcomes if o.started > told], "no request was sent during the shutdown"


def is_draining(service: Service) -> bool:
    outcome = ask(service.url, Request("GET", "/readyz"))
    return outcome.status == 503 and "stopping" in outcome.body["detail"]


def test_graceful_shutdown_under_load_answers_every_request(stack: Stack) -> None:
    for _ in range(TIMES[stack.kind]):
        stop_under_load(stack)


def test_killed_worker_is_replaced_and_loses_only_its_own_requests(
    stack: Stack, service: Service
) -> None:
    load = mixed(stack)
    load.url = service.url
    killed_worker, _ = workers(service)
    with load.running(keeps=False):
        wait_until(lambda: len(load.outcomes) >= CLIENTS * 2, "the load has started")
        os.kill(killed_worker, signal.SIGKILL)
        killed = time.monotonic()
        wait_until(lambda: killed_worker not in children(service.process.pid), "its exit")
        workers(service)
        enough = len(load.outcomes) + 50
        wait_until(lambda: len(load.outcomes) >= enough, "50 more requests have completed")
    lost = [outcome for outcome in load.outcomes if outcome.status == 0]
    assert failures(load.outcomes, 200, 201, 0) == []
    assert all(outcome.started <= killed for outcome in lost)
    assert len(lost) <= CLIENTS


def test_a_rolling_restart_behind_a_balancer_loses_no_request(stack: Stack) -> None:
    if nginx() is None:
        named_skip(NO_NGINX)
    load = mixed(stack)
    variables = NO_LIMITS | {"DRAIN_SECONDS": "2", "WEB_CONCURRENCY": "1"}
    with ExitStack() as ends:
        instances = [ends.enter_context(stack.serving(**variables)) for _ in range(2)]
        balancer = Balancer(stack.folder, instances)
        ends.enter_context(balancer)
        load.url = balancer.url
        with load.running(keeps=False):
            for old in list(instances):
                old.process.send_signal(signal.SIGTERM)
                wait_until(partial(is_draining, old), "readiness fails")
                instances.remove(old)
                balancer.share_among(instances)
                assert old.process.wait(GRACE_SECONDS) == 0
                instances.append(ends.enter_context(stack.serving(**variables)))
                balancer.share_among(instances)
            enough = len(load.outcomes) + 50
            wait_until(lambda: len(load.outcomes) >= enough, "50 more requests have completed")
    assert failures(load.outcomes, 200, 201) == []

"""The demonstration behind `nox -s demo`: from nothing to a running service."""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from .project import Answer, Service, must, serving, uv
from .releases import clone_template
from .render import ROOT, render

# It shows colours only in a terminal.
CONSOLE = Console(markup=False, highlight=False, soft_wrap=True)
EXPERIMENTS = "/api/v1/experiments"
WRITES = "10 per minute"  # the default; `.env` has a higher limit for development


def main() -> None:
    """Render, install, migrate and serve a project, then call it as a client would."""
    parser = argparse.ArgumentParser(prog="nox -s demo --", description=main.__doc__)
    parser.add_argument("--once", action="store_true", help="exit after the demonstration")
    once = parser.parse_args().once
    with tempfile.TemporaryDirectory(prefix="stoneware-") as folder:
        project = prepare(Path(folder))
        say("Start the production server", f'RATELIMIT_WRITES="{WRITES}" uv run serve')
        log = Path(folder) / "serve.log"
        with serving(project, log, RATELIMIT_WRITES=WRITES) as service:
            key = show_requests(project, service)
            print("\nIt works.")
            if not once:
                show_what_to_try(project, service, key)
            show_what_next()
            if not once:
                wait(service)


def prepare(folder: Path) -> Path:
    """Render with the defaults, install and migrate."""
    say("Render with the defaults", "copier copy --defaults stoneware my-service")
    project = render(clone_template(folder), folder / "my-service", {})
    say("Install", "uv sync")
    must(project, "uv", "sync", "--quiet")
    say("Apply the migrations", "uv run flask db upgrade")
    must(project, "flask", "db", "upgrade")
    return project


def show_requests(project: Path, service: Service) -> str:
    """Make a key, create and list an experiment, and be rejected in three ways. Returns the key."""
    say("Create an API key", "uv run flask api-key create demo")
    key = must(project, "flask", "api-key", "create", "demo").splitlines()[-1]
    print(f"  {key}")
    bearer = {"Authorization": f"Bearer {key}"}
    body = {"name": "tone-of-voice", "query": "Say it like a pirate: hello"}

    say("Create an experiment", f"POST {EXPERIMENTS}  {json.dumps(body)}")
    expect(service.call("POST", EXPERIMENTS, body, bearer), 201)
    say("List the experiments", f"GET {EXPERIMENTS}")
    expect(service.call("GET", EXPERIMENTS, headers=bearer), 200)

    say("No key: rejected", f"GET {EXPERIMENTS}")
    expect(service.call("GET", EXPERIMENTS), 401)
    wrong = {"name": "", "query": "hello", "limit": 101}
    say("Invalid body: rejected, with each field named", f"POST {EXPERIMENTS}  {json.dumps(wrong)}")
    expect(service.call("POST", EXPERIMENTS, wrong, bearer), 422)
    say("Too many writes: rejected by the rate limit", f"POST {EXPERIMENTS}, repeated")
    expect(exhaust(service, body, bearer), 429)
    return key


def exhaust(service: Service, body: Any, bearer: dict[str, str]) -> Answer:
    """Write until the limit of 10 per minute rejects. Each worker keeps its own count in memory."""
    for _ in range(40):
        answer = service.call("POST", EXPERIMENTS, body, bearer)
        if answer.status == 429:
            break
    return answer


def show_what_to_try(project: Path, service: Service, key: str) -> None:
    """Print requests to try on the running service."""
    print(
        f"The service is running at {service.url}; the project is in {project}.\n"
        f"Try these commands in another terminal:\n"
        f"  curl {service.url}/api/health\n"
        f"  curl {service.url}/api/openapi.json\n"
        f"  curl -H 'Authorization: Bearer {key}' {service.url}{EXPERIMENTS}"
    )


def show_what_next() -> None:
    """Print how to start a project that is kept."""
    uvx = Path(uv()).with_name("uvx")
    print(f"Create your own service:\n  {uvx} copier copy {ROOT} my-service")


def wait(service: Service) -> None:
    """Serve until Ctrl-C."""
    print("Press Ctrl-C to stop the service and delete the rendered project.", flush=True)
    try:
        service.process.wait()
    except KeyboardInterrupt:
        print("\nStopped.")


def say(what: str, how: str) -> None:
    """Announce a step."""
    CONSOLE.print(f"\n{what}", style="bold")
    CONSOLE.print(f"  {how}" if how.startswith(("GET", "POST")) else f"  $ {how}", style="cyan")


def expect(answer: Answer, status: int) -> None:
    """Print a response, which must have this status."""
    CONSOLE.print(f"  {answer.status}", style="green" if answer.status < 400 else "red", end="")
    CONSOLE.print(f"  {json.dumps(answer.body)}")
    for name in ("Retry-After", "RateLimit-Limit"):
        if answer.status == 429:
            CONSOLE.print(f"       {name}: {answer.headers[name]}")
    assert answer.status == status, f"expected {status}"


if __name__ == "__main__":
    main()

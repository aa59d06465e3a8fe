"""The image installs only hashed requirements, stays small and serves as compose.yaml runs it."""

import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path
from secrets import token_hex

import pytest

from tools.image import compose, engine
from tools.project import free_port

MOST_BYTES = 120 * 2**20  # on top of the base image
PATIENCE = 60.0
NOT_IN_IT = "ls /venv/bin/pip /usr/bin/gcc /app/.env /app/tests /app/.git /app/secrets"
# Settings of the service only: the tests bring their own servers.
OURS = ("DATABASE_URL", "RATELIMIT_STORAGE_URI")


def run(image: str, *command: str) -> str:
    """Run a command in a container of the image and return its standard output."""
    done = engine.podman("run", "--rm", *engine.LIMITS, "--network=none", image, *command)
    return done.stdout


def test_file_that_does_not_match_its_hash_is_not_installed(
    project: Path, wheels: Path, tmp_path: Path
) -> None:
    changed = Path(
        shutil.copytree(project, tmp_path / "changed", ignore=shutil.ignore_patterns(".venv"))
    )
    requirements = changed / "requirements.txt"
    text = requirements.read_text()
    requirements.write_text(text.replace("--hash=sha256:", "--hash=sha256:" + "0" * 64 + " #"))
    built = engine.build(changed, "localhost/changed", wheels)
    assert built.returncode != 0
    assert "DO NOT MATCH THE HASHES" in built.stdout + built.stderr


def test_image_is_small_and_has_no_secrets_or_build_tools(image: str) -> None:
    found = run(image, "sh", "-c", f"{NOT_IN_IT}; find / -xdev -user 10001 -not -path /data")
    assert found == ""
    size = engine.inspect(image)["Size"] - engine.inspect(engine.BASE)["Size"]
    print(f"{size / 2**20:.1f} MiB above the base")
    assert size < MOST_BYTES


def test_every_module_is_compiled(image: str) -> None:
    sources = "find /venv/lib -path '*/site-packages/*.py' | wc -l"
    compiled = "find /venv/lib -path '*/site-packages/*.pyc' | wc -l"
    count = [int(run(image, "sh", "-c", command)) for command in (sources, compiled)]
    assert count[1] >= count[0] > 1000


def test_image_has_the_expected_metadata(image: str, project: Path) -> None:
    config = engine.inspect(image)["Config"]
    assert config["User"] == "10001:10001"
    assert config["Cmd"] == ["serve"]
    assert config["Labels"]["org.opencontainers.image.title"] == "my-service"
    assert set(config["ExposedPorts"]) == {"8000/tcp"}


def test_image_serves_read_only_and_exits_with_0(
    image: str, project: Path, variables: dict[str, str]
) -> None:
    compose.make_secrets(project)
    name, port = f"image-{token_hex(4)}", free_port()
    options = compose.options(project, f"{name}-data", **variables, PORT=str(port))
    options.append("--network=host")
    try:
        command = compose.service(project, "migrate")["command"]
        migrated = engine.podman("run", "--rm", *engine.LIMITS, *options, image, *command)
        assert migrated.returncode == 0, migrated.stdout + migrated.stderr
        with engine.started(name, image, options):
            try:
                wait_until_ready(f"http://127.0.0.1:{port}/readyz")
                assert engine.podman("healthcheck", "run", name).returncode == 0
                with pytest.raises(urllib.error.HTTPError, match="404"):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/nothing", timeout=5)
                written = engine.podman("exec", name, "touch", "/app/x", "/venv/x", "/etc/x")
                assert written.stderr.count("Read-only file system") == 3
                status = engine.podman("exec", name, "cat", "/proc/1/status").stdout
                assert "NoNewPrivs:\t1" in status
                assert "CapEff:\t0000000000000000" in status
                stopped = engine.podman("stop", "--time=30", name)
                assert stopped.returncode == 0, stopped.stderr
                state = engine.podman("inspect", "--format={{.State.ExitCode}}", name)
                assert state.stdout.strip() == "0"
            finally:
                print(engine.podman("logs", "--tail=50", name).stderr)
    finally:
        engine.podman("volume", "rm", "--force", f"{name}-data")


def wait_until_ready(url: str) -> None:
    """Wait until the URL responds. Raises AssertionError after PATIENCE seconds."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} is not ready")

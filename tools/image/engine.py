"""Images and containers without a registry: buildah and podman, on a base of Debian packages."""

import fcntl
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ..render import ROOT

PROGRAMS = ("buildah", "podman", "debootstrap")
RUNTIMES = ("crun", "runc")
INSTALL = "run `apt-get install buildah podman runc debootstrap` as root"
STORE = ROOT / ".nox" / "containers"
BASE = "localhost/base"
PYTHON = "/usr/bin/python3"
PACKAGES = "python3,python3-venv,ca-certificates"
# The machine's own limits may be lower than podman's defaults.
LIMITS = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000"]
BUILD_SECONDS, RUN_SECONDS = 600, 120


@cache
def storage() -> list[str]:
    """Options that store everything in a folder of this repository, in layers if possible."""
    for driver in ("overlay", "vfs"):
        folder = STORE / driver
        options = [f"--root={folder}", f"--runroot={folder}/run", f"--storage-driver={driver}"]
        if subprocess.run(["podman", *options, "info"], capture_output=True).returncode == 0:
            break
    return options


def buildah(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run buildah and capture its output."""
    command = ["buildah", *storage(), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS)


def podman(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run podman and capture its output."""
    command = ["podman", *storage(), f"--runtime={runtime()}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS)


@cache
def runtime() -> str:
    """The first runtime that can run a container on this machine's kernel, or an empty string."""
    for name in RUNTIMES:
        options = [*storage(), f"--runtime={name}"]
        command = ["podman", *options, "run", "--rm", "--network=none", *LIMITS, BASE, "true"]
        if shutil.which(name) and subprocess.run(command, capture_output=True).returncode == 0:
            return name
    return ""


def why_not() -> str:
    """Why images cannot be built and run here, with the remedy, or an empty string."""
    if any(shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None for name in PROGRAMS):
        return f"buildah, podman or debootstrap is not installed: {INSTALL}"
    if os.geteuid():
        return "only root can build and run images here: run nox as root"
    make_base()
    return "" if runtime() else f"no container runtime works on this machine: {INSTALL}"


def make_base() -> None:
    """Make the base image, once, from this machine's Debian or Ubuntu."""
    STORE.mkdir(parents=True, exist_ok=True)
    with (STORE / "base.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another session may build it at the same time
        _make_base()


def _make_base() -> None:
    if buildah("images", "--quiet", BASE).returncode == 0:
        return
    folder = STORE / "base"
    shutil.rmtree(folder, ignore_errors=True)
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    must(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", release, str(folder)])
    container = must(["buildah", *storage(), "from", "scratch"]).strip()
    must(["buildah", *storage(), "copy", container, str(folder), "/"])
    must(["buildah", *storage(), "commit", "--rm", container, BASE])
    shutil.rmtree(folder)


def must(command: list[str]) -> str:
    """Run a command that must succeed, and return its output."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def inspect(image: str) -> dict[str, Any]:
    """The metadata of an image."""
    (described,) = json.loads(podman("image", "inspect", image).stdout)
    return dict(described)


@contextmanager
def started(name: str, image: str, options: list[str]) -> Iterator[None]:
    """Run a container in the background until the block ends."""
    done = podman("run", "--detach", f"--name={name}", *LIMITS, *options, image)
    try:
        assert done.returncode == 0, done.stderr
        yield
    finally:
        podman("rm", "--force", "--time=0", name)


def build(folder: Path, image: str, wheels: Path) -> subprocess.CompletedProcess[str]:
    """Build a project's Dockerfile. Its requirements come from `wheels`, not from the network."""
    pip = wheels.parent / "pip.conf"
    pip.write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    volumes = [f"--volume={wheels}:/wheels:ro", f"--volume={pip}:/etc/pip.conf:ro"]
    options = ["--isolation=chroot", "--format=docker", f"--build-arg=PYTHON={BASE}"]
    return buildah("build", *options, *volumes, f"--tag={image}", str(folder))

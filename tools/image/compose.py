"""Translate compose.yaml to podman options, so that the tests run what it describes."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

PLAIN = {
    "mem_limit": "memory",
    "cpus": "cpus",
    "pids_limit": "pids-limit",
}


def service(project: Path, name: str = "service") -> dict[str, Any]:
    """One service of compose.yaml, with its extensions merged."""
    text = (project / "compose.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text)["services"][name])


def secrets(told: dict[str, Any]) -> dict[str, str]:
    """The secrets of a service, each with the name of its file in the container."""
    pairs = (
        (each, each) if isinstance(each, str) else (each["source"], each["target"])
        for each in told.get("secrets", [])
    )
    return dict(pairs)


def options(project: Path, volume: str, name: str = "service", **variables: str) -> list[str]:
    """The podman options for a service. `variables` replace secret files of the same setting."""
    told = service(project, name)
    made = [f"--tmpfs={path}" for path in told["tmpfs"]]
    made += [f"--cap-drop={name}" for name in told["cap_drop"]]
    made += [f"--security-opt={option.removesuffix(':true')}" for option in told["security_opt"]]
    made += [f"--{PLAIN[name]}={told[name]}" for name in PLAIN]
    made += ["--read-only", "--read-only-tmpfs=false"] if told["read_only"] else []
    if "volumes" in told:
        made.append(f"--volume={volume}:{told['volumes'][0].partition(':')[2]}")
    environment = {
        name: value
        for name, value in told["environment"].items()
        if name.removesuffix("_FILE") not in variables
    }
    for source, target in secrets(told).items():
        made.append(f"--volume={project}/secrets/{source}:/run/secrets/{target}:ro")
    everything = environment | {"TRUSTED_HOSTS": "127.0.0.1"} | variables
    return [*made, *(f"--env={name}={value}" for name, value in everything.items())]


def make_secrets(project: Path) -> None:
    """Make the secrets as a user does. The API key cannot be generated, so it is written here."""
    command = [sys.executable, "scripts/make_secrets.py"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    if done.returncode:
        assert done.stderr == (
            "secrets/openai_api_key cannot be generated: write it yourself, then run this again.\n"
        )
        (project / "secrets/openai_api_key").write_text("a-key\n")
        done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

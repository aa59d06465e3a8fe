"""The shell lines of a guide, run as they stand."""

import subprocess
from pathlib import Path


def run(lines: str, project: Path, variables: dict[str, str]) -> str:
    """Run the lines of a guide, and return what they printed."""
    told = lines.replace(" TEMPLATE ", ' "$TEMPLATE" ')
    done = subprocess.run(
        ["bash", "-e", "-c", told], cwd=project, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{lines}\n{done.stdout}\n{done.stderr}"
    return done.stdout

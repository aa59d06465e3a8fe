"""A stand-in for a forge: a repository to push to, and the scheduled job as its runner runs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from ..render import git

# GitHub's client says what it was asked for; no pull request is open.
GH = '#!/bin/sh\n[ "$2" = list ] || printf "%s\\n" "$@" > "$ASKED"\n'
# The receiving repository says what it was asked for, as GitLab does.
RECEIVED = '#!/bin/sh\nenv | grep "^GIT_PUSH_OPTION_[0-9]" | sort > "$ASKED"\n'
# `uv run ... SCRIPT ...`: this environment has what all scripts need.
UV = f"""#!/bin/sh
while [ "${{1%.py}}" = "$1" ]; do shift; done
exec {sys.executable} "$@"
"""


class Forge:
    """A project, where it is pushed to, and the programs of a runner."""

    def __init__(self, project: Path, folder: Path) -> None:
        self.project = Path(shutil.copytree(project, folder / "project", symlinks=True))
        self.remote = folder / "forge" / "group" / "project.git"
        self.proposal = folder / "proposal"
        self._asked = folder / "asked"
        self._bin = folder / "bin"
        self._bin.mkdir()
        git(self.project, "clone", "--quiet", "--bare", ".", str(self.remote))
        git(self.remote, "config", "receive.advertisePushOptions", "true")
        program(self.remote / "hooks" / "post-receive", RECEIVED)
        program(self._bin / "gh", GH)
        program(self._bin / "uv", UV)
        program(self._bin / "mktemp", f"#!/bin/sh\necho {self.proposal}\n")
        self.sessions("echo all is well")
        config = folder / "gitconfig"
        config.write_text(
            f'[url "{folder}/forge/"]\n'
            "\tinsteadOf = https://x-access-token:secret@forge.example/\n"
            "\tinsteadOf = https://template-update:secret@forge.example/\n"
        )
        variables = {name: value for name, value in os.environ.items() if name != "UV"}
        self._variables = variables | {
            "PATH": f"{self._bin}:{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": str(config),
            "ASKED": str(self._asked),
            "RUNNER_TEMP": str(folder),
            "GH_TOKEN": "secret",
            "UPDATE_TOKEN": "secret",
            "GITHUB_SERVER_URL": "https://forge.example",
            "GITHUB_REPOSITORY": "group/project",
            "CI_SERVER_URL": "https://forge.example",
            "CI_PROJECT_PATH": "group/project",
            "CI_DEFAULT_BRANCH": "main",
        }

    def sessions(self, line: str) -> None:
        """What the project's sessions do: they need servers and minutes, and are tested elsewhere."""
        program(self._bin / "uvx", f"#!/bin/sh\n{line}\n")

    def run_job(self) -> int:
        """Run the scheduled job's lines as they stand in its file; its exit code."""
        workflow = self.project / ".github/workflows/update.yml"
        if not workflow.exists():
            job = yaml.safe_load((self.project / ".gitlab-ci.yml").read_text())["update"]
            return self._shell("\n".join(job["script"]))
        *_, propose, publish = yaml.safe_load(workflow.read_text())["jobs"]["update"]["steps"]
        code = self._shell(propose["run"])
        return self._shell(publish["run"], DRAFT="--draft" if code else "") or code

    def _shell(self, lines: str, **variables: str) -> int:
        command = ["bash", "-e", "-o", "pipefail", "-c", lines]
        return subprocess.run(command, cwd=self.project, env=self._variables | variables).returncode

    def asked(self) -> str:
        """What the forge was asked for, if anything."""
        return self._asked.read_text() if self._asked.exists() else ""


def program(path: Path, text: str) -> None:
    """A program on the runner."""
    path.write_text(text)
    path.chmod(0o755)

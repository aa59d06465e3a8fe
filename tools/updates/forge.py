"""A fake forge: a repository to push to, and runners for the scheduled jobs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from ..render import git

# A fake GitHub client records its arguments. Open pull requests are in a file, filtered by jq.
GH = """#!/bin/sh
if [ "$2" = list ]; then
    while [ "$1" != --jq ]; do shift; done
    jq -r "$2" "$OPEN"
else
    printf "%s\\n" "$@" > "$ASKED"
fi
"""
TOKEN = "secret"  # noqa: S105 - of no forge
# The receiving repository records the push options, which carry the request on GitLab.
RECEIVED = '#!/bin/sh\nenv | grep "^GIT_PUSH_OPTION_[0-9]" | sort > "$ASKED"\n'
# `uv run ... SCRIPT ...`: this environment has the dependencies of all scripts.
UV = f"""#!/bin/sh
while [ "${{1%.py}}" = "$1" ]; do shift; done
exec {sys.executable} "$@"
"""


class Forge:
    """A project, the remote that it is pushed to, and the programs of the runners."""

    def __init__(self, project: Path, folder: Path) -> None:
        self.project = Path(shutil.copytree(project, folder / "project", symlinks=True))
        self.remote = folder / "forge" / "group" / "project.git"
        self.folder = folder
        self.proposal = folder / "proposal"
        self.requests = folder / "requests.json"
        self.requests.write_text("[]")
        self._asked = folder / "asked"
        self._bin = folder / "bin"
        self._bin.mkdir()
        git(self.project, "clone", "--quiet", "--bare", ".", str(self.remote))
        git(self.project, "remote", "add", "origin", str(self.remote))
        git(self.remote, "config", "receive.advertisePushOptions", "true")
        program(self.remote / "hooks" / "post-receive", RECEIVED)
        program(self._bin / "gh", GH)
        program(self._bin / "uv", UV)
        self.sessions("echo all is well")
        config = folder / "gitconfig"
        config.write_text(
            f'[url "{folder}/forge/"]\n'
            f"\tinsteadOf = https://x-access-token:{TOKEN}@forge.example/\n"
            f"\tinsteadOf = https://template-update:{TOKEN}@forge.example/\n"
        )
        variables = {name: value for name, value in os.environ.items() if name != "UV"}
        self._variables = variables | {
            "PATH": f"{self._bin}:{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": str(config),
            "ASKED": str(self._asked),
            "OPEN": str(self.requests),
            "RUNNER_TEMP": str(folder),
            "GITHUB_SERVER_URL": "https://forge.example",
            "GITHUB_REPOSITORY": "group/project",
            "CI_SERVER_URL": "https://forge.example",
            "CI_PROJECT_PATH": "group/project",
            "CI_DEFAULT_BRANCH": "main",
        }

    def sessions(self, line: str) -> None:
        """Set the shell line that replaces the project's sessions.

        The real ones need servers and minutes, and are tested elsewhere.
        """
        program(self._bin / "uvx", f"#!/bin/sh\n{line}\n")

    def run_jobs(self) -> int:
        """Run the scripts of both scheduled jobs unchanged, and return the first one's exit code.

        Each starts from a fresh checkout of the main branch. Only the second one gets the token.
        """
        self._asked.unlink(missing_ok=True)
        shutil.rmtree(self.proposal, ignore_errors=True)
        git(self.project, "push", "--quiet", "origin", "HEAD:main")
        is_github = (self.project / ".github/workflows/update.yml").exists()
        return self._run_github() if is_github else self._run_gitlab()

    def _run_github(self) -> int:
        workflow = self.project / ".github/workflows/update.yml"
        jobs = yaml.safe_load(workflow.read_text())["jobs"]
        (update,) = (step for step in jobs["update"]["steps"] if step["name"] == "Update and test")
        assert "secrets" not in str(jobs["update"])
        assert "token" not in str(jobs["update"])
        code = self._shell(update["run"], **update["env"])
        *_, propose = jobs["propose"]["steps"]
        draft = "--draft" if code else ""
        assert self._shell(propose["run"], DRAFT=draft, GH_TOKEN=TOKEN) == 0
        return code

    def _run_gitlab(self) -> int:
        jobs = yaml.safe_load((self.project / ".gitlab-ci.yml").read_text())
        assert jobs["propose"]["environment"]["name"] == "template-update"
        assert "environment" not in jobs["update"]
        code = self._shell("\n".join(jobs["update"]["script"]), **jobs["update"]["variables"])
        assert self._shell("\n".join(jobs["propose"]["script"]), UPDATE_TOKEN=TOKEN) == 0
        return code

    def _shell(self, lines: str, **variables: str) -> int:
        """Run a step in a fresh checkout. The files that it leaves in .proposal are an artifact."""
        checkout = self.folder / "checkout"
        shutil.rmtree(checkout, ignore_errors=True)
        git(self.folder, "clone", "--quiet", "--branch=main", str(self.remote), str(checkout))
        if self.proposal.exists():
            (checkout / ".proposal").symlink_to(self.proposal)
        variables["CI_PROJECT_DIR"] = str(checkout)
        command = ["bash", "-e", "-o", "pipefail", "-c", lines]
        done = subprocess.run(command, cwd=checkout, env=self._variables | variables)
        left = checkout / ".proposal"
        if left.is_dir() and not left.is_symlink():
            left.rename(self.proposal)
        return done.returncode

    def asked(self) -> str:
        """The request that the forge received, or an empty string."""
        return self._asked.read_text() if self._asked.exists() else ""


def program(path: Path, text: str) -> None:
    """Write an executable program for the runner."""
    path.write_text(text)
    path.chmod(0o755)

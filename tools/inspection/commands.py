"""Check that every command in the README and docs exists, and that the README links every page."""

import re
import tomllib
from pathlib import Path

BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
SPAN = re.compile(r"`(uvx? [^`\n]+)`")
UV_COMMANDS = {"sync", "lock", "add", "export"}
FLASK_COMMANDS = {"run", "shell", "routes"}


def faults(project: Path) -> list[str]:
    """Commands of the pages that do not exist, and pages that the README does not link."""
    pages = sorted([*project.glob("*.md"), *project.glob("docs/*.md")])
    readme = (project / "README.md").read_text(encoding="utf-8")
    if "uv run" not in readme:
        return ["README.md shows no command"]
    found = []
    for page in pages:
        name = page.relative_to(project).as_posix()
        found += [f"{name}: {command}" for command in _missing(project, page)]
        if name != "README.md" and f"]({name})" not in readme:
            found.append(f"README.md does not link {name}")
    return found


def _missing(project: Path, page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    shown = "\n".join(BLOCK.findall(text) + SPAN.findall(text))
    commands = re.findall(r"\buvx? [^|)\n#]+", shown)
    return [command.strip() for command in commands if not _exists(project, command.split())]


def _exists(project: Path, words: list[str]) -> bool:
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    if words[0] == "uvx":
        return words[1] == "copier" or (words[1] == "nox" and _sessions_exist(project, words[2:]))
    if words[1] != "run":
        return words[1] in UV_COMMANDS
    program, *arguments = words[2:]
    if program.startswith("scripts/"):
        return (project / program).exists()
    if program == "flask":
        entries = table["project"]["entry-points"]["flask.commands"]
        return arguments[0] in FLASK_COMMANDS | set(entries)
    if program == "python":
        module = project / arguments[1].replace(".", "/")
        return arguments[0] == "-m" and module.with_suffix(".py").exists()
    requirements = table["project"]["dependencies"] + table["dependency-groups"]["dev"]
    return program in table["project"]["scripts"] or any(
        re.match(rf"{re.escape(program)}\b", requirement) for requirement in requirements
    )


def _sessions_exist(project: Path, arguments: list[str]) -> bool:
    if not arguments:
        return (project / "noxfile.py").exists()
    sessions = re.findall(
        r"^def (\w+)\(session", (project / "noxfile.py").read_text(), re.MULTILINE
    )
    return arguments[0] in ("-l", "--list") or (arguments[0] == "-s" and arguments[1] in sessions)

"""Follow the steps of CONTRIBUTING.md, such as "In `FILE`, above the line that starts with ..."."""

import re
from dataclasses import dataclass
from pathlib import Path

from .render import ROOT

PAGE = ROOT / "CONTRIBUTING.md"
QUOTED = r"(?:`` (.+?) ``|`([^`]+)`)"
INDENT = re.compile(r"^ {3}", re.MULTILINE)
STEP = re.compile(
    r"^\d+\. (.+(?:\n {3}(?!```)\S.*)*)(?:\n\n {3}```\w*\n((?s:.*?))\n {3}```$)?", re.MULTILINE
)


@dataclass(frozen=True)
class Step:
    """An instruction, and the text to add."""

    told: str
    text: str

    def follow(self, repository: Path) -> None:
        """Do what it says.

        Raises:
            AssertionError: the instruction is unknown, or the file has no such text.
        """
        file, *quoted = [plain or code for plain, code in re.findall(QUOTED, self.told)]
        path = repository / file
        if self.told.startswith("Create"):
            path.write_text(self.text)
        elif self.told.startswith("At the end of"):
            blank_lines = "\n\n" if path.suffix == ".py" else ""
            path.write_text(f"{path.read_text()}{blank_lines}{self.text}")
        elif "above the line that starts with" in self.told:
            self._insert(path, quoted[0])
        else:
            assert "replace" in self.told, f"unknown: {self.told}"
            self._replace(path, *quoted)

    def _insert(self, path: Path, start: str) -> None:
        lines = path.read_text().splitlines(keepends=True)
        found = [
            number for number, line in enumerate(lines) if line.lstrip().startswith(start.lstrip())
        ]
        assert found, f"{path.name} has no line that starts with {start}"
        lines.insert(found[0], self.text)
        path.write_text("".join(lines))

    def _replace(self, path: Path, old: str, new: str) -> None:
        assert old in path.read_text(), f"{path.name} does not contain {old}"
        path.write_text(path.read_text().replace(old, new))


def steps(heading: str) -> list[Step]:
    """The steps of a section of CONTRIBUTING.md."""
    page = PAGE.read_text(encoding="utf-8")
    (section,) = re.findall(rf"^### {heading}\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
    return [
        Step(" ".join(told.split("\n   ")), f"{INDENT.sub('', text)}\n" if text else "")
        for told, text in STEP.findall(section)
    ]

"""What pytest left of a run: its JUnit files, read into plain values."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path

# The files are this repository's own: no stranger's entity is expanded.
from xml.etree import ElementTree

from .checks import CHECKS

# What belongs to no check, such as a module that cannot be imported: never lost.
OTHER = "other"

MODULE = re.compile(r"tests\.variants\.test_(\w+)")

# Colours and titles of terminals. pytest writes what XML cannot hold as `#x1B`.
ESCAPES = re.compile(r"(?:\x9b|(?:\x1b|#x1B)\[)[0-?]*[ -/]*[@-~]|#x1B\].*?(?:#x07|#x1B\\)")
CONTROLS = re.compile(r"[\x7f-\x9f]")


class NoResults(Exception):
    """There is nothing to draw; the message says what to do."""


class Result(StrEnum):
    """How a test ended, or many of them together."""

    FAILED = "failed"
    PASSED = "passed"
    SKIPPED = "skipped"
    NOT_RUN = "not-run"


@dataclass(frozen=True)
class Case:
    """One test: `address` is its dotted path, `text` why it failed or was skipped."""

    address: str
    result: Result
    seconds: float
    text: str

    @property
    def check(self) -> str:
        match = MODULE.match(self.address)
        return match[1] if match and match[1] in CHECKS else OTHER


@dataclass(frozen=True)
class Cell:
    """Some tests taken together."""

    cases: tuple[Case, ...] = ()

    @property
    def result(self) -> Result:
        results = {case.result for case in self.cases}
        for result in (Result.FAILED, Result.PASSED, Result.SKIPPED):
            if result in results:
                return result
        return Result.NOT_RUN

    @property
    def seconds(self) -> float:
        return sum(case.seconds for case in self.cases)

    @property
    def told(self) -> tuple[Case, ...]:
        """The tests whose text explains the result; none where it passed."""
        if self.result not in (Result.FAILED, Result.SKIPPED):
            return ()
        return tuple(case for case in self.cases if case.result is self.result)

    def count(self, result: Result | None = None) -> int:
        """How many tests; one that fails twice, in its call and in its teardown, is one."""
        return len({case.address for case in self.cases if result in (None, case.result)})


@dataclass(frozen=True)
class Suite:
    """One file: `seconds` is the whole run, start and end included."""

    cases: tuple[Case, ...]
    seconds: float
    started: datetime
    python: str


def read(path: Path) -> Suite:
    """One JUnit file.

    Raises:
        NoResults: it is not one.
    """
    try:
        suite = ElementTree.parse(path).getroot().find("testsuite")  # noqa: S314
    except ElementTree.ParseError:
        suite = None
    if suite is None:
        raise NoResults(f"{path} holds no results: run its session again.")
    python = suite.find("properties/property[@name='python']")
    return Suite(
        cases=tuple(map(_case, suite.findall("testcase"))),
        seconds=float(suite.attrib["time"]),
        started=datetime.fromisoformat(suite.attrib["timestamp"]).astimezone(UTC),
        python="" if python is None else python.get("value", ""),
    )


def _case(node: ElementTree.Element) -> Case:
    result, text = Result.PASSED, ""
    for tag in ("skipped", "error", "failure"):
        found = node.find(tag)
        if found is not None:
            result = Result.SKIPPED if tag == "skipped" else Result.FAILED
            text = _text(found)
    # Where a module cannot be imported, the class is empty and the name has it all.
    parts = (node.get("classname", ""), node.get("name", ""))
    address = ".".join(part for part in parts if part)
    return Case(address, result, float(node.get("time", "0")), text)


def _text(node: ElementTree.Element) -> str:
    """A failure's whole text; of a skip the reason alone."""
    message = node.get("message", "")
    text = message if node.tag == "skipped" else (node.text or "").strip("\n") or message
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", ESCAPES.sub("", text))


@dataclass(frozen=True)
class Column:
    """One variant; `session` is what nox calls it. Without a suite it was not run."""

    name: str
    session: str
    suite: Suite | None = None

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """A cell for each check; OTHER is there only if it has something."""
        cases: defaultdict[str, list[Case]] = defaultdict(list)
        for case in self.suite.cases if self.suite else ():
            cases[case.check].append(case)
        names = [*CHECKS, OTHER] if OTHER in cases else CHECKS
        return {name: Cell(tuple(cases[name])) for name in names}

    def cell(self, check: str) -> Cell:
        return self.cells.get(check, Cell())

    @property
    def python(self) -> str:
        return self.suite.python if self.suite else ""

    @property
    def result(self) -> Result:
        """One failed check fails it, and one that was left out leaves it not run."""
        results = {cell.result for cell in self.cells.values()}
        for result in (Result.FAILED, Result.NOT_RUN, Result.PASSED):
            if result in results:
                return result
        return Result.SKIPPED


@dataclass(frozen=True)
class Table:
    """Variants across, checks down."""

    title: str
    columns: tuple[Column, ...]

    @property
    def rows(self) -> dict[str, str]:
        """The checks' labels."""
        other = any(OTHER in column.cells for column in self.columns)
        return CHECKS | {OTHER: "anything else"} if other else CHECKS

    def seconds(self, check: str | None = None) -> float:
        """One check's time in all variants, or that of the whole runs."""
        if check:
            return sum(column.cell(check).seconds for column in self.columns)
        return sum(column.suite.seconds for column in self.columns if column.suite)

    def count(self, result: Result) -> int:
        """How many variants ended like this."""
        return sum(column.result == result for column in self.columns)


def suites(folder: Path, names: Iterable[str]) -> dict[str, Suite]:
    """The suites of a folder that have a file; other files are left alone."""
    paths = {name: folder / f"{name}.xml" for name in names}
    return {name: read(path) for name, path in paths.items() if path.is_file()}

"""Read the JUnit files of a pytest run into plain values."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path

# The files are this repository's own, so no untrusted entities are expanded.
from xml.etree import ElementTree

from .checks import CHECKS

# For results that belong to no check, such as a module that cannot be imported.
OTHER = "other"

MODULE = re.compile(r"tests\.variants\.test_(\w+)")

# Terminal colours and titles. pytest writes characters that XML cannot hold as `#x1B`.
ESCAPES = re.compile(r"(?:\x9b|(?:\x1b|#x1B)\[)[0-?]*[ -/]*[@-~]|#x1B\].*?(?:#x07|#x1B\\)")
CONTROLS = re.compile(r"[\x7f-\x9f]")


class NoResults(Exception):
    """There are no results to draw. The message says what to do."""


class Result(StrEnum):
    """The result of a test, or of many tests combined."""

    FAILED = "failed"
    PASSED = "passed"
    SKIPPED = "skipped"
    NOT_RUN = "not-run"


@dataclass(frozen=True)
class Case:
    """One test. `address` is its dotted path, `text` says why it failed or was skipped."""

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
    """Some tests combined."""

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
        """The tests whose text explains a failure or a skip. Empty for other results."""
        if self.result not in (Result.FAILED, Result.SKIPPED):
            return ()
        return tuple(case for case in self.cases if case.result is self.result)

    def count(self, result: Result | None = None) -> int:
        """The number of tests. A test that fails in both its call and its teardown counts once."""
        return len({case.address for case in self.cases if result in (None, case.result)})


@dataclass(frozen=True)
class Suite:
    """One file. `seconds` is the whole run, including startup and shutdown."""

    cases: tuple[Case, ...]
    seconds: float
    started: datetime
    python: str


def read(path: Path) -> Suite:
    """Read one JUnit file.

    Raises:
        NoResults: it is not a JUnit file.
    """
    try:
        suite = ElementTree.parse(path).getroot().find("testsuite")  # noqa: S314
    except ElementTree.ParseError:
        suite = None
    if suite is None:
        raise NoResults(f"{path} contains no results: run its session again.")
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
    # If a module cannot be imported, the class name is empty and the name has the whole path.
    parts = (node.get("classname", ""), node.get("name", ""))
    address = ".".join(part for part in parts if part)
    return Case(address, result, float(node.get("time", "0")), text)


def _text(node: ElementTree.Element) -> str:
    """The whole text of a failure, but only the reason of a skip."""
    message = node.get("message", "")
    text = message if node.tag == "skipped" else (node.text or "").strip("\n") or message
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", ESCAPES.sub("", text))


@dataclass(frozen=True)
class Column:
    """One variant. `session` is the name of its nox session. Without a suite it was not run."""

    name: str
    session: str
    suite: Suite | None = None

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """A cell for each check. OTHER is included only if it has tests."""
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
        """Failed if one check failed, else not run if one check is missing."""
        results = {cell.result for cell in self.cells.values()}
        for result in (Result.FAILED, Result.NOT_RUN, Result.PASSED):
            if result in results:
                return result
        return Result.SKIPPED


@dataclass(frozen=True)
class Table:
    """A table with variants as columns and checks as rows."""

    title: str
    columns: tuple[Column, ...]

    @property
    def rows(self) -> dict[str, str]:
        """The checks' labels."""
        other = any(OTHER in column.cells for column in self.columns)
        return CHECKS | {OTHER: "other results"} if other else CHECKS

    def seconds(self, check: str | None = None) -> float:
        """The time of one check in all variants, or of the whole runs."""
        if check:
            return sum(column.cell(check).seconds for column in self.columns)
        return sum(column.suite.seconds for column in self.columns if column.suite)

    def count(self, result: Result) -> int:
        """The number of variants with this result."""
        return sum(column.result == result for column in self.columns)


def suites(folder: Path, names: Iterable[str]) -> dict[str, Suite]:
    """The named suites that have a file in the folder. Other files are ignored."""
    paths = {name: folder / f"{name}.xml" for name in names}
    return {name: read(path) for name, path in paths.items() if path.is_file()}

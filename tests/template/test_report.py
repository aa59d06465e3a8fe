"""The report shows exactly what each variant's results say."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools.matrix.checks import CHECKS
from tools.matrix.presets import PRESETS
from tools.matrix.report import SUITES, collect, duration, page, picture, write
from tools.matrix.results import OTHER, Column, NoResults, Result, read
from tools.matrix.variants import triples, variants
from tools.render import ROOT

FIRST, SECOND, THIRD = list(variants())[:3]
# Characters that XML cannot hold, as pytest writes them, and others that no page should contain.
NASTY = "</script><b>bold</b> & #x1B[31mred#x1B[0m #x1B]0;title#x07\x9b1m\x85end"


def case(
    check: str, name: str = "test_it", seconds: float = 1, **results: str
) -> ElementTree.Element:
    """A test case. `failure="why"`, `error="why"` or `skipped="why"` says how it ended."""
    where = {"classname": f"tests.variants.test_{check}", "name": name, "time": str(seconds)}
    node = ElementTree.Element("testcase", where)
    for tag, text in results.items():
        ElementTree.SubElement(node, tag, message=text).text = f"at line 1: {text}"
    return node


def save(path: Path, *cases: ElementTree.Element, python: str = "") -> None:
    """Write a JUnit file as pytest does."""
    root = ElementTree.Element("testsuites")
    when = "2026-10-20T14:00:30.5+02:00"
    suite = ElementTree.SubElement(root, "testsuite", time="61.5", timestamp=when)
    facts = ElementTree.SubElement(suite, "properties")
    ElementTree.SubElement(facts, "property", name="python", value=python)
    suite.extend(cases)
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, "utf-8")


def passing(**others: ElementTree.Element) -> list[ElementTree.Element]:
    """A passing test for each check, except for those given by name."""
    return [others.get(check, case(check)) for check in CHECKS]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Results in which the first variant passed, the second failed and the others were not run."""
    bad = {"own": case("own", failure=NASTY), "stop": case("stop", skipped="its own tests failed")}
    save(tmp_path / "variant" / f"{FIRST}.xml", *passing(), python="3.13.11")
    save(tmp_path / "variant" / f"{SECOND}.xml", *passing(**bad))
    return tmp_path


def column(folder: Path, *cases: ElementTree.Element) -> Column:
    save(folder / "one.xml", *cases)
    return Column("one", "variant(one)", read(folder / "one.xml"))


def opened(html: str, result: str, text: str) -> bool:
    """Whether a cell with this result has a button that opens this text."""
    buttons = re.findall(rf'<td class="{result}"[^>]*>\s*<button popovertarget="(\S+)">', html)
    logs = (html.partition(f'<dialog popover id="{button}"')[2] for button in buttons)
    return any(text in log.partition("</dialog>")[0] for log in logs)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([{}, {"skipped": "x"}], Result.PASSED),
        ([{"skipped": "x"}, {"skipped": "y"}], Result.SKIPPED),
        ([{}, {"failure": "x"}, {"skipped": "y"}], Result.FAILED),
        ([{"error": "x"}, {"skipped": "y"}], Result.FAILED),
        ([{"skipped": "x", "error": "in its teardown"}], Result.FAILED),
        ([], Result.NOT_RUN),
    ],
)
def test_a_cell_is_as_bad_as_its_worst_test(
    tmp_path: Path, ends: list[dict[str, str]], expected: Result
) -> None:
    cases = [case("own", f"test_{n}", 1.5, **end) for n, end in enumerate(ends)]
    cell = column(tmp_path, *cases).cell("own")
    assert cell.result is expected
    assert cell.seconds == 1.5 * len(ends)
    assert cell.count() == len(ends)


def test_failure_in_call_and_teardown_counts_as_one_test(tmp_path: Path) -> None:
    cell = column(tmp_path, case("own", failure="first"), case("own", error="then")).cell("own")
    assert cell.count(Result.FAILED) == 1
    assert len(cell.told) == 2


def test_a_variant_passes_only_if_every_check_was_run(tmp_path: Path) -> None:
    assert column(tmp_path, *passing()).result is Result.PASSED
    assert column(tmp_path, *passing(stop=case("stop", skipped="x"))).result is Result.PASSED
    assert column(tmp_path, *passing()[:-1]).result is Result.NOT_RUN
    assert column(tmp_path, *passing(own=case("own", error="x"))[:-1]).result is Result.FAILED


@pytest.mark.parametrize(("name", "check"), [("tests.variants.test_own", "own"), ("pytest", OTHER)])
def test_error_outside_of_a_test_fails_the_variant(tmp_path: Path, name: str, check: str) -> None:
    error = case("", name, error="cannot be imported")
    error.set("classname", "")
    broken = column(tmp_path, *passing(), error)
    assert broken.result is Result.FAILED
    assert broken.cell(check).told[0].text == "at line 1: cannot be imported"


def test_a_failing_cell_opens_its_log(results: Path) -> None:
    html = page(collect(results))
    assert opened(html, "failed", "at line 1: &lt;/script&gt;&lt;b&gt;bold&lt;/b&gt; &amp; ")
    assert html.count("<dialog") == 2


def test_a_skipped_cell_opens_its_reason(results: Path) -> None:
    assert opened(page(collect(results)), "skipped", "\nits own tests failed\n")


def test_logs_are_escaped_and_the_page_loads_no_resources(results: Path) -> None:
    html = page(collect(results))
    assert not re.search(r"<script|<link|<img|url\(|@import|https?:", html)
    assert "</script>" not in html
    assert "<b>bold" not in html
    assert "&amp; red \N{REPLACEMENT CHARACTER}end\n" in html
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]|#x1B", html)


def test_missing_results_are_not_run_and_unknown_results_are_ignored(
    results: Path,
) -> None:
    save(results / "variant" / "of-yesterday.xml", *passing())
    report = collect(results)
    html = page(report)
    assert report.tables[0].columns[2] == Column(THIRD, f"variant({THIRD})", None)
    assert f'<th scope="col" class="not-run"><span>{THIRD}</span></th>' in html
    assert f"1 of {len(variants())} passed, 1 failed, {len(variants()) - 2} not run" in html
    assert "of-yesterday" not in html


def test_header_shows_time_and_duration(results: Path) -> None:
    html = page(collect(results))
    assert (duration(9.6), duration(3660)) == ("10 s", "1 h 1 min")
    assert "2026-10-20 12:00 to 12:01 UTC · 2 min 3 s" in html
    assert "<td>3.13.11</td>" in html


def test_further_tables_are_shown_once_they_have_results(results: Path) -> None:
    assert len(collect(results).tables) == 1
    save(results / "pythons" / "bare-3.12.xml", *passing())
    save(results / "lowest" / "mariadb.xml", *passing(own=case("own", failure="too old")))
    _, lowest, pythons = collect(results).tables
    assert [column.name for column in lowest.columns] == list(PRESETS)
    assert {"pythons(bare, 3.12)"} == {c.session for c in pythons.columns if c.suite}
    assert opened(page(collect(results)), "failed", 'nox -s "lowest(mariadb)"')


def test_a_failing_suite_opens_its_log_and_an_absent_one_is_not_run(tmp_path: Path) -> None:
    save(tmp_path / "faults.xml", case("one"), case("two", failure="not found"))
    report = collect(tmp_path)
    assert opened(page(report), "failed", "at line 1: not found")
    results = {name: report.suite(name).result for name in SUITES}
    assert results.pop("faults") == "failed"
    assert set(results.values()) == {"not-run"}


def test_picture_is_well_formed_and_independent_of_durations(results: Path) -> None:
    write(results, results / "report.html", results / "matrix.svg")
    drawn = (results / "matrix.svg").read_text("utf-8")
    save(results / "variant" / f"{FIRST}.xml", *(case(check, seconds=9) for check in CHECKS))
    assert picture(collect(results).variants) == drawn
    root = ElementTree.fromstring(drawn)  # noqa: S314
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == f"1 of {len(variants())} variants passed"
    assert f"Failed: {SECOND}. " in (root.findtext(f"{space}desc") or "")
    assert len(root.findall(f"{space}use")) == len(variants()) * len(CHECKS) + len(Result)
    assert "<script" not in drawn
    assert drawn.count("http") == 1


def test_the_picture_of_a_full_run_has_every_variant(results: Path) -> None:
    save(results / "variant" / f"{next(iter(triples()))}.xml", *passing())
    write(results, results / "report.html", results / "matrix.svg")
    drawn = (results / "matrix.svg").read_text("utf-8")
    assert f"2 of {len(variants()) + len(triples())} variants passed" in drawn


@pytest.mark.parametrize("text", ["", "<testsuites>", "<testsuites/>"])
def test_truncated_results_file_is_reported(tmp_path: Path, text: str) -> None:
    (tmp_path / "tests.xml").write_text(text)
    with pytest.raises(NoResults, match=r"tests\.xml contains no results"):
        collect(tmp_path)


def test_missing_results_give_a_one_line_message(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from tools.matrix import report;"
    code += "report.RESULTS = Path(sys.argv[1]); report.main()"
    command = [sys.executable, "-c", code, str(tmp_path / "nothing")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "No results yet: run `nox` first.\n"

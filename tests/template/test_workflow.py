"""The CI workflow runs every session that nox lists, with the servers that it needs."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.lint_workflows import SHELLCHECK, WORKFLOWS, faults
from tools.matrix.ci import REQUIRED, listed, matrix
from tools.matrix.presets import PRESETS
from tools.matrix.questions import factors
from tools.matrix.variants import rows, texts, triples, variants
from tools.render import ROOT

TEXT = (WORKFLOWS / "ci.yml").read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
TRIGGERS = WORKFLOW[True]  # YAML 1.1 parses `on` as true
JOBS = WORKFLOW["jobs"]
SESSION = JOBS["session"]

Job = dict[str, str]


@cache
def jobs(event: str) -> list[Job]:
    return matrix(event)


def sessions(event: str) -> list[str]:
    return [job["session"] for job in jobs(event)]


def value(expression: str, job: Job) -> str:
    """Evaluate `${{ matrix.name == 'this' && 'that' || '' }}` for a job."""
    for alternative in expression.strip("${} ").split(" || "):
        condition, _, result = alternative.rpartition(" && ")
        asked = re.fullmatch(r"matrix\.(\w+) == '(\w+)'", condition)
        assert asked or not condition, expression
        if asked is None or job[asked[1]] == asked[2]:
            return result.strip("'")
    raise AssertionError(expression)


@cache
def selected(*options: str) -> set[str]:
    """The sessions that nox would run."""
    command = [sys.executable, "-m", "nox", "--script-mode=none", "--list", *options]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found = re.findall(r"^\* (.+?)(?: \[[\w,]+\])?(?: ->.*)?$", done.stdout, re.MULTILINE)
    return set(found) - {REQUIRED}


def test_a_pull_request_runs_what_nox_runs_by_default() -> None:
    assert {"lint", "tests", "faults(some)", "combinations(some)", "update(some)"} <= selected()
    assert set(sessions("pull_request")) == selected()


@pytest.mark.parametrize("event", ["push", "schedule", "workflow_dispatch"])
def test_other_events_run_everything(event: str) -> None:
    assert set(sessions(event)) == selected("--tags", "full")
    assert set(TRIGGERS) == {"pull_request", "push", "schedule", "workflow_dispatch"}


def test_default_run_has_a_sample_of_every_kind_of_session() -> None:
    assert {f"variant({name})" for name in variants()} <= selected()
    assert {f"text({name})" for name in texts()} <= selected()
    lowest = [name for name in PRESETS if f"lowest({name})" in selected()]
    assert sorted(rows()[name]["database"] for name in lowest) == sorted(factors()["database"])
    assert "resilience_sample" in selected()
    assert len([name for name in selected() if name.startswith("image(")]) == 1


def test_full_run_has_every_session_at_full_size() -> None:
    full = selected("--tags", "full")
    parts = {name for name in selected() if name.endswith("(some)")}
    wholes = {name.replace("(some)", "(all)") for name in parts}
    assert full >= (selected() - parts - {"resilience_sample"}) | wholes
    everything = [f"variant({name})" for name in variants() | triples()]
    everything += [f"lowest({name})" for name in PRESETS]
    everything += [f"resilience({name})" for name in factors()["database"]]
    for version in factors()["python_version"]:
        everything += [f"pythons({name}, {version})" for name in PRESETS]
    assert set(everything) <= full


def test_every_session_named_in_the_workflow_exists() -> None:
    named = re.findall(r"(?:nox|noxfile\.py) (?:-s|--session) (\S+)", TEXT)
    assert '"$SESSION"' in named
    literal = [name for name in named if name != '"$SESSION"']
    assert literal
    assert {session["session"] for session in listed("--session", *literal)} == set(literal)


def test_job_uses_the_python_version_of_its_session() -> None:
    lowest = min(factors()["python_version"])
    for session in listed("--tags", "full"):
        deployed = rows().get(session["call_spec"].get("variant"), {}).get("python_version")
        expected = {
            "variant": deployed,
            "text": deployed,
            "lowest": lowest,
            "pythons": session["call_spec"].get("version"),
        }.get(session["name"], "")
        job = next(job for job in jobs("schedule") if job["session"] == session["session"])
        assert job["python_version"] == expected, session


def test_servers_are_started_only_for_jobs_that_need_them() -> None:
    for job in jobs("schedule"):
        services = {
            name: service["ports"][0].split(":")[0]
            for name, service in SESSION["services"].items()
            if value(service["image"], job)
        }
        wanted = {job["database"]} & {"postgresql", "mariadb"}
        wanted |= {"valkey"} if job["rate_limit_storage"] == "redis" else set()
        assert set(services) == wanted, job["session"]
        urls = [url for name in SESSION["env"] if (url := value(SESSION["env"][name], job))]
        assert {re.sub(r".*:(\d+)/.*", r"\1", url) for url in urls} == set(services.values())


def test_workflow_installs_the_packages_that_the_ci_script_needs() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    # GitHub's images already have these, and Google Chrome.
    needed = re.findall(r"^need (?!git|jq|python3)\S+ (\S+)$", script, re.MULTILINE)
    steps = [step for step in SESSION["steps"] if "apt-get" in step.get("run", "")]
    assert [step["if"] for step in steps] == [
        "${{ startsWith(matrix.session, 'resilience') }}",
        "${{ startsWith(matrix.session, 'image') }}",
    ]
    installed = {word for step in steps for word in step["run"].split()}
    assert len(needed) == 7
    assert set(needed) <= installed


def test_workflow_sets_exactly_the_variables_that_the_tests_read() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "template" / "tests").rglob("*.py*"))
    assert set(SESSION["env"]) == set(re.findall(r'environ\.get\("(TEST_\w+)"\)', sources))


def test_the_gate_needs_every_other_job_and_always_runs() -> None:
    assert set(JOBS["gate"]["needs"]) == set(JOBS) - {"gate"}
    assert JOBS["gate"]["if"] == "${{ always() }}"


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ("success success success", 0),
        ("success failure success", 1),
        ("success success skipped", 1),
        ("cancelled success success", 1),
        ("", 1),
    ],
)
def test_gate_passes_only_if_every_job_succeeded(results: str, code: int) -> None:
    script = JOBS["gate"]["steps"][0]["run"]
    environment = os.environ | {"RESULTS": results}
    done = subprocess.run(["bash", "-e", "-c", script], env=environment, stdout=subprocess.DEVNULL)
    assert done.returncode == code


def test_every_job_has_a_timeout_and_at_most_read_permission() -> None:
    assert WORKFLOW["permissions"] == {}
    for name, job in JOBS.items():
        assert job["timeout-minutes"] <= 60, name
        assert job["permissions"] in ({}, {"contents": "read"}), name


def test_every_workflow_passes_the_linters() -> None:
    assert faults(sorted(WORKFLOWS.glob("*.yml"))) == ""


def test_release_job_may_only_write_contents() -> None:
    release = yaml.safe_load((WORKFLOWS / "release.yml").read_text(encoding="utf-8"))
    assert release["permissions"] == {}
    assert [job["permissions"] for job in release["jobs"].values()] == [{"contents": "write"}]


def test_checkout_fetches_the_full_history() -> None:
    checkout = SESSION["steps"][0]["with"]
    assert checkout["fetch-depth"] == 0


@pytest.mark.parametrize(
    ("good", "bad", "finding"),
    [
        ("runs-on: ubuntu-24.04", "runs_on: ubuntu-24.04", "syntax-check"),
        ("needs: session", "needs: sesion", "job-needs"),
        ("matrix.session }}", "matrix.session", "expression"),
        ('test "$result"', "test $missing/*", "SC2086"),
        ('echo "$RESULTS"', 'echo "${{ github.head_ref }}"', "template-injection"),
        ("persist-credentials: false", "fetch-depth: 1", "artipacked"),
        ("@3d3c42e5aac5ba805825da76410c181273ba90b1", "@v7", "unpinned-uses"),
        ("pull_request:", "pull_request_target:", "dangerous-triggers"),
        ("permissions: {}", "permissions: write-all", "excessive-permissions"),
    ],
)
def test_linters_find_planted_workflow_faults(
    good: str, bad: str, finding: str, tmp_path: Path
) -> None:
    assert good in TEXT
    if finding.startswith("SC") and not SHELLCHECK.exists():
        pytest.skip("shellcheck has no wheel for this machine")
    workflow = tmp_path / "ci.yml"
    workflow.write_text(TEXT.replace(good, bad), encoding="utf-8")
    assert finding in faults([workflow])

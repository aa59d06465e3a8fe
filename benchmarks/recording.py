"""Read and compare recorded results, and write them as JSON, a table and a chart."""

import datetime as dt
import json
import os
import platform
from pathlib import Path
from typing import Any

from . import chart
from .rows import MOST_MEMORY, MOST_START, ROWS, Found

FOLDER = Path(__file__).parent
JSON, TABLE, CHART = (FOLDER / f"results.{kind}" for kind in ("json", "md", "svg"))
FALL = 0.9  # below this fraction of the last ratio, the service has become slower


def read() -> dict[str, Any]:
    """Return the results recorded last."""
    if not JSON.exists():
        return {"rows": {}, "starts": {}, "ladder": {}}
    results: dict[str, Any] = json.loads(JSON.read_text())
    return results


def as_json(found: Found) -> dict[str, Any]:
    """Return a row rounded to three decimals, with its time, the machine's load and Python."""
    return {
        "ratio": round(found.ratio, 3),
        "p99": round(found.p99, 3),
        "cpu": round(found.cpu, 3),
        "rps": [round(rps) for rps in found.rps],
        "ratios": [round(ratio, 3) for ratio in found.ratios],
        "taken": f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M}",
        "machine": f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
    }


def has_fallen(before: dict[str, Any], found: Found) -> bool:
    """Return whether the ratio is more than a tenth below the last one."""
    return found.ratio < FALL * float(before["ratio"])


def write(results: dict[str, Any]) -> None:
    """Write the JSON, the table and the chart."""
    JSON.write_text(json.dumps(results, indent=1) + "\n")
    TABLE.write_text(table(results))
    CHART.write_text(chart.draw(results))


def table(results: dict[str, Any]) -> str:
    """Return Markdown tables: rows, memory and start time, and the ladder."""
    lines = [
        "| Work | Ratio to bare Flask | Goal | p99, times | Goal | Of its processor time | Requests a second, bare and full |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in ROWS:
        if found := results["rows"].get(row.name):
            goals = f"{found['ratio']:.2f} | {row.least_ratio:.2f} | {found['p99']:.2f} | {row.most_p99}"
            bare, full = found["rps"]
            lines.append(f"| {row.name} | {goals} | {found['cpu']:.2f} | {bare}, {full} |")
    for variant, found in results["starts"].items():
        for what, most in (("MiB", MOST_MEMORY), ("seconds", MOST_START)):
            bare, full = found[what]
            said = {"MiB": "Memory of a worker, MiB", "seconds": "Start to the first answer, s"}[
                what
            ]
            lines.append(
                f"| {said}, {variant} | {full / bare:.2f} times | {most} times | | | | {bare:.2f}, {full:.2f} |"
            )
    if results["ladder"]:
        lines += [
            "",
            "| GET, no database: the parts so far | Ratio to bare Flask | µs of a worker for a request |",
            "| --- | --- | --- |",
        ]
        for step, found in results["ladder"].items():
            lines.append(f"| {step} | {found['ratio']:.2f} | {found['us']:.0f} |")
    return "\n".join(lines) + "\n"

"""Draw the chart: throughput of each kind of request as a ratio to bare Flask."""

from html import escape
from typing import Any

from .rows import ROWS

LEFT, WIDTH, LINE = 330, 420, 26  # pixels
MOST = 1.2  # the ratio at the right edge
GOOD, SHORT, GOAL = "#2f7d5b", "#b4652a", "#444"


def draw(results: dict[str, Any]) -> str:
    """Return an SVG with a bar and a goal mark for each row, and a line for bare Flask."""
    rows = [row for row in ROWS if row.name in results["rows"]]
    height = LINE * len(rows) + 56
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 70}" height="{height}"'
        ' font-family="sans-serif" font-size="13">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{_x(1)}" y="18" text-anchor="middle">bare Flask</text>',
    ]
    for number, row in enumerate(rows):
        ratio, y = results["rows"][row.name]["ratio"], 30 + LINE * number
        colour = GOOD if ratio >= row.least_ratio else SHORT
        parts += [
            f'<text x="{LEFT - 10}" y="{y + 14}" text-anchor="end">{escape(row.name)}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{_x(ratio) - LEFT}" height="18" fill="{colour}"/>',
            f'<rect x="{_x(row.least_ratio) - 1}" y="{y - 2}" width="2" height="22" fill="{GOAL}"/>',
            f'<text x="{_x(ratio) + 6}" y="{y + 14}">{ratio:.2f}</text>',
        ]
    parts += [
        f'<line x1="{_x(1)}" x2="{_x(1)}" y1="24" y2="{height - 26}" stroke="#999"/>',
        f'<text x="{LEFT}" y="{height - 8}" fill="#666">Throughput; the dark mark is the goal</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(ratio: float) -> int:
    return LEFT + round(WIDTH * min(ratio, MOST) / MOST)

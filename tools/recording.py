"""Record commands in a terminal, as an SVG that shows their lines at the times they came."""

import errno
import html
import io
import os
import pty
import re
import subprocess
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 100  # columns
ROWS = 50
LONGEST_PAUSE = 1.5  # seconds; longer ones are cut
LONGEST_COMMAND = 300  # seconds
ID = "recording"  # of elements in the SVG
# rich's own format loads a font from another host.
FORMAT = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>TITLE</title>
<style>
.{unique_id}-matrix {{ font: {char_height}px ui-monospace, Menlo, Consolas, monospace }}
.{unique_id}-title {{ font: 18px sans-serif }}
@keyframes appear {{ from {{ visibility: hidden }} }}
TIMES
@media (prefers-reduced-motion: reduce) {{ text {{ animation: none !important }} }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


@dataclass(frozen=True)
class Line:
    """A line that a terminal showed, with its escape sequences."""

    seconds: float  # since the start
    text: str


@dataclass(frozen=True)
class Command:
    """A command to record; `shown` is what its user types."""

    shown: str
    arguments: Sequence[str]
    code: int = 0  # that it must exit with


def record(
    commands: Sequence[Command], folder: Path, variables: Mapping[str, str]
) -> Iterator[Line]:
    """Run commands in a terminal of their own, and yield what it shows.

    Raises:
        AssertionError: a command exits with another code than expected, or takes too long.
    """
    start = time.monotonic()
    for number, command in enumerate(commands):
        if number:
            yield Line(time.monotonic() - start, "")
        yield Line(time.monotonic() - start, f"\x1b[1;36m$\x1b[0m \x1b[1m{command.shown}\x1b[0m")
        for text in _output(command, folder, variables):
            yield Line(time.monotonic() - start, text)


def _output(command: Command, folder: Path, variables: Mapping[str, str]) -> Iterator[str]:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (ROWS, WIDTH))
    process = subprocess.Popen(
        command.arguments, cwd=folder, env=variables, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    too_long = threading.Timer(LONGEST_COMMAND, process.kill)
    too_long.start()
    try:
        yield from _lines(ours)
        assert process.wait(LONGEST_COMMAND) == command.code, command.shown
    finally:
        too_long.cancel()
        process.kill()
        process.wait()
        os.close(ours)


def _lines(terminal: int) -> Iterator[str]:
    """Yield each line of a terminal when it is complete, until the command has ended."""
    rest = b""
    while True:
        try:
            read = os.read(terminal, 65_536)
        except OSError as error:
            if error.errno != errno.EIO:  # which says that no process has it open any more
                raise
            read = b""
        *lines, rest = (rest + read).split(b"\n")
        yield from (line.decode().rstrip("\r") for line in lines)
        if not read:
            break
    if rest:
        yield rest.decode()


def draw(title: str, lines: Sequence[Line]) -> str:
    """Draw the recording."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    times, row, now, last = [], 0, 0.0, 0.0
    for line in lines:
        now += min(line.seconds - last, LONGEST_PAUSE)
        last = line.seconds
        text = Text.from_ansi(line.text)
        for part in text.wrap(console, WIDTH, overflow="fold") or [text]:
            times.append(f'[clip-path$="-{row})"] {{{{ animation: appear {now:.1f}s step-end }}}}')
            console.print(part, soft_wrap=True)
            row += 1
    form = FORMAT.replace("TIMES", "\n".join(times)).replace("TITLE", html.escape(title))
    return console.export_svg(title=title, code_format=form, unique_id=ID)


def steady(svg: str) -> str:
    """The text of a recording, without spaces, times, keys and IDs, which differ in every run."""
    found = html.unescape("".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg)))
    found = re.sub(r"\s", "", found)
    found = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)", "TIME", found)
    found = re.sub(r"checkspassed:\d+|\d+morechecks", "CHECKS", found)
    found = re.sub(r"index[0-9a-f]+,[0-9a-f]+\.\.|@@@.*?@@@", "", found)
    return re.sub(r"sk_[0-9a-f]{12}_[\w-]{43}|[0-9a-f]{32}|(?<=Retry-After:)\d+", "ID", found)

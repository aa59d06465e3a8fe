"""The README's lines start a service, typed as they stand."""

import re
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from tools.project import INHERITED, START_SECONDS, STOP_SECONDS, free_port, uv
from tools.render import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PLACE = "<URL or absolute path of this repository>"
SERVE = " && uv run flask run\n"
ME = {
    f"GIT_{role}_{what}": f"me{end}"
    for role in ("AUTHOR", "COMMITTER")
    for what, end in (("NAME", ""), ("EMAIL", "@example.com"))
}


def read(url: str) -> str:
    """The page at a URL, as soon as it is served."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=START_SECONDS) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert time.monotonic() < deadline, f"nothing serves {url}"
            time.sleep(0.05)


def test_start_lines_of_the_readme_serve_the_api_page(template: Path, tmp_path: Path) -> None:
    (lines,) = re.findall(r"```sh\n(uvx copier copy .*?)```", README, re.DOTALL)
    assert PLACE in lines
    assert lines.endswith(SERVE)
    # copier asks its questions unless it is told to take the defaults.
    script = lines.removesuffix(SERVE).replace(PLACE, f"--defaults {template}")
    variables = INHERITED | ME | {"PATH": f"{Path(uv()).parent}:{INHERITED['PATH']}"}
    done = subprocess.run(
        ["bash", "-ec", script], cwd=tmp_path, env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    port = free_port()
    server = subprocess.Popen(
        [uv(), "run", "flask", "run"],
        cwd=tmp_path / "my-service",
        env=variables | {"FLASK_RUN_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        page = re.findall(r"http://127\.0\.0\.1:5000(/\S+):", README)[0]
        assert '<div id="swagger-ui"' in read(f"http://127.0.0.1:{port}{page}")
    finally:
        server.terminate()
        server.wait(STOP_SECONDS)

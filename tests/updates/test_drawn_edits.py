"""Random edits all survive an update, or the update stops and changes nothing.

The seeds are 1 to 30, or 1 to the value of the environment variable DRAWN_EDITS.
"""

import os
import random
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tools.matrix.presets import PRESETS
from tools.matrix.questions import answers, row
from tools.releases import releases
from tools.render import VERSION, git, render
from tools.updates.drawn import Drawn
from tools.updates.older import OLDER
from tools.updates.projects import newest_script, tree

COUNT = int(os.environ.get("DRAWN_EDITS", "30"))
OF_A_CHANGE = range(1, 4)
SEEDS = [
    pytest.param(seed, marks=[] if seed in OF_A_CHANGE else [pytest.mark.full])
    for seed in range(1, COUNT + 1)
]
Rendered = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def rendered(releases_to_update: Path, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """A function that renders a preset of a release, and caches the render."""

    @cache
    def made(preset: str, version: str) -> Path:
        folder = tmp_path_factory.mktemp("drawn") / "project"
        return render(releases_to_update, folder, answers(row(PRESETS[preset])), version)

    return made


@pytest.mark.parametrize("seed", SEEDS)
def test_random_edits_survive_an_update(
    releases_to_update: Path, rendered: Rendered, tmp_path: Path, seed: int
) -> None:
    chosen = random.Random(f"project {seed}")  # noqa: S311 - edits, not secrets
    version = chosen.choice([*(release.tag for release in releases()), OLDER])
    preset = chosen.choice(list(PRESETS))
    pristine = rendered(preset, version)
    project = Path(shutil.copytree(pristine, tmp_path / "project", symlinks=True))
    new = tree(rendered(preset, VERSION)).keys() - tree(pristine).keys()
    drawn = Drawn(project, seed, sorted(new))
    drawn.make()
    told = f"seed {seed}: {preset} of {version}; {'; '.join(drawn.said)}"
    before = tree(project)
    done = newest_script(project, releases_to_update)
    if done.returncode == 1:
        assert tree(project) == before, told
        assert "please report this" not in done.stderr, told
        done = newest_script(project, releases_to_update, "--anyway")
    if done.returncode == 1:  # a module beside a package of its name stops it even with --anyway
        assert tree(project) == before, told
        return
    after = {name: content.split(b"\n") for name, (content, _) in tree(project).items()}
    conflicts = set(git(project, "diff", "--name-only", "--diff-filter=U").splitlines())
    everything = {line for lines in after.values() for line in lines}
    dropped = before.keys() - after.keys()
    for line, name in drawn.kept.items():
        assert line in everything or name in dropped, f"{told}: lost {line!r} of {name}"
    for line, name in drawn.gone.items():
        if name in after and name not in conflicts:
            assert line not in after[name], f"{told}: {line!r} is back in {name}"

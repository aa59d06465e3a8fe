"""Draw the packages of a rendered project and their imports, for CONTRIBUTING.md."""

import sys
from pathlib import Path

import grimp

ASSEMBLES = "create_app"  # in the package itself


def draw(source: Path, package: str) -> str:
    """A Mermaid flowchart of the imports between the packages in a project's source folder."""
    sys.path.insert(0, str(source))
    try:
        graph = grimp.build_graph(package, cache_dir=None)
    finally:
        sys.path.remove(str(source))
    for part in graph.find_children(package):
        graph.squash_module(part)
    imports = [
        f"    {_name(importer)} --> {_name(imported)}"
        for importer in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(importer) - {importer})
    ]
    return "\n".join(["flowchart TD", *imports])


def _name(module: str) -> str:
    _, dot, part = module.partition(".")
    return part if dot else ASSEMBLES

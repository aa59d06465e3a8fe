"""Update a rendered project from this template without losing any edits; `update.py` runs it.

It merges three trees with git: the project as the template originally rendered it, as the template
renders it now, and as its owner has it. The merge runs in a temporary folder, not in the project.
"""

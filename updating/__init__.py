"""Update a rendered project from this template without losing anything; `update.py` runs it.

It merges three trees with git: the project as the template once rendered it, as the template
renders it now, and as its owner has it. All of that happens in a folder of its own.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["copier>=9.19,<10", "ruff>=0.15"]
# ///
"""Update a project from this template: run `uv run FOLDER/update.py` in the project's folder.

FOLDER is a clone of the template. A project's own `scripts/update.py` creates the clone and runs
this script.
"""

import sys

from updating.main import main

if __name__ == "__main__":
    sys.exit(main())

"""Print the parameters of the nox sessions as JSON: `python -m tools.matrix`."""

import json

from .. import chromium
from .checks import CHECKS, CHECKS_OF_TEXT
from .presets import PRESETS
from .pythons import interpreter
from .questions import factors
from .variants import rows, texts, triples, variants

if __name__ == "__main__":
    told = {
        "checks": list(CHECKS),
        "checks_of_text": list(CHECKS_OF_TEXT),
        "presets": list(PRESETS),
        "variants": list(variants()),
        "triples": list(triples()),
        "texts": list(texts()),
        "missing": [] if chromium.path() else [chromium.MISSING],
        "databases": {name: row["database"] for name, row in rows().items()},
        "pythons": {
            version: interpreter(version) for version in sorted(factors()["python_version"])
        },
    }
    print(json.dumps(told))

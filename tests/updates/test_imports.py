"""Imports of moved modules are rewritten; everything else in a file stays byte for byte."""

import pytest

from updating.imports import Names
from updating.statements import Module

NAMES = Names(
    {
        "shop.database": "shop.core.database",
        "shop.errors": "shop.core.errors",
        "shop.limits": "shop.core.middleware.rate_limits",
        "tests.service": "tests.support.service",
        "tests.service.limits": "tests.support.service.rate_limits",
    }
)
RATE_LIMITS = "shop.core.middleware.rate_limits"
WIDGETS = Module("shop.widgets", is_package=False)
IN_WIDGETS = [
    ("from .errors import ProblemError\n", "from .core.errors import ProblemError\n"),
    ("from . import errors\n", "from .core import errors\n"),
    ("from .gadgets import A\n", "from .gadgets import A\n"),
    (
        "from . import limits\n\nlimits.WIDER = limits.wider()\n",
        "from .core.middleware import rate_limits\n\nrate_limits.WIDER = rate_limits.wider()\n",
    ),
    (
        "from . import limits\n\nrate_limits = 1\nlimits.wider()\n",
        "from .core.middleware import rate_limits as limits\n\nrate_limits = 1\nlimits.wider()\n",
    ),
    (
        "from . import limits as mine\nmine.wider()\n",
        "from .core.middleware import rate_limits as mine\nmine.wider()\n",
    ),
    (
        "def first(limits):\n    return limits[0]\n\n\nfrom . import limits\n",
        "def first(limits):\n    return limits[0]\n\n\n"
        "from .core.middleware import rate_limits as limits\n",
    ),
    (
        "from . import (\n    errors,  # of ours\n    gadgets,\n)\n",
        "# of ours\nfrom .core import errors\nfrom . import gadgets\n",
    ),
    (
        "from .errors import (  # of ours\n    ProblemError,\n    handle as handled,\n)\n",
        "from .core.errors import (  # of ours\n    ProblemError,\n    handle as handled,\n)\n",
    ),
    (
        "if True:\n    from . import errors, gadgets\n",
        "if True:\n    from .core import errors\n    from . import gadgets\n",
    ),
    (
        "x = 1; from . import errors, gadgets; y = 2\n",
        "x = 1; from .core import errors; from . import gadgets; y = 2\n",
    ),
    ("from . import errors, gadgets\r\n", "from .core import errors\r\nfrom . import gadgets\r\n"),
    ("from .errors import *\n", "from .core.errors import *\n"),
    ("import shop.limits as mine\n", f"import {RATE_LIMITS} as mine\n"),
    ("import shop.limits\n\nshop.limits.x()\n", f"import {RATE_LIMITS}\n\n{RATE_LIMITS}.x()\n"),
    ('patch("shop.limits.TIMEOUT", 1)\n', f'patch("{RATE_LIMITS}.TIMEOUT", 1)\n'),
    ("from shop import database as db\n", "from shop.core import database as db\n"),
    ("from .....elsewhere import x\n", "from .....elsewhere import x\n"),
    ("é = 'ü'; from . import errors\n", "é = 'ü'; from .core import errors\n"),
    ("myshop.limits, shop.limits_of, x.shop.limits\n",) * 2,
    ("def broken(:\n    from . import errors\n",) * 2,
]


@pytest.mark.parametrize(("before", "after"), IN_WIDGETS)
def test_imports_are_rewritten_and_nothing_else(before: str, after: str) -> None:
    assert NAMES.in_module(before, WIDGETS, WIDGETS) == after


def test_relative_imports_of_a_moved_module_are_adjusted() -> None:
    before = "from .errors import A\nfrom .gadgets import B\nfrom . import gadgets\n"
    after = "from ..errors import A\nfrom ...gadgets import B\nfrom ... import gadgets\n"
    old, new = Module("shop.limits", False), Module(RATE_LIMITS, False)
    assert NAMES.in_module(before, old, new) == after


def test_relative_imports_of_a_module_turned_package_are_adjusted() -> None:
    old, new = Module("shop.database", False), Module("shop.core.database", True)
    assert NAMES.in_module("from .errors import A\n", old, new) == "from ..errors import A\n"


def test_reexported_name_is_renamed() -> None:
    place = Module("tests.test_shop", is_package=False)
    before = "from .service import errors, limits\nlimits.wider()\n"
    after = "from .support.service import errors, rate_limits\nrate_limits.wider()\n"
    assert NAMES.in_module(before, place, place) == after


def test_absolute_imports_are_rewritten_outside_of_modules() -> None:
    assert (
        NAMES.in_module("from shop import errors\n", None, None) == "from shop.core import errors\n"
    )

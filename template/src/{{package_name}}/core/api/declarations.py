"""Declarations: what a route is, said at the route, and read by everything that needs to know.

Authentication, the OpenAPI document, rate limiting, the doctor and the tests that visit every route
all read the same declaration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_args

from flask import Flask
from flask.typing import RouteCallable

Rule = Literal["rate_limit", "document", "owner", "fuzz"]
READING = ("GET", "HEAD", "OPTIONS")

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What a route is."""

    public: bool = False
    """No credential is required."""
    scope: str | None = None
    """The scope that a token needs; without one it is `BLUEPRINT:read` or `BLUEPRINT:write`."""
    exempt: Mapping[Rule, str] = field(default_factory=dict)
    """The rules that do not hold for the route, each with the reason."""

    def __post_init__(self) -> None:
        unknown = sorted({*self.exempt} - {*get_args(Rule)})
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no rule; the rules are {get_args(Rule)}.")
        for rule, reason in self.exempt.items():
            if not reason:
                raise ValueError(f"Give the reason for the exemption from the rule {rule!r}.")

    def extended(self, other: "Declaration") -> "Declaration":
        """This declaration with what a narrower one says."""
        return Declaration(
            public=self.public or other.public,
            scope=other.scope or self.scope,
            exempt={**self.exempt, **other.exempt},
        )


def declare(
    *,
    public: bool = False,
    scope: str | None = None,
    exempt: Mapping[Rule, str] | None = None,
) -> Callable[[View], View]:
    """Declare what a view, a method of a `MethodView` or all of its methods are.

    The rules that a route may be exempt from, each for a reason that you give:

    - `rate_limit`: requests count towards the service's rate limits.
    - `document`: the OpenAPI document describes the route.
    - `owner`: rows that an owner creates (201) answer 404 to every other owner.
    - `fuzz`: Schemathesis calls the route with drawn arguments.

    Raises:
        ValueError: there is no such rule, or its reason is missing.
    """
    declared = Declaration(public=public, scope=scope, exempt=exempt or {})

    def decorate(view: View) -> View:
        setattr(view, ATTRIBUTE, _of(view).extended(declared))
        return view

    return decorate


ATTRIBUTE = "declaration"  # of a view; functools.wraps hands it on to what wraps the view


def _of(thing: Any) -> Declaration:
    declared: Declaration = getattr(thing, ATTRIBUTE, None) or Declaration()
    return declared


class Declarations:
    """The declarations of an application's routes."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._known: dict[tuple[RouteCallable, str], Declaration] = {}

    def of(self, endpoint: str, method: str) -> Declaration:
        """What the endpoint is for requests of this method: its blueprint's and its own words."""
        view = self._app.view_functions[endpoint]
        found = self._known.get((view, method))
        if found is None:
            found = self._known[view, method] = self._combined(endpoint, view, method)
        return found

    def scope_of(self, endpoint: str, method: str) -> str | None:
        """The scope that a token needs; None where no token is asked for one."""
        declared, blueprint = self.of(endpoint, method), endpoint.rpartition(".")[0]
        if declared.public or declared.scope or not blueprint:
            return None if declared.public else declared.scope
        return f"{blueprint}:{'read' if method in READING else 'write'}"

    def _combined(self, endpoint: str, view: RouteCallable, method: str) -> Declaration:
        blueprint = self._app.blueprints.get(endpoint.rpartition(".")[0])
        found = _of(blueprint).extended(_of(view))
        view_class = getattr(view, "view_class", None)
        if view_class is None:
            return found
        handler = getattr(view_class, method.lower(), None) or getattr(view_class, "get", None)
        return found.extended(_of(view_class)).extended(_of(handler))

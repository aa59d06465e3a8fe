"""Declarations: whether a route is public, which scope it needs, and its exemptions from rules.

They are written at the route. Authentication, the OpenAPI document, rate limiting, the doctor and
the tests over every route all read the same declaration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal, TypeVar, cast, get_args

from flask import Flask, current_app
from flask.typing import RouteCallable

Rule = Literal["rate_limit", "document", "owner", "fuzz"]
READING = ("GET", "HEAD", "OPTIONS")

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """The access that a route requires, and the rules that it is exempt from."""

    public: bool | None = None
    """Whether the route needs no credential; None defers to the class or the blueprint."""
    scope: str | None = None
    """The scope that a token needs; the default is `BLUEPRINT:read` or `BLUEPRINT:write`."""
    exempt: Mapping[Rule, str] = field(default_factory=dict)
    """The rules that do not apply to the route, each with the reason."""

    def __post_init__(self) -> None:
        if self.public and self.scope:
            raise ValueError("A public route cannot have a scope: it requires no token.")
        unknown = sorted({*self.exempt} - {*get_args(Rule)})
        if unknown:
            raise ValueError(f"Unknown rule {unknown[0]!r}; the rules are {get_args(Rule)}.")
        for rule, reason in self.exempt.items():
            if not reason:
                raise ValueError(f"Give the reason for the exemption from the rule {rule!r}.")

    def extended(self, narrower: "Declaration") -> "Declaration":
        """Merge with a narrower declaration, which wins; a scope means that a token is required."""
        public = False if narrower.scope else narrower.public
        if public is None:
            public = self.public
        return Declaration(
            public=public,
            scope=narrower.scope or (None if public else self.scope),
            exempt={**self.exempt, **narrower.exempt},
        )


def declare(
    *,
    public: bool | None = None,
    scope: str | None = None,
    exempt: Mapping[Rule, str] | None = None,
) -> Callable[[View], View]:
    """Declare the access and exemptions of a view, a `MethodView`, or one of its methods.

    The narrower declaration wins: a method's over its class's, a class's over its blueprint's.
    A route can be exempt from these rules, each for a reason that you give:

    - `rate_limit`: requests count towards the service's rate limits.
    - `document`: the OpenAPI document describes the route.
    - `owner`: rows that an owner creates (201) are a 404 for every other owner.
    - `fuzz`: Schemathesis calls the route with generated arguments.

    Raises:
        ValueError: the rule is unknown, its reason is missing, or a public route has a scope.
    """
    declared = Declaration(public=public, scope=scope, exempt=exempt or {})

    def decorate(view: View) -> View:
        if isinstance(view, type):
            setattr(view, ATTRIBUTE, _of_class(view).extended(declared))
            return view

        @wraps(view)  # do not mark the view itself: another route may also use it
        def declared_view(*args: Any, **kwargs: Any) -> Any:
            return current_app.ensure_sync(view)(*args, **kwargs)

        setattr(declared_view, ATTRIBUTE, _of(view).extended(declared))
        return cast(View, declared_view)

    return decorate


ATTRIBUTE = "declaration"  # of a view; functools.wraps copies it to wrappers of the view


def _of(thing: Any) -> Declaration:
    declared: Declaration = getattr(thing, ATTRIBUTE, None) or Declaration()
    return declared


def _of_class(view_class: type[Any]) -> Declaration:
    """Return the declaration of this class, ignoring those of its base classes."""
    declared: Declaration = vars(view_class).get(ATTRIBUTE) or Declaration()
    return declared


class Declarations:
    """Finds the declarations of an application's routes."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._known: dict[tuple[str, str, RouteCallable], Declaration] = {}

    def of(self, endpoint: str, method: str) -> Declaration:
        """Return the declaration of the endpoint for this request method."""
        view = self._app.view_functions[endpoint]
        found = self._known.get((endpoint, method, view))
        if found is None:
            found = self._known[endpoint, method, view] = self._combined(endpoint, method, view)
        return found

    def scope_of(self, endpoint: str, method: str) -> str | None:
        """Return the scope that a token needs; None if the route is public or in no blueprint."""
        declared, blueprint = self.of(endpoint, method), endpoint.rpartition(".")[0]
        if declared.public or declared.scope or not blueprint:
            return declared.scope
        return f"{blueprint}:{'read' if method in READING else 'write'}"

    def _combined(self, endpoint: str, method: str, view: RouteCallable) -> Declaration:
        blueprint = self._app.blueprints.get(endpoint.rpartition(".")[0])
        found = _of(blueprint).extended(_of(view))
        view_class = getattr(view, "view_class", None)
        if view_class is None:
            return found
        handler = getattr(view_class, method.lower(), None) or getattr(view_class, "get", None)
        return found.extended(_of_class(view_class)).extended(_of(handler))

"""AUT001 finds routes that respond without a credential."""

import pytest
from flask import Flask, jsonify

from .deployment import World
from .faults.auth import nobody_is_asked

RULES = ["/things/<int:id>", "/things/<uuid:id>", "/things/<id>", "/things/<path:id>", "/things"]


def found(world: World) -> list[str]:
    return [each["detail"] for each in world.diagnose("--deploy")["findings"]]


@pytest.mark.parametrize("host", ["api.example.com", ".example.com"])
@pytest.mark.parametrize("rule", RULES)
def test_unauthenticated_route_is_found_whatever_its_arguments(
    world: World, rule: str, host: str
) -> None:
    def add(app: Flask) -> None:
        app.add_url_rule(rule, "things", lambda **_: jsonify([]), methods=["GET", "DELETE"])

    world.variables["TRUSTED_HOSTS"] = host
    world.changes.append(add)
    assert found(world) == []
    nobody_is_asked(world)
    details = found(world)
    assert f"GET {rule} accepts requests without a credential." in details
    assert f"DELETE {rule} accepts requests without a credential." in details

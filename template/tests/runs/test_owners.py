"""Owners: another owner's experiment and its runs are a 404."""

from flask.testing import FlaskClient

from ..support.model_api import shared_api

EXPERIMENTS = "/api/v1/experiments"


def test_runs_of_another_owner_are_not_found(caller: FlaskClient, other: FlaskClient) -> None:
    made = caller.post(EXPERIMENTS, json={"name": "tone", "query": "Say hello"})
    experiment = made.headers["Location"]
    location = caller.post(f"{experiment}/run").headers["Location"]
    asked = len(shared_api().asked)
    assert other.post(f"{experiment}/run").status_code == 404
    for path in (location, f"{experiment}/runs"):
        assert other.get(path).status_code == 404
    assert len(shared_api().asked) == asked
    assert caller.get(f"{experiment}/runs").get_json()["total"] == 1

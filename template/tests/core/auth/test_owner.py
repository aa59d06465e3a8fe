"""Identity: each request has its own owner, which is ANYBODY if no caller was verified."""

from flask import Flask

from ...support.service import owner


def test_rows_of_unverified_callers_belong_to_anybody(app: Flask) -> None:
    with app.test_request_context():
        assert owner.verified_owner() is None
        assert owner.current_owner() == owner.ANYBODY


def test_verified_owner_applies_only_to_its_own_request(app: Flask) -> None:
    with app.test_request_context():
        owner.set_owner("somebody")
        assert owner.verified_owner() == owner.current_owner() == "somebody"
    with app.test_request_context():
        assert owner.verified_owner() is None

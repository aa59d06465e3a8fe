"""Identity: a request's owner is its own, and anybody's where nobody was verified."""

from flask import Flask

from ...support.service import owner


def test_without_a_verified_identity_rows_belong_to_anybody(app: Flask) -> None:
    with app.test_request_context():
        assert owner.verified_owner() is None
        assert owner.current_owner() == owner.ANYBODY


def test_a_verified_owner_owns_the_rows_of_its_request_and_of_no_other(app: Flask) -> None:
    with app.test_request_context():
        owner.set_owner("somebody")
        assert owner.verified_owner() == owner.current_owner() == "somebody"
    with app.test_request_context():
        assert owner.verified_owner() is None

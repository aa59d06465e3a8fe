"""Identity: a request's owner is its own, and anybody's where nobody was verified."""

from flask import Flask

from .service import identity


def test_without_a_verified_identity_rows_belong_to_anybody(app: Flask) -> None:
    with app.test_request_context():
        assert identity.verified_owner() is None
        assert identity.current_owner() == identity.ANYBODY


def test_a_verified_owner_owns_the_rows_of_its_request_and_of_no_other(app: Flask) -> None:
    with app.test_request_context():
        identity.set_owner("somebody")
        assert identity.verified_owner() == identity.current_owner() == "somebody"
    with app.test_request_context():
        assert identity.verified_owner() is None

"""Driver privates: what no driver offers publicly, in one place.

PyMySQL takes a timeout for reads when it connects, and none for a single statement. The price: a
release that renames the attribute waits as long as the connection was made for, which
`test_an_upgrade_waits_for_another_longer_than_a_request_may` and `test_a_slow_statement_is_ended`
notice.
"""

from typing import Any


def set_read_timeout(connection: Any, seconds: float | None) -> None:
    """How long PyMySQL waits for a response on this connection; None is for ever."""
    connection._read_timeout = seconds

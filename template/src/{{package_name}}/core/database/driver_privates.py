"""Driver privates: private attributes of drivers that have no public equivalent, in one place.

PyMySQL accepts a read timeout when it connects, but not for a single statement. If a release
renames the attribute, reads keep the timeout from connecting, and
`test_upgrade_waits_for_another_despite_request_timeouts` and `test_slow_statement_is_cancelled`
fail.
"""

from typing import Any


def set_read_timeout(connection: Any, seconds: float | None) -> None:
    """Set how long PyMySQL waits for a response on this connection; None means forever."""
    connection._read_timeout = seconds

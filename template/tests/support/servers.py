"""Start the tests' servers for development: `python -m tests.support.servers`.

For machines where no servers are installed. Prints the variables to set, and runs until Ctrl-C;
the data is then lost. As in the tests, TEST_DATABASE_URL or TEST_REDIS_URL in the environment
takes precedence over starting a server.
"""

import os
import secrets
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from .service import PACKAGE, database_server, drop_database, limits_server, make_database


def main() -> None:
    """Run the servers until SIGTERM or Ctrl-C."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"{PACKAGE}-")))
        given = os.environ.get("TEST_DATABASE_URL")
        server = given or stack.enter_context(database_server(folder))
        name = f"{PACKAGE}_{secrets.token_hex(4)}"  # random: never an existing database
        print(f"DATABASE_URL={make_database(server, name)}")
        stack.callback(drop_database, server, name)
        print(f"RATELIMIT_STORAGE_URI={stack.enter_context(limits_server())}", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("Stopped.", file=sys.stderr)


if __name__ == "__main__":
    main()

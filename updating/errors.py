"""The exception that stops an update before it writes anything."""


class Stop(Exception):
    """The update cannot go on; the message says what is wrong and what to do."""

"""What ends an update before anything was written."""


class Stop(Exception):
    """What is wrong and what to do, in a sentence."""

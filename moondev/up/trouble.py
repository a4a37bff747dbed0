"""What stops `make up`."""


class Trouble(Exception):
    """One line: the cause, a colon, the remedy."""

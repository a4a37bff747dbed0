"""Passwords hashed in no time: the work that makes them hard to guess would be most of the tests' work."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """The usual form, which live services read as well, with few rounds."""

    iterations = 1_000

"""What happens after a commit and must not look as if the commit had failed: letters, news to other processes."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction


def after_commit(deed: Callable[[], object]) -> None:
    """Do something once this transaction is committed. What it raises is logged and fails nobody: the rows stand.

    Django names such a failure by the function's `__qualname__`, which a `partial` does not have.
    """

    def do() -> None:
        deed()

    transaction.on_commit(do, robust=True)

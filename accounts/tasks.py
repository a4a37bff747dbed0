"""Background work on accounts."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from accounts.services.erasure import erase_due


# No retry: beat starts it every hour, and what failed or was interrupted is still due then.
@shared_task(name="accounts.tasks.erase_closed_workspaces", ignore_result=True)
def erase_closed_workspaces() -> None:
    """Erase the workspaces that were closed 30 days ago."""
    erase_due()


# No retry: beat starts it every day, and what is expired stays so.
@shared_task(name="accounts.tasks.forget_expired_sessions", ignore_result=True)
def forget_expired_sessions() -> None:
    """Delete the sessions that nobody can use any more; without it their table only grows."""
    call_command("clearsessions")

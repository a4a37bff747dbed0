"""Background work of alerts. Every task may be lost, doubled or run beside itself: beat sends it again."""

from __future__ import annotations

from celery import shared_task

from alerts import deliver as delivery
from alerts import evaluate, farewell, fitting
from alerts.deliver import letters
from moondev.lib.clock import now


# No retry: the next round is 5 s away and takes in whoever this one missed.
@shared_task
def tick() -> None:
    """Look at every alert that is due."""
    evaluate.tick(now())


# No retry: a delivery keeps its own count of tries, and beat comes every 5 s.
@shared_task
def deliver() -> None:
    """Send what is owed. Woken up by each event; beat sees to those whose wake-up was lost."""
    delivery.work()
    farewell.forget()
    letters.tell_owners()


# No retry: beat comes every minute and looks ten minutes back.
@shared_task
def fit_recent() -> None:
    """Pause what plans that have just ended have no room for, and take back what new ones have."""
    fitting.fit_recent()


# No retry: beat comes every hour. Woken up when staff edit a plan.
@shared_task
def fit_all() -> None:
    """The same for everybody."""
    fitting.fit_all()

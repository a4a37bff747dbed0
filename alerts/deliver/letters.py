"""Letters to owners whose destination takes nothing any more."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from accounts.mail import send_letter
from accounts.models import Member, Role
from alerts.models import Destination
from moondev.lib.queue import State

log = structlog.get_logger(__name__)


def tell_owners() -> int:
    """Send every letter that is due; returns how many went out. One that the mail server refuses is due again."""
    untold = Destination.objects.filter(owner_told_at=None, deleted_at=None).exclude(disabled_at=None)
    sent = 0
    for pk in untold.values_list("pk", flat=True):
        try:
            sent += _tell(pk)
        except OSError as error:
            log.warning("a letter about a destination waits", destination=pk, kind=type(error).__name__)
    return sent


@transaction.atomic
def _tell(pk: int) -> bool:
    """Send one letter. The row is locked, so it goes out once."""
    rows = Destination.objects.select_for_update(of=("self",), skip_locked=True).select_related("workspace")
    row = rows.filter(pk=pk, owner_told_at=None, deleted_at=None).exclude(disabled_at=None).first()
    if row is None:
        return False
    row.owner_told_at = timezone.now()
    row.save(update_fields=["owner_told_at"])
    owner = Member.objects.filter(workspace=row.workspace, role=Role.OWNER).select_related("user").first()
    if owner is None:
        return False
    missed = Destination.objects.filter(pk=pk).aggregate(n=Count("deliveries", Q(deliveries__state=State.PARKED)))["n"]
    # Inside the transaction: a letter that cannot be sent is not noted as sent.
    send_letter("destination_disabled", folder="alerts", to=owner.user.email, destination=row, missed=missed)
    return True

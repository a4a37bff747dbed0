"""Share links: whoever has the address sees one result without a login, until somebody takes the link back.

The address carries the row's id, signed, so that nobody finds another one by counting. The signature alone lets nobody
in: the row is read on every visit.
"""

from __future__ import annotations

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.services.access import check_open, lock_workspace
from backtests.models import Result, Share
from billing.doers import Actor, access_row
from moondev.lib.errors import Conflict, NotFound

MOST_LINKS = 50
SALT = "backtests.share"
GONE = "There is nothing here. The link is wrong, or whoever made it has taken it back."


@transaction.atomic
def create_share(*, result: Result, actor: Actor, with_code: bool = False) -> Share:
    """Make a link to a result, with the strategy's code if wanted.

    Raises NotFound, Forbidden (somebody else's run) and Conflict (closed, too many links).
    """
    doer = access_row(actor, result.run, what="result")
    found = lock_workspace(result.workspace_id)
    check_open(found)
    if Share.objects.filter(result=result, revoked_at=None).count() >= MOST_LINKS:
        raise Conflict(f"A result has at most {MOST_LINKS} links. Revoke one first.")
    share = Share.objects.create(workspace=found, result=result, with_code=with_code, created_by=doer.user)
    audit.record(
        action="result.shared", workspace=found, actor=doer.user, actor_label=doer.label, target=result,
        with_code=with_code, result=result.pk,
    )  # fmt: skip
    return share


@transaction.atomic
def revoke_share(*, share: Share, actor: Actor) -> None:
    """Take a link back; doing it twice changes nothing. Raises NotFound and Forbidden."""
    doer = access_row(actor, share, what="link")
    if not Share.objects.filter(pk=share.pk, revoked_at=None).update(revoked_at=timezone.now()):
        return
    audit.record(
        action="result.unshared", workspace=share.workspace, actor=doer.user, actor_label=doer.label,
        target=share.result, result=share.result_id,
    )  # fmt: skip


def token_of(share: Share) -> str:
    """What stands in the address of a link."""
    return _signer().sign(str(share.pk))


def shared(token: str) -> Share:
    """The link with its result that a token opens. Raises NotFound for a wrong, revoked or closed one."""
    try:
        share_id = int(_signer().unsign(token))
    except (BadSignature, ValueError):
        raise NotFound(GONE) from None
    rows = Share.objects.select_related("result__strategy", "result__dataset", "result__idea", "result__run")
    share: Share | None = rows.filter(pk=share_id, revoked_at=None, workspace__closed_at=None).first()
    if share is None:
        raise NotFound(GONE)
    return share


def _signer() -> Signer:
    return Signer(salt=SALT, sep=".")

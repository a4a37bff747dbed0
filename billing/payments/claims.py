"""Plans that somebody bought without an account: a link by e-mail brings them into a workspace, once."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.mail import send_letter
from accounts.models import Member, User, Workspace
from accounts.roles import Deed, may
from accounts.services.access import access_workspace, check_open, lock_workspace
from accounts.services.invitations import verified_addresses
from accounts.services.workspaces import create_workspace
from billing.models import Claim, StripeEvent, Subscription
from billing.payments.customers import change_customer
from billing.payments.marks import ACTOR
from billing.payments.stripe_api import AWAY
from billing.payments.subscriptions import UnknownPrice, apply_subscription
from moondev.lib.commit import after_commit
from moondev.lib.errors import Conflict, Forbidden, NotFound

VALID_FOR = timedelta(days=30)
PAGE = "/accounts/claim/{token}/"
GONE = "This link does not exist, or a newer letter has taken its place. Use the link in the last letter."
USED = "This link was used: the plan is in a workspace. Log in to find it."
log = structlog.get_logger(__name__)


def offer_claim(subscription: Subscription, email: str) -> Claim:
    """Mail the buyer a link to their subscription, once a subscription. Runs in the caller's transaction.

    Should the mail server be away, `mail_waiting` sends the letter later.
    """
    now = timezone.now()
    claim, is_new = Claim.objects.get_or_create(
        subscription=subscription,
        defaults={
            "email": email.strip().lower(),
            "token_digest": Claim.digest(Claim.new_token()),
            "expires_at": now + VALID_FOR,
        },
    )
    if is_new:
        audit.record(action="claim.offered", actor_label=ACTOR, target=subscription.pk)
        after_commit(lambda: _try_to_mail(claim.pk))
    return claim


def mail_waiting() -> int:
    """Send the letters that a mail server did not take before; returns how many went out."""
    waiting = Claim.objects.filter(mailed_at=None, claimed_at=None, expires_at__gt=timezone.now()).exclude(email="")
    return sum(_try_to_mail(pk) for pk in waiting.values_list("pk", flat=True))


def renew_claim(token: str) -> Claim:
    """Mail a new link in the place of one that has expired, to the same address. Raises NotFound, Conflict."""
    claim = find_claim(token)
    if claim.is_usable:
        raise Conflict("This link works still. Use it.")
    _mail(claim.pk)
    return claim


def find_claim(token: str) -> Claim:
    """The claim of a link, expired ones included. Raises NotFound for a link that never was or was used."""
    rows = Claim.objects.filter(token_digest=Claim.digest(token)).select_related("subscription__plan")
    found = rows.first()
    if found is None:
        raise NotFound(GONE)
    if found.claimed_at or found.subscription.workspace_id:
        raise NotFound(USED)
    return found


def workspaces_for(user: User) -> list[Workspace]:
    """Where a person may bring a subscription: open workspaces whose billing is theirs and that have none."""
    mine = Member.objects.filter(user=user, workspace__closed_at=None).select_related("workspace").order_by("joined_at")
    places = [member.workspace for member in mine if may(member.role, Deed.BILLING)]
    taken = set(Subscription.objects.live().filter(workspace__in=places).values_list("workspace", flat=True))
    return [place for place in places if place.pk not in taken]


def accept_claim(*, token: str, user: User, workspace: Workspace | None) -> Workspace:
    """Bring the subscription into a workspace of the person, or into a new one with None; works once.

    Raises Forbidden unless the person has proved the claim's address and may do billing there, NotFound for a link that
    does not work, Conflict for one that has expired and for a workspace that has a live subscription, QuotaExhausted
    for one workspace too many.
    """
    with transaction.atomic():
        claim = _locked(find_claim(token))
        _check_address_is(claim, user)
        place = _place(user, workspace) if workspace else _new_place(user)
        _bring(claim, place, user)
    _apply(claim.subscription)
    return place


def _locked(claim: Claim) -> Claim:
    """The claim as it is now, its row and the subscription's locked. Raises NotFound, Conflict."""
    found = Claim.objects.select_for_update().select_related("subscription").filter(pk=claim.pk).first()
    if found is None or found.claimed_at or found.subscription.workspace_id:
        raise NotFound(USED)
    if not found.is_usable:
        raise Conflict("This link has expired. Ask for a new one.")
    return found


def _check_address_is(claim: Claim, user: User) -> None:
    if claim.email not in verified_addresses(user):
        raise Forbidden(f"This plan was bought by {claim.email}. Log in with that address, and confirm it if needed.")


def _place(user: User, workspace: Workspace) -> Workspace:
    """The chosen workspace, locked. Raises NotFound, Forbidden, Conflict."""
    found = lock_workspace(workspace)
    access_workspace(user, found, Deed.BILLING)
    check_open(found)
    if Subscription.objects.for_workspace(found).live().exists():
        raise Conflict("This workspace has a subscription already. Choose another one.")
    return found


def _new_place(user: User) -> Workspace:
    name = user.name or user.email.partition("@")[0]
    return create_workspace(owner=user, name=f"{name[:60]}'s workspace")


def _bring(claim: Claim, workspace: Workspace, user: User) -> None:
    """Write down whose the subscription and its customer are from now on."""
    row = claim.subscription
    row.workspace = workspace
    row.save(update_fields=["workspace"])
    change_customer(workspace, row.customer_id)
    claim.claimed_at, claim.claimed_by = timezone.now(), user
    claim.save(update_fields=["claimed_at", "claimed_by"])
    audit.record(action="claim.accepted", workspace=workspace, actor=user, target=row.pk)


def _apply(row: Subscription) -> None:
    """Give the workspace what is paid. With Stripe away the newest event does so as soon as it is back."""
    try:
        apply_subscription(row.pk)
    except UnknownPrice:
        log.warning("claimed_with_unknown_price", subscription=row.pk)
    except AWAY:
        newest = StripeEvent.objects.filter(object_id=row.pk).order_by("-created_at").first()
        if newest is not None:
            newest.requeue()


def _try_to_mail(claim_id: int) -> bool:
    try:
        return _mail(claim_id)
    except (OSError, SMTPException) as error:
        log.warning("claim_not_mailed", claim=claim_id, error=type(error).__name__)
        return False


@transaction.atomic
def _mail(claim_id: int) -> bool:
    """Send a letter with a new link; the old link stops. Raises what the mail server raises, and then all is undone."""
    claim = Claim.objects.select_for_update().filter(pk=claim_id, claimed_at=None).first()
    if claim is None:
        return False
    token, now = Claim.new_token(), timezone.now()
    claim.token_digest, claim.mailed_at, claim.expires_at = Claim.digest(token), now, now + VALID_FOR
    claim.save(update_fields=["token_digest", "mailed_at", "expires_at"])
    link = settings.PUBLIC_URL + PAGE.format(token=token)
    send_letter(
        "claim", folder="billing", to=claim.email, link=link, plan=claim.subscription.plan, expires_at=claim.expires_at
    )
    return True

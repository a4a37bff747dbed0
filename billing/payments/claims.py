"""Plans that somebody bought without an account: a link by e-mail brings them into a workspace, once."""

from __future__ import annotations

from accounts.models import User, Workspace
from billing.models import Claim, Subscription


def offer_claim(subscription: Subscription, email: str) -> Claim:
    """Mail the buyer a link to their subscription, once a subscription. Runs in the caller's transaction."""
    raise NotImplementedError


def find_claim(token: str) -> Claim:
    """The claim of a link. Raises NotFound for a link that never was, was used or has expired."""
    raise NotImplementedError


def accept_claim(*, token: str, user: User, workspace: Workspace | None) -> Workspace:
    """Bring the subscription into a workspace of the person, or into a new one with None; works once.

    Raises Forbidden unless the person has proved the claim's address and may do billing there, NotFound for a link that
    does not work, Conflict for a workspace that has a live subscription.
    """
    raise NotImplementedError

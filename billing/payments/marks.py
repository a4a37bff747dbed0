"""What we write into the metadata of Stripe's objects, so that each tells whose it is. Only our secret key writes it.

A checkout session and the subscription that comes of it carry the workspace; a price carries the plan or the add-on
that it sells, so that who still pays a price of last year keeps what it bought.
"""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import Workspace

# Who did it, in the log of deeds.
ACTOR = "Stripe"
WORKSPACE, PLAN, ADD_ON = "workspace", "plan", "add_on"


def marks_of(workspace: Workspace) -> dict[str, str]:
    """The metadata of what belongs to a workspace."""
    return {WORKSPACE: str(workspace.pk)}


def marked_workspace(metadata: Mapping[str, str] | None) -> Workspace | None:
    """The workspace that an object's metadata names; None without one, and for one that is erased."""
    number = (metadata or {}).get(WORKSPACE, "")
    # A number with more digits than any id has would be an error of PostgreSQL's.
    if not number.isdecimal() or len(number) > 18:
        return None
    return Workspace.objects.filter(pk=int(number), erased_at=None).first()

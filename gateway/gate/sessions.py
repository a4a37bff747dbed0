"""A person's session as a right to act in one workspace."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from accounts.models import Member, User
from accounts.models.workspace import Role
from billing import limits
from billing.principal import SCOPES, Principal
from gateway.gate.refusals import no_workspace
from moondev.lib.errors import Forbidden

# The operator's workspace of the first generation: only staff may name it.
LEGACY_WORKSPACE = "default"


class _Csrf(CsrfViewMiddleware):
    """Django's check, with the reason as its answer instead of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)


def check_csrf(request: HttpRequest) -> None:
    """Raise 403 when an unsafe call comes with a session but without proof that our own page made it.

    API views are exempt from Django's own check, because a key needs no such proof.
    """
    check = _Csrf(lambda _: HttpResponse())
    check.process_request(request)
    refused = check.process_view(request, _not_exempt, (), {})
    if refused is not None:
        raise Forbidden("A call with a session must carry the X-CSRFToken header. Use an API key from programs.")


def principal_of(user: User, member: Member | None, wanted: list[str]) -> Principal | None:
    """The right that a session gives: in the chosen workspace, or in the one that `?workspace=` names.

    None when the person has chosen none. Raises 404 for a workspace that they do not belong to.
    """
    for slug in wanted:
        if member is None or member.workspace.slug != slug:
            member = _membership(user, slug)
    if member is None:
        return None
    if not member.workspace.is_open:
        raise Forbidden("This workspace is closed.")
    terms = limits.terms_of(member.workspace)
    return Principal(
        workspace_id=member.workspace.pk,
        workspace_slug=member.workspace.slug,
        terms=terms,
        scopes=scopes_of(Role(member.role)),
        limit_per_minute=terms.requests_per_minute,
        user_id=user.pk,
        role=member.role,
    )


def scopes_of(role: Role) -> frozenset[str]:
    """Owners and admins may everything that a key may; members not billing."""
    return frozenset(SCOPES) if role.manages else frozenset(SCOPES) - {"billing"}


def _membership(user: User, slug: str) -> Member:
    # PostgreSQL takes no NUL in a text.
    if "\0" in slug or (slug == LEGACY_WORKSPACE and not user.is_staff):
        raise no_workspace()
    member: Member | None = Member.objects.filter(user=user, workspace__slug=slug, workspace__erased_at=None).first()
    if member is None:
        raise no_workspace()
    return member


def _not_exempt(request: HttpRequest) -> HttpResponse:
    return HttpResponse()

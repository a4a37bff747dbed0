"""How a request gets in: whose it is, whether they may, whether there is room. A request never gets half in.

Everything here raises an AppError to refuse. `request.visit` is set as soon as it is known who pays, so that refusals
carry the same headers and are counted like answers.
"""

from __future__ import annotations

from typing import cast

import structlog
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from accounts.current import member_of
from accounts.models import User
from accounts.staff.entry import may_see
from gateway.gate import credentials, refusals, tickets
from gateway.gate.interface import Verdict
from gateway.gate.process import doorstep, gate
from gateway.gate.sessions import check_csrf, principal_of
from gateway.gate.visit import GatedRequest, Rule, Visit
from gateway.keys import records
from gateway.keys.secrets import is_hopeless
from moondev.lib.addresses import client_address
from moondev.lib.errors import AppError
from moondev.lib.operator import has_operator_token

NOBODY = AnonymousUser()


def enter(request: GatedRequest, rule: Rule) -> None:
    """Let a request in, or raise why not."""
    try:
        secret = credentials.presented(request.META)
    except AppError as refusal:
        raise refuse_at_sight(address_of(request), refusal) from None
    if secret is not None and not has_operator_token(request):
        enter_with_key(request, rule, secret)
    elif rule.is_api:
        enter_without_key(request, rule, is_operator=secret is not None)


def enter_with_key(request: GatedRequest, rule: Rule, secret: str) -> None:
    """The key alone decides: whoever the session belongs to is forgotten."""
    request.user = NOBODY
    record = records.find(secret)
    if record is None:
        raise refuse_unknown_key(address_of(request), secret)
    bind(record.workspace_slug, record.key_id)
    # Most keys list no addresses; then the request's own is not even looked for.
    refusal = refusals.refusal_of(record, address_of(request) if record.networks else "")
    cost = 0 if rule.free or refusal else 1
    admission = gate().admit(tickets.for_key(record, cost=cost))
    request.visit = Visit(record.workspace_id, record.key_id, admission)
    refusals.check_admission(admission)
    if refusal:
        raise refusal
    principal = record.principal(secret)
    if request.META.get("QUERY_STRING"):
        refusals.check_workspace(principal, request.GET.getlist("workspace"))
    refusals.check_scope(principal, rule)
    request.auth = principal


def refuse_unknown_key(address: str, secret: str) -> AppError:
    """403, or 429 when this address has tried too many."""
    if is_hopeless(secret):
        return refuse_at_sight(address, refusals.unknown_key())
    tried = gate().admit(tickets.for_unknown_key(address))
    if tried.verdict is Verdict.SPENT:
        return refusals.too_many_unknown_keys(tried)
    refusals.check_admission(tried)
    return refusals.unknown_key()


def refuse_at_sight(address: str, refusal: AppError) -> AppError:
    """The refusal of what cannot be a key, or 429 when this address has sent too many. Asks neither Redis nor SQL."""
    tried = doorstep().admit(tickets.for_no_key(address))
    return refusals.too_many_unknown_keys(tried) if tried.verdict is Verdict.ABUSED else refusal


def enter_without_key(request: GatedRequest, rule: Rule, *, is_operator: bool) -> None:
    """A session, a view that anybody may see, or nobody at all."""
    if rule.public and not (rule.knows_sessions and request.user.is_authenticated):
        count_address(request, rule)
    elif request.user.is_authenticated:
        enter_with_session(request, rule)
    elif not (is_operator and rule.staff_permission):
        count_address(request, rule)
        raise refusals.no_credentials()


def enter_with_session(request: GatedRequest, rule: Rule) -> None:
    """A person's chosen workspace pays, and their role says what they may."""
    check_csrf(request)
    user = cast(User, request.user)
    principal = principal_of(user, member_of(request), request.GET.getlist("workspace"))
    if principal is None:
        if rule.staff_permission and may_see(request, [rule.staff_permission]):
            return
        raise refusals.no_workspace()
    bind(principal.workspace_slug, None)
    admission = gate().admit(tickets.for_session(principal, cost=0 if rule.free else 1))
    request.visit = Visit(principal.workspace_id, 0, admission)
    refusals.check_admission(admission)
    refusals.check_scope(principal, rule)
    request.auth = principal


def count_address(request: GatedRequest, rule: Rule) -> None:
    """Without credentials only the address can be counted; raises 429 over its ceiling."""
    if not rule.uncounted:
        refusals.check_admission(gate().admit(tickets.for_address(address_of(request))))


def address_of(request: GatedRequest) -> str:
    """Who sent the request, seen through our own proxies only."""
    meta = request.META
    return client_address(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)


def bind(workspace: str, key_id: int | None) -> None:
    """Put the payer on every log line of this request."""
    structlog.contextvars.bind_contextvars(workspace=workspace, key=key_id)

"""Why a request does not pass: each reason one function, each text written for the customer."""

from __future__ import annotations

from django.utils import timezone

from billing.principal import Principal
from gateway.gate.interface import Admission, Verdict
from gateway.gate.visit import Rule
from gateway.keys.record import KeyRecord, allows
from moondev.lib.errors import AppError, Forbidden, NotAuthenticated, NotFound, TooManyRequests

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Moon Dev API"'}


def no_credentials() -> NotAuthenticated:
    """401: nobody said who is asking."""
    return NotAuthenticated("Send an API key in the X-API-Key header. Keys are made in the portal.", headers=CHALLENGE)


def unknown_key() -> Forbidden:
    """403: no workspace has this key."""
    return Forbidden("This API key is not known. Check that it was copied whole.")


def too_many_unknown_keys(tried: Admission) -> TooManyRequests:
    """429: this address has tried more unknown keys than anybody mistypes."""
    return TooManyRequests(
        f"Too many unknown API keys came from your address. Wait {tried.resets_in} s.",
        headers={"Retry-After": str(tried.resets_in)},
    )


def refusal_of(record: KeyRecord, address: str) -> AppError | None:
    """Why a known key may not act at this moment from this address; None when it may."""
    if record.revoked:
        return Forbidden("This API key was revoked. Make a new one in the portal.")
    if record.expires_at is not None and record.expires_at <= timezone.now():
        return Forbidden("This API key has expired. Make a new one in the portal.")
    if not record.enabled:
        return Forbidden("This API key is switched off. It can be switched on again in the portal.")
    if not record.workspace_open:
        return Forbidden("The workspace of this API key is closed.")
    if not allows(record, address):
        return Forbidden("This API key may not be used from your address. Its list of addresses is in the portal.")
    return None


def check_admission(admission: Admission) -> None:
    """Raise 429 unless the gate admitted the request."""
    wait = {"Retry-After": str(admission.resets_in)}
    if admission.verdict is Verdict.ABUSED:
        raise TooManyRequests(
            f"Far too many requests, refused and free ones included. Wait {admission.resets_in} s.", headers=wait
        )
    if admission.verdict is Verdict.SPENT:
        raise TooManyRequests(
            f"The {admission.ticket.limit} requests of this minute are used up. Wait {admission.resets_in} s.",
            {"limit_per_min": admission.ticket.limit},
            wait,
        )


def check_scope(principal: Principal, rule: Rule) -> None:
    """Raise 403 when the view needs a scope that the key does not have."""
    if rule.required_scope is not None and not principal.may(rule.required_scope):
        raise Forbidden(f"This API key lacks the scope `{rule.required_scope}`.", {"scope": rule.required_scope})


def check_workspace(principal: Principal, wanted: list[str]) -> None:
    """Raise 404 when `?workspace=` names anything but the key's own workspace, by slug or by the key's alias."""
    if any(name not in (principal.workspace_slug, principal.key_alias) for name in wanted):
        raise no_workspace()


def no_workspace() -> NotFound:
    """404: whether the workspace exists is nobody else's business."""
    return NotFound("There is no such workspace, or it is not yours.")

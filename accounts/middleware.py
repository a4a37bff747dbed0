"""What happens to every request of a person before its view: its workspace, read-only acting, and the door's limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.middleware import UserSessionsMiddleware
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from redis.exceptions import RedisError

from accounts import throttle
from accounts.current import is_acting, member_of
from moondev.lib.errors import Forbidden, Unavailable
from moondev.lib.problems import answer

SAFE = ("GET", "HEAD", "OPTIONS")
# What staff may still post while they act: the way out, and their own site, which does not look at the acted workspace.
OUTSIDE_ACTING = ("accounts:stop_acting", "account_logout")
STAFF_SITE = "/admin/"
READ_ONLY = "You are looking at a customer's workspace. Nothing can be changed here; stop acting first."
NO_COUNTERS = "Signing in is not possible for a moment. Try again shortly; who is signed in stays so."
# How exactly "last seen" is known: pages ask once a second, and each would write a row.
SEEN_WITHIN = timedelta(minutes=1)

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class SeenSessions(UserSessionsMiddleware):  # type: ignore[misc]
    """Keeps the list of a person's sessions: a row is written once a minute, and when browser or address changed."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answered: HttpResponseBase = self.get_response(request) if _was_seen(request) else super().__call__(request)
        return answered


def _was_seen(request: HttpRequest) -> bool:
    if not request.session.session_key or not request.user.is_authenticated:
        return False
    longest = UserSession._meta.get_field("user_agent").max_length
    rows = UserSession.objects.filter(
        session_key=request.session.session_key, user_id=request.user.pk, ip=get_adapter().get_client_ip(request),
        user_agent=request.META.get("HTTP_USER_AGENT", "")[:longest], last_seen_at__gt=timezone.now() - SEEN_WITHIN,
    )  # fmt: skip
    return bool(rows.exists())


class CurrentWorkspace:
    """Puts `request.member` there, read when first asked, and keeps acting staff from changing anything."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.member = SimpleLazyObject(lambda: member_of(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        # A request without the cookie has no session, and asking for one would cost keyed requests a query.
        if request.method in SAFE or settings.SESSION_COOKIE_NAME not in request.COOKIES or not is_acting(request):
            return None
        if request.resolver_match and request.resolver_match.view_name in OUTSIDE_ACTING:
            return None
        if request.path.startswith(STAFF_SITE):
            return None
        return answer(Forbidden(READ_ONLY), request)


class DoorLimits:
    """Counts attempts at the door (sign-up, sign-in, reset, codes, invitations) and answers 429 beyond the limits."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if request.method in SAFE or match is None or match.view_name not in throttle.DOORS:
            return None
        try:
            seconds = throttle.count_attempt(request, match.view_name)
        except RedisError:
            # Guessing must never be free of charge, so without the counters the door stays shut.
            return answer(Unavailable(NO_COUNTERS, headers={"Retry-After": "5"}), request)
        return throttle.refuse(request, seconds) if seconds else None

"""The public side of share links: a result for whoever has the address, without a login or a word on whose it is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from backtests import sharing
from backtests.models import Share
from backtests.portal import drawing, results
from backtests.portal.words import strategy_name
from moondev.lib.errors import NotFound


def url_of(share: Share) -> str:
    """The whole address of a link."""
    return f"{settings.PUBLIC_URL}{reverse('shared-backtest', args=[sharing.token_of(share)])}"


@require_safe
def shared_backtest(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a link: numbers and curves, the code only where that was ticked."""
    share = _opened(token)
    shown = results.described(share.result, request.GET.get("page"))
    title = strategy_name(share.result.strategy)
    context = {"title": title, "share": share, "token": token, "is_public": True, **shown}
    return _private(render(request, "portal/backtests/shared.html", context))


@require_safe
def shared_series(request: HttpRequest, token: str) -> HttpResponse:
    """The curves of a link's result for charts.js."""
    try:
        return _private(drawing.series(request, _opened(token).result))
    except NotFound as error:
        raise Http404 from error


def _opened(token: str) -> Any:
    try:
        return sharing.shared(token)
    except NotFound as error:
        raise Http404 from error


def _private(response: HttpResponse) -> HttpResponse:
    """Kept by no search engine and by no cache, so that a link that is taken back shows nothing at once."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response

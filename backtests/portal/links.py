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
    context = {"title": _title(share), "share": share, "token": token, "is_public": True, **shown}
    if not share.with_code:
        # Parameters, their names and what was adapted in a script say how the strategy works.
        context |= {"parameters": "", "heat": None, "is_secret": True}
    return _private(render(request, "portal/backtests/shared.html", context))


@require_safe
def shared_series(request: HttpRequest, token: str) -> HttpResponse:
    """The curves of a link's result for charts.js."""
    try:
        return _private(drawing.series(request, _opened(token).result))
    except NotFound as error:
        raise Http404 from error


def _title(share: Share) -> str:
    """The strategy's name often is the idea in its own words, so it goes with the code."""
    dataset = share.result.dataset
    return (
        strategy_name(share.result.strategy) if share.with_code else f"A strategy on {dataset.symbol or dataset.name}"
    )


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

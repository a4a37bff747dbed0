"""The public side of share links: a result for whoever has the address, without a login or a word on whose it is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from backtests import sharing
from backtests.models import Lookahead, Result, Share
from backtests.portal import drawing, results
from backtests.portal.words import strategy_name
from moondev.lib.errors import NotFound

# What the engine says of the numbers. Other notes quote the code, or tell of what was written around it.
NOTES_WITHOUT_CODE = frozenset(
    {
        *("open_trades", "fractional", "tiny_size", "warmup", "resampled", "part", "simulated", "no_costs", "ruined"),
        *("rejected", "late", "ambiguous", "optimised"),
    }
)
# Names data sets of the workspace.
PRIVATE_NOTES = frozenset({"other_timeframe"})


def url_of(share: Share) -> str:
    """The whole address of a link."""
    return f"{settings.PUBLIC_URL}{reverse('shared-backtest', args=[sharing.token_of(share)])}"


@require_safe
def shared_backtest(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a link: numbers and curves, the code only where that was ticked."""
    share = _opened(token)
    shown = results.described(share.result, request.GET.get("page"))
    context = {"title": _title(share), "share": share, "token": token, "is_public": True, **shown}
    context["notes"] = [note for note in share.result.notes if note["code"] not in PRIVATE_NOTES]
    if not share.with_code:
        context |= _without_code(share.result)
    return _private(render(request, "portal/backtests/shared.html", context))


@require_safe
def shared_series(request: HttpRequest, token: str) -> HttpResponse:
    """The curves of a link's result for charts.js."""
    try:
        return _private(drawing.series(request, _opened(token).result))
    except NotFound as error:
        raise Http404 from error


def _without_code(result: Result) -> dict[str, Any]:
    """Parameters, their names, what was adapted in a script and errors of it say how the strategy works."""
    return {
        "parameters": "",
        "heat": None,
        "is_secret": True,
        "notes": [note for note in result.notes if note["code"] in NOTES_WITHOUT_CODE],
        # Of a test that broke it is the code's own error.
        "evidence": result.lookahead_evidence if result.lookahead == Lookahead.SUSPECT else [],
    }


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

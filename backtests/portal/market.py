"""How the market data stand, and what was liquidated lately."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.current import is_acting
from accounts.portal.pages import DEED, Page, show, workspace_of
from backtests.liquidations import HOURS, MOST_SYMBOLS, look
from backtests.refreshing import refresh
from billing import limits
from marketdata.catalogue import FEEDS
from marketdata.state import health, is_live, state_of


def data_status(request: HttpRequest) -> HttpResponse:
    """Every feed: how many rows, from when to when, when it was read last."""
    rows = [{"feed": feed, "state": state_of(name)} for name, feed in FEEDS.items()]
    return show(
        request, "portal/backtests/status.html", "Data status", rows=rows, health=health(), is_live=is_live(),
        is_acting=is_acting(request),
    )  # fmt: skip


def refresh_now(request: HttpRequest) -> HttpResponse:
    """Have live sources read now."""
    if is_acting(request):
        raise PermissionDenied
    if refresh():
        messages.success(request, "The sources are being read. The page shows it in a few seconds.")
    else:
        messages.info(request, "The data come from files and change when somebody imports one.")
    return redirect("portal:data-status")


def liquidations(request: HttpRequest) -> HttpResponse:
    """Sums over 1, 4, 12 and 24 hours, and by symbol over one of them."""
    text = request.GET.get("hours", "")
    hours = int(text) if text in map(str, HOURS) else HOURS[0]
    seen = look(limits.terms_of(workspace_of(request)).history_days)
    return show(
        request, "portal/backtests/liquidations.html", "Liquidations", at=seen.at, state=seen.state, hours=hours,
        windows=[seen.window(span) for span in HOURS], symbols=seen.by_symbol(hours), most=MOST_SYMBOLS,
    )  # fmt: skip


def to_status(request: HttpRequest) -> HttpResponse:
    """`/data` of the dashboard."""
    return redirect("portal:data-status")


def to_liquidations(request: HttpRequest) -> HttpResponse:
    """`/liquidations` of the dashboard, with the span that was asked for."""
    answer = redirect("portal:liquidations")
    if query := request.META.get("QUERY_STRING"):
        answer["Location"] += f"?{query}"
    return answer


PAGES = (
    Page("backtests/market/", "data-status", data_status),
    Page("backtests/market/refresh/", "data-refresh", refresh_now, DEED, back="data-status"),
    Page("backtests/liquidations/", "liquidations", liquidations),
)

"""The addresses of share links, which need no login."""

from __future__ import annotations

from django.urls import path

from backtests.portal import links

urlpatterns = [
    path("share/backtests/<str:token>", links.shared_backtest, name="shared-backtest"),
    path("share/backtests/<str:token>/series", links.shared_series, name="shared-backtest-series"),
]

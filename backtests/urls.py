"""The addresses of the backtest dashboard's calls."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from backtests.api import data, folders, results, runs
from backtests.portal import market


class NameConverter(StringConverter):
    """A name that may hold slashes (BTC/USDT), which arrive decoded; a slash too many at its end is another address."""

    regex = "[^/]+(?:/[^/]+)*"


register_converter(NameConverter, "name")
urlpatterns = [
    path("data", market.to_status, name="data-page"),
    path("liquidations", market.to_liquidations, name="liquidations-page"),
    path("api/stats", results.StatsView.as_view(), name="backtest-stats"),
    path("api/backtests", results.BacktestsView.as_view(), name="backtests"),
    path("api/backtests/by-date/<str:date>", results.ByDateView.as_view(), name="backtests-by-date"),
    path("api/backtest/run", runs.RunView.as_view(), name="backtest-run"),
    path("api/backtest/status/<name:run_name>", runs.StatusView.as_view(), name="backtest-status"),
    path("api/backtest/cancel/<name:run_name>", runs.CancelView.as_view(), name="backtest-cancel"),
    path("api/folders", folders.FoldersView.as_view(), name="folders"),
    path("api/folders/list", folders.FolderListView.as_view(), name="folder-list"),
    path("api/folders/dates", folders.DatesView.as_view(), name="folder-dates"),
    path("api/folders/add", folders.AddView.as_view(), name="folder-add"),
    path("api/folders/delete", folders.DeleteView.as_view(), name="folder-delete"),
    path("api/folders/<name:name>/paths", folders.PathsView.as_view(), name="folder-paths"),
    path("api/data-status", data.DataStatusView.as_view(), name="api-data-status"),
    path("api/refresh-data", data.RefreshView.as_view(), name="refresh-data"),
    path("api/liquidations/recent", data.RecentView.as_view(), name="recent-liquidations"),
    path("download/testdata/<name:name>", data.DatasetView.as_view(), name="download-dataset"),
]

"""One result: its numbers and where they come from, its curves and trades, and what may be done with it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.current import is_acting
from accounts.owned import OwnedModelAdmin
from accounts.portal.pages import DEED, Page, person, show, workspace_of
from accounts.roles import Deed
from backtests import folders, rows, sharing
from backtests.coding import code_of
from backtests.models import Folder, Result, Share
from backtests.portal import documents, downloads, drawing, months
from backtests.portal.documents import Document
from backtests.portal.forms import FileForm, ShareForm
from backtests.portal.heat import heat_of
from backtests.portal.numbers import metrics_of, numbers_of
from backtests.portal.words import lookahead_of, parameters_of, strategy_name
from billing.doers import doer_of

TRADES_PER_PAGE = 25
WITH = ("strategy", "dataset", "idea", "run")


class ResultAdmin(OwnedModelAdmin):
    """The workspace's results. Everybody reads them; sharing one is for those who may change its run."""

    deeds: ClassVar = {"view": Deed.READ, "change": Deed.WRITE}

    def portal_pages(self) -> tuple[Page, ...]:
        one = "backtests/results/<int:result_id>/"
        return (
            Page(one, "result", self.show_result),
            Page(f"{one}series/", "result-series", self.series),
            Page(f"{one}trades.csv", "result-download-trades", self.download_trades),
            Page(f"{one}result.json", "result-download-json", self.download_json),
            Page(f"{one}report.html", "result-download-report", self.download_report),
            Page(f"{one}strategy.py", "result-download-code", self.download_code),
            Page(f"{one}share/", "result-share", self.share, DEED, back="result"),
            Page(f"{one}file/", "result-file", self.put_into_folder, DEED, back="result"),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Result]:
        found: QuerySet[Result] = super().get_queryset(request)
        return found.select_related(*WITH)

    # Reading ------------------------------------------------------------------------------------------------------

    def show_result(self, request: HttpRequest, result_id: int) -> HttpResponse:
        result = self._one(request, result_id)
        links = Share.objects.filter(result=result, revoked_at=None).select_related("created_by")
        own = [] if is_acting(request) else changeable_folders(request)
        return show(
            request,
            "portal/backtests/result.html",
            strategy_name(result.strategy),
            may_share=may_share(request, result),
            links=links,
            share_form=ShareForm(),
            held_in=Folder.objects.filter(entries__result=result),
            file_form=FileForm(folders=own) if own else None,
            **described(result, request.GET.get("page")),
        )

    def series(self, request: HttpRequest, result_id: int) -> HttpResponse:
        """The curves for charts.js."""
        return drawing.series(request, self._one(request, result_id))

    def download_trades(self, request: HttpRequest, result_id: int) -> HttpResponse:
        return downloads.trades(self._one(request, result_id))

    def download_json(self, request: HttpRequest, result_id: int) -> HttpResponse:
        return downloads.result(self._one(request, result_id))

    def download_report(self, request: HttpRequest, result_id: int) -> HttpResponse:
        result = self._one(request, result_id)
        return downloads.report(result, described(result, None))

    def download_code(self, request: HttpRequest, result_id: int) -> HttpResponse:
        return downloads.code(self._one(request, result_id))

    def _one(self, request: HttpRequest, result_id: int) -> Result:
        found: Result = self.owned(request, result_id)
        return found

    # Changing -----------------------------------------------------------------------------------------------------

    def share(self, request: HttpRequest, result_id: int) -> HttpResponse:
        result, form = self._one(request, result_id), ShareForm(request.POST)
        form.full_clean()
        sharing.create_share(result=result, actor=person(request), with_code=form.cleaned_data["with_code"])
        messages.success(request, "The link is made. Whoever has it sees this result without a login.")
        return redirect("portal:result", result_id=result.pk)

    def put_into_folder(self, request: HttpRequest, result_id: int) -> HttpResponse:
        result, form = self._one(request, result_id), FileForm(request.POST, folders=changeable_folders(request))
        if not form.is_valid():
            messages.error(request, "Choose a folder.")
            return redirect("portal:result", result_id=result.pk)
        folder = Folder.objects.for_workspace(workspace_of(request)).get(pk=form.cleaned_data["folder"])
        new = folders.add_results(folder=folder, actor=person(request), results=[result.pk])
        messages.success(request, f"It is in “{folder.name}”{' now' if new else ' already'}.")
        return redirect("portal:result", result_id=result.pk)


def described(result: Result, page: str | None) -> dict[str, Any]:
    """What pages and reports show of a result, whoever looks."""
    document = documents.load(result)
    trades = document.trades if document else []
    return {
        "result": result,
        "name": rows.strategy_name(result),
        "numbers": numbers_of(result),
        "metrics": metrics_of(result),
        "lookahead": lookahead_of(result),
        "notes": result.notes,
        "evidence": result.lookahead_evidence,
        "parameters": parameters_of(result),
        "code": code_of(result),
        "heat": heat_of(result),
        "document": document,
        "trades": Paginator(trades, TRADES_PER_PAGE).get_page(page),
        **_tables(document),
    }


def _tables(document: Document | None) -> dict[str, Any]:
    if document is None or len(document.times) == 0:
        return {"years": [], "month_ends": []}
    return {
        "years": months.monthly(document.times, document.equity),
        "month_ends": months.month_ends(document.times, document.equity, document.hold, document.drawdown),
        "month_names": months.NAMES,
    }


def changeable_folders(request: HttpRequest) -> list[Folder]:
    """The folders that the person may put something into."""
    workspace = workspace_of(request)
    doer = doer_of(person(request), workspace)
    held = Folder.objects.for_workspace(workspace)
    return [folder for folder in held if doer is not None and doer.may_change(folder)]


def may_share(request: HttpRequest, result: Result) -> bool:
    """Whether the person may make a link: they may change the run, and are not only looking."""
    doer = doer_of(person(request), result.workspace_id)
    return not is_acting(request) and doer is not None and doer.may_change(result.run)

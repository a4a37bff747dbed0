"""The data sets of a workspace: list, upload, one set with its quality report, and what a button does with it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string

from accounts.current import is_acting, member_of
from accounts.owned import OwnedModelAdmin
from accounts.portal.pages import DEED, FORM, Page, fragment, person, posted, refusals, show, words_of, workspace_of
from accounts.roles import Deed
from backtests.datasets import store
from backtests.datasets.quality import Report
from backtests.datasets.timeframes import COMMON, name_of, seconds_of
from backtests.models import Dataset, Result, Upload
from backtests.portal.downloads import bars
from backtests.portal.forms import DatasetForm, ResampleForm, UploadForm
from billing.doers import doer_of
from moondev.lib.queue import State

PER_PAGE = 50
LATEST_UPLOADS = 5


class DatasetAdmin(OwnedModelAdmin):
    """The workspace's data sets and everybody's. Only the workspace's own are changed, by who may."""

    deeds: ClassVar = {"view": Deed.READ, "add": Deed.WRITE, "change": Deed.WRITE, "delete": Deed.WRITE}
    search_fields = ("name", "symbol")

    def portal_pages(self) -> tuple[Page, ...]:
        one = "backtests/data/<int:dataset_id>/"
        return (
            Page("backtests/data/", "datasets", self.list_datasets),
            Page("backtests/data/uploads/live/", "uploads-live", self.uploads_live),
            Page("backtests/data/new/", "dataset-new", self.upload, FORM, back="datasets"),
            Page(one, "dataset", self.show_dataset),
            Page(f"{one}bars.csv", "dataset-download", self.download),
            Page(f"{one}accept/", "dataset-accept", self.accept, DEED, back="dataset"),
            Page(f"{one}repair/", "dataset-repair", self.repair, DEED, back="dataset"),
            Page(f"{one}resample/", "dataset-resample", self.resample, DEED, back="dataset"),
            Page(f"{one}rename/", "dataset-rename", self.rename, FORM, back="dataset"),
            Page(f"{one}delete/", "dataset-delete", self.delete, FORM, back="dataset"),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dataset]:
        """Not the base's: what everybody has belongs to no workspace."""
        member = member_of(request)
        if member is None:
            return Dataset.objects.none()
        rows: QuerySet[Dataset] = Dataset.objects.for_workspace(member.workspace_id)
        return rows

    # Reading ------------------------------------------------------------------------------------------------------

    def list_datasets(self, request: HttpRequest) -> HttpResponse:
        workspace = workspace_of(request)
        rows = self.get_queryset(request).select_related("created_by")
        if words := words_of(request):
            rows = rows.filter(Q(name__icontains=words) | Q(symbol__icontains=words))
        page = Paginator(rows.order_by("workspace_id", "name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
        return show(
            request, "portal/backtests/datasets.html", "Data sets", page=page, words=words,
            rows=[{"row": row, "timeframe": name_of(row.timeframe_sec)} for row in page.object_list],
            may_add=not is_acting(request), has_uploads=Upload.objects.for_workspace(workspace).exists(),
            **uploads_of(request),
        )  # fmt: skip

    def uploads_live(self, request: HttpRequest) -> HttpResponse:
        """The files that are being read, as a fragment for poll.js."""
        return fragment(request, render_to_string("portal/backtests/uploads.html", uploads_of(request), request))

    def show_dataset(self, request: HttpRequest, dataset_id: int) -> HttpResponse:
        row = self._one(request, dataset_id)
        report = Report.from_json(row.quality)
        longer = longer_than(row)
        return show(
            request, "portal/backtests/dataset.html", row.name, row=row, report=report,
            timeframe=name_of(row.timeframe_sec), provenance=provenance_of(row),
            resample_form=ResampleForm(timeframes=longer) if longer else None,
            has_gaps=any(fault.kind == "missing" for fault in report.faults) and not report.has_sessions,
            may_change=self._may_change(request, row), may_add=not is_acting(request),
            results=Result.objects.for_workspace(workspace_of(request)).filter(dataset=row).count(),
        )  # fmt: skip

    def download(self, request: HttpRequest, dataset_id: int) -> HttpResponseBase:
        return bars(self._one(request, dataset_id))

    def _one(self, request: HttpRequest, dataset_id: int) -> Dataset:
        found: Dataset = self.get_object(request, str(dataset_id))
        return found

    # Changing -----------------------------------------------------------------------------------------------------

    def upload(self, request: HttpRequest) -> HttpResponse:
        if is_acting(request):
            raise PermissionDenied
        form = UploadForm(posted(request), request.FILES or None)
        if request.method == "POST" and form.is_valid():
            with refusals(form):
                store.add_upload(workspace=workspace_of(request), actor=person(request), **form.cleaned_data)
                messages.success(request, "The file is here and is being read.")
                return redirect("portal:datasets")
        return show(request, "portal/backtests/dataset_new.html", "Upload data", form=form)

    def accept(self, request: HttpRequest, dataset_id: int) -> HttpResponse:
        row = store.accept(dataset=self._changeable(request, dataset_id), actor=person(request))
        return done(request, row, "Its faults are accepted: backtests may run on it.")

    def repair(self, request: HttpRequest, dataset_id: int) -> HttpResponse:
        row = self._changeable(request, dataset_id)
        made = store.repaired(dataset=row, actor=person(request), fill_gaps="fill_gaps" in request.POST)
        return done(request, made, "This is the repaired data set; the one that it was made from stays.")

    def resample(self, request: HttpRequest, dataset_id: int) -> HttpResponse:
        row = self._one(request, dataset_id)
        if is_acting(request):
            raise PermissionDenied
        made = store.resampled(
            dataset=row, actor=person(request), workspace=workspace_of(request),
            timeframe=request.POST.get("timeframe", ""),
        )  # fmt: skip
        return done(request, made, "This is the new data set of longer bars.")

    def rename(self, request: HttpRequest, dataset_id: int) -> HttpResponse:
        row = self._changeable(request, dataset_id)
        form = DatasetForm(posted(request), initial={"name": row.name})
        if request.method == "POST" and form.is_valid():
            with refusals(form):
                made = store.rename(dataset=row, actor=person(request), name=form.cleaned_data["name"])
                return done(request, made, "The name is saved.")
        return show(request, "portal/backtests/dataset_rename.html", f"Rename {row.name}", form=form, row=row)

    def delete(self, request: HttpRequest, dataset_id: int) -> HttpResponse:
        row = self._changeable(request, dataset_id)
        if request.method == "POST":
            store.remove(dataset=row, actor=person(request))
            messages.success(request, f"“{row.name}” is deleted. Results on it stay.")
            return redirect("portal:datasets")
        return show(request, "portal/backtests/dataset_delete.html", f"Delete {row.name}", row=row)

    def _changeable(self, request: HttpRequest, dataset_id: int) -> Dataset:
        """The workspace's own data set, if this person may change it; everybody's are nobody's to change."""
        row = self._one(request, dataset_id)
        if not self._may_change(request, row):
            raise PermissionDenied
        return row

    def _may_change(self, request: HttpRequest, row: Dataset) -> bool:
        doer = doer_of(person(request), workspace_of(request))
        is_ours = row.workspace_id is not None
        return is_ours and not is_acting(request) and doer is not None and doer.may_change(row)


def done(request: HttpRequest, row: Dataset, text: str) -> HttpResponse:
    """Say what was done, on the data set's page."""
    messages.success(request, text)
    return redirect("portal:dataset", dataset_id=row.pk)


def uploads_of(request: HttpRequest) -> dict[str, Any]:
    """The latest files and what came of them; those that became a data set are in the list below."""
    rows = Upload.objects.for_workspace(workspace_of(request)).filter(dataset=None)[:LATEST_UPLOADS]
    uploads = [{"row": row, "is_waiting": row.state in (State.WAITING, State.RUNNING)} for row in rows]
    return {"uploads": uploads, "is_reading": any(item["is_waiting"] for item in uploads)}


def longer_than(row: Dataset) -> list[str]:
    """The common timeframes that the bars can be brought to."""
    step = row.timeframe_sec
    return [name for name in COMMON if (seconds := seconds_of(name)) > step and seconds % step == 0]


def provenance_of(row: Dataset) -> list[tuple[str, str]]:
    """Where the bars come from, a line each."""
    return [(name.replace("_", " ").capitalize(), _said(value)) for name, value in row.provenance.items()]


def _said(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return f"{value:,}" if type(value) is int else str(value)

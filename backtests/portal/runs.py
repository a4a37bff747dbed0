"""The runs of a workspace: list, one run with its stages, and what a button does with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect
from django.template.loader import render_to_string

from accounts.current import is_acting
from accounts.owned import OwnedModelAdmin
from accounts.portal.pages import DEED, FORM, Page, allowed, fragment, person, show, without, workspace_of
from accounts.roles import Deed
from backtests import quota, services
from backtests.models import Idea, Result, Run, Stage, Strategy
from backtests.portal import asking, comparing
from backtests.portal.forms import RunFilter
from backtests.portal.pieces import pieces_of
from backtests.portal.words import Word, percent_done, stage_name, state_of, status_of
from billing import limits
from billing.doers import Doer, doer_of

PER_PAGE = 25
# Of a stage's text and log as much as one reads; the rest is in the downloads.
LONGEST_SHOWN = 200_000


@dataclass(frozen=True, slots=True)
class Row:
    """A run as the list shows it."""

    run: Run
    state: Word
    done: int
    says: str
    ideas: int = 0
    results: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A stage as the run's page shows it."""

    stage: Stage
    name: str
    state: Word


@dataclass(frozen=True, slots=True)
class Course:
    """An idea with its stages, its strategies and what came of them."""

    idea: Idea
    state: Word
    steps: list[Step]
    strategies: list[Strategy]
    lines: list[comparing.Line]


class RunAdmin(OwnedModelAdmin):
    """The workspace's runs. Everybody sees them; who may cancel or delete one, `backtests.access` says."""

    deeds: ClassVar = {"view": Deed.READ, "add": Deed.WRITE, "change": Deed.WRITE, "delete": Deed.WRITE}
    search_fields = ("name", "ideas__text")

    def portal_pages(self) -> tuple[Page, ...]:
        one = "backtests/runs/<str:run_id>/"
        return (
            Page("backtests/", "runs", self.list_runs),
            Page("backtests/live/", "runs-live", self.list_live),
            Page("backtests/new/", "run-new", asking.new_run, FORM, back="runs"),
            Page("backtests/draft/", "run-draft", asking.draft, DEED, back="runs"),
            Page(one, "run", self.show_run),
            Page(f"{one}live/", "run-live", self.show_live),
            Page(f"{one}stages/<int:stage_id>/", "run-stage", self.show_stage),
            Page(f"{one}cancel/", "run-cancel", self.cancel, DEED, back="run"),
            Page(f"{one}rerun/", "run-rerun", self.rerun, DEED, back="run"),
            Page(f"{one}sharing/", "run-sharing", self.set_shared, DEED, back="run"),
            Page(f"{one}delete/", "run-delete", self.delete, FORM, back="run"),
        )

    # Reading ------------------------------------------------------------------------------------------------------

    def list_runs(self, request: HttpRequest) -> HttpResponse:
        """The runs that a filter lets through, and what is left of the plan's number today."""
        workspace = workspace_of(request)
        return show(
            request,
            "portal/backtests/runs.html",
            "Backtests",
            is_used=Run.objects.for_workspace(workspace).exists(),
            query=request.GET.urlencode(),
            **left_today(request),
            **self._listed(request),
        )

    def list_live(self, request: HttpRequest) -> HttpResponse:
        """The list's rows as a fragment for poll.js."""
        return fragment(request, render_to_string("portal/backtests/runs_rows.html", self._listed(request), request))

    def _listed(self, request: HttpRequest) -> dict[str, Any]:
        form = RunFilter(request.GET or {})
        chosen = form.cleaned_data if form.is_valid() else {}
        rows = self.get_queryset(request).select_related("created_by").order_by("-created_at", "id")
        if status := chosen.get("status"):
            rows = rows.filter(status=status)
        if chosen.get("mine"):
            rows = rows.filter(created_by=person(request))
        if words := chosen.get("q"):
            rows = rows.filter(Q(name__icontains=words) | Q(pk__in=_with_idea(request, words)))
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        others = without(request, "page")
        return {"rows": counted(list(page.object_list)), "filters": form, "page": page, "others": others}

    def show_run(self, request: HttpRequest, run_id: str) -> HttpResponse:
        run = self._one(request, run_id)
        return show(
            request,
            "portal/backtests/run.html",
            run.name,
            datasets=services.datasets_of(run),
            **self._buttons(request, run),
            **shown(run),
        )

    def show_live(self, request: HttpRequest, run_id: str) -> HttpResponse:
        """State, stages and results as a fragment for poll.js. While nothing changed it costs one read of one row."""
        run = self._one(request, run_id)
        tag = f'"{run.pk}-{run.version}-{int(is_acting(request))}"'
        if request.headers.get("If-None-Match") == tag:
            answer: HttpResponse = HttpResponseNotModified()
        else:
            context = {**self._buttons(request, run), **shown(run)}
            answer = HttpResponse(render_to_string("portal/backtests/run_live.html", context, request))
        answer["ETag"] = tag
        return answer

    def show_stage(self, request: HttpRequest, run_id: str, stage_id: int) -> HttpResponse:
        """Everything that went into one step and came out of it."""
        run = self._one(request, run_id)
        stage = _of(run.stages.select_related("idea").filter(pk=stage_id))
        return show(
            request,
            "portal/backtests/stage.html",
            stage_name(stage),
            run=run,
            step=Step(stage, stage_name(stage), state_of(stage)),
            strategy=_strategy_of(stage),
            blocks=[("What it was given", pieces_of(stage.given)), ("What it made", pieces_of(stage.made))],
            log=stage.log[:LONGEST_SHOWN],
        )

    def _one(self, request: HttpRequest, run_id: str) -> Run:
        found: Run = self.get_object(request, run_id)
        return found

    def _buttons(self, request: HttpRequest, run: Run) -> dict[str, Any]:
        doer = _doer(request)
        may_change = doer is not None and not is_acting(request) and doer.may_change(run)
        may_rerun = doer is not None and not is_acting(request)
        may_set_shared = doer is not None and may_change and doer.may_share(run)
        return {"may_change": may_change, "may_rerun": may_rerun, "may_set_shared": may_set_shared}

    # Changing -----------------------------------------------------------------------------------------------------

    def cancel(self, request: HttpRequest, run_id: str) -> HttpResponse:
        run = services.cancel_run(run=self._changeable(request, run_id), actor=person(request))
        messages.success(request, "The run is cancelled." if run.is_finished else "The run is being stopped.")
        return redirect("portal:run", run_id=run.pk)

    def rerun(self, request: HttpRequest, run_id: str) -> HttpResponse:
        if is_acting(request):
            raise PermissionDenied
        run = services.start_rerun(run=self._one(request, run_id), actor=person(request))
        messages.success(request, "It runs once more, on the same code, data, settings and seed.")
        return redirect("portal:run", run_id=run.pk)

    def set_shared(self, request: HttpRequest, run_id: str) -> HttpResponse:
        run, is_shared = self._changeable(request, run_id), "is_shared" in request.POST
        services.set_run_shared(run=run, actor=person(request), is_shared=is_shared)
        says = "Members may change this run now." if is_shared else "Only who started it and managers may change it."
        messages.success(request, says)
        return redirect("portal:run", run_id=run.pk)

    def delete(self, request: HttpRequest, run_id: str) -> HttpResponse:
        run = self._changeable(request, run_id)
        if request.method == "POST":
            services.delete_run(run=run, actor=person(request))
            messages.success(request, f"“{run.name}” is deleted with its results.")
            return redirect("portal:runs")
        results = Result.objects.filter(run=run).count()
        return show(request, "portal/backtests/run_delete.html", f"Delete {run.name}", run=run, results=results)

    def _changeable(self, request: HttpRequest, run_id: str) -> Run:
        """The run, if this person may change it: 404 for a stranger's, 403 for a colleague's."""
        run, doer = self._one(request, run_id), _doer(request)
        if is_acting(request) or doer is None or not doer.may_change(run):
            raise PermissionDenied
        return run


def left_today(request: HttpRequest) -> dict[str, Any]:
    """How many runs the plan leaves for today."""
    workspace = workspace_of(request)
    most, used = limits.terms_of(workspace).backtest_runs_per_day, quota.used_today(workspace)
    return {"runs_used": used, "runs_most": most, "runs_left": max(0, most - used),
            "may_run": allowed(request, Deed.READ) and not is_acting(request)}  # fmt: skip


def counted(runs: list[Run]) -> list[Row]:
    """The rows of a page, with how many ideas and results each has in two queries for all."""
    ideas, results = _count(Idea, runs), _count(Result, runs)
    return [row_of(run, ideas=ideas.get(run.pk, 0), results=results.get(run.pk, 0)) for run in runs]


def row_of(run: Run, *, ideas: int = 0, results: int = 0) -> Row:
    says = str(run.progress.get("says", ""))
    return Row(run, status_of(run), percent_done(run), says, ideas, results)


def _count(model: type[Idea | Result], runs: list[Run]) -> dict[str, int]:
    rows = model.objects.filter(run__in=[run.pk for run in runs]).order_by()
    return dict(rows.values("run_id").annotate(n=Count("pk")).values_list("run_id", "n"))


def shown(run: Run) -> dict[str, Any]:
    """A run with everything that hangs on it, in a fixed number of queries."""
    results = Prefetch(
        "results", Result.objects.select_related("strategy", "dataset", "run").order_by("-return_pct", "id")
    )
    stages = Prefetch("stages", Stage.objects.defer("given", "made", "log").order_by("id"))
    strategies = Prefetch("strategies", Strategy.objects.order_by("version"))
    ideas = run.ideas.prefetch_related(stages, results, strategies).order_by("position")
    courses = [_course(idea) for idea in ideas]
    return {
        "run": run,
        "row": row_of(run),
        "courses": courses,
        "lines": [line for course in courses for line in course.lines],
        "most": comparing.MOST,
        "log_lines": run.progress.get("lines", []),
        "simulated_data": any(line.result.dataset.is_simulated for course in courses for line in course.lines),
    }


def _course(idea: Idea) -> Course:
    steps = [Step(stage, stage_name(stage), state_of(stage)) for stage in idea.stages.all()]
    return Course(idea, status_of(idea), steps, list(idea.strategies.all()), _lines(idea.results.all()))


def _lines(results: Iterable[Result]) -> list[comparing.Line]:
    """Best return first, those without a number last."""
    known = sorted(results, key=lambda row: (row.return_pct is None, -(row.return_pct or 0.0), row.pk))
    return [comparing.line_of(result) for result in known]


def _with_idea(request: HttpRequest, words: str) -> QuerySet[Any]:
    ideas: QuerySet[Any] = Idea.objects.for_workspace(workspace_of(request)).filter(text__icontains=words)
    return ideas.values("run")


def _strategy_of(stage: Stage) -> Strategy | None:
    """The strategy that a step made, if it made one."""
    made = stage.made.get("strategy")
    return Strategy.objects.filter(idea=stage.idea_id, pk=made).first() if isinstance(made, int) else None


def _doer(request: HttpRequest) -> Doer | None:
    return doer_of(person(request), workspace_of(request))


def _of(rows: QuerySet[Stage]) -> Stage:
    stage = rows.first()
    if stage is None:
        raise Http404
    return stage

"""A new run: what the drafter makes of every line while it is typed, its parameters as a form, and the start."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.current import is_acting
from accounts.portal.pages import person, posted, refusals, show, workspace_of
from backtests import quota, services
from backtests.asked import LONGEST_TEXT, MOST_IDEAS
from backtests.models import Dataset
from backtests.portal.run_form import RunForm, usual
from backtests.portal.words import plain
from backtests.rbi import intake, scripts
from backtests.rbi.check import Finding, check
from backtests.rbi.interpretation.stated import OF_ANY, read_stated
from billing import limits
from moondev.lib.errors import Invalid

if TYPE_CHECKING:
    from backtests.rbi.drafter import Draft

MOST_ALTERNATIVES = 4
PRICES = frozenset({"open", "high", "low", "close"})
# Of the grammar's parameters, which have no label of their own.
ACRONYMS = frozenset(
    {"adx", "atr", "cci", "ema", "hma", "macd", "mfi", "obv", "roc", "rsi", "sma", "usd", "vwap", "wma"}
)
# Sentences that people press to begin with; each shows another way of saying what one wants.
EXAMPLES = (
    "Buy when RSI(14) crosses below 30 and close is above the 200 SMA, sell when RSI rises above 70, stop 2 ATR",
    "Go long when the 20 EMA crosses over the 50 EMA, exit on the opposite cross, risk 1% with a 3 ATR stop",
    "Short when price closes below the lower Bollinger band and ADX > 25, stop 2 ATR, target 2R, exit after 24 hours",
    "Volume divergence with liquidation cascades on breakouts",
    "Mean reversion after a funding rate extreme",
)


@dataclass(frozen=True, slots=True)
class Knob:
    """One number of a strategy as a field of the form."""

    name: str
    field: str
    label: str
    value: str
    unit: str
    low: float | None
    high: float | None
    step: str
    is_changed: bool
    error: str = ""


@dataclass(frozen=True)
class Seen:
    """One entry and what would become of it."""

    place: int
    entry: intake.Entry
    draft: Draft | None = None
    knobs: list[Knob] = field(default_factory=list)
    script: scripts.Script | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_blueprint(self) -> bool:
        return self.draft is not None and self.draft.path == "blueprint"

    @property
    def alternatives(self) -> list[tuple[str, str]]:
        """What else it may mean: a title, and the words to write instead."""
        found = [match.blueprint for match in self.draft.alternatives[:MOST_ALTERNATIVES]] if self.draft else []
        return [
            (blueprint.title, instead(self.entry.text, blueprint.name, (blueprint.title, *blueprint.words)))
            for blueprint in found
        ]

    @property
    def may_run(self) -> bool:
        """Nothing half-understood runs; of a blueprint it is known what was not used."""
        if self.script is not None:
            return self.script.is_usable
        if self.draft is None:
            return True
        return self.draft.specification is not None and (self.is_blueprint or not self.draft.not_understood)


def new_run(request: HttpRequest) -> HttpResponse:
    """The form, what the ideas become beside it, and the start."""
    if is_acting(request):
        raise PermissionDenied
    workspace = workspace_of(request)
    datasets = list(Dataset.objects.for_workspace(workspace).order_by("workspace_id", "name"))
    ready = [row for row in datasets if not row.needs_decision]
    form = RunForm(
        posted(request),
        request.FILES or None,
        datasets=ready,
        initial={**usual(), "ideas": request.GET.get("ideas", "")},
    )
    if request.method == "POST" and "look" not in request.POST and form.is_valid():
        with refusals(form):
            return _start(request, form)
    text = str(form["ideas"].value() or "")
    most, used = limits.terms_of(workspace).backtest_runs_per_day, quota.used_today(workspace)
    return show(
        request, "portal/backtests/new.html", "New run", form=form, examples=EXAMPLES,
        undecided=[row for row in datasets if row.needs_decision],
        seen=seen_by(request, text), runs_left=max(0, most - used), runs_most=most,
    )  # fmt: skip


def draft(request: HttpRequest) -> HttpResponse:
    """What becomes of the ideas in the box, as a piece of a page."""
    seen = seen_by(request, request.POST.get("ideas", ""))
    return render(request, "portal/backtests/draft.html", {"seen": seen})


def seen_by(request: HttpRequest, text: str) -> list[Seen]:
    """What becomes of a text with the data sets and parameters of the form that was sent."""
    return seen_of(text, request.POST, columns_of(request, request.POST.getlist("datasets")))


def seen_of(text: str, data: Mapping[str, Any], columns: frozenset[str]) -> list[Seen]:
    """Every entry of a text with its draft and its parameters, those that were typed into the form in place."""
    entries = intake.read(text[:LONGEST_TEXT])[:MOST_IDEAS]
    return [_seen(place, entry, data, columns) for place, entry in enumerate(entries)]


def _seen(place: int, entry: intake.Entry, data: Mapping[str, Any], columns: frozenset[str]) -> Seen:
    if entry.kind == "code":
        script = scripts.read(entry.text)
        return Seen(place, entry, script=script, findings=check(script.code))
    if entry.kind != "words":
        return Seen(place, entry)
    found = drafted(entry.text, columns)
    return Seen(place, entry, found, knobs_of(entry.text, found, data))


@lru_cache(maxsize=256)
def drafted(text: str, columns: frozenset[str]) -> Draft:
    """What the drafter makes of a line; the same line is asked for at every key that is pressed in another one."""
    # The grammar takes a while to build, and no other page needs it.
    from backtests.rbi import drafter

    return drafter.draft(text, columns=columns)


@lru_cache(maxsize=256)
def words_for(blueprint: str, ways: tuple[str, ...]) -> str:
    """The first of several ways to say a blueprint that the drafter takes for it: another one may own its title."""
    columns = PRICES | {"volume"}
    return next((text for text in ways if drafted(text, columns).blueprint == blueprint), ways[0])


def instead(text: str, blueprint: str, ways: tuple[str, ...]) -> str:
    """The words for another blueprint with the stop, target, size and timeframe that the text states for any."""
    words = words_for(blueprint, ways)
    stated = [one.words for one in read_stated(text)[0] if one.kind in OF_ANY]
    whole = ", ".join([words, *stated])
    return whole if drafted(whole, PRICES | {"volume"}).blueprint == blueprint else words


def columns_of(request: HttpRequest, ids: list[str]) -> frozenset[str]:
    """What every chosen data set has, as the pipeline looks at it; without a choice what most have."""
    known = [int(text) for text in ids if text.isascii() and text.isdigit() and len(text) < 18]
    rows = Dataset.objects.for_workspace(workspace_of(request)).filter(pk__in=known).values_list("columns", flat=True)
    held = [set(columns) for columns in rows]
    return PRICES.union(set.intersection(*held) if held else {"volume"})


def knobs_of(text: str, found: Draft, data: Mapping[str, Any]) -> list[Knob]:
    """The numbers of a drafted strategy. Their fields carry the idea's own mark, so that editing another line keeps
    them, and editing this one begins anew."""
    if found.specification is None:
        return []
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    return [
        _knob(name, f"p-{mark}-{name}", parameter, data)
        for name, parameter in found.specification.parameters.items()
        # A number that can be one thing only is no choice.
        if parameter.low is None or parameter.low != parameter.high
    ]


def _knob(name: str, input_name: str, parameter: Any, data: Mapping[str, Any]) -> Knob:
    typed = str(data.get(input_name, "")).strip()
    value, error = _value(typed, parameter) if typed else (parameter.value, "")
    return Knob(
        name=name,
        field=input_name,
        label=(label := parameter.label or label_of(name)),
        value=typed or plain(parameter.value).replace(",", ""),
        unit="" if parameter.unit in label.lower() else parameter.unit,
        low=parameter.low,
        high=parameter.high,
        step="1" if parameter.whole else "any",
        is_changed=not error and value != parameter.value,
        error=error,
    )


def label_of(name: str) -> str:
    """A parameter's name as words: `rsi_below` is RSI below."""
    first, *others = (word.upper() if word in ACRONYMS else word for word in name.split("_"))
    return " ".join([first[:1].upper() + first[1:], *others])


def _value(typed: str, parameter: Any) -> tuple[float, str]:
    """The number that was typed and what is wrong with it."""
    try:
        value = float(typed)
    except ValueError:
        return parameter.value, "This is a number."
    if not math.isfinite(value) or (parameter.whole and not value.is_integer()):
        return value, "This is a whole number." if parameter.whole else "This is a number."
    if parameter.low is not None and value < parameter.low:
        return value, f"At least {plain(parameter.low)}."
    if parameter.high is not None and value > parameter.high:
        return value, f"At most {plain(parameter.high)}."
    return value, ""


def edits_of(seen: list[Seen]) -> dict[int, dict[str, Any]]:
    """What was changed in the parameters, by the idea's place."""
    changed = {item.place: {knob.name: float(knob.value) for knob in item.knobs if knob.is_changed} for item in seen}
    return {place: {"parameters": values} for place, values in changed.items() if values}


def check_knobs(seen: list[Seen]) -> None:
    """Raise Invalid for the first parameter that was filled in wrongly."""
    for knob in (knob for item in seen for knob in item.knobs if knob.error):
        raise Invalid(f"{knob.label}: {knob.error}")


def _start(request: HttpRequest, form: RunForm) -> HttpResponse:
    text = form.text
    seen = seen_by(request, text)
    check_knobs(seen)
    run = services.start_run(
        workspace=workspace_of(request), actor=person(request), ideas=text, name=form.cleaned_data["name"],
        dataset_ids=form.cleaned_data["datasets"], settings=form.settings, options=form.options, edits=edits_of(seen),
    )  # fmt: skip
    # No message: the page says by itself that the run is in the queue, and a toast would cover its button.
    return redirect("portal:run", run_id=run.pk)

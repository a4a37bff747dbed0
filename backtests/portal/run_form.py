"""The form of a new run. It shapes what was typed; `services.start_run` checks it and names what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField

from accounts.portal.forms import PortalForm
from backtests.asked import LONGEST_NAME, USUAL_OPTIONS
from backtests.datasets.timeframes import name_of
from backtests.datasets.usual import BUNDLED, DEFAULT
from backtests.engine.settings import Settings
from backtests.models import Dataset
from backtests.objectives import OBJECTIVES

USUAL = Settings()
LARGEST_SCRIPT = 500_000
MONEY = forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"})
SWITCHES = ("exclusive_orders", "trade_on_close", "finalize_trades")
ACCOUNT = ("cash", "commission", "spread", "margin", *SWITCHES)
MORE = ("optimise", "objective", "cells", "revisions", "lookahead", "budget_tokens", "budget_usd", "seed")


def number(label: str, text: str, **options: Any) -> forms.FloatField:
    return forms.FloatField(label=label, help_text=text, required=False, widget=MONEY, **options)


def whole(label: str, text: str, least: int, most: int) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label, help_text=text, required=False, min_value=least, max_value=most, widget=widget
    )


def switch(label: str, text: str = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=text, required=False)


class RunForm(PortalForm):
    """Ideas, data sets, the account that is traded with, and how much may be tried and spent."""

    aliases: ClassVar = {"run_name": "name"}

    ideas = forms.CharField(
        label="Ideas", required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "placeholder": "One idea a line"}),
        help_text="One idea a line; lines that begin with # do not count. Or paste a backtesting.py script as it is.",
    )  # fmt: skip
    script = forms.FileField(
        label="Or a script", required=False, widget=forms.FileInput(attrs={"accept": ".py,.txt,.md"}),
        help_text="A file with a backtesting.py strategy; text around the code does not matter.",
    )  # fmt: skip
    datasets = forms.TypedMultipleChoiceField(
        label="Data sets", required=False, coerce=int, widget=forms.CheckboxSelectMultiple,
        help_text=f"The first is the one that ideas are repaired on. None: {DEFAULT}, {BUNDLED[DEFAULT]}.",
    )  # fmt: skip
    name = forms.CharField(label="Name", required=False, max_length=LONGEST_NAME, help_text="Empty: the time.")
    cash = number("Cash (USD)", "What the account begins with.")
    commission = number("Commission (%)", "Of the price, at every fill.")
    spread = number("Spread (%)", "What a fill is worse than the price.")
    margin = number("Margin", "1 is no leverage; 0.1 is tenfold.")
    exclusive_orders = switch("Exclusive orders", "A new order closes what is open.")
    trade_on_close = switch("Trade on close", "Fill at this bar's close instead of the next open.")
    finalize_trades = switch("Finalize trades", "Close what is open at the last bar, so that it counts.")
    optimise = switch("Optimise", "Try other parameters and keep only improvements.")
    objective = forms.TypedChoiceField(
        label="Optimise for", required=False, empty_value=None,
        help_text="What has to be higher for a setting to be an improvement.",
        choices=[(name, objective.title.capitalize()) for name, objective in OBJECTIVES.items()],
    )  # fmt: skip
    cells = whole("Places of a parameter grid", "How many sets of parameters are tried at most.", 1, 200)
    revisions = whole("Repairs", "How often code that fails is mended at most.", 0, 10)
    lookahead = switch("Look-ahead test", "Change later bars and see whether earlier orders change.")
    budget_tokens = whole("Token budget", "For language models, if any are set up. Empty: the workspace's.", 0, 10**7)
    budget_usd = number("Money budget (USD)", "For language models. Empty: the workspace's.", min_value=0)
    seed = whole("Seed", "The same seed gives the same results. Empty: one is drawn.", 1, 2**31 - 1)

    def __init__(self, *args: Any, datasets: Iterable[Dataset], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["datasets"]
        field.choices = [(row.pk, label_of(row)) for row in datasets]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.cleaned_data.get("script") and self.cleaned_data.get("ideas", "").strip():
            self.add_error("script", "Write ideas or bring a script, not both; a run takes one kind.")
        return values

    def clean_script(self) -> Any:
        file = self.cleaned_data.get("script")
        if file and file.size > LARGEST_SCRIPT:
            raise forms.ValidationError(f"The file is larger than {LARGEST_SCRIPT // 1000} kB.")
        return file

    @property
    def text(self) -> str:
        """What is to be tried: the ideas, or the file's text."""
        if file := self.cleaned_data.get("script"):
            return str(file.read().decode("utf-8", "replace")).replace("\x00", "")
        return str(self.cleaned_data.get("ideas", ""))

    @property
    def settings(self) -> dict[str, Any]:
        """The account in the engine's words: costs are fractions there. What was left empty is usual."""
        values = {name: self.cleaned_data.get(name) for name in ACCOUNT}
        given = {name: value for name, value in values.items() if value is not None}
        return {name: value / 100 if name in ("commission", "spread") else value for name, value in given.items()}

    @property
    def options(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) for name in MORE}

    @property
    def account(self) -> list[BoundField]:
        return [self[name] for name in ACCOUNT]

    @property
    def more(self) -> list[BoundField]:
        return [self[name] for name in MORE]

    @property
    def is_account_open(self) -> bool:
        return any(self[name].errors for name in ACCOUNT)

    @property
    def is_more_open(self) -> bool:
        return any(self[name].errors for name in MORE)


def usual() -> dict[str, Any]:
    """What a new form says before anybody has typed."""
    switches = {name: getattr(USUAL, name) for name in SWITCHES}
    account = {"cash": USUAL.cash, "commission": 100 * USUAL.commission, "spread": 100 * USUAL.spread,
               "margin": USUAL.margin}  # fmt: skip
    return {**account, **switches, **{name: USUAL_OPTIONS.get(name) for name in MORE}}


def label_of(dataset: Dataset) -> str:
    """`BTC hourly: 1h, 31,066 bars, Jan 2023 to Nov 2023`."""
    span = f"{dataset.first:%b %Y} to {dataset.last:%b %Y}"
    mark = ", simulated" if dataset.is_simulated else ""
    return f"{dataset.name}: {name_of(dataset.timeframe_sec)}, {dataset.rows:,} bars, {span}{mark}"

"""The shapes of the backtest dashboard's calls, for the OpenAPI document. Values are checked where they are used."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from backtests.api.asked import MOST_RESULTS
from backtests.asked import LONGEST_NAME, LONGEST_TEXT, MOST_DATASETS
from backtests.datasets.usual import DEFAULT
from backtests.models import Lookahead, Status, Verdict

MOST = 10_000


class OfWorkspace(serializers.Serializer[Any]):
    workspace = serializers.CharField(help_text="The workspace's slug")


class StatsSerializer(OfWorkspace):
    """Returns above 10,000 % are counted and not averaged."""

    total_backtests = serializers.IntegerField()
    unique_strategies = serializers.IntegerField()
    unique_data_sources = serializers.IntegerField()
    avg_return = serializers.FloatField(help_text="Percent; 0 without backtests")
    max_return = serializers.FloatField(help_text="Percent")
    avg_sortino = serializers.FloatField()


class NoteSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class AssumptionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="The rule or number that the idea does not state")
    value = serializers.CharField()
    why = serializers.CharField()


class UnknownSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    start = serializers.IntegerField(help_text="Where the words stand in the idea, in characters from 0")
    end = serializers.IntegerField()
    hint = serializers.CharField()


class InterpretationSerializer(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="`stated rules` or `blueprint`")
    rules = serializers.ListField(child=serializers.CharField(), help_text="In words")
    assumptions = AssumptionSerializer(many=True)
    not_understood = UnknownSerializer(many=True)


def _number(**kwargs: Any) -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, **kwargs)


class RowSerializer(serializers.Serializer[Any]):
    """One strategy on one data set. The columns of `backtest_stats.csv` by their names, then what is new."""

    id = serializers.IntegerField()
    run = serializers.CharField(help_text="The run's id")
    verdict = serializers.ChoiceField(choices=Verdict.values)
    lookahead = serializers.ChoiceField(choices=Lookahead.values, help_text="Whether later bars changed earlier orders")
    simulated = serializers.BooleanField(help_text="Whether the data set is made up")
    optimised = serializers.BooleanField(help_text="Whether the parameters are the improved ones")
    parameters = serializers.DictField()
    notes = NoteSerializer(many=True)
    interpretation = InterpretationSerializer(
        allow_null=True, help_text="How the idea was read; null for code and for what a model wrote"
    )
    created_at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, Any]:
        """Names with blanks and percent signs cannot be attributes."""
        numbers = ("Buy & Hold %", "Max Drawdown %", "Sharpe Ratio", "Sortino Ratio", "Exposure %", "EV %")
        columns: dict[str, Any] = {"Strategy Name": serializers.CharField(), "Thread ID": serializers.CharField()}
        columns["Return %"] = _number(help_text="Percent; the text `10,000+%` above 10,000")
        columns |= {name: _number() for name in numbers}
        columns |= {"Trades": serializers.IntegerField()}
        columns |= {name: serializers.CharField() for name in ("File Path", "Data", "Time")}
        return {**columns, **super().get_fields()}


class RowsSerializer(OfWorkspace):
    # The framework has an attribute of this name, which a declared field does not touch.
    data = RowSerializer(many=True)  # type: ignore[assignment]
    total = serializers.IntegerField(help_text="Of all pages")
    message = serializers.CharField()


class RowsQuery(serializers.Serializer[Any]):
    limit = serializers.IntegerField(default=MOST, min_value=1, max_value=MOST, help_text="Rows in one answer")
    cursor = serializers.CharField(required=False, max_length=400, help_text="From the Link header of the page before")
    run = serializers.CharField(required=False, max_length=LONGEST_NAME, help_text="Of this run only, by id or name")
    folder = serializers.CharField(required=False, max_length=60, help_text="Of this folder only")


class NewRunSerializer(serializers.Serializer[Any]):
    # No `max_length`: what tries the document's bounds would send bodies that are refused for their size before.
    ideas = serializers.CharField(
        help_text=f"One idea a line: words, a link, or a whole script; `#` begins a comment. At most {LONGEST_TEXT:,} "
        "characters"
    )
    run_name = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=LONGEST_NAME, help_text="Need not be unique"
    )
    datasets = serializers.ListField(
        child=serializers.JSONField(), required=False, allow_null=True, max_length=MOST_DATASETS,
        help_text=f"Ids or names of data sets; {DEFAULT} when left out",
    )  # fmt: skip
    params = serializers.DictField(
        required=False, allow_null=True,
        help_text="cash, commission, spread, margin, … and optimise, objective, lookahead, revisions, cells, seed, "
        "budget_tokens, budget_usd, edits: see docs/backtest_dashboard.md",
    )  # fmt: skip


class StartedSerializer(OfWorkspace):
    success = serializers.BooleanField()
    message = serializers.CharField()
    run_name = serializers.CharField()
    id = serializers.RegexField(r"^r_[0-9a-f]{16}$")


class RunErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class StatusSerializer(OfWorkspace):
    status = serializers.ChoiceField(choices=[*Status.values, "not_found"])
    new_count = serializers.IntegerField(help_text="Results so far")
    run_name = serializers.CharField()
    progress = serializers.DictField(allow_null=True, help_text="done, of, says, stage, idea")
    id = serializers.CharField(allow_null=True)
    error = RunErrorSerializer(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    message = serializers.CharField()


class FoldersSerializer(OfWorkspace):
    folders = serializers.ListField(child=serializers.CharField())


class CountSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField()


class FolderListSerializer(OfWorkspace):
    folders = CountSerializer(many=True)


class DatesSerializer(OfWorkspace):
    dates = CountSerializer(many=True, help_text="Days in UTC as MM-DD-YYYY, the newest first")


class PathsSerializer(OfWorkspace):
    success = serializers.BooleanField()
    paths = serializers.ListField(child=serializers.CharField(), help_text="Of the strategies' code")
    count = serializers.IntegerField()


class AddSerializer(serializers.Serializer[Any]):
    folder_name = serializers.CharField(max_length=60, help_text="Made when there is none")
    backtests = serializers.ListField(
        child=serializers.JSONField(), min_length=1, max_length=MOST_RESULTS,
        help_text="Ids, or rows of GET /api/backtests",
    )  # fmt: skip


class DeleteSerializer(serializers.Serializer[Any]):
    folder_name = serializers.CharField(max_length=60)


class DoneSerializer(OfWorkspace):
    success = serializers.BooleanField()
    message = serializers.CharField()


class AddedSerializer(DoneSerializer):
    added = serializers.IntegerField(help_text="Those that were not in it before")


class FeedSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=["ready", "stale", "pending"])
    last_updated = serializers.CharField(allow_null=True, help_text="HH:MM:SS, UTC")
    file_size = serializers.IntegerField(allow_null=True, help_text="Always null: files are written when asked for")
    rows = serializers.IntegerField()
    newest = serializers.DateTimeField(allow_null=True)
    age_sec = serializers.IntegerField(allow_null=True, help_text="Since the source was last read")
    # The framework has an attribute of this name, which a declared field does not touch.
    source = serializers.CharField()  # type: ignore[assignment]
    simulated = serializers.BooleanField()


class DataStatusSerializer(serializers.Serializer[Any]):
    liquidations = FeedSerializer()
    oi = FeedSerializer()


class MessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()


class LiquidationSerializer(serializers.Serializer[Any]):
    category = serializers.ChoiceField(choices=["mini", "big", "major"])
    symbol = serializers.CharField()
    side = serializers.CharField(help_text="SELL: a long was liquidated")
    qty = serializers.FloatField()
    exec_price = serializers.FloatField()
    usd_amount = serializers.FloatField()
    timestamp = serializers.IntegerField(help_text="Epoch, milliseconds")


class WindowSerializer(serializers.Serializer[Any]):
    volume = serializers.FloatField(help_text="USD")
    longs = serializers.FloatField()
    shorts = serializers.FloatField()
    orders = serializers.IntegerField()


class SymbolSerializer(WindowSerializer):
    symbol = serializers.CharField()


class RecentSerializer(serializers.Serializer[Any]):
    """The newest of each size: mini above 3,000 USD, big above 25,000, major above 100,000."""

    mini = LiquidationSerializer(many=True)
    big = LiquidationSerializer(many=True)
    major = LiquidationSerializer(many=True)
    stats = serializers.DictField(child=WindowSerializer(), help_text="1h, 4h, 12h and 24h")
    symbols = SymbolSerializer(many=True, help_text="Over `hours`, the largest first")
    hours = serializers.IntegerField()
    simulated = serializers.BooleanField()


class RecentQuery(serializers.Serializer[Any]):
    hours = serializers.IntegerField(default=24, min_value=1, max_value=24)

"""Filters and small forms of the pages about runs and results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.portal.forms import PortalForm
from backtests.folders import LONGEST_NAME
from backtests.models import Dataset, Folder, Lookahead, Status
from backtests.portal.words import STATUSES, dataset_words

NEW_FOLDER = "new"


class RunFilter(PortalForm):
    """What the list of runs is narrowed to."""

    status = forms.ChoiceField(
        label="Status", required=False,
        choices=[("", "All"), *((status.value, STATUSES[status][0]) for status in Status)],
    )  # fmt: skip
    q = forms.CharField(label="Name or idea", required=False, max_length=100)
    mine = forms.BooleanField(label="Mine only", required=False)


class BoardFilter(PortalForm):
    """What the leaderboard is narrowed to."""

    dataset = forms.TypedChoiceField(label="Data set", required=False, coerce=int, empty_value=None)
    lookahead = forms.ChoiceField(
        label="Look-ahead", required=False,
        choices=[("", "All"), (Lookahead.CLEAN, "Clean"), (Lookahead.SUSPECT, "Suspect"),
                 (Lookahead.NOT_CHECKED, "Not checked")],
    )  # fmt: skip
    trades = forms.IntegerField(label="Trades at least", required=False, min_value=0, max_value=1_000_000)
    q = forms.CharField(label="Strategy or run", required=False, max_length=100)

    def __init__(self, *args: Any, datasets: Iterable[Dataset], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["dataset"]
        field.choices = [("", "All"), *((row.pk, dataset_words(row)) for row in datasets)]


class ShareForm(PortalForm):
    with_code = forms.BooleanField(label="Show the code too", required=False)


class FolderForm(PortalForm):
    """A folder's name."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME)


class NewFolderForm(FolderForm):
    is_shared = forms.BooleanField(
        label="Shared", required=False, initial=True, help_text="Other members may change it."
    )


class FileForm(PortalForm):
    """Into which folder a result goes."""

    folder = forms.TypedChoiceField(label="Folder", coerce=int)

    def __init__(self, *args: Any, folders: Iterable[Folder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["folder"]
        field.choices = [(row.pk, row.name) for row in folders]


class ResampleForm(PortalForm):
    """The longer timeframes that a data set can be brought to."""

    timeframe = forms.ChoiceField(label="Timeframe")

    def __init__(self, *args: Any, timeframes: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["timeframe"]
        field.choices = [(name, name) for name in timeframes]


class DatasetForm(PortalForm):
    """A data set's name."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME)


class UploadForm(PortalForm):
    """A file of bars."""

    file = forms.FileField(
        label="File", help_text="CSV, Parquet or Feather with a time, open, high, low and close; volume if there.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.parquet,.feather"}),
    )  # fmt: skip
    name = forms.CharField(label="Name", required=False, max_length=75, help_text="Empty: the file's name.")
    symbol = forms.CharField(label="Symbol", required=False, max_length=40, help_text="Such as BTC-USD.")

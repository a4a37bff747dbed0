"""Backtests: ideas and their runs, strategies, data sets, results and how they are kept."""

from backtests.models.dataset import Dataset, Source, Upload
from backtests.models.folder import Folder, FolderEntry
from backtests.models.result import Lookahead, Result, Trial, Verdict
from backtests.models.run import FINISHED, Idea, Run, RunDay, Stage, StageState, Status
from backtests.models.share import Share
from backtests.models.spend import Spend
from backtests.models.strategy import Origin, Strategy

__all__ = [
    "FINISHED",
    "Dataset",
    "Folder",
    "FolderEntry",
    "Idea",
    "Lookahead",
    "Origin",
    "Result",
    "Run",
    "RunDay",
    "Share",
    "Source",
    "Spend",
    "Stage",
    "StageState",
    "Status",
    "Strategy",
    "Trial",
    "Upload",
    "Verdict",
]

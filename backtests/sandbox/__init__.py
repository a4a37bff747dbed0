"""Untrusted Python never shares a process with us: one job is one fresh child that shuts itself in.

A zygote, started with an empty environment, holds the scientific stack warm and forks the children. What comes out of
one is a stranger's word: read as JSON with bounds, and checked by whoever publishes it. docs/sandbox.md has the levels.
"""

from backtests.sandbox.job import JSON, Ending, Failure, Job, Limits, Outcome
from backtests.sandbox.levels import BoundaryMissing, Level, NoProgram
from backtests.sandbox.probing import probe
from backtests.sandbox.sandbox import Sandbox
from backtests.sandbox.started import Started

__all__ = [
    "JSON",
    "BoundaryMissing",
    "Ending",
    "Failure",
    "Job",
    "Level",
    "Limits",
    "NoProgram",
    "Outcome",
    "Sandbox",
    "Started",
    "probe",
]

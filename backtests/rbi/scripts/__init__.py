"""Text that people paste, made into a script: what kind it is, where its code is, and whether all of it is there."""

from backtests.rbi.scripts.cutting import CutOff, cut_off
from backtests.rbi.scripts.kinds import Kind, kind_of
from backtests.rbi.scripts.reading import Script, read

__all__ = ["CutOff", "Kind", "Script", "cut_off", "kind_of", "read"]

"""Which engine made a result. Results of one version from the same inputs have the same canonical bytes."""

from backtesting import __version__ as backtesting_version

# Raise the first number with every change that can change a number of a result.
ENGINE_VERSION = f"1+backtesting-{backtesting_version}"

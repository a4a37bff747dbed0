"""What a kind takes and what it does not, checked in one way for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alerts.rules.shapes import Config
from moondev.lib.errors import FieldError, Invalid


def check_fits(
    config: Config,
    *,
    directions: Mapping[str, str],
    symbol: str = "optional",
    has_recovery: bool = True,
    has_duration: bool = True,
) -> None:
    """Raise Invalid with every field that does not fit. `symbol` is optional, required or none."""
    errors = tuple(_misfits(config, directions, symbol, has_recovery, has_duration))
    if errors:
        raise Invalid(errors[0].detail, errors)


def _misfits(
    config: Config, directions: Mapping[str, str], symbol: str, has_recovery: bool, has_duration: bool
) -> Iterator[FieldError]:
    if config.direction not in directions:
        yield FieldError("/direction", f"For {config.kind} this is {' or '.join(directions)}.")
    if symbol == "required" and not config.symbol:
        yield FieldError("/symbol", f"{config.kind} watches one symbol: name it.")
    if symbol == "none" and config.symbol:
        yield FieldError("/symbol", f"{config.kind} has no symbols: leave it out.")
    if not has_recovery and config.recovery_threshold is not None:
        yield FieldError("/recovery_threshold", f"{config.kind} has no recovery: leave it out.")
    if not has_duration and config.for_minutes:
        yield FieldError("/for_minutes", f"{config.kind} looks at single moments: leave it out or send 0.")

"""What a plan includes, line by line as people read it, and what changes between two plans."""

from __future__ import annotations

from dataclasses import dataclass

from billing.terms import Terms


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a plan."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One line that is not the same in two plans."""

    name: str
    before: str
    after: str


def facts_of(terms: Terms) -> tuple[Fact, ...]:
    """The lines of a plan, the same for every plan and in the same order."""
    return (
        Fact("Requests a minute", f"{terms.requests_per_minute:,}"),
        Fact("History", _days(terms.history_days, "All of it")),
        Fact("Formats", ", ".join(terms.formats)),
        Fact("Alerts", f"{terms.alerts:,}, checked every {_seconds(terms.alert_poll_seconds)}"),
        Fact("Backtests", f"{terms.backtest_runs_per_day:,} a day, {terms.concurrent_runs:,} at a time"),
        Fact("Runs are kept", _days(terms.run_retention_days, "For ever")),
        Fact("Licensed agents", ", ".join(terms.features) or "none"),
        Fact("Machines per agent", f"{terms.machines_per_agent:,}"),
        Fact("Seats", f"{terms.seats:,}"),
        Fact("Workspaces", f"{terms.workspaces:,}"),
    )


def differences(before: Terms, after: Terms) -> list[Difference]:
    """The lines that a move from one plan to another changes."""
    pairs = zip(facts_of(before), facts_of(after), strict=True)
    return [Difference(old.name, old.text, new.text) for old, new in pairs if old.text != new.text]


def days(number: int) -> str:
    """A number of days as years where it is a whole number of them."""
    years, rest = divmod(number, 365)
    if years and not rest:
        return "1 year" if years == 1 else f"{years:,} years"
    return "1 day" if number == 1 else f"{number:,} days"


def _days(number: int | None, for_ever: str) -> str:
    return for_ever if number is None else days(number)


def _seconds(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    if not minutes or rest:
        return f"{seconds:,} s"
    return "minute" if minutes == 1 else f"{minutes:,} min"

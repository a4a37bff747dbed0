"""What the environment of an agent says about its licence."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

FEATURES = ("focus", "phone", "video", "clips")
# Lowest first; a plan includes what the plans before it include.
PLANS = ("free", "pro", "team", "enterprise")
DEFAULT_GATEWAY = "http://127.0.0.1:8010"
YES = frozenset({"1", "true", "yes"})


class LicenseSettingError(ValueError):
    """A feature or plan name that does not exist. Never answered with "allowed", whatever REQUIRE_LICENSE says."""


@dataclass(frozen=True)
class Environment:
    """The settings of one check."""

    gateway: str
    key: str
    required: bool
    minimum_plan: str


def read_environment(feature: str, source: Mapping[str, str] | None = None) -> Environment:
    """The settings for a feature, from the process's environment unless another mapping is given.

    Raises LicenseSettingError for a feature that does not exist and for a minimum plan that does not.
    """
    source = os.environ if source is None else source
    if feature not in FEATURES:
        raise LicenseSettingError(f"There is no feature {feature!r}. Features: {', '.join(FEATURES)}.")
    gateway = _first(source, "LICENSE_GATEWAY_URL", "API_GATEWAY_URL") or DEFAULT_GATEWAY
    return Environment(
        gateway=gateway.rstrip("/"),
        key=_first(source, "LICENSE_API_KEY"),
        required=_first(source, "REQUIRE_LICENSE").lower() in YES,
        minimum_plan=_minimum_plan(source, feature),
    )


def _minimum_plan(source: Mapping[str, str], feature: str) -> str:
    name = f"LICENSE_MIN_PLAN_{feature.upper()}"
    plan = _first(source, name).lower() or PLANS[0]
    if plan not in PLANS:
        raise LicenseSettingError(f"{name} is {plan!r}, which is no plan. Plans: {', '.join(PLANS)}.")
    return plan


def _first(source: Mapping[str, str], *names: str) -> str:
    """The first of the variables that is set to more than blanks; "" when none is."""
    return next((text for name in names if (text := source.get(name, "").strip())), "")

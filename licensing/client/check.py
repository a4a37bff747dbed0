"""The licence check: one question to the gateway, one answer, and what a program does with it."""

from __future__ import annotations

import json
import logging
import queue
import threading
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

import requests

from licensing.client.environment import PLANS, Environment, read_environment

Feature = Literal["focus", "phone", "video", "clips"]

# For the whole exchange: an agent that starts must not hang on a gateway that trickles.
SECONDS = 5.0
# An answer of /whoami has about 500 bytes.
MAX_BYTES = 65_536
log = logging.getLogger("licensing")


class Reason(Enum):
    """Why a feature is allowed or not."""

    LICENSED = "licensed"
    NO_KEY = "no-key"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    NOT_UNDERSTOOD = "not-understood"
    PLAN_TOO_LOW = "plan-too-low"


@dataclass(frozen=True)
class LicenseStatus:
    """The answer of a check. `plan` is the key's plan when the gateway named one; `message` is one line to show."""

    feature: str
    allowed: bool
    reason: Reason
    message: str
    minimum_plan: str
    plan: str | None = None


class CheckFailed(Exception):
    """The question got no answer that counts."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def ensure_feature_license(feature: str) -> None:
    """Return when the feature is licensed; otherwise warn and return, or exit 1 when REQUIRE_LICENSE is set.

    Raises LicenseSettingError for a feature or a minimum plan that does not exist, required or not.
    """
    status = check_feature_license(feature)
    if status.allowed:
        return
    if read_environment(feature).required:
        log.error("%s REQUIRE_LICENSE is set, so this program ends here.", status.message)
        raise SystemExit(1)
    log.warning("%s REQUIRE_LICENSE is not set, so this program goes on.", status.message)


def check_feature_license(feature: str) -> LicenseStatus:
    """Ask the gateway for the key's plan and compare it with the feature's minimum. Takes at most about 5 s.

    Raises LicenseSettingError for a feature or a minimum plan that does not exist.
    """
    settings = read_environment(feature)
    try:
        plan = _plan_of(_ask_in_time(settings))
    except CheckFailed as failure:
        return _status(feature, settings, failure.reason, str(failure))
    if PLANS.index(plan) < PLANS.index(settings.minimum_plan):
        message = f"{feature} needs the plan {settings.minimum_plan} or a higher one; this key is on {plan}."
        return _status(feature, settings, Reason.PLAN_TOO_LOW, message, plan)
    return _status(feature, settings, Reason.LICENSED, f"{feature} is licensed by the plan {plan}.", plan)


def _status(
    feature: str, settings: Environment, reason: Reason, message: str, plan: str | None = None
) -> LicenseStatus:
    return LicenseStatus(feature, reason is Reason.LICENSED, reason, message, settings.minimum_plan, plan)


def _ask_in_time(settings: Environment) -> bytes:
    """What the gateway answers; raises CheckFailed for everything but a 200, and when SECONDS are over."""
    _check_key(settings.key)
    answers: queue.SimpleQueue[bytes | CheckFailed] = queue.SimpleQueue()
    # A time-out of requests covers each read, not their sum; a daemon thread never keeps the program from ending.
    threading.Thread(target=_ask_into, args=(answers, settings), daemon=True).start()
    try:
        answer = answers.get(timeout=SECONDS)
    except queue.Empty:
        message = f"The gateway at {settings.gateway} did not answer within {SECONDS:.0f} s."
        raise CheckFailed(Reason.UNREACHABLE, message) from None
    if isinstance(answer, CheckFailed):
        raise answer
    return answer


def _ask_into(answers: queue.SimpleQueue[bytes | CheckFailed], settings: Environment) -> None:
    try:
        answers.put(_ask(settings))
    except CheckFailed as failure:
        answers.put(failure)


def _ask(settings: Environment) -> bytes:
    """The body of GET {gateway}/whoami."""
    try:
        # Redirects are not followed: they would carry the key to a host that nobody named.
        with requests.get(
            f"{settings.gateway}/whoami",
            headers={"X-API-Key": settings.key, "Accept": "application/json"},
            timeout=SECONDS,
            allow_redirects=False,
            stream=True,
        ) as response:
            _check_answer(response.status_code)
            return _read(response)
    except (requests.RequestException, ValueError) as error:
        message = f"The gateway at {settings.gateway} cannot be reached ({type(error).__name__})."
        raise CheckFailed(Reason.UNREACHABLE, message) from error


def _check_key(key: str) -> None:
    if not key:
        raise CheckFailed(Reason.NO_KEY, "LICENSE_API_KEY is not set.")
    if not (key.isascii() and key.isprintable()):
        raise CheckFailed(Reason.REFUSED, "LICENSE_API_KEY holds characters that no key has.")


def _check_answer(status: int) -> None:
    if status in (401, 403):
        raise CheckFailed(Reason.REFUSED, "The gateway does not accept LICENSE_API_KEY.")
    if status != 200:
        raise CheckFailed(Reason.NOT_UNDERSTOOD, f"The gateway answered with status {status} instead of 200.")


def _read(response: requests.Response) -> bytes:
    body = b""
    for part in response.iter_content(4096):
        body += part
        if len(body) > MAX_BYTES:
            raise CheckFailed(Reason.NOT_UNDERSTOOD, "The gateway's answer is too long to be one.")
    return body


def _plan_of(body: bytes) -> str:
    """The plan that an answer names; an unknown one counts as no answer, never as the lowest plan."""
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CheckFailed(Reason.NOT_UNDERSTOOD, "The gateway's answer is not JSON.") from error
    plan = answer.get("plan") if isinstance(answer, dict) else None
    if plan not in PLANS:
        raise CheckFailed(Reason.NOT_UNDERSTOOD, "The gateway's answer names no plan that this version knows.")
    return str(plan)

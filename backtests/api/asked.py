"""What a request names: its workspace, a run, a folder, results, and what a run is to be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django.db.models import Q
from rest_framework.request import Request

from accounts.models import Workspace
from backtests.engine.settings import Settings
from backtests.models import Dataset, Folder, Result, Run
from backtests.names import tidy
from backtests.services import newest_of
from billing.principal import Principal
from moondev.lib import cursor
from moondev.lib.errors import FieldError, Invalid, NotFound

RUN_ID = re.compile(r"r_[0-9a-f]{16}")
DAY = re.compile(r"(\d{2})-(\d{2})-(\d{4})")
MAX_ID = 2**63 - 1
MOST_RESULTS = 2_000
SETTINGS = frozenset(field.name for field in fields(Settings))


def principal_of(request: Request) -> Principal:
    """Who asks; the gate lets nobody else come this far."""
    return cast(Principal, request.auth)


def workspace_of(request: Request) -> Workspace:
    return Workspace.objects.get(pk=principal_of(request).workspace_id)


def run_of(request: Request, name: str) -> Run | None:
    """The run of this id, or the newest of this name, in the caller's workspace."""
    workspace = principal_of(request).workspace_id
    if RUN_ID.fullmatch(name):
        rows = Run.objects.for_workspace(workspace).select_related("workspace")
        if found := rows.filter(pk=name).first():
            return cast(Run, found)
    return newest_of(workspace, tidy(name)) if _is_text(name) else None


def folder_of(request: Request, name: str) -> Folder:
    """A folder of the caller's workspace by its name. Raises NotFound."""
    rows = Folder.objects.for_workspace(principal_of(request).workspace_id).select_related("workspace")
    found: Folder | None = rows.filter(name=tidy(name)).first() if _is_text(name) else None
    if found is None:
        raise NotFound("There is no folder of this name.")
    return found


def dataset_of(request: Request, name: str) -> Dataset:
    """A data set that the caller's workspace has, by its name. Raises NotFound."""
    rows = Dataset.objects.for_workspace(principal_of(request).workspace_id)
    # A workspace's own goes before everybody's of the same name.
    found: Dataset | None = rows.filter(name=name).order_by("workspace").first() if _is_text(name) else None
    if found is None:
        raise NotFound("There is no data set of this name.")
    return found


def body_of(request: Request) -> Mapping[str, Any]:
    if not isinstance(request.data, Mapping):
        raise Invalid("Send a JSON object.")
    return request.data


def text_of(body: Mapping[str, Any], name: str, *, needed: bool = True) -> str:
    """A text field of a body. Raises Invalid at it."""
    value = body.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()) or not _is_text(value):
        raise Invalid.field(f"/{name}", "Send text here." if needed else "Send text here, or leave it out.")
    return value


def datasets_of(request: Request, body: Mapping[str, Any]) -> list[int]:
    """The data sets that a run names, by id or by name. Raises Invalid at `/datasets/…`."""
    given = body.get("datasets")
    if given is None:
        return []
    if not isinstance(given, list):
        raise Invalid.field("/datasets", "Send an array of ids or names of data sets.")
    return [_dataset_id(request, place, item) for place, item in enumerate(given)]


def _dataset_id(request: Request, place: int, item: object) -> int:
    if isinstance(item, int) and not isinstance(item, bool) and 0 < item <= MAX_ID:
        return item
    if isinstance(item, str):
        try:
            return dataset_of(request, item).pk
        except NotFound as error:
            raise Invalid.field(f"/datasets/{place}", error.detail) from None
    raise Invalid.field(f"/datasets/{place}", "Send the id or the name of a data set.")


def params_of(body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], Mapping[str, Any]]:
    """`params` as settings of the backtest, options of the run and edits of the drafts."""
    given = body.get("params")
    if given is None:
        return {}, {}, {}
    if not isinstance(given, Mapping):
        raise Invalid.field("/params", "Send an object, as {“cash”: 10000, “optimise”: false}.")
    settings = {name: value for name, value in given.items() if name in SETTINGS}
    options = {name: value for name, value in given.items() if name not in SETTINGS and name != "edits"}
    edits = given.get("edits", {})
    if not isinstance(edits, Mapping):
        raise Invalid.field("/params/edits", "Send an object by the idea's place, from 0.")
    return settings, options, edits


def at_folder_name(error: Invalid) -> Invalid:
    """The same refusal of a folder's `/name`, which is `folder_name` in bodies."""
    moved = tuple(FieldError(item.pointer.replace("/name", "/folder_name"), item.detail) for item in error.errors)
    return Invalid(error.detail, moved)


def under_params(error: Invalid) -> Invalid:
    """The same refusal, with pointers into the body: settings, options and edits all stand below `/params`."""
    moved = tuple(FieldError(_moved(item.pointer), item.detail) for item in error.errors)
    return Invalid(error.detail, moved)


def _moved(pointer: str) -> str:
    for part in ("/settings/", "/options/"):
        if pointer.startswith(part):
            return f"/params/{pointer.removeprefix(part)}"
    return f"/params{pointer}" if pointer.startswith("/edits") else pointer


def results_of(request: Request, body: Mapping[str, Any]) -> list[int]:
    """The results that `backtests` names: ids, or rows of GET /api/backtests. Raises Invalid at `/backtests/…`."""
    given = body.get("backtests")
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_RESULTS:
        raise Invalid.field("/backtests", f"Send an array of 1 to {MOST_RESULTS:,} ids or rows of GET /api/backtests.")
    wanted = [_result_id(place, item) for place, item in enumerate(given)]
    rows = Result.objects.for_workspace(principal_of(request).workspace_id)
    there = set(rows.filter(pk__in=wanted).values_list("pk", flat=True))
    for place, pk in enumerate(wanted):
        if pk not in there:
            raise Invalid.field(f"/backtests/{place}", "There is no such backtest.")
    return wanted


def _result_id(place: int, item: object) -> int:
    found = item.get("id") if isinstance(item, Mapping) else item
    if not isinstance(found, int) or isinstance(found, bool) or not 0 < found <= MAX_ID:
        raise Invalid.field(f"/backtests/{place}", "Send the id of a backtest, or a row with its `id`.")
    return found


def day_of(text: str) -> tuple[datetime, datetime]:
    """MM-DD-YYYY as the first moment of the day and of the next, in UTC. Raises Invalid."""
    found = DAY.fullmatch(text)
    try:
        if not found:
            raise ValueError
        day = date(int(found[3]), int(found[1]), int(found[2]))
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return start, start + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Invalid.field("/date", "Write the day as MM-DD-YYYY, 12-31-2025.") from None


def behind(text: str | None) -> Q:
    """The results behind a page's last one, newest first."""
    key = cursor.decode(text, str, int)
    if key is None:
        return Q()
    try:
        at = datetime.fromisoformat(key[0])
    except ValueError:
        raise cursor.bad_cursor() from None
    if at.tzinfo is None or not 0 <= key[1] <= MAX_ID:
        raise cursor.bad_cursor()
    return Q(created_at__lt=at) | Q(created_at=at, pk__lt=key[1])


def _is_text(name: str) -> bool:
    """Text that PostgreSQL can hold."""
    return "\0" not in name and all(not 0xD800 <= ord(letter) <= 0xDFFF for letter in name)

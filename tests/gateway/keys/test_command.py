"""`manage.py keys`: by id, never by raw key."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AuditEntry, Member, Role, User, Workspace
from billing.limits import terms_of
from billing.models import Entitlement
from gateway.keys import records
from gateway.models import ApiKey
from tests.gateway.keys.conftest import MakeKey

OLD_KEY = "md_" + "0123456789abcdef" * 4
DIGEST = hashlib.sha256(OLD_KEY.encode()).hexdigest()


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("keys", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def run_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def test_it_creates_a_key_that_works_and_shows_it_once(workspace: Workspace) -> None:
    made = run_json(
        "create", "olivia-co", "--name", "bot", "--scopes", "data,license", "--allow", "203.0.113.7", "--service"
    )
    record = records.find(made["secret"])
    assert record is not None
    assert record.key_id == made["id"]
    assert record.scopes == {"data", "license"}
    assert made["secret"] not in run("show", str(made["id"])) + run("list") + run("list", "--json")
    assert ApiKey.objects.get().is_service_key
    assert AuditEntry.objects.get(action="key.created").actor_label == "system"


def test_it_prints_the_secret_alone_on_the_last_line(workspace: Workspace) -> None:
    assert records.find(run("create", "olivia-co", "--name", "bot").splitlines()[-1]) is not None


def test_it_takes_an_expiry(workspace: Workspace) -> None:
    moment = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    run("create", "olivia-co", "--name", "bot", "--expires-at", moment.isoformat())
    assert ApiKey.objects.get().expires_at == moment


def test_it_lists_keys_of_one_workspace_or_all(make_key: MakeKey, strangers_workspace: Workspace, olivia: User) -> None:
    make_key()
    run("create", "sam-co", "--name", "other")
    assert [row["name"] for row in run_json("list")] == ["bot", "other"]
    assert [row["name"] for row in run_json("list", "sam-co")] == ["other"]
    run("revoke", str(ApiKey.objects.get(name="other").pk))
    assert run_json("list", "sam-co") == []
    assert [row["name"] for row in run_json("list", "sam-co", "--all")] == ["other"]


def test_it_tells_a_key_that_nobody_has_seen_from_a_usable_one(workspace: Workspace, make_key: MakeKey) -> None:
    make_key()
    ApiKey.objects.create(workspace=workspace, name="First key", scopes=["data"], is_pending=True)
    assert [line.split()[1] for line in run("list").splitlines()] == ["usable", "unseen"]


def test_it_rotates_and_revokes_by_id(make_key: MakeKey) -> None:
    key, _ = make_key()
    new = run_json("rotate", str(key.pk), "--grace", "0")["secret"]
    assert records.find(new) is not None
    assert not key.secrets.filter(expires_at__gt=timezone.now()).exists()
    run("revoke", str(key.pk), "--reason", "test")
    key.refresh_from_db()
    assert key.revoked_at is not None


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "999999"),
        ("rotate", "999999"),
        ("create", "nowhere", "--name", "bot"),
        ("create", "olivia-co", "--name", "bot", "--scopes", "everything"),
        ("create", "olivia-co", "--name", "bot", "--expires-at", "tomorrow"),
        ("revoke", "md_live_something"),
        ("import", "/nowhere.csv"),
        (),
    ],
)
def test_it_says_what_is_wrong_in_one_line(workspace: Workspace, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


# Taking over keys of the first generation -------------------------------------------------------------------------


def write(path: Path, rows: list[dict[str, object]]) -> str:
    """A CSV or JSON file, by the name's ending."""
    if path.suffix == ".json":
        path.write_text(json.dumps(rows))
    else:
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, ["digest", "plan", "limit", "owner", "workspace", "name"])
            writer.writeheader()
            writer.writerows(rows)
    return str(path)


@pytest.mark.parametrize("name", ["old.csv", "old.json"])
def test_it_takes_over_a_key_with_its_plan_and_limit(workspace: Workspace, tmp_path: Path, name: str) -> None:
    row = {"digest": DIGEST.upper(), "plan": "pro", "limit": 100, "owner": "Olivia@example.com"}
    path = write(tmp_path / name, [row])
    assert run_json("import", path) == {"imported": 1, "already_there": 0, "skipped": []}
    record = records.find(OLD_KEY)
    assert record is not None
    assert (record.workspace_id, record.terms.plan) == (workspace.pk, "pro")
    assert (record.limit_per_minute, record.own_budget) == (100, True)
    key = ApiKey.objects.get()
    assert key.is_legacy
    assert str(key.secrets.get()) == "md_…"


def test_it_imports_twice_without_a_change(workspace: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path / "old.csv", [{"digest": DIGEST, "plan": "pro", "limit": "", "workspace": "olivia-co"}] * 2)
    assert run_json("import", path)["already_there"] == 1
    assert run_json("import", path) == {"imported": 0, "already_there": 2, "skipped": []}
    assert ApiKey.objects.count() == Entitlement.objects.count() == 1


def test_it_caps_a_taken_over_limit_by_the_plan(workspace: Workspace, tmp_path: Path) -> None:
    run(
        "import",
        write(tmp_path / "old.csv", [{"digest": DIGEST, "plan": "free", "limit": 5000, "workspace": "olivia-co"}]),
    )
    record = records.find(OLD_KEY)
    assert record is not None
    assert record.limit_per_minute == 60


def test_it_never_lowers_a_plan(workspace: Workspace, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"digest": "a" * 64, "plan": "team", "workspace": "olivia-co"},
        {"digest": "b" * 64, "plan": "pro", "workspace": "olivia-co"},
    ]
    assert run_json("import", write(tmp_path / "old.json", rows))["imported"] == 2
    assert terms_of(workspace).plan == "team"
    assert Entitlement.objects.count() == 1


def test_it_sets_bad_rows_aside_and_takes_the_rest(workspace: Workspace, sam: User, tmp_path: Path) -> None:
    for slug in ("one", "two"):
        Member.objects.create(
            workspace=Workspace.objects.create(slug=f"sams-{slug}", name=slug), user=sam, role=Role.OWNER
        )
    rows: list[dict[str, object]] = [
        {"digest": OLD_KEY, "plan": "pro", "workspace": "olivia-co"},
        {"digest": "a" * 64, "plan": "gold", "workspace": "olivia-co"},
        {"digest": "b" * 64, "plan": "pro", "limit": "many", "workspace": "olivia-co"},
        {"digest": "c" * 64, "plan": "pro", "limit": 0, "workspace": "olivia-co"},
        {"digest": "d" * 64, "plan": "pro"},
        {"digest": "e" * 64, "plan": "pro", "owner": "nobody@example.com"},
        {"digest": "f" * 64, "plan": "pro", "owner": "sam@example.com"},
        {"digest": DIGEST, "plan": "pro", "workspace": "olivia-co"},
    ]
    report = run_json("import", write(tmp_path / "old.csv", rows))
    assert report["imported"] == 1
    assert [skipped["row"] for skipped in report["skipped"]] == [1, 2, 3, 4, 5, 6, 7]
    assert OLD_KEY not in json.dumps(report)


@pytest.mark.parametrize("text", ["{}", "not json", "[1, 2]"])
def test_it_reads_any_json_without_falling_over(workspace: Workspace, tmp_path: Path, text: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(text)
    if text == "[1, 2]":
        assert len(run_json("import", str(path))["skipped"]) == 2
    else:
        with pytest.raises(CommandError):
            run("import", str(path))

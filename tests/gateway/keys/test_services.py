"""Making and changing keys: who may, what is refused, and what a rotation's grace means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from freezegun import freeze_time

from accounts.models import AuditEntry, Member, Role, User, Workspace
from accounts.services.erasure import erase_workspace
from accounts.services.members import change_role, remove_member
from accounts.services.workspaces import (
    close_workspace,
    export_workspace_data,
    leave_workspace,
    let_members_manage_keys,
)
from gateway.keys import access, records, services
from gateway.keys.records import allows
from gateway.keys.secrets import is_hopeless
from gateway.models import ApiKey, KeySecret
from moondev.lib.errors import Conflict, Forbidden, Invalid, NotFound, QuotaExhausted
from tests.gateway.keys.conftest import MakeKey

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


# Making -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "prefix"), [("live", "md_live_"), ("test", "md_test_")])
def test_it_makes_a_key_of_a_mode(make_key: MakeKey, mode: str, prefix: str) -> None:
    key, secret = make_key(mode=mode)
    assert secret.startswith(prefix)
    assert len(secret) == len(prefix) + 38
    assert not is_hopeless(secret)
    assert key.mode == mode


def test_it_gives_a_key_all_scopes_but_billing(make_key: MakeKey) -> None:
    assert make_key()[0].scopes == ["data", "alerts", "backtests", "license"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 81),
        ("name", "a\x00b"),
        ("scopes", []),
        ("scopes", ["everything"]),
        ("mode", "dead"),
        ("expires_at", datetime(2020, 1, 1, tzinfo=UTC)),
        ("expires_at", datetime(2090, 1, 1, tzinfo=UTC)),
        ("expires_at", datetime(2027, 1, 1)),  # noqa: DTZ001 a naive moment is what is tested
        ("allowed_addresses", ["not an address"]),
        ("allowed_addresses", ["10.0.0.0/40"]),
        ("allowed_addresses", ["fe80::1%eth0"]),
        ("allowed_addresses", [f"10.0.0.{n}" for n in range(51)]),
    ],
)
def test_it_names_the_field_that_is_wrong(make_key: MakeKey, field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        make_key(**{field: value})
    assert [error.pointer for error in refused.value.errors] == [f"/{field}"]
    assert not ApiKey.objects.exists()


def test_it_names_every_field_that_is_wrong(make_key: MakeKey) -> None:
    with pytest.raises(Invalid) as refused:
        make_key(name="", scopes=[], mode="dead")
    assert [error.pointer for error in refused.value.errors] == ["/name", "/scopes", "/mode"]


def test_it_stores_addresses_in_their_shortest_form(make_key: MakeKey) -> None:
    given = [
        " 10.1.2.3/8",
        "203.0.113.7/32",
        "203.0.113.7",
        "2001:DB8:0:0::1",
        "::ffff:192.0.2.9",
        "::ffff:10.9.0.0/112",
    ]
    key, _ = make_key(allowed_addresses=given)
    assert key.allowed_addresses == ["10.0.0.0/8", "10.9.0.0/16", "192.0.2.9", "203.0.113.7", "2001:db8::1"]


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("203.0.113.7", True),
        ("203.0.114.7", False),
        ("::ffff:203.0.113.7", True),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("::1", False),
        ("", False),
        ("unix:", False),
    ],
)
def test_it_matches_addresses_with_the_allow_list(make_key: MakeKey, address: str, is_allowed: bool) -> None:
    _, secret = make_key(allowed_addresses=["203.0.113.0/24", "2001:db8::/32"])
    record = records.find(secret)
    assert record is not None
    assert allows(record, address) is is_allowed


def test_it_allows_any_address_without_a_list(make_key: MakeKey) -> None:
    record = records.find(make_key()[1])
    assert record is not None
    assert allows(record, "198.51.100.1")
    assert allows(record, "")


def test_it_makes_at_most_a_hundred_keys(make_key: MakeKey, workspace: Workspace, olivia: User) -> None:
    ApiKey.objects.bulk_create(
        [ApiKey(workspace=workspace, name=f"key {n}", scopes=["data"]) for n in range(services.MOST_KEYS - 1)]
    )
    key, _ = make_key()
    with pytest.raises(QuotaExhausted):
        make_key()
    services.revoke_key(key=key, actor=olivia)
    make_key()


def test_it_makes_no_key_in_a_closed_workspace(make_key: MakeKey, workspace: Workspace, olivia: User) -> None:
    close_workspace(workspace=workspace, actor=olivia)
    with pytest.raises(Conflict):
        make_key()


# Who may: the role table, one line each ---------------------------------------------------------------------------

People = dict[str, User | None]


@pytest.fixture
def people(olivia: User, max: User, sam: User, rita: User, ada: User) -> People:
    return {"owner": olivia, "admin": ada, "member": max, "stranger": sam, "staff": rita, "system": None}


@pytest.mark.parametrize(
    ("who", "whose", "outcome"),
    [
        ("owner", "owner", "may"),
        ("owner", "member", "may"),
        ("owner", "service", "may"),
        ("admin", "owner", "may"),
        ("admin", "member", "may"),
        ("admin", "service", "may"),
        ("member", "member", "may"),
        ("member", "owner", Forbidden),
        ("member", "service", Forbidden),
        ("stranger", "owner", NotFound),
        ("stranger", "member", NotFound),
        ("stranger", "service", NotFound),
        ("staff", "owner", NotFound),
        ("system", "owner", "may"),
    ],
)
@pytest.mark.parametrize("deed", ["rotate", "update", "revoke", "disable"])
def test_it_follows_the_role_table(
    make_key: MakeKey, people: People, who: str, whose: str, outcome: object, deed: str
) -> None:
    maker = people["member" if whose == "member" else "owner"]
    key, _ = make_key(actor=maker, is_service_key=whose == "service")
    actor = people[who]
    deeds: dict[str, Callable[[], object]] = {
        "rotate": lambda: services.rotate_key(key=key, actor=actor, grace=HOUR),
        "update": lambda: services.update_key(key=key, actor=actor, name="new"),
        "revoke": lambda: services.revoke_key(key=key, actor=actor),
        "disable": lambda: services.set_enabled(key=key, actor=actor, enabled=False),
    }
    if who == "staff" and deed in ("revoke", "disable"):
        # Staff may stop a customer's key, never read or widen it.
        outcome = "may"
    if outcome == "may":
        deeds[deed]()
        assert AuditEntry.objects.filter(data__key=key.pk, actor=actor).exclude(action="key.created").exists()
    else:
        with pytest.raises(outcome):  # type: ignore[call-overload]
            deeds[deed]()
        assert not AuditEntry.objects.exclude(action="key.created").exists()


@pytest.mark.parametrize(
    ("who", "given", "outcome"),
    [
        ("owner", {}, "may"),
        ("owner", {"is_service_key": True}, "may"),
        ("owner", {"scopes": ["billing"]}, "may"),
        ("admin", {"is_service_key": True, "scopes": ["billing"]}, "may"),
        ("member", {}, "may"),
        ("member", {"is_service_key": True}, Forbidden),
        ("member", {"scopes": ["data", "billing"]}, Forbidden),
        ("stranger", {}, NotFound),
        ("staff", {}, NotFound),
        ("system", {"is_service_key": True, "scopes": ["billing"]}, "may"),
    ],
)
def test_it_lets_these_people_make_such_keys(
    make_key: MakeKey, people: People, who: str, given: dict[str, object], outcome: object
) -> None:
    if outcome == "may":
        assert make_key(actor=people[who], **given)[0].created_by == people[who]
    else:
        with pytest.raises(outcome):  # type: ignore[call-overload]
            make_key(actor=people[who], **given)


def test_it_lets_members_have_keys_only_where_the_workspace_does(
    make_key: MakeKey, workspace: Workspace, olivia: User, max: User
) -> None:
    key, _ = make_key(actor=max)
    let_members_manage_keys(workspace=workspace, actor=olivia, allowed=False)
    with pytest.raises(Forbidden):
        make_key(actor=max)
    with pytest.raises(Forbidden):
        services.revoke_key(key=key, actor=max)
    member = Member.objects.select_related("workspace").get(user=max)
    assert not access.may_manage(member, key)


def test_it_lets_members_widen_no_key(make_key: MakeKey, olivia: User, max: User) -> None:
    key, _ = make_key(actor=max)
    with pytest.raises(Forbidden):
        services.update_key(key=key, actor=max, scopes=["data", "billing"])
    with pytest.raises(Forbidden):
        services.update_key(key=key, actor=max, is_service_key=True)
    services.update_key(key=key, actor=olivia, scopes=["data", "billing"])
    # What an admin gave stays when its holder changes something else.
    services.update_key(key=key, actor=max, name="renamed", scopes=["data", "billing"])


def test_it_takes_rights_from_people_who_are_switched_off(make_key: MakeKey, olivia: User) -> None:
    key, _ = make_key()
    olivia.is_active = False
    olivia.save(update_fields=["is_active"])
    with pytest.raises(NotFound):
        services.revoke_key(key=key, actor=olivia)


# Rotating ---------------------------------------------------------------------------------------------------------


def works(secret: str) -> bool:
    """Whether a presented key is within its time at this moment."""
    record = records.find(secret)
    return record is not None and (record.expires_at is None or record.expires_at > timezone.now())


@pytest.mark.parametrize("grace", services.GRACES)
def test_it_keeps_the_old_secret_for_its_grace(make_key: MakeKey, olivia: User, grace: timedelta) -> None:
    start = timezone.now()
    key, old = make_key()
    with freeze_time(start) as clock:
        rotated, new = services.rotate_key(key=key, actor=olivia, grace=grace)
        assert rotated.pk == key.pk
        assert new != old
        edges = (timedelta(0), grace - timedelta(seconds=1), grace, grace + timedelta(seconds=1))
        for offset in (edge for edge in edges if edge >= timedelta(0)):
            clock.move_to(start + offset)
            records.forget_all()
            assert works(new)
            assert works(old) is (offset < grace)


def test_it_never_keeps_a_secret_past_the_keys_expiry(make_key: MakeKey, olivia: User) -> None:
    expires_at = timezone.now() + 2 * HOUR
    key, old = make_key(expires_at=expires_at)
    _, new = services.rotate_key(key=key, actor=olivia, grace=7 * DAY)
    with freeze_time(expires_at):
        assert not works(old)
        assert not works(new)


def test_it_has_at_most_two_secrets_at_a_time(make_key: MakeKey, olivia: User) -> None:
    key, first = make_key()
    _, second = services.rotate_key(key=key, actor=olivia, grace=DAY)
    _, third = services.rotate_key(key=key, actor=olivia, grace=DAY)
    assert [works(secret) for secret in (first, second, third)] == [False, True, True]


def test_it_keeps_everything_of_a_key_but_its_secret(make_key: MakeKey, olivia: User) -> None:
    key, old = make_key(scopes=["data"], allowed_addresses=["203.0.113.7"])
    _, new = services.rotate_key(key=key, actor=olivia, grace=HOUR)
    first, second = records.find(old), records.find(new)
    assert first is not None
    assert second is not None
    assert (first.key_id, first.scopes, first.networks) == (second.key_id, second.scopes, second.networks)


def test_it_refuses_another_grace(make_key: MakeKey, olivia: User) -> None:
    key, _ = make_key()
    with pytest.raises(Invalid, match="24 hours"):
        services.rotate_key(key=key, actor=olivia, grace=timedelta(hours=2))


def test_it_rotates_nothing_that_is_over(make_key: MakeKey, olivia: User) -> None:
    key, _ = make_key(expires_at=timezone.now() + HOUR)
    with freeze_time(timezone.now() + 2 * HOUR), pytest.raises(Conflict):
        services.rotate_key(key=key, actor=olivia, grace=HOUR)
    services.revoke_key(key=key, actor=olivia)
    with pytest.raises(Conflict):
        services.rotate_key(key=key, actor=olivia, grace=HOUR)


def test_it_forgets_secrets_that_ended_long_ago(make_key: MakeKey, olivia: User) -> None:
    key, _ = make_key()
    services.rotate_key(key=key, actor=olivia, grace=HOUR)
    KeySecret.objects.filter(expires_at__isnull=False).update(expires_at=timezone.now() - 91 * DAY)
    services.rotate_key(key=key, actor=olivia, grace=HOUR)
    assert key.secrets.count() == 2


# Changing and stopping --------------------------------------------------------------------------------------------


def test_it_writes_what_changed_into_the_audit_log(make_key: MakeKey, olivia: User) -> None:
    key, secret = make_key()
    services.update_key(key=key, actor=olivia, name="new name", scopes=["data"])
    entry = AuditEntry.objects.get(action="key.updated")
    assert (entry.actor, entry.data["before"]["name"], entry.data["after"]["name"]) == (olivia, "bot", "new name")
    assert secret not in str([e.data for e in AuditEntry.objects.all()])


def test_it_writes_nothing_when_nothing_changes(make_key: MakeKey, olivia: User) -> None:
    key, _ = make_key()
    services.update_key(key=key, actor=olivia, name="bot", expires_at=None, scopes=key.scopes)
    services.set_enabled(key=key, actor=olivia, enabled=True)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["key.created"]


def test_it_lets_an_expired_key_be_renamed_and_revived(make_key: MakeKey, olivia: User) -> None:
    key, secret = make_key(expires_at=timezone.now() + HOUR)
    with freeze_time(timezone.now() + 2 * HOUR):
        services.update_key(key=key, actor=olivia, name="old", expires_at=key.expires_at)
        services.update_key(key=key, actor=olivia, expires_at=timezone.now() + HOUR)
        assert works(secret)


def test_it_revokes_for_good(make_key: MakeKey, olivia: User) -> None:
    key, secret = make_key()
    _, second = services.rotate_key(key=key, actor=olivia, grace=DAY)
    services.revoke_key(key=key, actor=olivia, reason="left in a chat")
    services.revoke_key(key=key, actor=olivia)
    assert AuditEntry.objects.get(action="key.revoked").data["reason"] == "left in a chat"
    for one in (secret, second):
        record = records.find(one)
        assert record is not None
        assert record.revoked
    with pytest.raises(Conflict):
        services.set_enabled(key=key, actor=olivia, enabled=True)
    with pytest.raises(Conflict):
        services.update_key(key=key, actor=olivia, name="again")


def test_it_lets_staff_alone_override_the_rate(make_key: MakeKey, olivia: User, rita: User) -> None:
    key, _ = make_key()
    with pytest.raises(Forbidden):
        services.override_rate(key=key, actor=olivia, limit=10)
    services.override_rate(key=key, actor=rita, limit=10)
    key.refresh_from_db()
    assert key.rate_override == 10
    services.override_rate(key=key, actor=rita, limit=None)
    key.refresh_from_db()
    assert key.rate_override is None


@pytest.mark.parametrize("limit", [0, -1, 1_000_001, True])
def test_it_refuses_a_rate_out_of_bounds(make_key: MakeKey, rita: User, limit: int) -> None:
    with pytest.raises(Invalid):
        services.override_rate(key=make_key()[0], actor=rita, limit=limit)


@pytest.mark.parametrize("wrong", [{"rate_override": 0}, {"rate_override_until": timezone.now()}, {"scopes": []}])
def test_it_has_the_database_refuse_what_must_not_be(make_key: MakeKey, wrong: dict[str, object]) -> None:
    key, _ = make_key()
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).update(**wrong)


# When people and workspaces go ------------------------------------------------------------------------------------


def test_it_stops_a_leavers_keys_but_not_service_keys(
    make_key: MakeKey, workspace: Workspace, olivia: User, max: User
) -> None:
    own, _ = make_key(actor=max)
    others, _ = make_key()
    service, _ = make_key(actor=max)
    services.update_key(key=service, actor=olivia, is_service_key=True)
    leave_workspace(workspace=workspace, user=max)
    assert set(ApiKey.objects.filter(revoked_at=None)) == {others, service}
    assert AuditEntry.objects.get(action="key.revoked").data["key"] == own.pk


def test_it_stops_the_keys_of_somebody_who_is_removed(
    make_key: MakeKey, workspace: Workspace, olivia: User, max: User
) -> None:
    _, secret = make_key(actor=max)
    remove_member(member=Member.objects.get(workspace=workspace, user=max), actor=olivia)
    record = records.find(secret)
    assert record is not None
    assert record.revoked


def test_it_takes_billing_from_the_keys_of_a_demoted_admin(
    make_key: MakeKey, workspace: Workspace, olivia: User, ada: User
) -> None:
    both, secret = make_key(actor=ada, scopes=["data", "billing"])
    alone, _ = make_key(actor=ada, scopes=["billing"])
    service, _ = make_key(actor=ada, scopes=["billing"], is_service_key=True)
    given, _ = make_key(scopes=["data", "billing"])
    change_role(member=Member.objects.get(workspace=workspace, user=ada), actor=olivia, role="member")
    record = records.find(secret)
    assert record is not None
    assert record.scopes == {"data"}
    assert set(ApiKey.objects.filter(revoked_at=None)) == {both, service, given}
    assert ApiKey.objects.filter(pk__in=[service.pk, given.pk], scopes__contains=["billing"]).count() == 2
    assert AuditEntry.objects.get(action="key.updated").data["after"] == {"scopes": ["data"]}
    assert AuditEntry.objects.get(action="key.revoked").data["key"] == alone.pk


def test_it_erases_keys_with_their_workspace(make_key: MakeKey, workspace: Workspace, olivia: User) -> None:
    make_key()
    close_workspace(workspace=workspace, actor=olivia)
    erase_workspace(workspace_id=workspace.pk)
    assert not ApiKey.objects.exists()
    assert not KeySecret.objects.exists()


def test_it_exports_keys_without_their_secrets(make_key: MakeKey, workspace: Workspace, olivia: User) -> None:
    key, secret = make_key(allowed_addresses=["203.0.113.7"])
    document = export_workspace_data(workspace=workspace, actor=olivia)
    (row,) = document["api_keys"]
    assert (row["id"], row["name"], row["allowed_addresses"]) == (key.pk, "bot", ["203.0.113.7"])
    assert secret not in str(document)
    assert key.secrets.get().digest not in str(document)


def test_it_drops_the_oldest_of_very_many_revoked_keys(make_key: MakeKey, workspace: Workspace) -> None:
    now = timezone.now()
    ApiKey.objects.bulk_create(
        [
            ApiKey(workspace=workspace, name=f"key {n}", scopes=["data"], revoked_at=now - n * HOUR)
            for n in range(services.MOST_REVOKED + 3)
        ]
    )
    make_key()
    kept = ApiKey.objects.filter(revoked_at__isnull=False).order_by("revoked_at")
    assert kept.count() == services.MOST_REVOKED
    assert kept[0].name == f"key {services.MOST_REVOKED - 1}"


def test_it_knows_only_roles_of_its_own_workspace(make_key: MakeKey, strangers_workspace: Workspace, sam: User) -> None:
    key, _ = make_key()
    owner_elsewhere = Member.objects.get(user=sam, role=Role.OWNER)
    assert not access.may_manage(owner_elsewhere, key)

"""The role table, one line each."""

from __future__ import annotations

import pytest

from accounts.models import Role
from accounts.roles import TABLE, Deed, access_deed, may
from moondev.lib.errors import Forbidden

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER


def test_it_lets_everybody_read() -> None:
    assert all(may(role, Deed.READ) for role in Role)


def test_it_lets_those_who_manage_change_everybodys_things() -> None:
    assert may(OWNER, Deed.WRITE)
    assert may(ADMIN, Deed.WRITE)


def test_it_lets_a_member_change_own_and_shared_things_only() -> None:
    assert may(MEMBER, Deed.WRITE, own=True)
    assert not may(MEMBER, Deed.WRITE)


def test_it_lets_those_who_manage_handle_everybodys_keys() -> None:
    assert may(OWNER, Deed.KEYS)
    assert may(ADMIN, Deed.KEYS)


def test_it_lets_a_member_handle_own_keys_where_the_workspace_allows_it() -> None:
    assert may(MEMBER, Deed.KEYS, own=True, members_allowed=True)


def test_it_keeps_a_member_from_keys_where_the_workspace_does_not_allow_it() -> None:
    assert not may(MEMBER, Deed.KEYS, own=True, members_allowed=False)


def test_it_keeps_a_member_from_the_keys_of_others() -> None:
    assert not may(MEMBER, Deed.KEYS, own=False, members_allowed=True)


@pytest.mark.parametrize("deed", [Deed.BILLING, Deed.MANAGE])
def test_it_leaves_billing_and_members_to_those_who_manage(deed: Deed) -> None:
    assert [may(role, deed, own=True, members_allowed=True) for role in (OWNER, ADMIN, MEMBER)] == [True, True, False]


def test_it_leaves_transfer_and_closing_to_the_owner() -> None:
    assert [may(role, Deed.OWN, own=True) for role in (OWNER, ADMIN, MEMBER)] == [True, False, False]


def test_it_says_something_for_every_deed_and_role() -> None:
    assert set(TABLE) == set(Deed)
    assert all(set(row) == set(Role) for row in TABLE.values())


def test_it_refuses_a_stranger_and_a_role_that_does_not_reach() -> None:
    access_deed(OWNER, Deed.OWN)
    for role in (None, MEMBER):
        with pytest.raises(Forbidden):
            access_deed(role, Deed.MANAGE)

"""docs/accounts.md says what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.services.invitations import LETTERS_PER_DAY, VALID_FOR
from accounts.services.workspaces import ERASED_AFTER
from accounts.throttle import DOORS, LETTERS

TEXT = (Path(__file__).parents[2] / "docs" / "accounts.md").read_text()


@pytest.mark.parametrize("name", DOORS)
def test_it_documents_every_limit_at_the_door(name: str) -> None:
    door = DOORS[name]
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{name}` |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")[1:]]
    assert cells == [door.per_address, door.per_account_and_address, door.per_account]


def test_it_documents_how_many_letters_a_mailbox_gets() -> None:
    assert f"at most {' and '.join(LETTERS)}" in TEXT


def test_it_documents_the_deadlines() -> None:
    assert f"works for {VALID_FOR.days} days" in TEXT
    assert f"at most {LETTERS_PER_DAY}" in TEXT
    assert f"for {ERASED_AFTER.days} days" in TEXT
    assert "accounts.tasks.erase_closed_workspaces" in TEXT

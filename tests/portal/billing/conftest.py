"""A workspace that has bought nothing, and those who look at its plans."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User, Workspace
from tests.portal.billing.rows import put_on_sale
from tests.portal.conftest import Login


@pytest.fixture
def buyer(workspace: Workspace, olivia: User, login: Login) -> Client:
    """Olivia, who owns a workspace on free."""
    put_on_sale()
    return login(olivia)


@pytest.fixture
def colleague(workspace: Workspace, max: User, login: Login) -> Client:
    """Max, a plain member of it."""
    put_on_sale()
    return login(max)

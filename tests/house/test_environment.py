"""The ground the tests stand on."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from accounts.models import User
from billing.models import Plan


@pytest.mark.django_db
def test_it_has_a_migrated_database_with_plans() -> None:
    assert list(Plan.objects.values_list("name", flat=True)) == ["free", "pro", "team", "enterprise"]


@pytest.mark.django_db(transaction=True)
def test_it_keeps_the_plans_when_a_test_commits() -> None:
    User.objects.create_user("ghost@example.com", "correct horse battery")
    assert Plan.objects.count() == 4


@pytest.mark.django_db
def test_it_runs_on_a_database_of_its_own() -> None:
    assert connection.settings_dict["NAME"].startswith("test_")
    assert settings.DEBUG is False


def test_it_has_a_cache() -> None:
    cache.set("greeting", "hello", 5)
    assert cache.get("greeting") == "hello"

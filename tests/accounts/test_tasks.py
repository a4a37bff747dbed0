"""Background work on accounts."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.tasks import forget_expired_sessions
from moondev.celery import app


def test_it_forgets_expired_sessions_and_keeps_the_others(db: None) -> None:
    now = timezone.now()
    Session.objects.create(session_key="over", session_data="", expire_date=now - timedelta(minutes=1))
    Session.objects.create(session_key="open", session_data="", expire_date=now + timedelta(minutes=1))

    forget_expired_sessions()

    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]


def test_it_schedules_tasks_that_exist(db: None) -> None:
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    app.loader.import_default_modules()

    assert scheduled <= set(app.tasks)

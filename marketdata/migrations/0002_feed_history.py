"""Remember per feed whether what lies before its first read is in; the length of its rows no longer decides it."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def note_long_feeds(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A feed of more than a day has its history: a first read alone brings nine hours."""
    states = apps.get_model("marketdata", "FeedState").objects
    states.filter(oldest__lt=F("newest") - timedelta(days=1)).update(has_history=True)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("marketdata", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="feedstate",
            name="has_history",
            field=models.BooleanField(default=False, help_text="What lies before the first read was read too"),
        ),
        migrations.RunPython(note_long_feeds, migrations.RunPython.noop),
    ]

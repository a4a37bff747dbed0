from __future__ import annotations

import re
from typing import Any

from django.db import migrations, models
from django.db.models import Q

# What a hint shows of the thing that has a limit: a webhook's id, Slack's team and hook, a bot and its chat.
HINTS = {
    "discord": re.compile(r".*/…/(\d+)/…"),
    "slack": re.compile(r".*/…/(\w+/\w+)/…"),
    "telegram": re.compile(r"bot (\d+ to .+)"),
}


def note_buckets(apps: Any, schema_editor: Any) -> None:
    """Destinations from before there were buckets. No secret has to be opened: the hint tells."""
    for row in apps.get_model("alerts", "Destination").objects.filter(kind__in=HINTS).iterator():
        if found := HINTS[row.kind].fullmatch(row.hint):
            row.bucket = f"{row.kind} {found[1].lower() if row.kind == 'telegram' else found[1]}"
            row.save(update_fields=["bucket"])


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="is_alone",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="destination",
            name="bucket",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text=(
                    "What shares one limit at the other side, as a Discord webhook's id; empty: it has one of its own"
                ),
                max_length=160,
            ),
        ),
        migrations.AddIndex(
            model_name="destination",
            index=models.Index(fields=["bucket"], condition=~Q(bucket=""), name="destinations_of_a_bucket"),
        ),
        migrations.RunPython(note_buckets, migrations.RunPython.noop),
    ]

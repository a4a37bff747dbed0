from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("alerts", "0003_deleted_alerts")]

    operations = [
        migrations.CreateModel(
            name="Remnant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.workspace"
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="alerts.destination",
                    ),
                ),
                ("fallback", models.CharField(blank=True, max_length=10)),
                ("message_id", models.CharField(max_length=64)),
                ("place", models.PositiveSmallIntegerField()),
                ("shown", models.JSONField()),
            ],
            options={"indexes": [models.Index(fields=["message_id"], name="remnants_of_a_message")]},
        ),
    ]

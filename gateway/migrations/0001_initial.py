import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "is_service_key",
                    models.BooleanField(default=False, help_text="Stays when its creator leaves the workspace"),
                ),
                (
                    "is_legacy",
                    models.BooleanField(
                        default=False, editable=False, help_text="Taken over from the first generation"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("mode", models.CharField(choices=[("live", "Live"), ("test", "Test")], default="live", max_length=4)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("data", "data"),
                                ("alerts", "alerts"),
                                ("backtests", "backtests"),
                                ("license", "license"),
                                ("billing", "billing"),
                            ],
                            max_length=10,
                        ),
                        size=None,
                    ),
                ),
                (
                    "allowed_addresses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=49),
                        blank=True,
                        default=list,
                        help_text="Addresses or CIDR ranges; empty: any",
                        size=None,
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "last_used_at",
                    models.DateTimeField(blank=True, editable=False, help_text="To the minute", null=True),
                ),
                (
                    "rate_override",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Requests a minute of this key alone; capped by the plan unless it has an end",
                        null=True,
                    ),
                ),
                ("rate_override_until", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="api_keys", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "verbose_name": "API key",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="KeySecret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(help_text="HMAC-SHA256 under the pepper", max_length=64, unique=True)),
                ("pepper_version", models.PositiveSmallIntegerField()),
                ("prefix", models.CharField(help_text="Its first characters, for display", max_length=16)),
                ("last_four", models.CharField(blank=True, max_length=4)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "expires_at",
                    models.DateTimeField(
                        help_text="The end of a rotation's grace; empty for the current one", null=True
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="secrets", to="gateway.apikey"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Usage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField(db_index=True)),
                ("workspace_id", models.BigIntegerField()),
                ("key_id", models.BigIntegerField(default=0)),
                ("endpoint", models.CharField(max_length=120)),
                ("status_class", models.PositiveSmallIntegerField(help_text="2 for 2xx … 5 for 5xx")),
                ("requests", models.PositiveBigIntegerField()),
            ],
            options={
                "verbose_name_plural": "usage",
                "ordering": ["-hour"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace_id", "hour", "key_id", "endpoint", "status_class"),
                        name="one_usage_row_per_hour",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageBatch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="When the process cut it, not when it arrived"
                    ),
                ),
                ("counts", models.JSONField()),
                ("folded_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "usage batches",
                "indexes": [
                    models.Index(
                        condition=models.Q(("folded_at", None)), fields=["created_at"], name="unfolded_batches"
                    ),
                    models.Index(
                        condition=models.Q(("folded_at__isnull", False)), fields=["folded_at"], name="folded_batches"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rate_override", None), ("rate_override_until", None)),
                    models.Q(
                        ("rate_override__gte", 1), ("rate_override__isnull", False), ("rate_override__lte", 1000000)
                    ),
                    _connector="OR",
                ),
                name="a_rate_override_is_in_bounds",
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(condition=models.Q(("scopes__len__gte", 1)), name="a_key_has_a_scope"),
        ),
        migrations.AddConstraint(
            model_name="keysecret",
            constraint=models.UniqueConstraint(
                condition=models.Q(("expires_at", None)), fields=("key",), name="one_current_secret_per_key"
            ),
        ),
    ]

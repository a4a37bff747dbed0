from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("alerts", "0002_buckets")]

    operations = [
        migrations.AddField(
            model_name="alert",
            name="deleted_at",
            field=models.DateTimeField(editable=False, help_text="Goes when its end has been told", null=True),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["deleted_at"], condition=~Q(deleted_at=None), name="alerts_to_forget"),
        ),
    ]

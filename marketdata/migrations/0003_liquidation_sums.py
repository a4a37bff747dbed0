"""Sums of liquidations over quarters of a minute, kept by ingest; those of the rows that are there are made here."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

ADD_UP = """
    INSERT INTO marketdata_liquidationsum (source, time, longs, shorts)
    SELECT source, to_timestamp(15 * ceil(date_part('epoch', time) / 15)) AS until,
        coalesce(sum(usd_size) FILTER (WHERE side = 'SELL'), 0),
        coalesce(sum(usd_size) FILTER (WHERE side <> 'SELL'), 0)
    FROM marketdata_liquidation GROUP BY source, until"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("marketdata", "0002_feed_history")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="LiquidationSum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=20)),
                ("time", models.DateTimeField()),
                ("longs", models.FloatField()),
                ("shorts", models.FloatField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["source", "time"], name="one_liquidation_sum")],
            },
        ),
        migrations.RunSQL(ADD_UP, migrations.RunSQL.noop),
    ]

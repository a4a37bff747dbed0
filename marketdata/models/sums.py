"""What is asked for over so many rows that they are added up once, when they come in."""

from __future__ import annotations

from django.db import models


class LiquidationSum(models.Model):
    """All liquidations of a source in the quarter of a minute that ends at `time`, that end included, in USD."""

    source = models.CharField(max_length=20)
    time = models.DateTimeField()
    longs = models.FloatField()
    shorts = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "time"], name="one_liquidation_sum")]

    def __str__(self) -> str:
        return f"{self.longs + self.shorts:,.0f} USD until {self.time:%Y-%m-%d %H:%M:%S}"

"""The lists: what holds now, replaced whole.

A new version is written beside the old ones, which go a few versions later, so that an answer under way still finds
the version it began with.
"""

from __future__ import annotations

from django.db import models

from marketdata.models.fields import ExactNumber


class Snapshot(models.Model):
    """What all lists share. Order is that of the list as it came (`id`)."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=20)
    version = models.BigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk} of version {self.version}"


class WhaleAddress(Snapshot):
    address = models.CharField(max_length=100)

    class Meta:
        verbose_name_plural = "whale addresses"
        indexes = [models.Index(fields=["source", "version", "id"], name="whale_address_version")]


class HlpPosition(Snapshot):
    """One open position against the venue's liquidity pool, in USD."""

    time = models.DateTimeField()
    address = models.CharField(max_length=100)
    coin = models.CharField(max_length=40)
    entry_price = ExactNumber()
    leverage = ExactNumber()
    position_value = ExactNumber()
    unrealized_pnl = ExactNumber()
    liquidation_price = ExactNumber(null=True)
    is_long = models.BooleanField()
    time_text = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(fields=["source", "version", "id"], name="hlp_position_version")]


class HlpTotal(Snapshot):
    """All open positions of one coin and direction, in USD."""

    coin = models.CharField(max_length=40)
    is_long = models.BooleanField()
    total_value = ExactNumber()
    total_pnl = ExactNumber()
    num_traders = models.BigIntegerField()
    avg_leverage = ExactNumber()
    liquidation_price = ExactNumber(null=True)
    direction = models.CharField(max_length=20)

    class Meta:
        indexes = [models.Index(fields=["source", "version", "id"], name="hlp_total_version")]


class FollowedWallet(Snapshot):
    time = models.DateTimeField()
    wallet = models.CharField(max_length=100)
    label = models.CharField(max_length=200, blank=True, help_text="Free text")
    time_text = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(fields=["source", "version", "id"], name="followed_wallet_version")]

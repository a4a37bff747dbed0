"""The series: rows that happened at a moment and are never changed (but for a gap that is filled in), partitioned by
month in the database.

Every row carries its source. Rows of one moment keep the order in which they arrived (`id`). Django sees plain
models; the tables are made by SQL in the migration because Django cannot declare partitions.
"""

from __future__ import annotations

from django.db import models

from marketdata.models.fields import ExactNumber


class Series(models.Model):
    """What all series share."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=20)
    time = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk} at {self.time:%Y-%m-%d %H:%M:%S}"


class Liquidation(Series):
    """One forced order. It has no key of its own: `digest` is of all its columns, `occurrence` counts equal rows."""

    symbol = models.CharField(max_length=40)
    side = models.CharField(max_length=8, help_text="SELL: a long was liquidated")
    order_type = models.CharField(max_length=20)
    time_in_force = models.CharField(max_length=8)
    original_quantity = ExactNumber()
    price = ExactNumber()
    average_price = ExactNumber()
    order_status = models.CharField(max_length=20)
    order_last_filled_quantity = ExactNumber()
    order_filled_accumulated_quantity = ExactNumber()
    usd_size = ExactNumber(help_text="Accumulated quantity times price")
    digest = models.UUIDField()
    occurrence = models.PositiveIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["source", "time", "id"], name="liquidation_time"),
            models.Index(fields=["source", "symbol", "time", "id"], name="liquidation_symbol_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "time", "digest", "occurrence"], name="one_liquidation_row")
        ]


class Funding(Series):
    """A funding rate of a symbol, as a fraction per 8 hours."""

    symbol = models.CharField(max_length=40)
    time_text = models.CharField(max_length=40, help_text="The moment as the source wrote it")
    funding_rate = ExactNumber()
    yearly_funding_rate = ExactNumber(help_text="Percent: rate times 3 times 365 times 100")

    class Meta:
        verbose_name_plural = "funding"
        indexes = [models.Index(fields=["source", "time", "id"], name="funding_time")]
        constraints = [models.UniqueConstraint(fields=["source", "symbol", "time"], name="one_funding_row")]


class OpenInterest(Series):
    """Open interest of a symbol in coins, and the price in USDT."""

    symbol = models.CharField(max_length=40)
    open_interest = ExactNumber()
    price = ExactNumber()

    class Meta:
        verbose_name_plural = "open interest"
        indexes = [models.Index(fields=["source", "time", "id"], name="open_interest_time")]
        constraints = [models.UniqueConstraint(fields=["source", "symbol", "time"], name="one_open_interest_row")]


class OpenInterestTotal(Series):
    """Open interest of the whole market in USD. A sum that the source does not know is empty, never guessed."""

    time_text = models.CharField(max_length=40)
    total_usd = ExactNumber(null=True)
    btc_usd = ExactNumber(null=True)
    eth_usd = ExactNumber(null=True)

    class Meta:
        indexes = [models.Index(fields=["source", "time", "id"], name="open_interest_total_time")]
        constraints = [models.UniqueConstraint(fields=["source", "time"], name="one_open_interest_total_row")]


class NewToken(Series):
    """A token address seen for the first time."""

    token_address = models.CharField(max_length=100)
    time_text = models.CharField(max_length=40)
    solscan_link = models.CharField(max_length=300)
    dexscreener_link = models.CharField(max_length=300)
    birdeye_link = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["source", "time", "id"], name="new_token_time")]
        constraints = [models.UniqueConstraint(fields=["source", "token_address", "time"], name="one_new_token_row")]


class CopybotTrade(Series):
    """A trade of a followed wallet."""

    wallet = models.CharField(max_length=100)
    contract_address = models.CharField(max_length=100)
    symbol = models.CharField(max_length=40, help_text="Free text: whoever made the token chose it")
    side = models.CharField(max_length=8)
    amount = ExactNumber()
    usd_value = ExactNumber(null=True)
    birdeye_link = models.CharField(max_length=300)
    digest = models.UUIDField()
    occurrence = models.PositiveIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["source", "time", "id"], name="copybot_trade_time"),
            models.Index(fields=["source", "symbol", "time", "id"], name="copybot_trade_symbol_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "time", "digest", "occurrence"], name="one_copybot_trade_row")
        ]

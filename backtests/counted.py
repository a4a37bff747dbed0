"""What Prometheus is told of runs by workers. What waits and runs is looked up by moondev.live instead."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

FINISHED = Counter("moondev_backtests_finished", "Runs that ended", ["status"])
SECONDS = Histogram(
    "moondev_backtests_run_seconds",
    "How long workers were busy with a run",
    buckets=(1, 3, 10, 30, 100, 300, 1000, 3000),
)
FAILURES = Counter(
    "moondev_backtests_failures", "Strategies that the sandbox or the engine gave no result for", ["kind"]
)
TOKENS = Counter("moondev_backtests_model_tokens", "Tokens of language models", ["model", "direction"])

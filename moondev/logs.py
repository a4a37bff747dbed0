"""Logs: one JSON object a line on standard output, readable lines on a terminal with DEBUG on."""

from __future__ import annotations

import logging.config
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from moondev.lib.redact import redact

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]


def remove_secrets(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """The last step before a line is written, so that it sees other people's messages and tracebacks too."""
    return {key: redact(value) for key, value in event.items()}


def configure(*, debug: bool) -> None:
    """Send structlog and the standard library's loggers through the same renderer."""
    pretty = debug and sys.stdout.isatty()
    renderer: Processor = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        remove_secrets,
                        renderer,
                    ],
                    "foreign_pre_chain": SHARED,
                }
            },
            "handlers": {
                "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}
            },
            "root": {"handlers": ["stdout"], "level": "INFO"},
            # The access log already has a line for each request; Celery's "received" and "succeeded" come every second;
            # Stripe's library names each URL that it asks for, e-mail addresses included.
            "loggers": {
                "django.server": {"level": "WARNING"},
                "django.request": {"level": "ERROR"},
                "celery.beat": {"level": "WARNING"},
                "celery.worker.strategy": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
                "stripe": {"level": "WARNING"},
            },
        }
    )

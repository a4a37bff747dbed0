"""Where Celery workers are forked: what each of them would import for seconds is imported once.

Every line of the standard input is JSON for one worker: {"options": words after `celery`, "log": file}. The answers
are its process id, and "ended" once it is gone. Nothing here has a thread or a connection that a fork could inherit.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from importlib import import_module

import django
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

from moondev.celery import app

# What Celery imports only when it runs a worker with a beat, and the addresses, which the checks look at.
WORKER = ("celery.apps.worker", "celery.beat", "celery.bin.celery", "kombu.transport.redis")


def main() -> None:
    load()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become_worker(**json.loads(line))
        say(str(child))
        os.waitpid(child, 0)
        say("ended")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def load() -> None:
    """Import what a worker does. Its checks and its connections are its own."""
    django.setup()
    autodiscover_modules("tasks")
    for name in (*WORKER, settings.ROOT_URLCONF):
        import_module(name)
    gc.freeze()
    if threading.active_count() != 1:
        raise RuntimeError(f"a fork would lose these: {threading.enumerate()}")


def become_worker(*, options: list[str], log: str) -> None:
    """Run a worker in the place of this process, in a session and with a log of its own."""
    os.setsid()
    nothing, output = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    sys.exit(app.worker_main(options))


if __name__ == "__main__":
    main()

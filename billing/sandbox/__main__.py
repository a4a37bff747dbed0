"""`python -m billing.sandbox [port]`: the sandbox alone, on this machine only."""

from __future__ import annotations

import os
import sys

from granian import Granian
from granian.constants import Interfaces

PORT = 8013
# Calls that hang on purpose (faults.py) must leave threads for those that mend it.
THREADS = 32


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    os.environ |= {"MOONDEV_SERVICE": "sandbox", "DJANGO_SETTINGS_MODULE": "moondev.settings"}
    Granian(
        "moondev.wsgi:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        websockets=False,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()

"""All attacks in namespaces that an ordinary user made. Run as one: `python -m tests.backtests.sandbox.ordinary`."""

from __future__ import annotations

import json
import os

from backtests.sandbox import Level, probe
from backtests.sandbox.line import Line
from tests.backtests.sandbox.assault import assault
from tests.backtests.sandbox.conftest import SOURCE
from tests.backtests.sandbox.prey import lay_out


def main() -> None:
    """Print who we are, which levels are missing and what is to be complained of, as JSON."""
    line = Line(SOURCE, load="science")
    try:
        with lay_out() as prey:
            complaints = assault(line, prey, [Level.NAMESPACES])
            said = [f"{name}: {text}" for (_, name), text in complaints.items() if text]
            harm = prey.harm()
    finally:
        line.close()
    missing = {level.label: reason for level, reason in probe().items() if reason}
    print(json.dumps({"uid": os.getuid(), "missing": missing, "complaints": said + harm, "tried": len(complaints)}))  # noqa: T201


if __name__ == "__main__":
    main()

"""`make bench`: the gate against the same views and a textbook gateway, the webhook's intake, alerts, backtests.

    python -m tests.bench [--seconds 5] [--rounds 3] [--without-starts] [--without-alerts]
        [--without-backtests] [--write]

Rounds are interleaved, so that whatever else the machine does hits all three alike. `--write` puts the result into
docs/performance.md.
"""

from __future__ import annotations

import argparse

from tests import environment

PATHS = ("/whoami", "/files/liq_data.csv?limit=100")


def main() -> None:
    arguments = _arguments()
    environment.prepare()
    try:
        import django

        django.setup()
        _run(arguments)
    finally:
        environment.finish()


def _run(arguments: argparse.Namespace) -> None:
    from tests.bench import backtests, delivery, engine, evaluation, intake, load, preview, report, sandbox, starts
    from tests.bench.runs import measure

    load.check_wrk()
    lines = measure(PATHS, seconds=arguments.seconds, rounds=arguments.rounds)
    lines += ["", *intake.lines(seconds=arguments.seconds, rounds=arguments.rounds)]
    lines = [report.machine(), "", *lines]
    print("\n".join(lines), flush=True)  # noqa: T201
    if not arguments.without_alerts:
        # Evaluation leaves a million alerts behind, which the worker of the other would look at.
        measured = [*delivery.lines(), "", *preview.lines(), "", *evaluation.lines()]
        lines += ["", *measured]
        print("\n".join(measured), flush=True)  # noqa: T201
    if not arguments.without_backtests:
        measured = [*sandbox.lines(), "", *engine.lines(), "", *backtests.lines()]
        lines += ["", *measured]
        print("\n".join(measured), flush=True)  # noqa: T201
    if not arguments.without_starts:
        lines += ["", *starts.lines()]
        print(lines[-1])  # noqa: T201
    if arguments.write:
        report.write(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--seconds", type=int, default=5, help="length of one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-starts", action="store_true", help="leave out how long `make up` takes")
    parser.add_argument("--without-alerts", action="store_true", help="leave out delivery, previews and evaluation")
    parser.add_argument("--without-backtests", action="store_true", help="leave out single runs and grids")
    parser.add_argument("--write", action="store_true", help="put the result into docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""What a job is given, what it gives back, and what of it may be seen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy
import pytest

from backtests.sandbox import Job, Level, NoProgram
from backtests.sandbox.line import Line
from backtests.sandbox.programs import PROGRAMS
from backtests.sandbox.warmth import ROOT
from tests.backtests.sandbox.asking import OFFERED, STRONGEST, ran, started

pytestmark = pytest.mark.slow(0.1)

levels = pytest.mark.parametrize("level", OFFERED, ids=lambda level: level.label)


@levels
def test_it_runs_a_program_and_returns_its_document(line: Line, level: Level) -> None:
    outcome = ran(line, "result = {'trades': [1, 2.5, None, 'ä €']}", level=level)
    assert (outcome.ended, outcome.document) == ("done", {"trades": [1, 2.5, None, "ä €"]})
    assert (outcome.error, outcome.level, outcome.log) == (None, level, "")


@levels
def test_it_gives_files_and_bytes_by_name(line: Line, level: Level, tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_bytes(b"Open,Close\n1,2\n3,4\n")
    source = """
    import numpy, pandas
    result = [
        open(files["bytes"], "rb").read().decode(), files["bytes"].read_text(), files["bars"].name,
        pandas.read_csv(files["bars"])["Close"].tolist(), numpy.load(files["array"]).tolist(),
        files["bars"].exists(), files["bars"].stat().st_size,
    ]
    """
    numpy.save(tmp_path / "array.npy", [1.5, 2.5])
    files: dict[str, Path | bytes] = {"bars": tmp_path / "bars.csv", "bytes": b"hello", "array": tmp_path / "array.npy"}
    outcome = ran(line, source, level=level, files=files)
    assert outcome.document == ["hello", "hello", "bars", [2, 4], [1.5, 2.5], True, 19], outcome


@levels
def test_it_gives_files_that_only_their_owner_may_read(line: Line, level: Level, tmp_path: Path) -> None:
    (tmp_path / "bars.csv").write_bytes(b"1,2")
    (tmp_path / "bars.csv").chmod(0o600)
    (tmp_path / "link.csv").symlink_to(tmp_path / "bars.csv")
    source = "result = [files['bars'].read_text(), files['link'].read_text()]"
    files: dict[str, Path | bytes] = {"bars": tmp_path / "bars.csv", "link": tmp_path / "link.csv"}
    assert ran(line, source, level=level, files=files).document == ["1,2", "1,2"]


@levels
def test_it_has_the_scientific_stack_at_every_level(line: Line, level: Level) -> None:
    source = """
    import backtesting, numpy, pandas, pandas_ta, scipy.stats, talib
    from backtesting.lib import crossover
    from backtesting.test import GOOG
    prices = numpy.linspace(1.0, 2.0, 50) + numpy.sin(numpy.arange(50))
    result = [
        0 < talib.RSI(prices, 14)[-1] < 100, len(pandas.Series(prices).rolling(5).mean()), len(GOOG),
        0 < scipy.stats.linregress(range(50), prices).slope < 1, numpy.linalg.inv(numpy.eye(2))[0, 0],
    ]
    result = [float(number) for number in result]
    """
    assert ran(line, source, level=level).document == [1, 50, 2148, 1, 1]


def test_it_hands_progress_on(line: Line) -> None:
    child = started(line, "for number in range(3): say({'bars': number})\nresult = 'over'")
    assert child.wait().document == "over"
    assert child.progress() == [{"bars": 0}, {"bars": 1}, {"bars": 2}]
    assert child.progress() == []


def test_it_keeps_the_log_and_cuts_it(line: Line) -> None:
    assert ran(line, "import sys; print('printed 🚀'); print('warned', file=sys.stderr)").log == "printed 🚀\nwarned\n"
    log = ran(line, "for number in range(10_000): print(number)").log
    assert log.startswith("0\n1\n")
    assert log.endswith("[The rest of the log was cut off.]\n")
    assert len(log) < 5000


def test_it_names_the_line_of_the_customers_own_code(line: Line) -> None:
    outcome = ran(line, "import pandas\n\npandas.DataFrame()['nothing']\n")
    assert outcome.ended == "error"
    assert outcome.error is not None
    assert (outcome.error.kind, outcome.error.message, outcome.error.line) == ("KeyError", "'nothing'", 3)
    broken = ran(line, "result = [\n1,\n").error
    assert broken is not None
    assert (broken.kind, broken.line) == ("SyntaxError", 1)


def test_it_shows_no_place_of_the_machine(line: Line) -> None:
    outcome = ran(line, "import json, numpy\nprint(json.__file__, numpy.__file__)\njson.loads('nothing')")
    assert outcome.error is not None
    assert 'File "json/decoder.py"' in outcome.error.traceback
    assert "numpy/__init__.py" in outcome.log
    for place in (sys.prefix, sys.base_prefix, str(ROOT)):
        assert place not in outcome.error.traceback + outcome.log


def test_it_starts_with_nothing_in_its_environment(line: Line) -> None:
    line.warm_up()
    ran(line, "")
    assert Path(f"/proc/{line.zygote}/environ").read_bytes() == b"PYTHONHASHSEED=0\0"
    names = ran(line, "import os; result = sorted(os.environ)").document
    assert isinstance(names, list)
    assert not {"PATH", "DATABASE_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"} & set(map(str, names))


def test_it_loads_nothing_of_django_or_the_settings(line: Line) -> None:
    source = """
    import sys
    parts = {"django", "celery", "psycopg", "redis", "moondev.settings", "backtests.models"}
    result = sorted(parts & set(sys.modules))
    """
    assert ran(line, source).document == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_its_programs_are_all_there(line: Line, program: str) -> None:
    # Without a payload they complain, but they are loaded.
    assert line.start(Job(program, {}), STRONGEST).wait().ended in ("done", "error")


def test_it_runs_in_one_thread_whatever_library_is_loaded(line: Line) -> None:
    ran(line, "")
    assert len(os.listdir(f"/proc/{line.zygote}/task")) == 1


def test_it_may_make_threads_up_to_its_limit(line: Line) -> None:
    source = """
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(4) as workers:
        result = list(workers.map(abs, [-1, -2, -3, -4]))
    """
    assert [ran(line, source, level=level).document for level in OFFERED] == [[1, 2, 3, 4]] * len(OFFERED)


def test_it_orders_sets_the_same_way_every_time(line: Line) -> None:
    words = "result = [hash('bitcoin'), list({'open', 'high', 'low', 'close', 'volume'})]"
    again = Line({"source": "tests.backtests.sandbox.inside:main"}, load="nothing")
    try:
        assert ran(again, words).document == ran(line, words).document
    finally:
        again.close()


def test_it_writes_to_a_private_folder_in_namespaces(line: Line) -> None:
    if STRONGEST is not Level.NAMESPACES:
        pytest.skip("not tested: this machine offers no namespaces")
    # A checkout below /tmp has its runtime mounted there as well.
    source = (
        "import os\nbefore = set(os.listdir())\nopen('out.csv', 'w').write('mine')\n"
        "result = [os.getcwd(), sorted(set(os.listdir()) - before)]"
    )
    assert ran(line, source).document == ["/tmp", ["out.csv"]]  # noqa: S108
    assert ran(line, source).document == ["/tmp", ["out.csv"]]  # noqa: S108


def test_it_says_which_program_is_missing_when_it_is_asked_for(line: Line) -> None:
    with pytest.raises(NoProgram, match="no program nothing"):
        line.start(Job("nothing", {}), STRONGEST).wait()
    odd = Line(
        {"odd": "tests.backtests.sandbox.nowhere:main", "source": "tests.backtests.sandbox.inside:main"}, load="nothing"
    )
    try:
        assert ran(odd, "result = 1").document == 1
        with pytest.raises(NoProgram, match=r"odd .*No module named"):
            odd.start(Job("odd", {}), STRONGEST).wait()
    finally:
        odd.close()


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "/etc", ".hidden", "a\0", "a" * 101])
def test_it_takes_plain_names_of_files_only(name: str) -> None:
    with pytest.raises(ValueError, match="plain names"):
        Job("source", {}, {name: b""})


def test_it_measures_time_and_memory(line: Line) -> None:
    outcome = ran(line, "import time; hoard = b'x' * (50 << 20); time.sleep(0.1)")
    assert outcome.seconds >= 0.1
    assert outcome.started_after > 0
    assert outcome.peak_mb is not None
    assert 50 <= outcome.peak_mb <= 150

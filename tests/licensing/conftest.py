"""An agent as customers run it: a program of its own, with nothing but its environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from licensing.client import ensure_feature_license
ensure_feature_license(sys.argv[1])
print("the agent runs")
"""

Agent = Callable[..., "subprocess.CompletedProcess[str]"]
Answer = Callable[[BaseHTTPRequestHandler], None]
Pretender = Callable[[Answer], AbstractContextManager[str]]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the machine that runs the tests is no part of them."""
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def agent(tmp_path: Path) -> Agent:
    """Runs an agent that asks for a feature, with these variables and no others."""

    def run(feature: str = "focus", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, feature],
            env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "NO_PROXY": "*", **environment},
            cwd=tmp_path,
            text=True,
            capture_output=True,
            timeout=30,
            check=False,
        )

    return run


@pytest.fixture
def pretender() -> Pretender:
    """A local server that is no gateway and answers as it is told; its URL inside the `with`."""

    @contextmanager
    def serve(answer: Answer) -> Iterator[str]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet: the test's output is not its place."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()

    return serve

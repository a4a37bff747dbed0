"""Attacks on what others need too: time, memory, disk and patience."""

from __future__ import annotations

from dataclasses import replace

from tests.backtests.sandbox.attacks.attack import SMALL, attack

ATTACKS = (
    attack("loops without end", "while True: pass", "cpu"),
    attack("loops without end in C", "import re; re.match(r'(a+)+$', 'a' * 64 + 'b')", "cpu"),
    attack(
        "loops without end and ignores the warning",
        "signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        "cpu",
    ),
    attack("sleeps without end", "time.sleep(3600)", "timeout"),
    attack("waits for input without end", "result = sys.stdin.read(1) or None"),
    attack(
        "waits for a lock without end",
        "import threading; threading.Lock().acquire() and threading.Event().wait()",
        "timeout",
    ),
    attack("takes memory in lists", "hoard = []\nwhile True: hoard.append(bytearray(1 << 20))", "memory"),
    attack("takes memory at once", "hoard = bytearray(1 << 40)", "memory"),
    attack(
        "takes memory with numpy",
        "import numpy\nhoard = []\nwhile True: hoard.append(numpy.ones(1 << 20))",
        "memory",
    ),
    attack(
        "takes memory by mapping",
        """
        import mmap
        hoard = []
        while True:
            hoard.append(mmap.mmap(-1, 1 << 24))
            hoard[-1].write(b"x" * (1 << 24))
        """,
        "error",
        "memory",
    ),
    attack(
        "takes memory with pandas", "import pandas\npandas.DataFrame({'x': range(1 << 40)}).sum()", "memory", "error"
    ),
    attack("multiplies numbers that never end", "x = 10 ** (10 ** 9)", "memory", "cpu", "error"),
    attack(
        "fills the disk with one file",
        """
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with open("/tmp/large", "wb") as file:
            while True:
                file.write(b"x" * (1 << 20))
        """,
        "error",
    ),
    attack(
        "fills the disk with many files",
        """
        for number in range(100_000):
            with open(f"/tmp/{number}", "wb") as file:
                file.write(b"x" * 4096)
        """,
        "error",
    ),
    attack(
        "makes a sparse file of a terabyte",
        "os.truncate(os.open('/tmp/sparse', os.O_CREAT | os.O_RDWR), 1 << 40)",
        "error",
        "crashed",
    ),
    attack(
        "is a thread bomb",
        """
        import threading
        threads = 0
        try:
            while threads < 500:
                threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
                threads += 1
        except (RuntimeError, MemoryError):
            pass
        result = threads if threads > 12 else None
        """,
        "done",
        "memory",
    ),
    attack(
        "opens everything it can",
        """
        descriptors = []
        try:
            while len(descriptors) < 5000:
                descriptors += os.pipe()
        except OSError:
            pass
        result = len(descriptors) if len(descriptors) > 256 else None
        """,
    ),
    attack("recurses without end", "def deeper(): deeper()\ndeeper()", "error"),
    attack(
        "recurses without end in C",
        "sys.setrecursionlimit(1 << 30)\ndef deeper(): return [deeper()]\ndeeper()",
        "crashed",
        "memory",
        "error",
        "cpu",
    ),
    attack("prints without end", "while True: print('x' * 10_000)", "output", "cpu", "timeout"),
    attack("prints what is no text", "sys.stdout.flush()\nos.write(1, bytes(range(256)) * 100)\nprint('\\ud800\\0')"),
    attack(
        "compiles a bomb",
        "eval('(' * 5000 + ')' * 5000)",
        "error",
        "memory",
        "crashed",
    ),
    attack(
        "unpacks a bomb",
        "import zlib\nzlib.decompress(zlib.compress(b'0' * (1 << 27)) )",
        "memory",
        "cpu",
        "done",
        limits=replace(SMALL, memory_mb=64),
    ),
    attack(
        "burns time with threads",
        """
        import threading
        def burn():
            while True: pass
        for _ in range(4):
            got(threading.Thread(target=burn, daemon=True).start)
        burn()
        """,
        "cpu",
        "timeout",
    ),
)

"""Attacks on whoever reads the answer."""

from __future__ import annotations

from tests.backtests.sandbox.attacks.attack import attack

# The child's end of the result is the first descriptor after the three of every process.
_RESULT = """
import json, struct
def frame(kind, body=b"", length=None):
    return struct.pack("!cI", kind, len(body) if length is None else length) + body
def send(data):
    while data:
        data = data[os.write(3, data):]
"""

ATTACKS = (
    attack("exits before it answers", "os._exit(0)", "crashed"),
    attack("exits as Python does", "raise SystemExit(0)", "error"),
    attack("closes the channel of its result", "os.close(3)", "crashed"),
    attack("says that it has not begun", _RESULT + "send(frame(b'X', b'pretend a missing boundary'))", "crashed"),
    attack("begins again", _RESULT + "send(frame(b'B'))", "crashed"),
    attack("sends frames of an unknown kind", _RESULT + "send(frame(b'Q', b'{}'))", "crashed"),
    attack("announces four gigabytes", _RESULT + "send(frame(b'R', b'', 0xFFFFFFFF)); time.sleep(60)", "output"),
    attack("announces more than it sends", _RESULT + "send(frame(b'R', b'[1', 100)); os._exit(0)", "crashed"),
    attack("sends noise", "os.write(3, os.urandom(4096))", "crashed", "output"),
    attack("returns a giant answer", "result = 'x' * (4 << 20)", "output"),
    attack(
        "sends an endless answer",
        _RESULT + "send(frame(b'R', b'', 1 << 20))\nwhile True: os.write(3, b'x' * 65536)",
        "crashed",
        "output",
        "cpu",
    ),
    attack("returns a deep answer", _RESULT + "send(frame(b'R', b'[' * 100_000 + b']' * 100_000))", "crashed"),
    attack("returns a deep answer by the usual way", "result = []\nfor _ in range(500): result = [result]", "crashed"),
    attack("returns a million lists", _RESULT + "send(frame(b'R', b'[' + b'[],' * 220_000 + b'[]]'))", "crashed"),
    attack("returns infinity", _RESULT + "send(frame(b'R', b'[1e999]'))", "crashed"),
    attack("returns what is not a number", _RESULT + "send(frame(b'R', b'[NaN, -Infinity]'))", "crashed"),
    attack("returns a number of a million digits", _RESULT + "send(frame(b'R', b'9' * 1_000_000))", "crashed"),
    attack("returns what is no UTF-8", _RESULT + "send(frame(b'R', b'\"\\xff\\xfe\"'))", "crashed"),
    attack(
        "returns an object that lies about itself",
        "class Lie(dict):\n    def items(self): return [('a', self)] * 9\nresult = Lie(a=1)",
        "error",
        "done",
    ),
    attack("sends a million messages", "while True: say('x')", "output", "cpu"),
    attack(
        "sends messages that are too large",
        "say('x' * 100_000)\n" + _RESULT + "send(frame(b'P', b'\"' + b'x' * 100_000 + b'\"'))",
        "output",
    ),
    attack(
        "raises an error that cannot be described",
        """
        class Evil(Exception):
            def __str__(self):
                while True:
                    time.sleep(60)
        raise Evil
        """,
        "timeout",
    ),
    attack(
        "raises an error with a name of its own",
        "raise type('<script>alert(1)</script>', (Exception,), {})('x' * 10_000_000)",
        "error",
        "memory",
    ),
    attack(
        "replaces what runs after it",
        "import backtests.sandbox.inside.running as running\nrunning.write = running._encoded = None",
        "crashed",
    ),
)

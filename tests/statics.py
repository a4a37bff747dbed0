"""Static files are looked for once a process.

WhiteNoise looks for them whenever a chain of middleware is made, and every Client of a test makes one: that was a
quarter of a page's test.
"""

from __future__ import annotations

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware


def look_once() -> None:
    """What one middleware has found serves all that have the same settings."""
    known: dict[tuple[object, ...], dict[str, Any]] = {}
    look: Any = WhiteNoiseMiddleware.add_files_from_finders

    def add_known(self: WhiteNoiseMiddleware) -> None:
        wanted = (self.static_prefix, self.max_age, self.charset, self.allow_all_origins)
        if wanted not in known:
            look(self)
            known[wanted] = dict(self.files)
        self.files.update(known[wanted])

    replaced: Any = WhiteNoiseMiddleware
    replaced.add_files_from_finders = add_known

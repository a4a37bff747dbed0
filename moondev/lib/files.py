"""Files of Django's storage on this machine's disk: each is there whole or not at all, and a new one takes the old's
place. Object stores do the same by themselves."""

from __future__ import annotations

import os
import secrets
from typing import Any

from django.core.files.storage import FileSystemStorage


class WholeFiles(FileSystemStorage):
    """Whoever reads while a file is written gets the old one."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: Any) -> str:
        # Beside its place, for renaming is atomic within one folder only.
        written = super()._save(  # type: ignore[misc]
            f"{name}.{secrets.token_hex(4)}.part", content
        )
        os.replace(self.path(written), self.path(name))
        return name

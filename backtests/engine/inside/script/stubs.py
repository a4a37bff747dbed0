"""Objects and modules that answer everything and do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any


class Anything:
    """Answers every use with itself, so that drawing goes by without a chart. As text it is empty."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> Any:
        return self

    def __getitem__(self, _: object) -> Any:
        return self

    def __setitem__(self, *_: object) -> None: ...

    def __iter__(self) -> Iterator[Any]:
        return iter((self, self))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None: ...

    def __add__(self, other: Any) -> Any:
        return other if isinstance(other, str) else self

    __radd__ = __add__

    def __str__(self) -> str:
        return ""


class Stub(ModuleType):
    """A module that has every name."""

    __path__: list[str] = []

    def __init__(self, name: str, **held: Any) -> None:
        super().__init__(name)
        self.__dict__.update(held)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

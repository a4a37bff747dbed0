"""What a client has already and which part it wants: If-None-Match, Range, If-Range, Accept-Encoding (RFC 9110)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from moondev.lib.errors import RangeNotSatisfiable

ZIPPED = "-gz"
ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
GZIP = re.compile(r"(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=([0-9.]+)\s*)?(?=,|$)", re.IGNORECASE)


def quoted(tag: str, *, zipped: bool) -> str:
    """The ETag of an answer; compressed bytes are other bytes and have another one."""
    return f'"{tag}{ZIPPED}"' if zipped else f'"{tag}"'


def has_it(if_none_match: str, tag: str) -> bool:
    """Whether the client holds this answer, compressed or not."""
    if if_none_match.strip() == "*":
        return True
    held = {item.strip().removeprefix("W/") for item in if_none_match.split(",")}
    return not held.isdisjoint({quoted(tag, zipped=False), quoted(tag, zipped=True)})


def wants_gzip(accept_encoding: str) -> bool:
    found = GZIP.search(accept_encoding)
    return found is not None and (found[1] is None or found[1].strip("0.") != "")


def wants_part(headers: Mapping[str, str], tag: str) -> bool:
    """Whether the client asks for one part of exactly this answer; several parts or an outdated one mean the whole."""
    given = ONE_RANGE.fullmatch(headers.get("Range", "").strip())
    if given is None or given[0] == "bytes=-":
        return False
    condition = headers.get("If-Range")
    return condition is None or condition.strip() == quoted(tag, zipped=False)


def part_of(range_header: str, size: int) -> tuple[int, int]:
    """The first byte of a part and the one after its last; 416 where the answer has no such byte."""
    given = ONE_RANGE.fullmatch(range_header.strip())
    first, last = given.groups() if given else ("", "")
    if first:
        start, end = int(first), min(int(last) + 1, size) if last else size
    else:
        start, end = max(size - int(last or 0), 0), size
    if start >= end:
        raise RangeNotSatisfiable(
            f"The answer has {size:,} bytes, and the Range header asks for none of them.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return start, end

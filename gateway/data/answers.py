"""From a question to an answer: 304 before any query, small answers from memory, large ones from a temporary file.

A large answer is written out, page by page, before its first byte is sent. So its length is known and announced, a
failure of the database is a 503 rather than half a file, and a client can tell when the connection broke: a chunked
answer that breaks off looks complete, because WSGI servers end the body properly when an application's iterator fails.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from typing import IO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from gateway.data.asked import Asked
from gateway.data.cache import LARGEST, Body, bodies
from gateway.data.conditions import has_it, part_of, quoted, wants_gzip, wants_part
from gateway.data.formats import COMPRESSIBLE, CONTENT_TYPES, WRITERS
from marketdata.reading import PAGE_ROWS

BLOCK = 256 * 1024
# In a large answer speed counts more than the last percent of size.
STREAM_LEVEL = 1


def answer(request: HttpRequest, asked: Asked) -> HttpResponseBase:
    """The file as this request wants it: whole or in part, compressed or not, or not at all where the client has it."""
    tag = asked.tag()
    is_part = request.method == "GET" and wants_part(request.headers, tag)
    can_zip = not is_part and asked.query.format in COMPRESSIBLE
    zipped = can_zip and wants_gzip(request.headers.get("Accept-Encoding", ""))
    if has_it(request.headers.get("If-None-Match", ""), tag):
        response: HttpResponseBase = HttpResponse(status=304)
    elif is_part:
        response = _part(request, asked, tag)
    else:
        response = _whole(request, asked, tag, zipped=zipped)
    return _with_headers(response, asked, quoted(tag, zipped=zipped))


def _whole(request: HttpRequest, asked: Asked, tag: str, *, zipped: bool) -> HttpResponseBase:
    is_head = request.method == "HEAD"
    body = bodies.get(tag)
    pieces: Iterator[bytes] = iter(())
    if body is None and not (is_head and _is_large(asked)):
        body, pieces = _begin(asked, tag)
    if body is not None:
        return _encoded(_sized(body.zipped if zipped else body.plain, is_head=is_head), zipped)
    if is_head:
        return _encoded(StreamingHttpResponse(iter(())), zipped)
    file, size = _written(_compressed(pieces) if zipped else pieces)
    return _encoded(_sent(file, 0, size), zipped)


def _begin(asked: Asked, tag: str) -> tuple[Body | None, Iterator[bytes]]:
    """Read until the answer is whole or too large to keep: its body, or all of its pieces as they come."""
    pieces = WRITERS[asked.query.format](asked.selection, header=asked.query.header)
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > LARGEST:
            return None, _after(held, pieces)
    body = Body(b"".join(held))
    bodies.put(tag, body)
    return body, iter(())


def _after(held: list[bytes], pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Everything in order, and nothing kept that is out already."""
    while held:
        yield held.pop(0)
    yield from pieces


def _part(request: HttpRequest, asked: Asked, tag: str) -> HttpResponseBase:
    """One range of the uncompressed answer."""
    body = bodies.get(tag)
    pieces: Iterator[bytes] = iter(())
    if body is None:
        body, pieces = _begin(asked, tag)
    file, size = _written(iter([body.plain]) if body else pieces)
    start, end = part_of(request.headers["Range"], size)
    response = _sent(file, start, end)
    response.status_code = 206
    response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _written(pieces: Iterator[bytes]) -> tuple[IO[bytes], int]:
    """A temporary file with the pieces in it, and its size; the file is gone when the last reader lets go of it."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=LARGEST)  # noqa: SIM115
    for piece in pieces:
        file.write(piece)
    return file, file.tell()


def _sent(file: IO[bytes], start: int, end: int) -> HttpResponseBase:
    """The bytes of a file from `start` up to `end`, with their number announced."""
    file.seek(start)
    response = StreamingHttpResponse(_blocks(file, end - start))
    response["Content-Length"] = str(end - start)
    return response


def _blocks(file: IO[bytes], left: int) -> Iterator[bytes]:
    with file:
        while left > 0:
            block = file.read(min(left, BLOCK))
            left -= len(block)
            yield block


def _compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    zipper = zlib.compressobj(STREAM_LEVEL, wbits=31)
    for piece in pieces:
        yield zipper.compress(piece)
    yield zipper.flush()


def _is_large(asked: Asked) -> bool:
    """Whether counting the bytes would cost more than a HEAD is worth."""
    return min(asked.query.limit, asked.state.rows) > PAGE_ROWS


def _sized(content: bytes, *, is_head: bool) -> HttpResponse:
    response = HttpResponse(b"" if is_head else content)
    response["Content-Length"] = str(len(content))
    return response


def _encoded(response: HttpResponseBase, zipped: bool) -> HttpResponseBase:
    if zipped:
        response["Content-Encoding"] = "gzip"
    return response


def _with_headers(response: HttpResponseBase, asked: Asked, etag: str) -> HttpResponseBase:
    headers = {
        "ETag": etag,
        # The same address answers differently by plan and changes within seconds: ask again, with the ETag.
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
        **asked.notes(),
    }
    if response.status_code == 304:
        del response["Content-Type"]
    else:
        plain = asked.query.format == "csv" and not asked.feed.has_header
        headers |= {
            "Content-Type": "text/plain; charset=utf-8" if plain else CONTENT_TYPES[asked.query.format],
            "Content-Disposition": f'attachment; filename="{asked.file_name()}"',
            "X-Content-Type-Options": "nosniff",
            "Accept-Ranges": "bytes",
        }
    for name, value in headers.items():
        response[name] = value
    return response

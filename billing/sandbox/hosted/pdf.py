"""The smallest PDF that a reader opens: one page of text lines (PDF 1.4, ISO 32000-1)."""

from __future__ import annotations

from collections.abc import Sequence

HEAD = "Payment sandbox, no money moves."
MOST_LINES = 48


def document(texts: Sequence[str]) -> bytes:
    """A page with these lines in the standard font Helvetica; what Latin-1 does not have becomes a question mark."""
    shown = [HEAD, "", *texts][:MOST_LINES]
    content = "BT /F1 11 Tf 14 TL 60 780 Td " + " ".join(f"({_escaped(text)}) Tj T*" for text in shown) + " ET"
    stream = content.encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        b"/Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    return _file(objects)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _file(objects: Sequence[bytes]) -> bytes:
    body, places = b"%PDF-1.4\n", []
    for number, obj in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, obj)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % count
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + head + table + tail

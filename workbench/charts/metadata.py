"""Where a chart's figures come from, written into the files of each format."""

from __future__ import annotations

import html
import json
import re
import struct
import zlib
from typing import Any

import msgspec

PNG = b"\x89PNG\r\n\x1a\n"
_TRAILER = re.compile(rb"trailer\s*<<(.*?)>>\s*startxref\s+(\d+)\s+%%EOF\s*$", re.S)


def as_json(told: dict[str, Any]) -> str:
    """On one line."""
    return msgspec.json.encode(told).decode()


def in_svg(svg: str, told: dict[str, Any]) -> str:
    """A `<title>` and `<metadata>` behind the opening tag."""
    head = f"<title>{_xml(told['title'])}</title><metadata>{_xml(as_json(told))}</metadata>"
    return re.sub(r"(<svg\b[^>]*>)", lambda match: match[1] + head, svg, count=1)


def in_png(png: bytes, told: dict[str, Any]) -> bytes:
    """Text chunks behind the header: the title and, as JSON in ASCII, the whole."""
    header = len(PNG) + 25
    whole = json.dumps(told).encode("ascii")
    title = str(told["title"]).encode("latin-1", "replace")
    chunks = b"".join(_chunk(b"tEXt", key + b"\0" + text) for key, text in ((b"Title", title), (b"workbench", whole)))
    return png[:header] + chunks + png[header:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def in_pdf(pdf: bytes, told: dict[str, Any]) -> bytes:
    """Title and subject as an update at the end, which PDF provides for; a file of another make stays as it is."""
    found = _TRAILER.search(pdf)
    size = re.search(rb"/Size (\d+)", found[1]) if found else None
    root = re.search(rb"/Root \d+ \d+ R", found[1]) if found else None
    if found is None or size is None or root is None:
        return pdf
    number = int(size[1])
    facts = {"Title": str(told["title"]), "Subject": as_json(told), "Creator": f"workbench {told['version']}".strip()}
    entries = b"".join(f"/{name} <{_hex(text)}> ".encode() for name, text in facts.items())
    start = len(pdf) + 1
    info = b"%d 0 obj\n<< %s>>\nendobj\n" % (number, entries)
    table = b"xref\n%d 1\n%010d 00000 n\r\n" % (number, start)
    trailer = b"trailer\n<< /Size %d %s /Info %d 0 R /Prev %s >>\n" % (number + 1, root[0], number, found[2])
    return pdf + b"\n" + info + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (start + len(info))


def _hex(text: str) -> str:
    return "feff" + text.encode("utf-16-be", "replace").hex()


def in_html(told: dict[str, Any]) -> str:
    """Tags for the page's head."""
    pairs = (("generator", f"workbench {told['version']}".strip()), ("workbench", as_json(told)))
    return "\n".join(f'<meta name="{name}" content="{html.escape(text)}">' for name, text in pairs)


def _xml(text: str) -> str:
    """Escaped, without the characters that XML has no way to write."""
    return html.escape(re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text), quote=False)

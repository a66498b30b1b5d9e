"""Canonical URLs: two ways to write the address of one page become one.

Declared and frozen, so that a key never changes; docs/dedup.md has the table. Nothing is fetched, and nothing that could be
another page is thrown away: `www.` stays, the order of parameters stays, and only parameters whose one purpose is to count
visitors go. The rules are those of RFC 3986, 6.2.2 and 6.2.3 (syntax- and scheme-based normalization), and the two choices
marked below.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa

VERSION = 1
PORTS = {"http": "80", "https": "443"}
TRACKING = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "igshid", "mc_cid",
    "mc_eid", "_ga", "_gl", "_hsenc", "_hsmi", "mkt_tok", "vero_id", "oly_anon_id", "oly_enc_id", "wickedid",
    "phpsessid", "jsessionid",
})  # fmt: skip
"""Parameters that go, besides all that begin with `utm_`."""
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def canonical_url(url: str | None) -> str | None:
    """The URL as it is compared: `host[:port]path[?query]`; None for nothing, and what is no URL as it is, less white space."""
    stripped = (url or "").strip()
    if not stripped:
        return None
    try:
        parts = urlsplit(stripped)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port
    except ValueError:
        return stripped
    if not host:
        return stripped
    scheme = parts.scheme.lower()
    # A page is the same by http and https (our choice): the scheme goes where it is one of the two.
    lead = "" if scheme in PORTS else f"{scheme}://"
    place = "" if port is None or str(port) == PORTS.get(scheme) else f":{port}"
    path = _without_dots(_unescaped(parts.path)).rstrip("/")  # the trailing slash goes (our choice)
    query = "&".join(each for each in _unescaped(parts.query).split("&") if each and not _tracks(each))
    return f"{lead}{host}{place}{path or '/'}" + (f"?{query}" if query else "")


def url_keys(urls: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rows, hi, lo): int64[k] rows that have a URL, and uint64[k] twice, the 128-bit BLAKE2b of the canonical one."""
    found = [(row, canonical) for row, url in enumerate(urls.to_pylist()) if (canonical := canonical_url(url)) is not None]
    digests = b"".join(blake2b(url.encode("utf-8", "surrogatepass"), digest_size=16).digest() for _, url in found)
    keys = np.frombuffer(digests, "<u8").reshape(-1, 2)
    return np.array([row for row, _ in found], np.int64), keys[:, 0], keys[:, 1]


def _tracks(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in TRACKING or name.startswith("utm_")


def _unescaped(text: str) -> str:
    """Escapes of unreserved characters undone, the digits of the others in upper case."""
    return _ESCAPE.sub(_escape, text) if "%" in text else text


def _escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _without_dots(path: str) -> str:
    """`.` and `..` resolved."""
    if "/." not in path:
        return path
    kept: list[str] = []
    for part in path.split("/")[1:]:
        if part == "..":
            kept = kept[:-1]
        elif part != ".":
            kept.append(part)
    return "/" + "/".join(kept)

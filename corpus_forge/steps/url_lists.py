"""Lists for `url_filter`: what they look like, where they are found, and the host that a URL names.

A list is plain text, one entry a line, `#` for comments. Headings such as `[words]` say what follows; without one the lines
are domains, so that published domain lists can be used as they are. Hosts are compared as the DNS does: lower case, punycode,
no trailing dot. The IDNA of the standard library is the older one (2003): ß counts as `ss`, in lists and in URLs alike.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from corpus_forge.errors import InputError
from corpus_forge.io.compression import DamagedStream, open_decompressed
from corpus_forge.io.paths import open_input
from corpus_forge.io.source import Access

SECTIONS = ("domains", "words", "subwords", "soft_words", "patterns", "allow")
LIST_BYTES = 512 << 20
"""Bound on a list after decompression; the largest published domain lists have 100 MB."""
HOST_CHARACTERS = 253
"""Longest name in the DNS (RFC 1035); of a longer one the last so many characters count, which keeps the work linear."""

_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]{0,30}:)?[/\\]{2,}", re.IGNORECASE)
_PLAIN_DOMAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")
_NOT_IN_A_HOST = re.compile(r"[\s/?#\\@:,;*]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_HEADING = re.compile(r"\[([a-z_]+)\]")


class UrlList(NamedTuple):
    """The entries of one list by section, in file order, and the sha256 of its content."""

    entries: dict[str, tuple[str, ...]]
    sha256: str


def host_of(url: str) -> str:
    """The host of a URL as the DNS compares it: `HTTPS://u:p@WWW.Bücher.example.:8443/x` → `www.xn--bcher-kva.example`.

    Total: whatever the text, the answer is a string, "" where there is no host. A URL without a scheme begins with its host.
    """
    text = url.strip()
    scheme = _SCHEME.match(text)
    authority = re.split(r"[/?#\\]", text[scheme.end() :] if scheme else text, maxsplit=1)[0].rpartition("@")[2]
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()[:HOST_CHARACTERS]
    host = authority.partition(":")[0]
    return _as_dns((unquote(host) if "%" in host else host).rstrip(".")[-HOST_CHARACTERS:])


@lru_cache(maxsize=1 << 14)
def _as_dns(host: str) -> str:
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            # No valid name in the DNS: it is still compared with the lists, as written.
            host = host.replace("。", ".")
    return host.lower().rstrip(".")


def parents(host: str) -> Iterator[str]:
    """The host and the domains above it: `a.b.c` → `a.b.c`, `b.c`, `c`."""
    while host:
        yield host
        host = host.partition(".")[2]


def words_of(text: str) -> list[str]:
    """Letters and digits in runs, lower case, percent-decoded: `http://x.org/Free%20Stuff_2` → http, x, org, free, stuff, 2."""
    decoded = unquote(text) if "%" in text else text
    return [word for word in _BETWEEN_WORDS.split(decoded.lower()) if word]


def checked(section: str, entry: str) -> str:
    """An entry in the form in which it is compared. ValueError says what is wrong with it."""
    if section in ("domains", "allow"):
        return entry if _PLAIN_DOMAIN.fullmatch(entry) else _domain(entry)
    if section == "patterns":
        return _pattern(entry)
    words = words_of(entry)
    if not words or (len(words) > 1 and section != "subwords"):
        raise ValueError(f"'{entry}' is not one word of letters and digits. Use subwords or patterns for anything else.")
    return "".join(words)


def _domain(entry: str) -> str:
    """`*.example.com` and `.example.com` mean `example.com`, as every entry blocks what is below it."""
    host = host_of(entry.strip().removeprefix("*.").removeprefix("."))
    if not host or _NOT_IN_A_HOST.search(host if "[" not in entry else ""):
        raise ValueError(f"'{entry}' is not a domain. Write it like example.com.")
    return host


def _pattern(pattern: str) -> str:
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        said = str(error).removeprefix("Invalid regular expression: ")
        raise ValueError(
            f"pattern '{pattern}' is not an RE2 expression: {said}. RE2 has no lookaround or backreferences."
        ) from None
    return pattern


def locate_list(name: str, folders: list[Path]) -> str:
    """Where a list lies: `name` is a path, or stands for `lists/NAME.txt` (or .txt.gz) in one of the folders. InputError."""
    shipped = {path.name.split(".")[0]: path for folder in folders for path in sorted((folder / "lists").glob("*.txt*"))}
    if name in shipped:
        return str(shipped[name])
    if any(sign in name for sign in "./\\"):
        return name
    known = ", ".join(sorted(shipped)) or "none"
    raise InputError(f"no list is named '{name}'. Shipped: {known}. For a file of yours give its path, such as ./{name}.txt.")


def load_list(path: str) -> UrlList:
    """Read and check a list, plain or compressed. InputError names the file, the line and the fix."""
    content = list_content(path)
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 not in _parsed:
        _parsed[sha256] = UrlList(_sections(path, content), sha256)
    return _parsed[sha256]


_parsed: dict[str, UrlList] = {}


def list_content(path: str) -> bytes:
    """The bytes of a list, decompressed. InputError for what is absent, damaged or over LIST_BYTES."""
    content = bytearray()
    with open_input(path, Access()) as raw:
        stream = open_decompressed(raw)
        try:
            while len(content) <= LIST_BYTES and (block := stream.read(1 << 20)):
                content += block
        except DamagedStream as error:
            raise InputError(f"{path}: the list cannot be read: {error}. Fetch it again.") from None
    if len(content) > LIST_BYTES:
        raise InputError(f"{path}: the list has more than {LIST_BYTES >> 20} MiB. Split it.")
    return bytes(content)


def _sections(path: str, content: bytes) -> dict[str, tuple[str, ...]]:
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: the list is not UTF-8 at byte {error.start}. Convert it.") from None
    entries: dict[str, list[str]] = {section: [] for section in SECTIONS}
    section = "domains"
    for number, line in enumerate(lines, 1):
        entry = line.strip()
        heading = _HEADING.fullmatch(entry)
        if heading and (heading[1] in SECTIONS or section != "patterns"):
            section = heading[1]
            if section not in SECTIONS:
                raise InputError(f"{path}:{number}: unknown heading '{entry}'. Known: {', '.join(SECTIONS)}.")
        elif entry and not entry.startswith("#"):
            try:
                entries[section].append(checked(section, entry))
            except ValueError as error:
                raise InputError(f"{path}:{number}: {error}") from None
    return {name: tuple(found) for name, found in entries.items()}

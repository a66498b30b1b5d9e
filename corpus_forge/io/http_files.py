"""Files behind http:// and https://, read as streams, only where the request allows it.

A pipeline file may come from someone else, so an address may only lead to the public internet: every host, that of a
redirect too, is resolved first, and refused when any of its addresses is private, loopback or link-local (a cloud's
metadata service). The connection then goes to the address that was checked, so that a name cannot change its mind in
between. Proxies from the environment are not used, for the same reason: a network without a direct way out cannot read these.
"""

from __future__ import annotations

import errno
import http.client
import io
import ipaddress
import socket
import ssl
import urllib.request
from typing import BinaryIO, cast
from urllib.error import HTTPError
from urllib.parse import urlsplit

from corpus_forge.errors import InputError
from corpus_forge.io.source import Access, InputFile

TIMEOUT_S = 60
BUFFER_BYTES = 1 << 20


def open_url(uri: str, access: Access, allow_loopback: bool = False) -> BinaryIO:
    """The body as a stream that cannot seek. InputError when it is not allowed or not there; OSError when the network fails.

    `allow_loopback` is for tests, which serve their files at 127.0.0.1.
    """
    response = _request(uri, "GET", access, allow_loopback)
    return cast("BinaryIO", io.BufferedReader(_Body(response, uri), BUFFER_BYTES))


def describe_url(uri: str, access: Access, allow_loopback: bool = False) -> InputFile:
    """Size and `etag:…` as the server says, or the date of the last change. InputError when it says neither."""
    try:
        with _request(uri, "HEAD", access, allow_loopback) as response:
            headers = response.headers
    except OSError as error:
        raise InputError(f"{uri}: cannot be read: {error}") from None
    size, etag, changed = headers.get("Content-Length"), headers.get("ETag"), headers.get("Last-Modified")
    if not (size and size.isascii() and size.isdigit()) or not (etag or changed):
        raise InputError(f"{uri}: the server names no size and version of it, so a change would go unseen. Download it first.")
    return InputFile(uri, int(size), f"etag:{etag}:{size}" if etag else f"modified:{changed}:{size}")


def _request(uri: str, method: str, access: Access, allow_loopback: bool) -> http.client.HTTPResponse:
    if not access.allow_http:
        raise InputError(f"{uri}: files behind http are read only with --allow-http.")
    if "@" in urlsplit(uri).netloc:
        raise InputError(
            "an http address with a user name or password would be written into every document's origin: leave it out."
        )
    request = urllib.request.Request(uri, method=method, headers={"Accept-Encoding": "identity"})  # noqa: S310 - checked on connecting
    try:
        return _opener(allow_loopback).open(request, timeout=TIMEOUT_S)
    except HTTPError as error:
        error.close()
        if error.code >= 500 or error.code == 429:
            raise OSError(errno.EIO, f"{uri}: the server answered {error.code} {error.reason}") from None
        raise InputError(f"{uri}: the server answered {error.code} {error.reason}.") from None


def _opener(allow_loopback: bool) -> urllib.request.OpenerDirector:
    """An opener with http, https and redirects between them; no proxies, no ftp, no file."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        _Checked(allow_loopback),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


class _Checked(urllib.request.AbstractHTTPHandler):
    """Opens http and https through connections that check where they lead."""

    http_request = https_request = urllib.request.AbstractHTTPHandler.do_request_

    def __init__(self, allow_loopback: bool) -> None:
        super().__init__()
        self._allow_loopback = allow_loopback

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, request, allow_loopback=self._allow_loopback)  # type: ignore[arg-type]

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureConnection, request, allow_loopback=self._allow_loopback)  # type: ignore[arg-type]


class _Connection(http.client.HTTPConnection):
    def __init__(self, host: str, *, allow_loopback: bool, timeout: float) -> None:
        super().__init__(host, timeout=timeout)
        self._allow_loopback = allow_loopback

    def connect(self) -> None:
        address = checked_address(self.host, self.port, self._allow_loopback)
        self.sock = socket.create_connection((address, self.port), self.timeout)


class _SecureConnection(_Connection):
    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def checked_address(host: str, port: int, allow_loopback: bool = False) -> str:
    """An address of the host, all of whose addresses are public. InputError when one is not; OSError when it has none."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for text in found:
        address = ipaddress.ip_address(text.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        public = address.is_global and not address.is_multicast
        if not public and not (allow_loopback and text == "127.0.0.1"):
            raise InputError(
                f"http: the host '{host}' leads to {text}, which is not a public address; such hosts are never read."
            )
    return found[0]


class _Body(io.RawIOBase):
    """The body of a response; one that ends before its announced length is an error, not an end."""

    def __init__(self, response: http.client.HTTPResponse, uri: str) -> None:
        self._response, self._uri, self._missing = response, uri, response.length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            count = self._response.readinto(buffer)
        except http.client.HTTPException as error:
            raise OSError(errno.EIO, f"{self._uri}: {type(error).__name__} in the body") from error
        if self._missing is not None:
            self._missing -= count
            if not count and len(buffer) and self._missing:
                raise OSError(errno.EIO, f"{self._uri}: the connection ended {self._missing} bytes too early")
        return count

    def close(self) -> None:
        if not self.closed:
            self._response.close()
        super().close()

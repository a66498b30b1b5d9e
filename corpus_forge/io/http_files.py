"""Files behind http:// and https://, read as streams, only where the request allows it.

The host that a pipeline file names may be any, a mirror in the same building or on the same machine included, but for
link-local addresses (a cloud's metadata service). A server that answers with a redirect is trusted less: it may lead to
public addresses and to itself. Every host is resolved first, and the connection goes to the address that was checked, so that
a name cannot change its mind in between. Proxies from the environment are not used, for the same reason.
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
from corpus_forge.io.access import Access, InputFile

TIMEOUT_S = 60
BUFFER_BYTES = 1 << 20


def open_url(uri: str, access: Access) -> BinaryIO:
    """The body as a stream that cannot seek. InputError when it is not allowed or not there; OSError when the network fails."""
    response = _request(uri, "GET", access)
    return cast("BinaryIO", io.BufferedReader(_Body(response, uri), BUFFER_BYTES))


def describe_url(uri: str, access: Access) -> InputFile:
    """Size and `etag:…` as the server says, or the date of the last change. InputError when it says neither."""
    try:
        with _request(uri, "HEAD", access) as response:
            headers = response.headers
    except OSError as error:
        raise InputError(f"{uri}: cannot be read: {error}") from None
    size, etag, changed = headers.get("Content-Length"), headers.get("ETag"), headers.get("Last-Modified")
    if not (size and size.isascii() and size.isdigit()) or not (etag or changed):
        raise InputError(f"{uri}: the server names no size and version of it, so a change would go unseen. Download it first.")
    return InputFile(uri, int(size), f"etag:{etag}:{size}" if etag else f"modified:{changed}:{size}")


def _request(uri: str, method: str, access: Access) -> http.client.HTTPResponse:
    if not access.allow_http:
        raise InputError(f"{uri}: files behind http are read only with --allow-http.")
    if "@" in urlsplit(uri).netloc:
        raise InputError(
            "an http address with a user name or password would be written into every document's origin: leave it out."
        )
    request = urllib.request.Request(uri, method=method, headers={"Accept-Encoding": "identity"})  # noqa: S310 - checked on connecting
    try:
        return _opener(urlsplit(uri).hostname or "").open(request, timeout=TIMEOUT_S)
    except HTTPError as error:
        error.close()
        if error.code >= 500 or error.code == 429:
            raise OSError(errno.EIO, f"{uri}: the server answered {error.code} {error.reason}") from None
        raise InputError(f"{uri}: the server answered {error.code} {error.reason}.") from None


def _opener(named: str) -> urllib.request.OpenerDirector:
    """An opener with http, https and redirects between them; no proxies, no ftp, no file."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        _Checked(named),
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

    def __init__(self, named: str) -> None:
        super().__init__()
        self._named = named

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Connection, request, named=self._named)  # type: ignore[arg-type]

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureConnection, request, named=self._named)  # type: ignore[arg-type]


class _Connection(http.client.HTTPConnection):
    def __init__(self, host: str, *, named: str, timeout: float) -> None:
        super().__init__(host, timeout=timeout)
        self._named = named

    def connect(self) -> None:
        address = checked_address(self.host, self.port, self.host == self._named)
        self.sock = socket.create_connection((address, self.port), self.timeout)


class _SecureConnection(_Connection):
    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def checked_address(host: str, port: int, named: bool = False) -> str:
    """An address of the host that may be read. InputError when one of its addresses may not; OSError when it has none.

    `named`: the pipeline file itself names this host. Others, which redirects lead to, must be public.
    """
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for text in found:
        address = ipaddress.ip_address(text.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        if address.is_link_local or address.is_multicast or address.is_unspecified:
            raise InputError(f"http: the host '{host}' leads to {text}, an address that is never read.")
        if not named and not address.is_global:
            raise InputError(f"http: a redirect leads to '{host}' ({text}), which is not a public address. Name it in `paths`.")
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

"""Files behind http: only on request, only from public hosts, never shorter than announced."""

from __future__ import annotations

import ipaddress
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from corpus_forge.errors import InputError
from corpus_forge.io.http_files import checked_address, describe_url, open_url
from corpus_forge.io.paths import open_input
from corpus_forge.io.source import Access, InputFile
from corpus_forge.pipeline import Pipeline

ALLOWED = Access(allow_http=True)


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.strip("/")
        if name in ("404", "503"):
            self.send_error(int(name))
        elif name.startswith("to-"):
            self.send_response(302)
            self.send_header("Location", {"to-file": "file", "to-private": "http://10.0.0.1/", "to-ftp": "ftp://x/"}[name])
            self.end_headers()
        else:
            self.send_response(200)
            self.send_header("Content-Length", "10")
            if name != "unversioned":
                self.send_header("ETag", '"v1"')
            self.end_headers()
            self.wfile.write(b"0123" if name == "short" else b"0123456789")

    def do_HEAD(self):
        self.do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_http_is_read_only_on_request():
    with pytest.raises(InputError, match=r"^https://example.org/a: files behind http are read only with --allow-http.$"):
        open_input("https://example.org/a", Access())


def test_a_body_is_streamed(site):
    with open_url(f"{site}/file", ALLOWED) as body:
        assert (body.seekable(), body.read(4), body.read()) == (False, b"0123", b"456789")


def test_redirects_are_followed(site):
    with open_url(f"{site}/to-file", ALLOWED) as body:
        assert body.read() == b"0123456789"


def test_a_redirect_to_a_private_host_is_refused(site):
    with pytest.raises(InputError, match=r"a redirect leads to '10.0.0.1' \(10.0.0.1\), which is not a public address"):
        open_url(f"{site}/to-private", ALLOWED)


def test_a_redirect_leaves_http_for_nothing_else(site):
    with pytest.raises(OSError, match="ftp"):
        open_url(f"{site}/to-ftp", ALLOWED)


PRIVATE = ("127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "::1", "::ffff:127.0.0.1", "fd00::1")
NEVER = ("169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "::ffff:169.254.169.254")


@pytest.mark.parametrize("host", PRIVATE)
def test_private_hosts_are_read_when_the_pipeline_names_them_and_not_when_a_redirect_does(host):
    assert ipaddress.ip_address(checked_address(host, 80, named=True)) == ipaddress.ip_address(host)
    with pytest.raises(InputError, match="which is not a public address"):
        checked_address(host, 80)


@pytest.mark.parametrize("host", NEVER)
@pytest.mark.parametrize("named", [True, False])
def test_metadata_services_and_groups_are_never_read(host, named):
    with pytest.raises(InputError, match="an address that is never read"):
        checked_address(host, 80, named)


def test_public_hosts_pass():
    assert checked_address("93.184.215.14", 80) == "93.184.215.14"


def test_a_body_that_ends_early_is_an_error_and_no_end(site):
    with open_url(f"{site}/short", ALLOWED) as body, pytest.raises(OSError, match="6 bytes too early"):
        body.read()


def test_answers_without_a_file(site):
    with pytest.raises(InputError, match="answered 404"):
        open_url(f"{site}/404", ALLOWED)
    with pytest.raises(OSError, match="answered 503"):
        open_url(f"{site}/503", ALLOWED)


def test_a_file_is_known_by_etag_and_size(site):
    assert describe_url(f"{site}/file", ALLOWED) == InputFile(f"{site}/file", 10, 'etag:"v1":10')
    with pytest.raises(InputError, match="names no size and version"):
        describe_url(f"{site}/unversioned", ALLOWED)


def test_passwords_in_an_address_are_refused_and_not_repeated():
    with pytest.raises(InputError) as error:
        open_url("https://name:secret@example.org/", ALLOWED)
    assert "secret" not in str(error.value)


def test_a_pipeline_reads_over_http_with_the_flag_and_says_so_without(site, tmp_path):
    source = {"name": "web", "format": "text", "paths": [f"{site}/file"]}
    pipeline = Pipeline.from_dict({"name": "http", "sources": [source]})
    with pytest.raises(InputError, match="--allow-http"):
        pipeline.run(tmp_path / "refused", executor="inline")
    run = pipeline.run(tmp_path / "run", executor="inline", allow_http=True)
    assert run.documents()["text"].to_pylist() == ["0123456789"]
    assert run.documents()["origin"].to_pylist() == [f"{site}/file#0"]
    assert not (tmp_path / "refused").exists()

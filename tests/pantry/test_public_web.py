"""Pages that people name: only those of the public web are requested, and they are limited in size and time."""

import gzip
import re
import time

import pytest

from pantry import public_web
from pantry.errors import ActionError, Busy
from pantry.public_web import fetch_page
from tests.limits import limit
from tests.web_pages import WebPages


@pytest.fixture
def web():
    with WebPages() as running:
        yield running


def refusal(web, url):
    with pytest.raises(ActionError) as error:
        fetch_page(url, [web.host])
    return str(error.value)


def test_page_is_read_after_redirects(web):
    web.add("/page", "<p>Hello</p>", content_type="text/html; charset=latin-1")
    web.add("/second", status=302, location="page")
    url = web.add("/first", status=301, location=f"{web.url}/second")
    assert fetch_page(url, [web.host]) == (b"<p>Hello</p>", "latin-1")


def test_compressed_page_is_read_up_to_the_limit(web):
    most = limit("Web page with a recipe, also before decompression")
    small = web.add("/small", gzip.compress(b"x" * most), content_encoding="gzip")
    assert len(fetch_page(small, [web.host]).content) == most
    for name, body in (("zip", gzip.compress(b"x" * (most + 1))), ("large", gzip.compress(b"x" * 50_000_000))):
        assert "too large" in refusal(web, web.add(f"/{name}", body, content_encoding="gzip"))
    assert "can't be reached" in refusal(web, web.add("/broken", b"no gzip", content_encoding="gzip"))
    assert "can't be reached" in refusal(web, web.add("/other", b"?", content_encoding="br"))


def test_large_page_is_read_no_further_than_the_limit(web):
    sent = []

    def write(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        for _number in range(500):
            handler.wfile.write(b"x" * 100_000)
            sent.append(100_000)

    web.pages["/large"] = write
    assert "at most 5,000,000 bytes" in refusal(web, f"{web.url}/large")
    assert sum(sent) < 50_000_000


@pytest.mark.parametrize("part", ["head", "body"])
def test_slow_page_is_given_up(web, monkeypatch, part):
    assert limit("Time for a web page with a recipe, with its redirects") == public_web.FETCH_SECONDS
    monkeypatch.setattr(public_web, "FETCH_SECONDS", 0.5)

    def write(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + (b"\r\n" if part == "body" else b""))
        for _number in range(1000):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    web.pages["/slow"] = write
    started = time.monotonic()
    assert refusal(web, f"{web.url}/slow") == "That page took too long to answer."
    assert time.monotonic() - started < 10


def test_other_answers_are_refused_with_the_reason(web):
    assert "error 404" in refusal(web, web.add("/gone", status=404))
    assert "isn't a web page" in refusal(web, web.add("/picture", content_type="image/png"))
    assert "leads from one address to the next" in refusal(web, web.add("/loop", status=302, location="/loop"))
    assert web.requests.count("/loop") == limit("Redirects to a web page with a recipe") + 1
    web.server.server_close()
    assert "can't be reached" in refusal(web, f"{web.url}/page")


@pytest.mark.parametrize(
    "url",
    [
        "", "pancakes", "ftp://example.com/x", "https://me:secret@example.com", "https://", "javascript:alert(1)",
        "http://[", "https://example.com/" + "x" * 2_000,
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_page_is_refused(web, url):
    assert "Enter the whole address" in refusal(web, url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://10.0.0.7/", "http://[::1]/", "http://169.254.169.254/latest", "http://0x7f.1/",
        "https://142.250.72.74:8443/", "2130706433.example",
    ],
)  # fmt: skip
def test_private_address_gets_no_request(web, url, monkeypatch):
    answers = {"2130706433.example": "127.0.0.1", "0x7f.1": "127.0.0.1"}
    resolved = lambda host, port, **_options: [(0, 0, 0, "", (answers.get(host, host), port))]  # noqa: E731
    monkeypatch.setattr("socket.getaddrinfo", resolved)
    assert "isn't on the public internet" in refusal(web, url)
    assert web.requests == []


def test_redirect_into_a_private_network_is_refused(web):
    with WebPages() as inner:
        inner.add("/secret", "<p>Secret</p>")
        for number, location in enumerate((f"{inner.url}/secret", "http://169.254.169.254/", "file:///etc/passwd")):
            text = refusal(web, web.add(f"/{number}", status=302, location=location))
            assert re.search("isn't on the public internet|Enter the whole address", text)
        assert inner.requests == []


def test_name_is_resolved_once_and_the_checked_address_is_used(web, monkeypatch):
    """A name that leads elsewhere a moment later does not help."""
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda *_arguments, **_options: [(0, 0, 0, "", (ip, 80)) for ip in answers.pop(0)]
    )
    connections = []

    async def connect(_backend, host, port, **_options):
        connections.append((host, port))
        raise OSError

    monkeypatch.setattr("httpcore2.AnyIOBackend.connect_tcp", connect)
    assert "can't be reached" in refusal(web, "http://rebinding.example/")
    assert connections == [("8.8.8.8", 80)]


def test_pages_that_are_read_at_the_same_time_are_limited(web, monkeypatch):
    most = limit("Web pages with recipes that are read at the same time, in each process")
    assert most == public_web.MAX_CONCURRENT_FETCHES
    url = web.add("/page")
    for _number in range(most):
        public_web._slots.acquire()
    try:
        with pytest.raises(Busy):
            fetch_page(url, [web.host])
    finally:
        public_web._slots.release(most)
    assert fetch_page(url, [web.host])

"""Requests to addresses that people name, which could lead into our own network."""

import ipaddress
import socket
import ssl
import zlib
from collections.abc import Collection
from functools import cache
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import NamedTuple

import anyio
import httpx2
from django.utils.translation import gettext as _
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from pantry.errors import ActionError, Busy

NAT64 = ipaddress.ip_network("64:ff9b::/96")  # the last four bytes are an IPv4 address
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # other networks are local, or of protocols that ended
DOCUMENTATION = ipaddress.ip_network("3fff::/20")  # RFC 9637; `is_global` knows the older one

MAX_URL_CHARS = 2_000
MAX_PAGE_BYTES = 5_000_000  # before and after decompression
MAX_REDIRECTS = 5
FETCH_SECONDS = 10.0  # for everything: names, redirects and the whole page
MAX_CONCURRENT_FETCHES = 2  # in each process: each occupies one of the threads that answer requests
PORTS = {"http": 80, "https": 443}
HTML_TYPES = ("text/html", "application/xhtml+xml")
HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; PantryPixie)",
    "Accept": "text/html,application/xhtml+xml",
    "Accept-Encoding": "gzip",
}

_slots = BoundedSemaphore(MAX_CONCURRENT_FETCHES)


class NotPublic(Exception):
    """The host has an address that is not on the public internet."""


class WebPage(NamedTuple):
    """A page of HTML: its bytes and the encoding that its server names, which may be none."""

    content: bytes
    encoding: str | None


def is_public(address: str) -> bool:
    """Tell whether the IP address is on the public internet. Raises ValueError if it is not an IP address."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        ipv4 = ip.ipv4_mapped or ip.sixtofour
        if ip in NAT64:
            ipv4 = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if ipv4 is not None:
            return is_public(str(ipv4))
        if ip not in GLOBAL_UNICAST or ip in DOCUMENTATION:
            return False
    return ip.is_global and not ip.is_multicast


def resolve(host: str, port: int, *, is_intranet: bool = False) -> tuple[str, ...]:
    """Return the IP addresses of a host, to connect to: a name that is resolved again may lead elsewhere.

    Raises NotPublic unless all of them are public or it is a host of the intranet, and OSError for an unknown name.
    """
    try:
        results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # “a..b”, or a part of more than 63 letters
        raise OSError("no host can have that name") from error
    addresses = tuple(dict.fromkeys(str(result[4][0]).partition("%")[0] for result in results))
    if not is_intranet and not all(map(is_public, addresses)):
        raise NotPublic
    return addresses


@cache
def tls_context() -> ssl.SSLContext:
    """Return the certificates for all clients, since loading them takes as long as a request."""
    return httpx2.create_ssl_context()


def fetch_page(url: str, intranet_hosts: Collection[str] = ()) -> WebPage:
    """Return a page of the public web, or of one of these hosts (“name:port”). Takes up to `FETCH_SECONDS`.

    Call it outside of transactions. Raises ActionError with the reason if there is no such page, and Busy while
    `MAX_CONCURRENT_FETCHES` others are being fetched.
    """
    if not _slots.acquire(blocking=False):
        raise Busy(_("Other pages are being read. Try again in a moment."), round(FETCH_SECONDS))
    try:
        return anyio.run(_fetch, url, intranet_hosts)
    except NotPublic as error:
        raise ActionError(_("That address isn't on the public internet, so it isn't read.")) from error
    except (TimeoutError, httpx2.TimeoutException) as error:
        raise ActionError(_("That page took too long to answer.")) from error
    except (OSError, ValueError, httpx2.HTTPError, httpx2.InvalidURL, zlib.error) as error:
        raise ActionError(_("That page can't be reached.")) from error
    finally:
        _slots.release()


async def _fetch(url: str, intranet_hosts: Collection[str]) -> WebPage:
    with anyio.fail_after(FETCH_SECONDS):
        for _number in range(MAX_REDIRECTS + 1):
            page = await _request(_parse(url), intranet_hosts)
            if isinstance(page, WebPage):
                return page
            url = page
    raise ActionError(_("That page leads from one address to the next. Enter the last one."))


def _parse(text: str) -> httpx2.URL:
    """Return the URL with escaped characters. Raises ActionError unless it is one of a web page."""
    try:
        url = parse_url(text if "://" in text else f"https://{text}")
        is_host = bool(set(url.host or "") & {".", ":"}) and not url.auth
        if is_host and url.scheme in PORTS and len(url.url) <= MAX_URL_CHARS:
            return httpx2.URL(url.url)
    except (LocationParseError, httpx2.InvalidURL, UnicodeError):
        pass
    raise ActionError(_("Enter the whole address of a web page, like https://example.com/pancakes."))


async def _request(url: httpx2.URL, intranet_hosts: Collection[str]) -> WebPage | str:
    """Return the page, or the URL that it redirects to."""
    port = url.port or PORTS[url.scheme]
    is_intranet = f"{url.host}:{port}" in intranet_hosts
    if not is_intranet and port != PORTS[url.scheme]:
        raise NotPublic
    addresses = await anyio.to_thread.run_sync(
        lambda: resolve(url.host, port, is_intranet=is_intranet), abandon_on_cancel=True
    )
    client = httpx2.AsyncClient(transport=_PinnedTransport(addresses), trust_env=False, timeout=FETCH_SECONDS)
    async with client, client.stream("GET", url, headers=HEADERS) as response:
        if response.has_redirect_location:
            return str(url.join(response.headers["Location"]))
        return await _read(response)


class _PinnedTransport(httpx2.AsyncHTTPTransport):
    """Connect to one of these IP addresses."""

    def __init__(self, addresses: tuple[str, ...]) -> None:
        super().__init__(verify=tls_context())
        self.addresses = addresses

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        for address in self.addresses:
            request.url = request.url.copy_with(host=address)
            try:
                return await super().handle_async_request(request)
            except httpx2.ConnectError:
                if address == self.addresses[-1]:
                    raise
        raise httpx2.ConnectError("no address")


async def _read(response: httpx2.Response) -> WebPage:
    """Read the whole body. Raises ActionError for an error, for what is not HTML, and for too much."""
    if response.status_code != HTTPStatus.OK:
        raise ActionError(_("That page can't be read: it answers with error %(n)d.") % {"n": response.status_code})
    if response.headers.get("Content-Type", "").partition(";")[0].strip().casefold() not in HTML_TYPES:
        raise ActionError(_("That address isn't a web page."))
    content = bytearray()
    async for part in response.aiter_raw():
        content += part
        _check_size(content)
    encoding = response.headers.get("Content-Encoding", "identity").casefold()
    if encoding in ("gzip", "x-gzip"):
        content = bytearray(zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(content, MAX_PAGE_BYTES + 1))
        _check_size(content)
    elif encoding != "identity":
        raise httpx2.DecodingError("an encoding that was not asked for")
    return WebPage(bytes(content), response.charset_encoding)


def _check_size(content: bytearray) -> None:
    if len(content) > MAX_PAGE_BYTES:
        message = _("That page is too large: at most %(max)s bytes are read.")
        raise ActionError(message % {"max": f"{MAX_PAGE_BYTES:,}"})

"""Web push over the wire: encrypted for the device (RFC 8291), signed by this server (RFC 8292), sent (RFC 8030).

An endpoint is an address that somebody gave us, so it could be one inside of our own network: only addresses of the
public internet are spoken to, by TLS, and no answer leads anywhere else.
"""

import base64
import binascii
import ipaddress
import logging
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr, parsedate_to_datetime
from enum import Enum
from functools import lru_cache
from time import time
from typing import Any
from urllib.parse import SplitResult, urlsplit

import orjson
import urllib3
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from urllib3.exceptions import HTTPError

from homes.notifications.models import PushSubscription

log = logging.getLogger(__name__)

TIMEOUT = urllib3.Timeout(connect=3, read=7)  # seconds
SIGNED_FOR = 12 * 60 * 60  # seconds
HTTPS = 443
MOST_ADDRESSES = 4  # of one name that are tried
EMBEDDED_IPV4 = ipaddress.ip_network("64:ff9b::/96")  # NAT64: the last four bytes are an IPv4 address


class Outcome(Enum):
    SENT = "sent"
    LATER = "later"
    GONE = "gone"  # the person took the permission back, or the browser is no more
    REFUSED = "refused"  # trying again would not help


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    wait: timedelta = timedelta()  # what the push service asks for before the next try


class NotPublic(Exception):
    """The endpoint leads into a network of our own, or nowhere that a push service could be."""


def send(device: PushSubscription, shown: dict[str, Any], *, seconds: int, urgency: str, topic: str) -> Answer:
    """Bring `shown` on its way. The push service keeps it `seconds` for a device that is off, and of one `topic` only
    the newest."""
    try:
        status, retry_after = _post(
            urlsplit(device.endpoint),
            _encrypted(device, orjson.dumps(shown)),
            {"TTL": str(seconds), "Urgency": urgency, "Topic": topic},
        )
    except NotPublic:
        log.warning("device %s is at no public address", device.pk)
        return Answer(Outcome.GONE)
    except (OSError, HTTPError) as error:
        log.info("device %s could not be reached: %s", device.pk, type(error).__name__)
        return Answer(Outcome.LATER)
    if status in (200, 201, 202, 204):
        return Answer(Outcome.SENT)
    if status in (404, 410):
        return Answer(Outcome.GONE)
    if status == 429 or status >= 500:
        return Answer(Outcome.LATER, _wait(retry_after))
    log.warning("the push service %s refused a notice: %d", device.service, status)
    return Answer(Outcome.REFUSED)


def is_allowed(endpoint: str) -> bool:
    """Whether it may be an endpoint at all. Where its name leads is looked up at every sending."""
    try:
        url = urlsplit(endpoint)
        host, port = url.hostname or "", url.port
    except ValueError:
        return False
    if not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint or "@" in url.netloc or url.fragment:
        return False
    if url.netloc in settings.PUSH_INTRANET_HOSTS:
        return url.scheme in ("http", "https")
    if url.scheme != "https" or port not in (None, HTTPS) or "." not in host.strip("."):
        return False
    with suppress(ValueError):
        return is_public(host)
    return True


def is_public(address: str) -> bool:
    """Raises ValueError for what is no address."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in EMBEDDED_IPV4:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def public_key(private: str = "") -> str:
    """By which browsers know this server, as `applicationServerKey` takes it; or the other half of the key given."""
    key = _private_key(private or settings.VAPID_PRIVATE_KEY).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _private_key(text: str) -> ec.EllipticCurvePrivateKey:
    try:
        number = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if len(number) != 32:
            raise ValueError
        return ec.derive_private_key(int.from_bytes(number, "big"), ec.SECP256R1())
    except (ValueError, binascii.Error) as error:
        raise ImproperlyConfigured("VAPID_PRIVATE_KEY is no key. `manage.py vapid_keys` makes one.") from error


def is_device_key(p256dh: str, auth: str) -> bool:
    """Whether a browser may have made these: a point on the curve, and 16 bytes."""
    try:
        point, secret = (base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) for text in (p256dh, auth))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (ValueError, binascii.Error):
        return False
    return len(point) == 65 and len(secret) == 16


def _encrypted(device: PushSubscription, message: bytes) -> bytes:
    from pywebpush import WebPusher  # takes half a second to load, and most processes never push

    keys = {"p256dh": device.p256dh, "auth": device.auth}
    body: bytes = WebPusher({"endpoint": device.endpoint, "keys": keys}).encode(message)["body"]
    return body


def _signed(url: SplitResult) -> dict[str, str]:
    from py_vapid import Vapid02

    claims = {
        "aud": f"{url.scheme}://{url.netloc}",
        "sub": settings.VAPID_SUBJECT or f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
        "exp": int(time()) + SIGNED_FOR,
    }
    headers: dict[str, str] = Vapid02(_private_key(settings.VAPID_PRIVATE_KEY)).sign(claims)
    return headers


def _post(url: SplitResult, body: bytes, told: dict[str, str]) -> tuple[int, str]:
    """The status of the answer and its Retry-After; the rest is not read. Raises NotPublic, OSError or HTTPError."""
    headers = {
        "Host": url.netloc,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        **_signed(url),
        **told,
    }
    where = url._replace(scheme="", netloc="", fragment="").geturl()
    failure: Exception = OSError("it has no address")
    for pool in _pools(url):
        with pool:
            try:
                response = pool.urlopen(
                    "POST", where, body, headers, retries=False, redirect=False, timeout=TIMEOUT, preload_content=False
                )
            except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
                failure = error  # the next address may do: not every network speaks IPv6
                continue
            response.close()
            return response.status, response.headers.get("Retry-After", "")
    raise failure


def _pools(url: SplitResult) -> Iterator[urllib3.HTTPConnectionPool]:
    """A way to each address of the host. The name is looked up once, so what was looked at is what is spoken to."""
    if not is_allowed(url.geturl()):
        raise NotPublic
    host = url.hostname or ""
    port = url.port or (HTTPS if url.scheme == "https" else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(address[0]) for _family, _type, _protocol, _name, address in found))
    if url.netloc not in settings.PUSH_INTRANET_HOSTS and not all(is_public(address) for address in addresses):
        raise NotPublic
    for address in addresses[:MOST_ADDRESSES]:
        if url.scheme == "https":
            yield urllib3.HTTPSConnectionPool(address, port, server_hostname=host, assert_hostname=host)
        else:
            yield urllib3.HTTPConnectionPool(address, port)


def _wait(retry_after: str) -> timedelta:
    """“120”, or a date."""
    if retry_after.isascii() and retry_after.isdecimal():
        return timedelta(seconds=min(int(retry_after), 86400))
    try:
        return max(parsedate_to_datetime(retry_after) - timezone.now(), timedelta())
    except (ValueError, TypeError):
        return timedelta()

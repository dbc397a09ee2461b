"""Send Web Push messages (RFC 8030), encrypted for the device (RFC 8291) and signed with the VAPID key (RFC 8292).

A client chooses the endpoint, so it could point into our own network. Requests therefore go to public addresses only,
over TLS, and follow no redirects.
"""

import base64
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from email.utils import parseaddr, parsedate_to_datetime
from enum import Enum
from functools import lru_cache
from time import time
from typing import Any, NamedTuple
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
from pantry.public_web import NotPublic, is_public, resolve

log = logging.getLogger(__name__)

TIMEOUT = urllib3.Timeout(connect=3, read=7)  # seconds
TOKEN_LIFETIME_SECONDS = 12 * 60 * 60
HTTPS_PORT = 443
MAX_ADDRESSES = 4  # of a host that are tried


class Outcome(Enum):
    SENT = "sent"
    RETRY = "retry"
    GONE = "gone"  # the subscription has ended
    REFUSED = "refused"  # a retry would not help


class Result(NamedTuple):
    outcome: Outcome
    retry_after: timedelta = timedelta()  # as the push service asks for


def send(device: PushSubscription, payload: dict[str, Any], *, ttl_seconds: int, urgency: str, topic: str) -> Result:
    """Send the payload. For a device that is offline, the push service stores the newest message of each topic."""
    try:
        status, retry_after = _post(
            device, orjson.dumps(payload), {"TTL": str(ttl_seconds), "Urgency": urgency, "Topic": topic}
        )
    except NotPublic:
        log.warning("device %s has an endpoint that is not public", device.pk)
        return Result(Outcome.GONE)
    except (OSError, HTTPError) as error:
        log.info("device %s could not be reached: %s", device.pk, type(error).__name__)
        return Result(Outcome.RETRY)
    if status in (200, 201, 202, 204):
        return Result(Outcome.SENT)
    if status in (404, 410):
        return Result(Outcome.GONE)
    if status == 429 or status >= 500:
        return Result(Outcome.RETRY, _parse_retry_after(retry_after))
    log.warning("the push service %s refused a notice: %d", device.service, status)
    return Result(Outcome.REFUSED)


def is_allowed(endpoint: str) -> bool:
    """Tell whether the URL is acceptable as an endpoint. Its host name is resolved each time a message is sent."""
    try:
        url = urlsplit(endpoint)
        host, port = url.hostname or "", url.port
    except ValueError:
        return False
    if not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint or "@" in url.netloc or url.fragment:
        return False
    if url.netloc in settings.PUSH_INTRANET_HOSTS:
        return url.scheme in ("http", "https")
    if url.scheme != "https" or port not in (None, HTTPS_PORT) or "." not in host.strip("."):
        return False
    with suppress(ValueError):
        return is_public(host)
    return True


def public_key(private: str = "") -> str:
    """Return the public half of `private`, or of the server's VAPID key, as `applicationServerKey` takes it."""
    key = _vapid(private or settings.VAPID_PRIVATE_KEY).public_key
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _vapid(private: str) -> Any:
    from py_vapid import Vapid02

    try:
        if len(base64.urlsafe_b64decode(private + "=" * (-len(private) % 4))) != 32:
            raise ValueError
        return Vapid02.from_raw(private.encode())
    except ValueError as error:
        raise ImproperlyConfigured(
            "VAPID_PRIVATE_KEY is not a valid key. `manage.py vapid_keys --new` makes one."
        ) from error


def is_device_key(p256dh: str, auth: str) -> bool:
    """Tell whether these can be a subscription's keys: a point on P-256, and 16 bytes."""
    try:
        point, secret = (base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) for text in (p256dh, auth))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return len(point) == 65 and len(secret) == 16


def _post(device: PushSubscription, message: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Return the status and the Retry-After. Its body is not read. Raises NotPublic, OSError or HTTPError."""
    from pywebpush import WebPusher  # the import takes half a second, and most processes send no push messages

    url = urlsplit(device.endpoint)
    keys = {"p256dh": device.p256dh, "auth": device.auth}
    body = WebPusher({"endpoint": device.endpoint, "keys": keys}).encode(message)["body"]
    claims = {
        "aud": f"{url.scheme}://{url.netloc}",
        "sub": settings.VAPID_SUBJECT or f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
        "exp": int(time()) + TOKEN_LIFETIME_SECONDS,
    }
    headers |= {
        "Host": url.netloc,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        **_vapid(settings.VAPID_PRIVATE_KEY).sign(claims),
    }
    target = url._replace(scheme="", netloc="", fragment="").geturl()
    failure: Exception = OSError("the host has no address")
    for pool in _pools(url):
        with pool:
            try:
                response = pool.urlopen(
                    "POST", target, body, headers, retries=False, redirect=False, timeout=TIMEOUT, preload_content=False
                )
            except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
                failure = error  # try the next address: not every network has IPv6
                continue
            response.close()
            return response.status, response.headers.get("Retry-After", "")
    raise failure


def _pools(url: SplitResult) -> Iterator[urllib3.HTTPConnectionPool]:
    """Yield a connection pool for each address of the host. Resolves once, to prevent DNS rebinding."""
    if not is_allowed(url.geturl()):
        raise NotPublic
    host = url.hostname or ""
    port = url.port or (HTTPS_PORT if url.scheme == "https" else 80)
    addresses = resolve(host, port, is_intranet=url.netloc in settings.PUSH_INTRANET_HOSTS)
    for address in addresses[:MAX_ADDRESSES]:
        if url.scheme == "https":
            yield urllib3.HTTPSConnectionPool(address, port, server_hostname=host, assert_hostname=host)
        else:
            yield urllib3.HTTPConnectionPool(address, port)


def _parse_retry_after(retry_after: str) -> timedelta:
    """Parse seconds, at most a day, or an HTTP date."""
    if retry_after.isascii() and retry_after.isdecimal():
        return timedelta(seconds=min(int(retry_after), 86400))
    try:
        return max(parsedate_to_datetime(retry_after) - timezone.now(), timedelta())
    except (ValueError, TypeError):
        return timedelta()

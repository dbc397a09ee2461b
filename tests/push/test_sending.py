"""Sending push messages: responses of the push service, retries, and endpoints that get no requests."""

import socket
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from chat.actions import send_message
from homes.notifications import dispatch, registry, tasks, web_push
from homes.notifications.models import Delivery, PushSubscription
from homes.notifications.web_push import Outcome
from pantry.public_web import is_public
from tests.factories import by


@pytest.fixture
def phone(device, ben):
    return device(ben)


@pytest.fixture
def mention(nok, ben, general, phone):
    """A queued notification for Ben."""
    send_message(general, "@Ben", by=by(nok))
    dispatch.collect(nok.home_id)


def deliver():
    dispatch.deliver(PushSubscription.objects.get().pk)


def test_longest_notice_is_truncated_and_sent(service, phone):
    notice = registry.Notice("🥚" * 5000, "🥚\n" * 5000, "/", "t")
    answer = dispatch.send(PushSubscription.objects.get(), notice, lifetime=timedelta(days=1), urgency="high")
    assert answer.outcome == Outcome.SENT
    assert phone.titles == ["🥚" * dispatch.MAX_TITLE_CHARS]


@pytest.mark.parametrize("status", [404, 410])
def test_gone_device_is_deleted(mention, service, status):
    service.respond_with(status)
    deliver()
    assert (PushSubscription.objects.count(), Delivery.objects.count()) == (0, 0)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_delivery_to_a_busy_service_is_retried(mention, service, phone, freeze_time, status):
    service.respond_with(status)
    deliver()
    assert (PushSubscription.objects.get().failed_at is not None, dispatch.waiting_devices()) == (True, set())
    freeze_time("2026-03-31 12:01")
    deliver()
    assert (len(phone.received), Delivery.objects.count(), PushSubscription.objects.get().failed_at) == (1, 0, None)
    assert phone.request_headers[0]["TTL"] == str(86400 - 60)


def test_retry_delay_doubles_and_respects_retry_after(mention, service, freeze_time):
    waits = []
    for minute, answer in ((0, {}), (5, {}), (10, {}), (15, {"Retry_After": "7200"})):
        now = freeze_time(f"2026-03-31 12:{minute:02}")
        service.respond_with(503, **answer)
        deliver()
        waits.append((Delivery.objects.get().due_at - now).total_seconds())
    assert waits == [30, 60, 120, 7200]


def test_retry_after_accepts_a_date(mention, service, freeze_time):
    service.respond_with(429, Retry_After="Tue, 31 Mar 2026 05:30:00 GMT")
    deliver()
    assert Delivery.objects.get().due_at == freeze_time("2026-03-31 12:30")


def test_expired_delivery_is_dropped(mention, service, phone, freeze_time):
    service.respond_with(503)
    deliver()
    freeze_time("2026-04-01 12:00")
    deliver()
    assert (phone.received, Delivery.objects.count()) == ([], 0)


@pytest.mark.parametrize("status", [400, 401, 403, 413, 301, 307])
def test_refused_delivery_is_not_retried(mention, service, phone, status):
    service.respond_with(status, Location=phone.endpoint)
    deliver()
    assert (phone.received, Delivery.objects.count()) == ([], 0)
    assert PushSubscription.objects.get().failed_at is not None


def test_delivery_to_an_unreachable_service_is_retried(mention, service, settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        unused_host = f"127.0.0.1:{probe.getsockname()[1]}"
    PushSubscription.objects.update(endpoint=f"http://{unused_host}/push")
    settings.PUSH_INTRANET_HOSTS = [unused_host]
    deliver()
    assert Delivery.objects.get().attempts == 1


def test_test_notification_is_sent_immediately(phone):
    tasks.test_device(str(PushSubscription.objects.get().pk))
    assert phone.titles == ["It works"]


# Forbidden endpoints


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/x",
        "https://localhost/x",
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "https://192.168.1.1/admin",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://0.0.0.0/x",
        "https://2130706433/x",
        "https://push.example.com:8443/x",
        "https://user:word@push.example.com/x",
        "https://push.example.com@10.0.0.1/x",
        "https://push.example.com/x#y",
        "https://push.example.com/a b",
        "https://push.example.com/\r\nHost: x",
        "https://[::1",
        "https://push.example.com:port/",
        "ftp://push.example.com/x",
        "file:///etc/passwd",
        "",
        "https://",
        "https://pûsh.example.com/x",
    ],
)
def test_endpoint_outside_the_public_web_is_not_allowed(endpoint):
    assert not web_push.is_allowed(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def-_",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
        "https://web.push.apple.com/QGuQ",
        "https://wns2-par02p.notify.windows.com/w/?token=BQ%3d",
        "https://fcm.googleapis.com:443/fcm/send/abc",
    ],
)
def test_endpoint_of_a_known_push_service_is_allowed(endpoint):
    assert web_push.is_allowed(endpoint)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.1.2.3", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "2002:a00:1::",
        "64:ff9b::a00:1", "64:ff9b:1::a00:1", "::127.0.0.1", "::a00:1", "fec0::1", "3fff::1", "5f00::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_reserved_address_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["142.250.72.74", "2607:f8b0:4005:80b::200a", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_internet_address_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["142.250.72.74", "10.0.0.1"], ["::ffff:169.254.169.254"]])
def test_host_that_resolves_to_a_private_address_gets_no_request(service, phone, mention, monkeypatch, addresses):
    """Whatever the host name looks like: only its current addresses count."""
    PushSubscription.objects.update(endpoint="https://push.example.com/x")
    results = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: results)

    def connect(*args, **kwargs):
        raise AssertionError("a request was sent")

    monkeypatch.setattr("urllib3.HTTPSConnectionPool", connect)
    deliver()
    assert PushSubscription.objects.count() == 0


def test_host_is_resolved_once_and_the_checked_address_is_used(phone, mention, monkeypatch):
    PushSubscription.objects.update(endpoint="https://push.example.com/x?y=1")
    answers = [[(2, 1, 6, "", ("142.250.72.74", 443))], [(2, 1, 6, "", ("127.0.0.1", 443))]]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: answers.pop(0))
    calls = []

    class Pool:
        def __init__(self, *args, **kwargs):
            calls.append((args, kwargs))

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def urlopen(self, method, path, body, headers, **kwargs):
            calls.append((method, path, headers["Host"], kwargs["redirect"]))
            return SimpleNamespace(status=201, headers={}, close=lambda: None)

    monkeypatch.setattr("urllib3.HTTPSConnectionPool", Pool)
    deliver()
    tls = {"server_hostname": "push.example.com", "assert_hostname": "push.example.com"}
    assert calls == [(("142.250.72.74", 443), tls), ("POST", "/x?y=1", "push.example.com", False)]


# Keys


@pytest.mark.parametrize("text", ["no key", "AAAA", "A" * 43])
def test_invalid_vapid_key_raises_an_error(text):
    with pytest.raises(ImproperlyConfigured, match="vapid_keys"):
        web_push.public_key(text)

"""Over the wire: what is asked of a push service, what it may answer, and whom nothing is ever sent to."""

import socket
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

from chat.actions import send_message
from homes.notifications import dispatch, registry, tasks, web_push
from homes.notifications.models import Delivery, PushSubscription
from homes.notifications.web_push import Outcome
from tests.cast import by


@pytest.fixture
def phone(device, ben):
    return device(ben)


@pytest.fixture
def named(nok, ben, general, phone):
    """Somebody named Ben, and his phone does not know yet."""
    send_message(general, "@Ben", by=by(nok))
    dispatch.collect(nok.home_id)


def deliver():
    dispatch.deliver(PushSubscription.objects.get().pk)


def test_the_largest_notice_fits(service, phone):
    notice = registry.Notice("🥚" * 5000, "🥚\n" * 5000, "/", "t")
    answer = dispatch.send(PushSubscription.objects.get(), notice, lifetime=timedelta(days=1), urgency="high")
    assert answer.outcome == Outcome.SENT
    assert phone.titles == ["🥚" * dispatch.MAX_TITLE_CHARS]


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(named, service, status):
    service.says(status)
    deliver()
    assert (PushSubscription.objects.count(), Delivery.objects.count()) == (0, 0)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_that_is_busy_is_asked_again(named, service, phone, clock, status):
    service.says(status)
    deliver()
    assert (PushSubscription.objects.get().failed_at is not None, dispatch.waiting_devices()) == (True, set())
    clock("2026-03-31 12:01")
    deliver()
    assert (len(phone.heard), Delivery.objects.count(), PushSubscription.objects.get().failed_at) == (1, 0, None)
    assert phone.told[0]["TTL"] == str(86400 - 60)


def test_it_waits_longer_each_time_and_as_long_as_it_is_asked_to(named, service, clock):
    waits = []
    for minute, answer in ((0, {}), (5, {}), (10, {}), (15, {"Retry_After": "7200"})):
        now = clock(f"2026-03-31 12:{minute:02}")
        service.says(503, **answer)
        deliver()
        waits.append((Delivery.objects.get().due_at - now).total_seconds())
    assert waits == [30, 60, 120, 7200]


def test_a_date_to_wait_for_is_understood(named, service, clock):
    service.says(429, Retry_After="Tue, 31 Mar 2026 05:30:00 GMT")
    deliver()
    assert Delivery.objects.get().due_at == clock("2026-03-31 12:30")


def test_it_gives_up_when_it_is_no_news_any_more(named, service, phone, clock):
    service.says(503)
    deliver()
    clock("2026-04-01 12:00")
    deliver()
    assert (phone.heard, Delivery.objects.count()) == ([], 0)


@pytest.mark.parametrize("status", [400, 401, 403, 413, 301, 307])
def test_who_refuses_is_not_asked_again(named, service, phone, status):
    service.says(status, Location=phone.endpoint)
    deliver()
    assert (phone.heard, Delivery.objects.count()) == ([], 0)
    assert PushSubscription.objects.get().failed_at is not None


def test_a_service_that_is_down_is_asked_again(named, service, settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nowhere = f"127.0.0.1:{probe.getsockname()[1]}"
    PushSubscription.objects.update(endpoint=f"http://{nowhere}/push")
    settings.PUSH_INTRANET_HOSTS = [nowhere]
    deliver()
    assert Delivery.objects.get().attempts == 1


def test_a_test_notice_comes_at_once(phone):
    tasks.test_device(str(PushSubscription.objects.get().pk))
    assert phone.titles == ["It works"]


# Where nothing is sent


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
def test_no_such_address_is_taken(endpoint):
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
def test_those_of_the_known_services_are(endpoint):
    assert web_push.is_allowed(endpoint)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.1.2.3", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "2002:a00:1::",
        "64:ff9b::a00:1",
    ],
)  # fmt: skip
def test_an_address_inside_is_not_public(address):
    assert not web_push.is_public(address)


@pytest.mark.parametrize("address", ["142.250.72.74", "2607:f8b0:4005:80b::200a", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_outside_is(address):
    assert web_push.is_public(address)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["142.250.72.74", "10.0.0.1"], ["::ffff:169.254.169.254"]])
def test_a_name_that_leads_inside_is_never_spoken_to(service, phone, named, monkeypatch, addresses):
    """However harmless it looks: that is what DNS says of it now."""
    PushSubscription.objects.update(endpoint="https://push.example.com/x")
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(web_push, "socket", SimpleNamespace(SOCK_STREAM=1, getaddrinfo=lambda *args, **kwargs: found))

    def speak(*args, **kwargs):
        raise AssertionError("it was spoken to")

    monkeypatch.setattr("urllib3.HTTPSConnectionPool", speak)
    deliver()
    assert PushSubscription.objects.count() == 0


def test_a_name_is_looked_up_once_and_that_address_is_spoken_to(phone, named, monkeypatch):
    PushSubscription.objects.update(endpoint="https://push.example.com/x?y=1")
    answers = [[(2, 1, 6, "", ("142.250.72.74", 443))], [(2, 1, 6, "", ("127.0.0.1", 443))]]
    monkeypatch.setattr(web_push, "socket", SimpleNamespace(SOCK_STREAM=1, getaddrinfo=lambda *a, **k: answers.pop(0)))
    spoken = []

    class Pool:
        def __init__(self, *where, **how):
            spoken.append((where, how))

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def urlopen(self, method, path, body, headers, **how):
            spoken.append((method, path, headers["Host"], how["redirect"]))
            return SimpleNamespace(status=201, headers={}, close=lambda: None)

    monkeypatch.setattr("urllib3.HTTPSConnectionPool", Pool)
    deliver()
    tls = {"server_hostname": "push.example.com", "assert_hostname": "push.example.com"}
    assert spoken == [(("142.250.72.74", 443), tls), ("POST", "/x?y=1", "push.example.com", False)]


# Keys


@pytest.mark.parametrize("text", ["no key", "AAAA", "A" * 43])
def test_a_wrong_key_is_named(text):
    with pytest.raises(ImproperlyConfigured, match="vapid_keys"):
        web_push.public_key(text)

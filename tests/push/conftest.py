"""Devices of members, and the push service that they subscribe to."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from homes.events.models import Event
from homes.models import Home, Membership
from homes.notifications import dispatch, tasks
from homes.notifications.actions import add_device
from homes.notifications.models import PushSubscription
from homes.notifications.web_push import public_key
from tests.push_service import Browser, PushService, push_service


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    with push_service() as running:
        settings.PUSH_INTRANET_HOSTS = [running.host]
        yield running


@pytest.fixture
def device(service: PushService, nok: Membership) -> Callable[..., Browser]:
    """`device(ben)`: register a browser of Ben's for notifications."""

    def make(member: Membership, name: str = "Firefox, Android") -> Browser:
        browser = service.browser(public_key())
        add_device(member.user, browser.endpoint, **browser.keys, name=name)
        return browser

    return make


@pytest.fixture
def push() -> Callable[[Home], None]:
    """`push(home)`: collect and deliver, as after the nudge of a commit."""

    def collect_and_deliver(home: Home) -> None:
        dispatch.collect(home.pk)
        for device_id in dispatch.waiting_devices():
            dispatch.deliver(device_id)

    return collect_and_deliver


@pytest.fixture
def freeze_time(freeze_time: Callable[[str], datetime], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], datetime]:
    """Apply the frozen time to `created_at` of new rows as well."""
    for model in (Event, PushSubscription):
        field: Any = model._meta.get_field("created_at")
        assert field._get_default() is not None  # cached on the field by this call
        monkeypatch.setitem(field.__dict__, "_get_default", lambda: timezone.now())
    return freeze_time


class SameThread(Executor):
    """Run submitted functions immediately, in the test's transaction."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*args, **kwargs))
        return future


@pytest.fixture(autouse=True)
def push_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "push_pool", SameThread())
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)  # the connection belongs to the test


@pytest.fixture(autouse=True)
def noon(freeze_time: Callable[[str], datetime]) -> None:
    """Freeze the time outside of quiet hours."""
    freeze_time("2026-03-31 12:00")

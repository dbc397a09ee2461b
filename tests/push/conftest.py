"""Somebody's phone, and the push service that it hears from."""

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
    """`device(ben)`: a browser of Ben's that may be told things."""

    def make(member: Membership, name: str = "Firefox, Android") -> Browser:
        browser = service.browser(public_key())
        add_device(member.user, browser.endpoint, **browser.keys, name=name)
        return browser

    return make


@pytest.fixture
def push() -> Callable[[Home], None]:
    """`push(home)`: what the nudge after a commit sets going."""

    def tell(home: Home) -> None:
        dispatch.collect(home.pk)
        for device_id in dispatch.waiting_devices():
            dispatch.deliver(device_id)

    return tell


@pytest.fixture
def clock(clock: Callable[[str], datetime], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], datetime]:
    """What comes into being does so by this clock, too."""
    for model in (Event, PushSubscription):
        made: Any = model._meta.get_field("created_at")
        assert made._get_default() is not None  # kept on the field from now on
        monkeypatch.setitem(made.__dict__, "_get_default", lambda: timezone.now())
    return clock


class SameThread(Executor):
    """Does at once what it is given, within the test's transaction."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(function(*args, **kwargs))
        return done


@pytest.fixture(autouse=True)
def push_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "push_pool", SameThread())
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)  # it is the test's


@pytest.fixture(autouse=True)
def noon(clock: Callable[[str], datetime]) -> None:
    """Nobody's quiet hours, whenever the tests run."""
    clock("2026-03-31 12:00")

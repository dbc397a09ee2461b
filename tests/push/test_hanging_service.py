"""A push service that accepts connections and never answers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from chat.actions import send_message
from homes.notifications import dispatch, tasks
from homes.notifications.actions import add_device
from homes.notifications.models import Delivery
from homes.notifications.web_push import public_key
from tests.factories import by
from tests.push_service import PushService

DEVICES = 12
TIMEOUT_SECONDS = 30


@pytest.fixture
def hanging_service(settings):
    """A push service that listens but never reads: the system completes the connections."""
    service = PushService()
    service.http.socket.settimeout(TIMEOUT_SECONDS)
    settings.PUSH_INTRANET_HOSTS = [service.host]
    yield service
    service.http.server_close()


@pytest.mark.django_db(transaction=True)
def test_hanging_push_service_does_not_block_tasks(hanging_service, nok, ben, general, monkeypatch):
    pool = ThreadPoolExecutor(2, "push")
    monkeypatch.setattr(tasks, "push_pool", pool)
    monkeypatch.setattr(tasks, "close_old_connections", lambda: connection.close())
    for _number in range(DEVICES):
        browser = hanging_service.browser(public_key())
        add_device(ben.user, browser.endpoint, **browser.keys, name="Firefox")
    send_message(general, "@Ben, hello", by=by(nok))
    due = dispatch.collect(nok.home_id)
    assert len(due) == DEVICES
    for device_id in due:
        tasks.send_to_device(str(device_id))
    clients = [
        hanging_service.http.socket.accept()[0] for _ in range(2)
    ]  # two deliveries wait for a response, and no task is blocked
    assert Delivery.objects.count() == DEVICES
    assert pool._work_queue.qsize() == DEVICES - 2
    pool.shutdown(wait=False, cancel_futures=True)
    for client in clients:
        client.close()
    pool.shutdown()
    assert Delivery.objects.filter(attempts=1).count() == 2

"""A push service that accepts connections and never answers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from chat.actions import send_message
from homes.notifications import dispatch, tasks
from homes.notifications.actions import add_device
from homes.notifications.models import Delivery
from homes.notifications.web_push import public_key
from tests.cast import by
from tests.push_service import PushService

DEVICES = 12
SECONDS = 30


@pytest.fixture
def silent(settings):
    """It listens and is never started, so the system completes connections and nobody reads."""
    service = PushService()
    service.http.socket.settimeout(SECONDS)
    settings.PUSH_INTRANET_HOSTS = [service.host]
    yield service
    service.http.server_close()


@pytest.mark.django_db(transaction=True)
def test_a_service_that_never_answers_holds_up_no_task(silent, nok, ben, general, monkeypatch):
    pool = ThreadPoolExecutor(2, "push")
    monkeypatch.setattr(tasks, "push_pool", pool)
    monkeypatch.setattr(tasks, "close_old_connections", lambda: connection.close())
    for _number in range(DEVICES):
        browser = silent.browser(public_key())
        add_device(ben.user, browser.endpoint, **browser.keys, name="Firefox")
    send_message(general, "@Ben, hello", by=by(nok))
    due = dispatch.collect(nok.home_id)
    assert len(due) == DEVICES
    for device_id in due:
        tasks.send_to_device(str(device_id))
    clients = [silent.http.socket.accept()[0] for _ in range(2)]  # two wait for an answer, and all the tasks are done
    assert Delivery.objects.count() == DEVICES
    assert pool._work_queue.qsize() == DEVICES - 2
    pool.shutdown(wait=False, cancel_futures=True)
    for client in clients:
        client.close()
    pool.shutdown()
    assert Delivery.objects.filter(attempts=1).count() == 2

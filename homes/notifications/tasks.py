"""Background tasks that deliver notifications."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_shutting_down
from django.db import close_old_connections

from homes.notifications import dispatch
from homes.notifications.models import PushSubscription
from pantry.sweeps import pass_over_errors

log = logging.getLogger(__name__)

PUSH_THREADS = 8  # of a process

push_pool = ThreadPoolExecutor(PUSH_THREADS, "push")
_queued: set[tuple[str, str]] = set()


@worker_shutting_down.connect
def stop_pushing(**_kwargs: Any) -> None:
    """Leave what waits to the next sweep."""
    push_pool.shutdown(wait=False, cancel_futures=True)


@shared_task(name="homes.read_notices")
def read_notices(home_id: str) -> None:
    """Find out who is to be told of what happened in the home."""
    for device_id in dispatch.collect(UUID(home_id)):
        tell_device.delay(str(device_id))


@shared_task(name="homes.tell_device")
def tell_device(device_id: str) -> None:
    _push_later(_deliver, device_id)


@shared_task(name="homes.test_device")
def test_device(device_id: str) -> None:
    _push_later(_send_test, device_id)


def _push_later(send: Callable[[str], None], device_id: str) -> None:
    """Send in a thread of the push pool, so that push services that hang hold up each other and no other task. What is
    lost with the process is sent by the next sweep."""
    if (send.__name__, device_id) not in _queued:
        _queued.add((send.__name__, device_id))
        push_pool.submit(_push, send, device_id)


def _push(send: Callable[[str], None], device_id: str) -> None:
    _queued.discard((send.__name__, device_id))
    try:
        close_old_connections()
        send(device_id)
    except Exception:
        log.exception("device %s could not be told", device_id)
    finally:
        close_old_connections()


def _deliver(device_id: str) -> None:
    dispatch.deliver(UUID(device_id))


def _send_test(device_id: str) -> None:
    device = PushSubscription.objects.select_related("user").filter(pk=device_id).first()
    if device is not None:
        dispatch.send_test(device)


@shared_task(name="homes.sweep_notices")
def sweep_notices() -> None:
    """What a lost nudge left, what was held or put off, and what died with its worker. Each minute."""
    for home_id in dispatch.waiting_homes():
        with pass_over_errors("homes.sweep_notices", home_id):
            dispatch.collect(home_id)
    for device_id in dispatch.waiting_devices():
        with pass_over_errors("homes.sweep_notices", device_id):
            tell_device.delay(str(device_id))


def nudge_notices(home_id: UUID, seq: int) -> None:
    read_notices.delay(str(home_id))

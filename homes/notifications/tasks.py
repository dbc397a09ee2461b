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
from pantry.sweeps import pass_over_errors

log = logging.getLogger(__name__)

PUSH_THREADS = 8  # in each process

push_pool = ThreadPoolExecutor(PUSH_THREADS, "push")
_queued: set[tuple[Callable[[UUID], None], str]] = set()


@worker_shutting_down.connect
def stop_pushing(**_kwargs: Any) -> None:
    """Drop queued deliveries; the next sweep sends them."""
    push_pool.shutdown(wait=False, cancel_futures=True)


@shared_task(name="homes.read_notices")
def read_notices(home_id: str) -> None:
    """Create deliveries for the home's new events, and send those that are due."""
    for device_id in dispatch.collect(UUID(home_id)):
        send_to_device.delay(str(device_id))


@shared_task(name="homes.send_to_device")
def send_to_device(device_id: str) -> None:
    _submit(dispatch.deliver, device_id)


@shared_task(name="homes.test_device")
def test_device(device_id: str) -> None:
    _submit(dispatch.send_test, device_id)


def _submit(send: Callable[[UUID], None], device_id: str) -> None:
    """Send in a thread of the push pool, so that a push service that hangs does not block other tasks."""
    if (send, device_id) not in _queued:
        _queued.add((send, device_id))
        push_pool.submit(_push, send, device_id)


def _push(send: Callable[[UUID], None], device_id: str) -> None:
    _queued.discard((send, device_id))
    try:
        send(UUID(device_id))
    except Exception:
        log.exception("sending to device %s failed", device_id)
    finally:
        close_old_connections()


@shared_task(name="homes.sweep_notices")
def sweep_notices() -> None:
    """Send what was not sent at once: deliveries that were delayed, leased by a dead worker, or whose task was lost."""
    for home_id in dispatch.waiting_homes():
        with pass_over_errors("homes.sweep_notices", home_id):
            dispatch.collect(home_id)
    for device_id in dispatch.waiting_devices():
        with pass_over_errors("homes.sweep_notices", device_id):
            send_to_device.delay(str(device_id))

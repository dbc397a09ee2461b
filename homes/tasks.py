"""What is done in the background: notices brought on their way, and once a day what has expired forgotten."""

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from homes import notices
from homes.models import Operation, PushSubscription
from pantry.sweeps import pass_over_errors

KEPT = timedelta(days=30)


@shared_task(name="homes.read_notices")
def read_notices(home_id: str) -> None:
    """Find out who is to be told of what happened in the home."""
    for device_id in notices.collect(UUID(home_id)):
        tell_device.delay(str(device_id))


@shared_task(name="homes.tell_device")
def tell_device(device_id: str) -> None:
    notices.deliver(UUID(device_id))


@shared_task(name="homes.test_device")
def test_device(device_id: str) -> None:
    device = PushSubscription.objects.select_related("user").filter(pk=device_id).first()
    if device is not None:
        notices.send_test(device)


@shared_task(name="homes.sweep_notices")
def sweep_notices() -> None:
    """What a lost nudge left, what was held or put off, and what died with its worker. Each minute."""
    for home_id in notices.waiting_homes():
        with pass_over_errors("homes.sweep_notices", home_id):
            notices.collect(home_id)
    for device_id in notices.waiting_devices():
        with pass_over_errors("homes.sweep_notices", device_id):
            tell_device.delay(str(device_id))


def nudge_notices(home_id: UUID, seq: int) -> None:
    read_notices.delay(str(home_id))


@shared_task(name="homes.tidy")
def tidy() -> None:
    """Forget answers that nobody will ask for again, and tokens that have expired anyway."""
    now = timezone.now()
    for expired in (
        Operation.objects.filter(created_at__lt=now - KEPT),
        OutstandingToken.objects.filter(expires_at__lte=now),
    ):
        with pass_over_errors("homes.tidy", expired.model.__name__):
            expired.delete()

"""What is done once a day."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from homes.models import Operation

KEPT = timedelta(days=30)


@shared_task(name="homes.tidy")
def tidy() -> None:
    """Forget answers that nobody will ask for again, and tokens that have expired anyway."""
    now = timezone.now()
    Operation.objects.filter(created_at__lt=now - KEPT).delete()
    OutstandingToken.objects.filter(expires_at__lte=now).delete()

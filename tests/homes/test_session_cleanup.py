from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from homes import tasks


def test_tidy_deletes_only_expired_sessions(db):
    now = timezone.now()
    Session.objects.create(session_key="expired", session_data="", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="current", session_data="", expire_date=now + timedelta(days=1))
    tasks.tidy()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["current"]

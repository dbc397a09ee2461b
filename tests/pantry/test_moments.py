"""How moments come back from the database."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DataError, connection

from homes.models import Home

pytestmark = pytest.mark.both_databases

BANGKOK = timezone(timedelta(hours=7))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 21, 20, 57, 33, tzinfo=UTC),
        datetime(2026, 11, 21, 20, 57, 33, 100_000, tzinfo=UTC),
        datetime(2026, 11, 21, 20, 57, 33, 1, tzinfo=UTC),
        datetime(2026, 11, 21, 23, 59, 59, 999_999, tzinfo=BANGKOK),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_a_moment_comes_back_as_it_was_in_utc(nok, moment):
    Home.objects.filter(pk=nok.home_id).update(erased_at=moment)
    kept = Home.objects.values_list("erased_at", flat=True).get(pk=nok.home_id)
    assert (kept, kept.tzinfo) == (moment, UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["infinity", "-infinity", "0044-03-15 12:00:00 BC"])
def test_a_moment_that_python_does_not_have_is_an_error_and_no_wrong_moment(moment):
    if connection.vendor == "sqlite":
        pytest.skip("it keeps what Python wrote")
    with connection.cursor() as cursor, pytest.raises(DataError):
        cursor.execute("SELECT %s::timestamptz", [moment])
        cursor.fetchone()


@pytest.mark.django_db
def test_where_the_session_has_another_zone_it_is_the_same_moment():
    if connection.vendor == "sqlite":
        pytest.skip("its sessions have no zone")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Kolkata'")
        cursor.execute("SELECT '2026-11-21 20:57:33.5Z'::timestamptz")
        (moment,) = cursor.fetchone()
    assert (moment, moment.tzinfo) == (datetime(2026, 11, 21, 20, 57, 33, 500_000, tzinfo=UTC), UTC)

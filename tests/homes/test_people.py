"""Who asks, and the home that they ask about."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from homes.people import MOST, member_of, resident
from tests.api.client import Program
from tests.cast import found_home

pytestmark = pytest.mark.both_databases


@pytest.fixture
def homes(nok):
    """Apartment 42, and more homes of Nok's than are brought along."""
    return [nok.home, *(found_home(nok.user, f"Home {number}").home for number in range(MOST))]


def queries(look):
    with CaptureQueriesContext(connection) as seen:
        found = look()
    return found, len(seen)


def test_who_lives_in_many_homes_is_a_member_of_each(nok, homes):
    user = resident(nok.user_id)
    assert [member_of(user, home.pk).home for home in homes] == homes
    assert len(user.lives_in) == MOST


def test_the_home_that_is_asked_about_comes_along(nok, homes):
    user, asked = queries(lambda: resident(nok.user_id, home_id=homes[-1].pk))
    assert asked == 1
    member, asked = queries(lambda: member_of(user, homes[-1].pk))
    assert (member.home, member.user, asked) == (homes[-1], user, 0)


def test_a_request_costs_as_much_in_the_last_of_many_homes(nok, homes):
    program = Program(nok)
    for home in (homes[0], homes[-1]):
        answer, asked = queries(lambda home=home: program.get(f"/homes/{home.pk}/lists"))
        assert (answer.status_code, asked) == (200, 2)


def test_a_stranger_is_somebody_and_no_member(nok, mai):
    user = resident(mai.user_id, home_id=nok.home_id)
    assert user == mai.user
    assert member_of(user, nok.home_id) is None


def test_whose_account_is_closed_is_nobody(nok):
    nok.user.is_active = False
    nok.user.save()
    assert resident(nok.user_id) is None

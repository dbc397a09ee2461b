"""Going shopping with a list: who is in the shop, and who takes which aisle."""

from datetime import timedelta

import pytest
from django.utils import timezone

from groceries.actions import (
    change_list_state,
    claim_aisle,
    end_shopping,
    release_aisle,
    start_shopping,
)
from groceries.models import AisleClaim, Trip
from groceries.tasks import end_forgotten_trips
from homes.actions import remove_member
from pantry.errors import ActionError, Forbidden
from tests.cast import at_once, by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def dairy(milk):
    return milk.item.category


def shoppers(grocery_list):
    return set(Trip.objects.active().filter(list=grocery_list).values_list("user__name", flat=True))


def takers(grocery_list):
    return {claim.category.name: claim.trip.user.name for claim in AisleClaim.objects.filter(list=grocery_list)}


def test_the_others_are_told_once(nok, weekly, events):
    for _twice in range(2):
        trip, is_new = start_shopping(weekly, by=by(nok))
    assert not is_new and trip.user == nok.user
    assert shoppers(weekly) == {"Nok"}
    assert events(nok.home) == ["shopping_started"]


def test_two_shop_with_one_list(nok, ben, weekly):
    for member in (nok, ben):
        start_shopping(weekly, by=by(member))
    end_shopping(weekly, by=by(nok))
    assert shoppers(weekly) == {"Ben"}


def test_who_did_not_go_does_not_come_back(nok, weekly, events):
    end_shopping(weekly, by=by(nok))
    assert events(nok.home) == []


def test_who_takes_an_aisle_goes_shopping(nok, weekly, dairy, events):
    for _twice in range(2):
        claim_aisle(weekly, dairy, by=by(nok))
    assert takers(weekly) == {"dairy": "Nok"}
    assert events(nok.home) == ["shopping_started", "aisle_claimed"]


def test_an_aisle_is_taken_by_one(nok, ben, weekly, dairy):
    claim_aisle(weekly, dairy, by=by(ben))
    with pytest.raises(ActionError, match="Ben is already in that aisle"):
        claim_aisle(weekly, dairy, by=by(nok))
    assert takers(weekly) == {"dairy": "Ben"}
    assert shoppers(weekly) == {"Ben"}  # the refusal leaves nothing behind


@pytest.mark.django_db(transaction=True)
def test_of_two_who_reach_for_an_aisle_at_once_one_has_it(nok, ben, weekly, dairy):
    def take(member):
        try:
            return claim_aisle(weekly, dairy, by=by(member)).trip.user.name
        except ActionError:
            return None

    names = at_once(lambda: take(nok), lambda: take(ben))
    assert sorted(filter(None, names)) == list(takers(weekly).values())


def test_anybody_lets_an_aisle_go(nok, ben, weekly, dairy, events):
    claim_aisle(weekly, dairy, by=by(ben))
    for _twice in range(2):
        release_aisle(weekly, dairy, by=by(nok))
    assert takers(weekly) == {}
    assert events(nok.home)[2:] == ["aisle_released"]


def test_who_comes_back_leaves_no_aisle_behind(nok, weekly, dairy, events):
    claim_aisle(weekly, dairy, by=by(nok))
    end_shopping(weekly, by=by(nok))
    assert (shoppers(weekly), takers(weekly)) == (set(), {})
    assert events(nok.home)[2:] == ["aisle_released", "shopping_ended"]


def test_a_list_that_is_done_ends_the_trips(nok, ben, weekly, dairy):
    claim_aisle(weekly, dairy, by=by(ben))
    change_list_state(weekly, "completed", by=by(nok))
    assert (shoppers(weekly), takers(weekly)) == (set(), {})
    with pytest.raises(ActionError, match="This list is done"):
        start_shopping(weekly, by=by(nok))


def test_who_leaves_the_home_shops_for_it_no_more(nok, ben, weekly, dairy):
    claim_aisle(weekly, dairy, by=by(ben))
    remove_member(ben, by=by(nok))
    assert (shoppers(weekly), takers(weekly)) == (set(), {})


def test_pixie_has_no_legs(nok, pixie, weekly):
    start_shopping(weekly, by=by(nok).as_agent(pixie))  # for Nok, who has
    with pytest.raises(ActionError, match="Only people"):
        start_shopping(weekly, by=type(by(nok))(home=nok.home, agent=pixie))


def test_a_forgotten_trip_ends_by_itself(nok, ben, weekly, dairy, events):
    claim_aisle(weekly, dairy, by=by(ben))
    Trip.objects.update(created_at=timezone.now() - timedelta(hours=7))
    start_shopping(weekly, by=by(nok))
    for _twice in range(2):
        end_forgotten_trips()
    assert shoppers(weekly) == {"Nok"}
    assert events(nok.home)[3:] == ["aisle_released", "shopping_ended"]


def test_another_homes_list_is_nobodys_to_shop_with(mai, weekly):
    with pytest.raises(Forbidden):
        start_shopping(weekly, by=by(mai))
    assert not Trip.objects.exists()

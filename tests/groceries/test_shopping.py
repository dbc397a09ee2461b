"""Shopping trips and claims on aisles."""

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
from tests.factories import by, run_concurrently

pytestmark = pytest.mark.both_databases


@pytest.fixture
def dairy(milk):
    return milk.item.category


def shoppers(grocery_list):
    return set(Trip.objects.active().filter(list=grocery_list).values_list("user__name", flat=True))


def claims(grocery_list):
    return {claim.category.name: claim.trip.user.name for claim in AisleClaim.objects.filter(list=grocery_list)}


def test_start_shopping_is_idempotent(nok, weekly, events):
    for _twice in range(2):
        trip, is_new = start_shopping(weekly, by=by(nok))
    assert not is_new and trip.user == nok.user
    assert shoppers(weekly) == {"Nok"}
    assert events(nok.home) == ["shopping_started"]


def test_two_members_can_shop_with_one_list(nok, ben, weekly):
    for member in (nok, ben):
        start_shopping(weekly, by=by(member))
    end_shopping(weekly, by=by(nok))
    assert shoppers(weekly) == {"Ben"}


def test_end_shopping_without_a_trip_changes_nothing(nok, weekly, events):
    end_shopping(weekly, by=by(nok))
    assert events(nok.home) == []


def test_claim_aisle_starts_a_trip(nok, weekly, dairy, events):
    for _twice in range(2):
        claim_aisle(weekly, dairy, by=by(nok))
    assert claims(weekly) == {"dairy": "Nok"}
    assert events(nok.home) == ["shopping_started", "aisle_claimed"]


def test_claim_aisle_of_another_shopper_is_refused(nok, ben, weekly, dairy):
    claim_aisle(weekly, dairy, by=by(ben))
    with pytest.raises(ActionError, match="Ben is already in that aisle"):
        claim_aisle(weekly, dairy, by=by(nok))
    assert claims(weekly) == {"dairy": "Ben"}
    assert shoppers(weekly) == {"Ben"}  # the refused claim started no trip


@pytest.mark.django_db(transaction=True)
def test_concurrent_claims_of_an_aisle_give_it_to_one_shopper(nok, ben, weekly, dairy):
    def claim(member):
        try:
            return claim_aisle(weekly, dairy, by=by(member)).trip.user.name
        except ActionError:
            return None

    names = run_concurrently(lambda: claim(nok), lambda: claim(ben))
    assert sorted(filter(None, names)) == list(claims(weekly).values())


def test_release_aisle_is_allowed_for_every_member(nok, ben, weekly, dairy, events):
    claim_aisle(weekly, dairy, by=by(ben))
    for _twice in range(2):
        release_aisle(weekly, dairy, by=by(nok))
    assert claims(weekly) == {}
    assert events(nok.home)[2:] == ["aisle_released"]


def test_end_shopping_releases_aisles(nok, weekly, dairy, events):
    claim_aisle(weekly, dairy, by=by(nok))
    end_shopping(weekly, by=by(nok))
    assert (shoppers(weekly), claims(weekly)) == (set(), {})
    assert events(nok.home)[2:] == ["aisle_released", "shopping_ended"]


def test_completing_a_list_ends_its_trips(nok, ben, weekly, dairy):
    claim_aisle(weekly, dairy, by=by(ben))
    change_list_state(weekly, "completed", by=by(nok))
    assert (shoppers(weekly), claims(weekly)) == (set(), {})
    with pytest.raises(ActionError, match="This list is done"):
        start_shopping(weekly, by=by(nok))


def test_leaving_the_home_ends_trips(nok, ben, weekly, dairy):
    claim_aisle(weekly, dairy, by=by(ben))
    remove_member(ben, by=by(nok))
    assert (shoppers(weekly), claims(weekly)) == (set(), {})


def test_start_shopping_by_an_agent_alone_is_refused(nok, pixie, weekly):
    start_shopping(weekly, by=by(nok).as_agent(pixie))  # on behalf of Nok, who can
    with pytest.raises(ActionError, match="Only people"):
        start_shopping(weekly, by=type(by(nok))(home=nok.home, agent=pixie))


def test_forgotten_trip_is_ended_by_the_task(nok, ben, weekly, dairy, events):
    claim_aisle(weekly, dairy, by=by(ben))
    Trip.objects.update(created_at=timezone.now() - timedelta(hours=7))
    start_shopping(weekly, by=by(nok))
    for _twice in range(2):
        end_forgotten_trips()
    assert shoppers(weekly) == {"Nok"}
    assert events(nok.home)[3:] == ["aisle_released", "shopping_ended"]


def test_start_shopping_with_a_list_of_another_home_is_refused(mai, weekly):
    with pytest.raises(Forbidden):
        start_shopping(weekly, by=by(mai))
    assert not Trip.objects.exists()

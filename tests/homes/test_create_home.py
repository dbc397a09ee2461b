import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from chat.models import Channel
from groceries.models import Category
from homes import hooks
from homes.actions import create_home, update_home
from homes.events.models import Origin
from homes.models import Home, Membership, zones
from pantry.errors import Forbidden
from tests.factories import by, found_home, person


def test_creating_a_home_makes_its_creator_the_owner(db):
    owner = found_home(person("Nok"), "Apartment 42")
    assert owner.is_owner
    assert (owner.number, owner.home.name, owner.home.created_by) == (1, "Apartment 42", owner.user)


def test_new_home_has_aisles_a_room_and_pixie(nok):
    aisles = Category.objects.filter(home=nok.home).values_list("name", flat=True)
    assert list(aisles) == ["produce", "dairy", "staple", "protein", "household", "other"]
    assert Channel.objects.get(home=nok.home, name="general").is_system
    assert nok.home.agents.get().slug == "pixie"


def test_log_of_a_new_home_begins_with_its_creation(nok):
    log = list(nok.home.events.order_by("seq").values_list("seq", "type"))
    assert log[:2] == [(1, "home_created"), (2, "member_joined")]
    assert [seq for seq, _type in log] == list(range(1, len(log) + 1))


@pytest.mark.parametrize(
    "fields",
    [{"name": ""}, {"name": "x" * 81}, {"timezone": "Asia/Atlantis"}, {"currency": "baht"}, {"locale": "tlh"}],
)
def test_creating_a_home_with_invalid_values_creates_nothing(db, fields):
    with pytest.raises(ValidationError):
        create_home(person("Nok"), origin=Origin.BROWSER, **{"name": "Apartment 42", **fields})
    assert not Home.objects.exists()


@pytest.mark.parametrize("name", ["localtime", "Factory"])
def test_time_zone_that_means_another_on_each_machine_is_refused(nok, name, monkeypatch):
    monkeypatch.setattr("homes.models.available_timezones", lambda: {name, "Asia/Bangkok"})
    zones.cache_clear()
    with pytest.raises(ValidationError, match="time zone"):
        update_home(nok.home, by=by(nok), timezone=name)
    zones.cache_clear()


def test_failing_hook_rolls_back_the_new_home(db, monkeypatch):
    def fail(_by):
        raise RuntimeError("no aisles today")

    monkeypatch.setattr(hooks, "on_home_created", [*hooks.on_home_created, fail])
    with pytest.raises(RuntimeError), transaction.atomic():
        found_home(person("Nok"), "Apartment 42")
    assert not Home.objects.exists()
    assert not Membership.objects.exists()


def test_updating_a_home_records_its_changes(nok, events):
    home = update_home(nok.home, by=by(nok), name="The nest", currency="EUR")
    assert (home.name, home.currency) == ("The nest", "EUR")
    (event,) = events.of(nok.home)
    assert event.type == "home_updated"
    assert event.changes == {"name": ["Apartment 42", "The nest"], "currency": ["THB", "EUR"]}


def test_updating_a_home_without_changes_records_no_event(nok, events):
    update_home(nok.home, by=by(nok), name="Apartment 42")
    assert events(nok.home) == []


def test_member_updating_a_home_is_told_which_owner_to_ask(ben):
    with pytest.raises(Forbidden, match="Ask Nok"):
        update_home(ben.home, by=by(ben), name="Ben's")


def test_updating_a_home_with_invalid_values_is_rejected(nok):
    with pytest.raises(ValidationError):
        update_home(nok.home, by=by(nok), monthly_budget=-1)
    nok.home.refresh_from_db()
    assert nok.home.monthly_budget is None

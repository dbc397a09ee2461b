from decimal import Decimal
from uuid import UUID

import pytest

from groceries.actions import add_entry, create_item, create_recurring, get_or_create_item, remove_item, update_item
from groceries.actions.items import read_lines
from groceries.models import Item, ItemAlias
from groceries.suggestions import suggest
from homes.events.undo import undo_operation
from homes.search import search_home
from pantry.errors import ActionError
from tests.api.client import ApiClient
from tests.counting import queries_of
from tests.factories import by
from tests.limits import limit

pytestmark = pytest.mark.both_databases
OPERATION = UUID("01900000-0000-7000-8000-000000000001")


@pytest.fixture
def juice(nok):
    item, _is_new = create_item("Orange juice", by=by(nok), aliases=["OJ", "Fresh juice"])
    return item


def aliases(item):
    return [alias.name for alias in item.aliases.all()]


def test_item_is_found_by_its_alias_whatever_its_case_and_number(nok, weekly, juice):
    for text in ("OJ", " oj.", "Fresh juices"):
        assert get_or_create_item(text, by=by(nok)) == juice
    entry, is_new = add_entry(weekly, "oj", by=by(nok), quantity=Decimal(2))
    assert (entry.item, is_new) == (juice, True)
    assert create_recurring("OJ", by=by(nok), frequency="weekly").item == juice
    assert Item.objects.filter(home=nok.home).count() == 1


def test_alias_of_another_home_means_nothing(nok, mai, juice):
    assert get_or_create_item("OJ", by=by(mai)).name == "OJ"


def test_adding_a_known_item_costs_no_query_more_with_aliases(nok, weekly, milk):
    def add() -> None:
        add_entry(weekly, "milk", by=by(nok))

    before = queries_of(add)
    update_item(milk.item, by=by(nok), aliases=["Moo"])
    assert queries_of(add) == before


def test_setting_aliases_replaces_them(nok, juice, events):
    before = len(events(nok.home))
    update_item(juice, by=by(nok), aliases=["oj", "Orange nectar", "orange juices"])
    assert aliases(juice) == ["Oj", "Orange nectar"]  # its own name is none
    kinds = ["item_alias_removed", "item_alias_removed", "item_alias_added", "item_alias_added"]
    assert events(nok.home)[before:] == kinds
    update_item(juice, by=by(nok), aliases=["Oj", "Orange nectar"])
    assert events(nok.home)[before:] == kinds


def test_alias_that_means_another_item_is_refused(nok, juice, milk):
    with pytest.raises(ActionError, match="“OJ” already means Orange juice"):
        update_item(milk.item, by=by(nok), aliases=["OJ"])
    with pytest.raises(ActionError, match="already means Orange juice"):
        update_item(milk.item, by=by(nok), name="OJ")
    with pytest.raises(ActionError, match="already an item called “Milk”"):
        update_item(juice, by=by(nok), aliases=["milk"])
    assert aliases(milk.item) == []


def test_alias_that_becomes_the_name_is_no_alias_any_more(nok, juice):
    update_item(juice, by=by(nok), name="OJ")
    assert aliases(juice) == ["Fresh juice"]


def test_too_many_aliases_are_refused(nok, juice):
    most = limit("Other names of an item, set at once")
    with pytest.raises(ActionError, match=f"more than {most}"):
        update_item(juice, by=by(nok), aliases=[f"Juice {number}" for number in range(most + 1)])
    assert len(aliases(juice)) == 2


def test_undoing_restores_the_aliases(nok, juice):
    update_item(juice, by=by(nok, op_id=OPERATION), name="Nectar", aliases=["Orange nectar"])
    assert undo_operation(OPERATION, by=by(nok))
    juice.refresh_from_db()
    assert (juice.name, aliases(juice)) == ("Orange juice", ["Fresh juice", "OJ"])


def test_removing_an_item_removes_its_aliases(nok, juice):
    remove_item(juice, by=by(nok))
    assert not ItemAlias.objects.exists()
    assert get_or_create_item("OJ", by=by(nok)).name == "OJ"


def test_typing_an_alias_suggests_and_finds_the_item(nok, weekly, juice):
    update_item(juice, by=by(nok), aliases=["Saft und Sonne"])
    assert [each.name for each in suggest(weekly, "sonn", "en")][:1] == ["Orange juice"]
    assert [result.text for result in search_home(nok, "sonne")] == ["Orange juice"]
    assert [line.name for line in read_lines("2 saft und sonne", nok.home)] == ["saft und sonne"]


def test_api_lists_and_sets_aliases(nok, juice):
    client = ApiClient(nok)
    assert client.get("items").json()["results"][0]["aliases"] == ["Fresh juice", "OJ"]
    assert client.get("items?q=oj").json()["results"][0]["name"] == "Orange juice"
    answer = client.patch(f"items/{juice.pk}", {"aliases": ["OJ"]})
    assert (answer.status_code, answer.json()["aliases"]) == (200, ["OJ"])
    assert client.post("items", {"name": "oj", "unit": "l"}).json()["id"] == str(juice.pk)

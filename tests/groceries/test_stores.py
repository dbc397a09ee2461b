"""Stores, and the order of their aisles: by hand, and learned from what is ticked first."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from groceries.actions import (
    add_entry,
    change_list_state,
    choose_store,
    copy_list,
    create_list,
    create_store,
    delete_list,
    end_shopping,
    learn_store,
    purchase_entry,
    remove_store,
    rename_list,
    rename_store,
    set_entry_states,
    sort_store,
    start_next_list,
    start_shopping,
)
from groceries.aisle_order import order_aisles
from groceries.list_presenter import ListPresenter
from groceries.models import Category, GroceryList, ListEntry, Store, Trip
from homes.events.models import Event
from homes.events.undo import undo_event, undo_operation
from pantry.errors import ActionError, Conflict, Forbidden
from tests.factories import by
from tests.limits import limit

pytestmark = pytest.mark.both_databases

AISLES = ["produce", "dairy", "staple", "protein", "household", "other"]


@pytest.fixture
def market(nok):
    return create_store("Market", by=by(nok))


@pytest.fixture
def shop(nok, market):
    """`shop(“Soap”, “Milk”)`: buy these in that order, with a list for the market."""

    def go(*names):
        grocery_list = create_list("Trip", by=by(nok), store=market)
        entries = [add_entry(grocery_list, name, by=by(nok))[0] for name in names]
        start_shopping(grocery_list, by=by(nok))
        for number, entry in enumerate(entries):
            purchase_entry(entry, by=by(nok))
            ListEntry.objects.filter(pk=entry.pk).update(purchased_at=timezone.now() + timedelta(seconds=10 * number))
        Trip.objects.active().update(created_at=timezone.now() - timedelta(minutes=5))
        ListEntry.objects.filter(list=grocery_list).update(purchased_at=F("purchased_at") - timedelta(minutes=4))
        end_shopping(grocery_list, by=by(nok))

    return go


def order(store):
    store.refresh_from_db()
    return [aisle.name for aisle in store.sorted_aisles()]


def ids(nok, *names):
    aisles = dict(Category.objects.filter(home=nok.home).values_list("name", "pk"))
    return [aisles[name] for name in names]


# The order of trips


@given(st.permutations(AISLES), st.integers(1, 4))
def test_order_of_whole_trips_is_learned(walk, count):
    assert order_aisles([list(enumerate(walk))] * count, AISLES) == walk


def test_without_trips_the_homes_order_stays():
    assert order_aisles([], AISLES) == AISLES
    assert order_aisles([[(1, "dairy")], [(1, "other"), (1, "produce")]], AISLES) == AISLES


@given(st.permutations(AISLES), st.sets(st.sampled_from(AISLES)))
def test_what_trips_say_holds_among_what_they_do_not_visit(walk, visited):
    walked = [aisle for aisle in walk if aisle in visited]
    ordered = order_aisles([list(enumerate(walked))], AISLES)
    assert [aisle for aisle in ordered if aisle in visited] == walked
    assert [aisle for aisle in ordered if aisle not in visited] == [aisle for aisle in AISLES if aisle not in visited]


def test_something_forgotten_does_not_move_an_aisle():
    trip = [(1, "dairy"), (2, "dairy"), (3, "produce"), (4, "staple"), (5, "dairy")]
    assert order_aisles([trip], AISLES)[:3] == ["dairy", "produce", "staple"]


def test_newer_trips_count_more_and_one_odd_trip_little():
    usual, odd = [(1, "dairy"), (2, "produce")], [(1, "produce"), (2, "dairy")]
    assert order_aisles([odd, usual, usual], AISLES)[:2] == ["dairy", "produce"]
    assert order_aisles([usual] * 3 + [odd] * 3, AISLES)[:2] == ["dairy", "produce"]


@given(st.lists(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(AISLES)), max_size=8), max_size=6))
def test_every_aisle_has_one_place(trips):
    assert sorted(order_aisles(trips, AISLES)) == sorted(AISLES)


def test_circle_of_majorities_has_an_order():
    trips = [list(enumerate(walk)) for walk in ("abc", "bca", "cab")]
    assert sorted(order_aisles(trips, "abc")) == ["a", "b", "c"]


# Lists


def test_list_is_in_the_order_of_its_store(nok, market, weekly, milk, eggs, rice):
    market = sort_store(market, ids(nok, *reversed(AISLES)), by=by(nok))
    before = [aisle.category.name for aisle in ListPresenter(nok.home, weekly).aisles]
    chosen = choose_store(weekly, market, by=by(nok))
    presenter = ListPresenter(nok.home, chosen)
    assert [aisle.category.name for aisle in presenter.aisles] == before[::-1]
    columns = [[aisle.category.name for aisle in column] for column in presenter.columns()]
    assert columns[0] + columns[1] == before[::-1]


def test_trip_teaches_the_order(nok, market, shop):
    shop("Dish soap", "Rice", "Milk")
    walked = [name for name in order(market) if name in ("household", "staple", "dairy")]
    assert (walked, market.is_sorted_by_hand) == (["household", "staple", "dairy"], False)


def test_things_ticked_at_once_teach_nothing(nok, market):
    grocery_list = create_list("Trip", by=by(nok), store=market)
    entries = [add_entry(grocery_list, name, by=by(nok))[0] for name in ("Dish soap", "Rice", "Milk")]
    start_shopping(grocery_list, by=by(nok))
    set_entry_states(entries, "purchased", by=by(nok))
    end_shopping(grocery_list, by=by(nok))
    assert order(market) == AISLES


def test_aisles_that_no_trip_visits_stay_where_they_were(nok, market, shop):
    market = sort_store(market, ids(nok, *reversed(AISLES)), by=by(nok))
    Store.objects.update(is_sorted_by_hand=False)
    shop("Bananas", "Milk")
    learned = order(market)
    assert learned.index("produce") < learned.index("dairy")
    assert [each for each in learned if each not in ("produce", "dairy")] == [
        each for each in reversed(AISLES) if each not in ("produce", "dairy")
    ]


def test_two_trips_that_end_together_teach_both(nok, ben, market):
    grocery_list = create_list("Trip", by=by(nok), store=market)
    for member, names in ((nok, ("Dish soap", "Milk")), (ben, ("Rice", "Bananas"))):
        entries = [add_entry(grocery_list, name, by=by(nok))[0] for name in names]
        start_shopping(grocery_list, by=by(member))
        for number, entry in enumerate(entries):
            purchase_entry(entry, by=by(member))
            at = timezone.now() - timedelta(minutes=2 - number)
            ListEntry.objects.filter(pk=entry.pk).update(purchased_at=at)
    Trip.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    change_list_state(grocery_list, "completed", by=by(nok))
    learned = order(market)
    assert learned.index("household") < learned.index("dairy")
    assert learned.index("staple") < learned.index("produce")


def test_order_by_hand_stays(nok, market, shop):
    sort_store(market, ids(nok, *AISLES), by=by(nok))
    shop("Dish soap", "Milk")
    assert (order(market), market.is_sorted_by_hand) == (AISLES, True)
    learn_store(market, by=by(nok))
    learned = order(market)
    assert learned.index("household") < learned.index("dairy")


def test_trip_that_teaches_nothing_new_has_no_event(nok, market, shop, events):
    shop("Milk", "Rice")
    before = events(nok.home).count("store_updated")
    shop("Milk", "Rice")
    assert events(nok.home).count("store_updated") == before


def test_next_list_and_copies_are_for_the_same_store(nok, market):
    first = create_list("Weekly", by=by(nok), store=market)
    assert copy_list(first, by=by(nok)).store == market
    GroceryList.objects.filter(pk=first.pk).update(state="completed", completed_at=timezone.now())
    assert start_next_list(first, by=by(nok)).store == market


def test_order_with_new_and_removed_aisles(nok, market):
    sort_store(market, ids(nok, *reversed(AISLES)), by=by(nok))
    Category.objects.filter(home=nok.home, name="staple").delete()
    Category.objects.create(home=nok.home, name="Frozen", position=6)
    assert order(market) == ["other", "household", "protein", "dairy", "produce", "Frozen"]


# Refusals


@pytest.mark.parametrize("names", [AISLES[1:], [*AISLES, AISLES[0]], []])
def test_order_without_some_aisle_is_refused(nok, market, names):
    with pytest.raises(ActionError, match="each aisle of the home once"):
        sort_store(market, ids(nok, *names), by=by(nok))


def test_names_are_refused(nok, market):
    for name, error in (("Market", Conflict), (" ", ActionError), ("x" * 41, ActionError)):
        with pytest.raises(error):
            create_store(name, by=by(nok))
    bazaar = create_store("Bazaar", by=by(nok))
    with pytest.raises(Conflict):
        rename_store(bazaar, "Market", by=by(nok))


def test_too_many_stores_are_refused(nok):
    maximum = limit("Stores of a home")
    Store.objects.bulk_create(Store(home=nok.home, name=f"Store {number}") for number in range(maximum - 1))
    create_store("Last one", by=by(nok))
    with pytest.raises(ActionError, match=f"{maximum} stores"):
        create_store("One more", by=by(nok))


def test_store_of_another_home_is_refused(nok, mai, weekly):
    theirs = create_store("Theirs", by=by(mai))
    for act in (
        lambda: choose_store(weekly, theirs, by=by(nok)),
        lambda: create_list(by=by(nok), store=theirs),
        lambda: rename_store(theirs, "Ours", by=by(nok)),
        lambda: remove_store(theirs, by=by(nok)),
    ):
        with pytest.raises(Forbidden):
            act()
    assert Store.objects.get(pk=theirs.pk).name == "Theirs"


# Undo


def test_undoing_the_end_of_a_trip_leaves_what_was_learned(nok, market, shop):
    shop("Dish soap", "Milk")
    learned = order(market)
    for event in Event.objects.filter(home=nok.home, type__in=["store_updated", "shopping_ended"]).order_by("-seq"):
        undo_event(event, by=by(nok))
    assert order(market) == learned


@pytest.mark.parametrize("then", ["sort", "remove"])
def test_completing_a_list_is_undone_whatever_became_of_its_store(nok, market, weekly, milk, rice, then):
    choose_store(weekly, market, by=by(nok))
    start_shopping(weekly, by=by(nok))
    for number, entry in enumerate((rice, milk)):
        purchase_entry(entry, by=by(nok))
        at = timezone.now() - timedelta(minutes=2 - number)
        ListEntry.objects.filter(pk=entry.pk).update(purchased_at=at)
    Trip.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    by_op = by(nok, op_id=uuid4())
    change_list_state(weekly, "completed", by=by_op)
    assert Event.objects.filter(op_id=by_op.op_id, type="store_updated").exists()
    if then == "sort":
        sort_store(market, ids(nok, *AISLES), by=by(nok))
    else:
        remove_store(market, by=by(nok))
    undo_operation(by_op.op_id, by=by(nok))
    weekly.refresh_from_db()
    assert weekly.state == "draft"


def test_undoing_the_completion_leads_back_to_the_list(nok, market, weekly, milk, rice, sign_in):
    choose_store(weekly, market, by=by(nok))
    by_op = by(nok, op_id=uuid4())
    rename_list(weekly, "Big shop", by=by_op)
    learn_store(market, by=by_op)
    answer = sign_in(nok).post(f"/h/{nok.home_id}/operations/{by_op.op_id}/undo")
    assert answer.url == f"/h/{nok.home_id}/lists/{weekly.pk}/"


def test_deleted_list_comes_back_without_a_removed_store(nok, market):
    party = create_list("Party", by=by(nok), store=market)
    by_op = by(nok, op_id=uuid4())
    delete_list(party, by=by_op)
    remove_store(market, by=by(nok))
    undo_operation(by_op.op_id, by=by(nok))
    assert GroceryList.objects.get(pk=party.pk).store is None


def test_removed_store_leaves_its_lists(nok, market, weekly):
    choose_store(weekly, market, by=by(nok))
    remove_store(market, by=by(nok))
    remove_store(market, by=by(nok))
    weekly.refresh_from_db()
    assert weekly.store is None


# API


def send(client, verb, url, body):
    return getattr(client, verb)(url, body, content_type="application/json")


def test_api(nok, weekly, sign_in):
    client, url = sign_in(nok), f"/api/homes/{nok.home_id}/stores"
    store = send(client, "post", url, {"name": "Market"}).json()
    assert store == {"id": store["id"], "name": "Market", "is_sorted_by_hand": False, "aisles": []}
    aisles = list(map(str, ids(nok, *reversed(AISLES))))
    changed = send(client, "patch", f"{url}/{store['id']}", {"name": "Bazaar", "aisles": aisles}).json()
    assert (changed["name"], changed["aisles"], changed["is_sorted_by_hand"]) == ("Bazaar", aisles, True)
    learned = send(client, "patch", f"{url}/{store['id']}", {"is_sorted_by_hand": False}).json()
    assert learned["is_sorted_by_hand"] is False
    lists = f"/api/homes/{nok.home_id}/lists"
    assert send(client, "patch", f"{lists}/{weekly.pk}", {"store_id": store["id"]}).json()["store"] == store["id"]
    assert send(client, "post", lists, {"copy_of": str(weekly.pk)}).json()["store"] == store["id"]
    assert send(client, "patch", f"{lists}/{weekly.pk}", {"store_id": None}).json()["store"] is None
    assert client.delete(f"{url}/{store['id']}").status_code == 204
    assert client.get(url).json()["results"] == []


def test_api_lists_items_in_the_order_of_the_store(nok, market, weekly, milk, rice, sign_in):
    market = sort_store(market, ids(nok, *reversed(AISLES)), by=by(nok))
    choose_store(weekly, market, by=by(nok))
    items = sign_in(nok).get(f"/api/homes/{nok.home_id}/lists/{weekly.pk}").json()["items"]
    assert [item["item"]["name"] for item in items] == ["Rice", "Milk"]


# Pages


@pytest.fixture
def pages(nok, sign_in):
    """`pages(path, **fields)`: what a page of Nok's home answers, posted to if there are fields."""
    client, base = sign_in(nok), f"/h/{nok.home_id}/"
    return lambda path, **fields: client.post(base + path, fields, follow=True) if fields else client.get(base + path)


def test_store_is_created_renamed_and_removed_on_its_page(nok, pages):
    assert "No stores yet" in pages("stores/").text
    page = pages("stores/", name="Market")
    store = Store.objects.get()
    assert "Learns its aisles from your first shopping trip" in page.text
    assert "now called Bazaar" in pages(f"stores/{store.pk}/", name="Bazaar").text
    assert "already a store with that name" in pages("stores/", name="Bazaar").text
    assert "Bazaar is removed." in pages(f"stores/{store.pk}/remove", op="").text
    assert not Store.objects.exists()


def test_aisle_moves_by_one_place_until_the_end(nok, market, pages):
    other = str(ids(nok, "other")[0])
    for expected in (4, 3):
        page = pages(f"stores/{market.pk}/sort", move=f"{other}:up")
        assert order(market).index("other") == expected
    assert "Aisles sorted by hand" in page.text
    first = ids(nok, "produce")[0]
    pages(f"stores/{market.pk}/sort", move=f"{first}:up")
    assert order(market)[0] == "produce"
    assert "That no longer exists." in pages(f"stores/{market.pk}/sort", move="nothing").text
    assert "Aisles sorted by hand" not in pages(f"stores/{market.pk}/learn", op="").text


def test_dragged_order_is_kept_whole(nok, market, pages):
    wanted = ids(nok, *reversed(AISLES))
    pages(f"stores/{market.pk}/sort", order=",".join(map(str, wanted)))
    assert order(market) == AISLES[::-1]
    assert "each aisle of the home once" in pages(f"stores/{market.pk}/sort", order=str(wanted[0])).text
    assert order(market) == AISLES[::-1]


def test_store_of_a_list_is_chosen_or_created(nok, market, weekly, pages):
    page = pages(f"lists/{weekly.pk}/store", store=str(market.pk), name="")
    assert "Store: Market" in page.text
    assert "Store: Bazaar" in pages(f"lists/{weekly.pk}/store", store=str(market.pk), name="Bazaar").text
    assert "Choose a store" in pages(f"lists/{weekly.pk}/store", store="", name="").text
    refused = pages(f"lists/{weekly.pk}/store", store="", name="Market")
    assert (refused.status_code, "already a store with that name" in refused.text) == (422, True)


def test_store_of_another_home_can_not_be_chosen(nok, mai, market, weekly, pages):
    theirs = create_store("Theirs", by=by(mai))
    assert pages(f"lists/{weekly.pk}/store", store=str(theirs.pk), name="").status_code == 422
    assert "Theirs" not in pages("stores/").text

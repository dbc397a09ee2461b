"""The order of the entries of an aisle, by hand."""

import re
from uuid import uuid4

import pytest

from groceries.actions import (
    add_entry,
    change_entry,
    change_list_state,
    copy_list,
    create_list,
    merge_remove,
    sort_entries,
)
from groceries.models import ListEntry
from homes.events.models import Event
from pantry.errors import ActionError
from tests.api.client import ApiClient
from tests.factories import by
from tests.groceries.offline_merge import ago

pytestmark = pytest.mark.both_databases


@pytest.fixture
def spices(nok, weekly, milk):
    """Four entries of one aisle."""
    return [add_entry(weekly, name, by=by(nok), category="other")[0] for name in ("A1", "B2", "C3", "D4")]


def order(grocery_list):
    entries = ListEntry.objects.pending().filter(list=grocery_list, item__category__name="other").in_aisles()
    return " ".join(entry.item.name for entry in entries)


def ids(*entries):
    return [entry.pk for entry in entries]


def test_entries_are_sorted_and_new_ones_come_last(nok, weekly, spices, events):
    a, b, c, d = spices
    events(nok.home)
    sort_entries(weekly, ids(d, a, b, c), by=by(nok))
    assert order(weekly) == "D4 A1 B2 C3"
    assert events(nok.home) == ["list_item_sorted"] * 4
    sort_entries(weekly, ids(a, d), by=by(nok))
    assert events(nok.home) == ["list_item_sorted"] * 6
    add_entry(weekly, "E5", by=by(nok), category="other")
    assert order(weekly) == "A1 D4 B2 C3 E5"
    assert order(copy_list(weekly, by=by(nok))) == "A1 D4 B2 C3 E5"


def test_others_of_the_aisle_stay_where_they_are(nok, weekly, spices):
    a, _b, _c, d = spices
    sort_entries(weekly, [uuid4(), *ids(d, a)], by=by(nok))
    assert order(weekly) == "D4 B2 C3 A1"


def test_entry_that_moves_to_another_list_has_no_place_there(nok, weekly, spices):
    a, b, *_others = spices
    sort_entries(weekly, ids(b, a), by=by(nok))
    assert change_entry(b, by=by(nok), list=create_list("Party", by=by(nok))).position is None


def test_several_aisles_completed_lists_and_other_homes_are_refused(nok, mai, weekly, milk, spices):
    theirs, _new = add_entry(create_list("Mine", by=by(mai)), "Tea", by=by(mai))
    for pks in (ids(milk, spices[0]), ids(theirs), []):
        with pytest.raises(ActionError):
            sort_entries(weekly, pks, by=by(nok))
    change_list_state(weekly, "completed", by=by(nok))
    with pytest.raises(ActionError):
        sort_entries(weekly, ids(*spices), by=by(nok))
    assert not ListEntry.objects.exclude(position=None).exists()


def test_sorting_keeps_versions_and_does_not_stop_an_offline_removal(nok, ben, weekly, spices):
    a, b, *_others = spices
    sort_entries(weekly, ids(b, a), by=by(ben))
    a.refresh_from_db()
    assert a.version == 1
    assert merge_remove(a.pk, by=ago(nok, 5), seen=1).lost == ()
    assert order(weekly) == "B2 C3 D4"


def test_page_moves_an_entry_and_undo_brings_it_back(nok, weekly, spices, sign_in):
    client, url = sign_in(nok), f"/h/{nok.home_id}/lists/{weekly.pk}/"
    assert "Move up" in client.get(f"{url}{spices[2].pk}/edit").text
    page = client.post(f"{url}{spices[2].pk}/up", follow=True).text
    assert order(weekly) == "A1 C3 B2 D4"
    assert "Moved C3." in page
    [target] = re.findall(r'action="(/h/[^"]*/operations/[^"]*/undo)"', page)
    client.post(target)
    assert order(weekly) == "A1 B2 C3 D4"
    client.post(f"{url}{spices[3].pk}/down")
    assert order(weekly) == "A1 B2 C3 D4"


def test_page_of_another_home_is_not_found(nok, mai, weekly, spices, sign_in):
    assert sign_in(mai).post(f"/h/{nok.home_id}/lists/{weekly.pk}/{spices[0].pk}/down").status_code == 404
    assert order(weekly) == "A1 B2 C3 D4"


def test_api_and_offline_commands_sort(nok, mai, weekly, spices):
    client, pks = ApiClient(nok), [str(pk) for pk in ids(*reversed(spices))]
    rows = client.post(f"lists/{weekly.pk}/items/order", {"ids": pks}).json()["results"]
    assert [(row["id"], row["position"]) for row in rows] == [(pk, place) for place, pk in enumerate(pks, 1)]
    intent = {"op_id": str(uuid4()), "kind": "sort_entries", "meant_at": "2026-03-14T10:12:00Z", "seen": None}
    intent["data"] = {"list": str(weekly.pk), "entries": pks[::-1]}
    result = client.post("intents", {"now": "2026-03-14T10:12:00Z", "intents": [intent]}).json()["results"][0]
    assert result["outcome"] == "done"
    assert order(weekly) == "A1 B2 C3 D4"
    theirs = create_list("Mine", by=by(mai))
    assert client.post(f"lists/{theirs.pk}/items/order", {"ids": pks}).status_code == 404


def test_sorting_costs_one_event_for_each_entry_that_moves(nok, weekly, spices):
    sort_entries(weekly, ids(*spices), by=by(nok))
    sort_entries(weekly, ids(*spices), by=by(nok))
    assert Event.objects.filter(home=nok.home, type="list_item_sorted").count() == len(spices)

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from groceries.actions import (
    add_entry,
    archive_list,
    create_category,
    create_item,
    create_list,
    create_recurring,
    delete_list,
    get_or_create_item,
    merge_categories,
    merge_items,
    merging,
    purchase_entry,
    remove_category,
    remove_entry,
    remove_item,
    update_category,
    update_item,
)
from groceries.actions.lists import claim_aisle
from groceries.models import AisleClaim, Category, Item, ListEntry, RecurringItem
from homes.events.models import Event
from homes.events.undo import undo_event, undo_operation
from pantry.errors import ActionError, Forbidden
from pixie.models import Suggestion
from tests.api.client import ApiClient
from tests.factories import by
from tests.limits import limit

pytestmark = pytest.mark.both_databases
OPERATION = UUID("01900000-0000-7000-8000-000000000001")


@pytest.fixture
def oat(nok):
    item, _is_new = create_item("Oat milk", by=by(nok), aliases=["Oatly"])
    return item


def on_list(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def aisle(member, name):
    return Category.objects.get(home=member.home, name=name)


def test_merging_moves_entries_rules_aliases_and_suggestions(nok, weekly, milk, oat):
    party = create_list("Party", by=by(nok))
    bought = purchase_entry(add_entry(party, oat, by=by(nok))[0], by=by(nok), price=Decimal(60))
    removed = remove_entry(add_entry(party, oat, by=by(nok))[0], by=by(nok))
    rules = [create_recurring(item, by=by(nok), frequency="weekly") for item in (oat, milk.item)]
    facts = {"days": 7, "last_on": "2026-03-14"}
    suggestion = Suggestion.objects.create(home=nok.home, kind="restock", subject="x", item=oat, facts=facts)
    merged = merge_items(oat, milk.item, by=by(nok))
    assert merged == milk.item
    for row in (bought, removed, *rules, suggestion):
        row.refresh_from_db()
        assert row.item_id == merged.pk
    assert merged.alias_names == ["Oat milk", "Oatly"]
    assert get_or_create_item("oat milk", by=by(nok)) == merged
    assert (merged.name, merged.last_purchased_at, merged.estimated_price) == ("Milk", bought.purchased_at, Decimal(60))
    assert not Item.objects.filter(pk=oat.pk).exists()


def test_kept_item_keeps_its_price_and_usual_amount(nok, milk, oat):
    update_item(oat, by=by(nok), estimated_price=Decimal(60), default_quantity=Decimal(2), default_unit="pack")
    update_item(milk.item, by=by(nok), estimated_price=Decimal(45), default_unit="liter")
    merged = merge_items(oat, milk.item, by=by(nok))
    assert (merged.estimated_price, merged.default_quantity, merged.default_unit) == (Decimal(45), None, "liter")


def test_pending_entries_of_both_add_up_by_unit(nok, weekly, milk, oat):
    archived = create_list("Old", by=by(nok))
    for item in (milk.item, oat):
        add_entry(archived, item, by=by(nok), quantity=Decimal(1), unit="pack")
    archive_list(archived, by=by(nok))
    add_entry(weekly, oat, by=by(nok), quantity=Decimal(2), unit="liter", note="barista")
    add_entry(weekly, oat, by=by(nok), quantity=Decimal(3), unit="bottle")
    merge_items(oat, milk.item, by=by(nok))
    assert on_list(weekly) == ["Milk (3 bottle)", "Milk (3 liter)"]
    assert on_list(archived) == ["Milk (2 pack)"]
    milk.refresh_from_db()
    assert milk.note == "barista"


def test_undoing_a_merge_restores_both_items_and_their_entries(nok, weekly, milk, oat):
    add_entry(weekly, oat, by=by(nok), quantity=Decimal(2), unit="liter")
    rule = create_recurring(oat, by=by(nok), frequency="weekly")
    merge_items(oat, milk.item, by=by(nok, op_id=OPERATION))
    added, _is_new = add_entry(weekly, "milk", by=by(nok), quantity=Decimal(1), unit="bottle")
    assert undo_operation(OPERATION, by=by(nok))
    assert on_list(weekly) == ["Milk (1 bottle)", "Milk (1 liter)", "Oat milk (2 liter)"]
    rule.refresh_from_db()
    assert (rule.item_id, oat.alias_names, milk.item.alias_names) == (oat.pk, ["Oatly"], [])


def test_undo_is_refused_when_the_name_means_something_else(nok, milk, oat):
    merge_items(oat, milk.item, by=by(nok))
    event = Event.objects.get(home=nok.home, type="items_merged")
    update_item(milk.item, by=by(nok), aliases=[])
    create_item("Oat milk", by=by(nok))
    with pytest.raises(ActionError, match="already an item called"):
        undo_event(event, by=by(nok))
    assert Item.objects.named("oat milk", nok.home).count() == 1


def test_merge_of_too_much_is_made_and_cannot_be_undone(nok, weekly, milk, oat, monkeypatch):
    assert limit("Rows that a merge moves and that its undo moves back") == merging.MAX_MOVED
    monkeypatch.setattr(merging, "MAX_MOVED", 1)
    create_recurring(oat, by=by(nok), frequency="weekly")  # and an alias
    merge_items(oat, milk.item, by=by(nok))
    event = Event.objects.get(home=nok.home, type="items_merged")
    assert event.data["moved"] is None
    with pytest.raises(ActionError, match="too much"):
        undo_event(event, by=by(nok))
    assert RecurringItem.objects.get().item == milk.item


def test_merging_twice_in_one_operation_is_idempotent(nok, milk, oat, events):
    for _ in range(2):
        assert merge_items(oat, milk.item, by=by(nok, op_id=OPERATION)) == milk.item
    assert events(nok.home) == ["items_merged"]


def test_merging_an_item_with_itself_or_a_foreign_one_is_refused(nok, mai, milk, oat):
    with pytest.raises(ActionError, match="Choose another one"):
        merge_items(oat, oat, by=by(nok))
    foreign = get_or_create_item("Milk", by=by(mai))
    for pair in ((foreign, oat), (oat, foreign)):
        with pytest.raises(Forbidden):
            merge_items(*pair, by=by(nok))


def test_merged_aisle_gives_its_items_claims_end_and_new_items_follow(nok, weekly, milk):
    garden = create_category("Fridge", by=by(nok))
    claim_aisle(weekly, aisle(nok, "dairy"), by=by(nok))
    merge_categories(aisle(nok, "dairy"), garden, by=by(nok))
    milk.item.refresh_from_db()
    assert (milk.item.category, AisleClaim.objects.count()) == (garden, 0)
    assert get_or_create_item("Butter", by=by(nok)).category == garden
    undo_event(Event.objects.get(home=nok.home, type="categories_merged"), by=by(nok))
    milk.item.refresh_from_db()
    assert milk.item.category.name == "dairy"
    assert get_or_create_item("Yogurt", by=by(nok)).category.name == "dairy"


def test_merging_the_aisle_for_others_leaves_a_place_for_new_items(nok, weekly):
    merge_categories(aisle(nok, "other"), aisle(nok, "household"), by=by(nok))
    assert get_or_create_item("Zzyzx", by=by(nok)).category.name == "household"


def test_renamed_default_aisle_shows_its_new_name_and_gets_new_items(nok, weekly, milk):
    dairy = update_category(aisle(nok, "dairy"), by=by(nok), name="From the cow")
    assert (dairy.label, dairy.icon) == ("From the cow", "dairy")
    assert get_or_create_item("Butter", by=by(nok)).category == dairy


def test_saving_a_default_aisle_under_its_shown_name_changes_nothing(nok, events):
    assert update_category(aisle(nok, "dairy"), by=by(nok), name="Dairy").name == "dairy"
    assert events(nok.home) == []


@pytest.mark.parametrize("name", ["Dairy", "dairy", "DAIRY"])
def test_aisle_that_would_show_the_name_of_another_is_refused(nok, name):
    with pytest.raises(ActionError, match="already an aisle"):
        create_category(name, by=by(nok))
    with pytest.raises(ActionError, match="already an aisle"):
        update_category(aisle(nok, "other"), by=by(nok), name=name)


def test_api_merges_items_and_aisles_of_the_home_only(nok, mai, milk, oat):
    client = ApiClient(nok)
    foreign = get_or_create_item("Milk", by=by(mai))
    assert client.post(f"items/{oat.pk}/merge", {"into": str(foreign.pk)}).status_code == 404
    assert client.post(f"items/{foreign.pk}/merge", {"into": str(oat.pk)}).status_code == 404
    assert client.post(f"items/{oat.pk}/merge", {"into": str(milk.item_id)}).json()["name"] == "Milk"
    into = {"into": str(aisle(nok, "other").pk)}
    assert client.post(f"categories/{milk.item.category_id}/merge", into).json()["name"] == "other"
    assert client.post(f"categories/{foreign.category_id}/merge", into).status_code == 404
    assert ListEntry.objects.get(pk=milk.pk).item.category.name == "other"


def test_deleted_list_comes_back_with_the_items_that_others_became_part_of(nok):
    party = create_list("Party", by=by(nok))
    for name, quantity in (("Oat milk", 2), ("Milk", 1)):
        add_entry(party, name, by=by(nok), quantity=Decimal(quantity), unit="liter")
    by_op = by(nok, op_id=uuid4())
    delete_list(party, by=by_op)
    oat, milk = Item.objects.get(name="Oat milk"), Item.objects.get(name="Milk")
    merge_items(oat, milk, by=by(nok))
    undo_operation(by_op.op_id, by=by(nok))
    assert [str(entry) for entry in party.entries.pending()] == ["Milk (3 liter)"]


def test_deleted_list_with_an_item_that_is_gone_says_so(nok):
    party = create_list("Party", by=by(nok))
    entry, _is_new = add_entry(party, "Balloons", by=by(nok))
    by_op = by(nok, op_id=uuid4())
    delete_list(party, by=by_op)
    remove_item(entry.item, by=by(nok))
    with pytest.raises(ActionError, match="no longer exists"):
        undo_operation(by_op.op_id, by=by(nok))


def test_merge_of_items_is_undone_after_the_aisle_was_merged_away(nok):
    oat, milk = (create_item(name, by=by(nok))[0] for name in ("Oat milk", "Milk"))
    frozen, dairy = create_category("Frozen", by=by(nok)), Category.objects.get(home=nok.home, name="dairy")
    update_item(oat, by=by(nok), category=frozen)
    by_op = by(nok, op_id=uuid4())
    merge_items(oat, milk, by=by_op)
    merge_categories(frozen, dairy, by=by(nok))
    undo_operation(by_op.op_id, by=by(nok))
    assert Item.objects.get(name="Oat milk").category == dairy
    event = Event.objects.filter(home=nok.home, type="items_split").latest("seq")
    assert event.data["merged"]["category_id"] == str(dairy.pk)


def test_undoing_an_addition_leaves_the_aisle_that_it_needed(nok, weekly):
    remove_category(Category.objects.get(home=nok.home, name="other"), by=by(nok))
    by_op = by(nok, op_id=uuid4())
    add_entry(weekly, "Zzyzx", by=by_op)
    undo_operation(by_op.op_id, by=by(nok))
    assert not weekly.entries.pending().exists()


def test_too_many_aisles_are_refused(nok):
    maximum = limit("Aisles of a home")
    known = Category.objects.filter(home=nok.home).count()
    Category.objects.bulk_create(Category(home=nok.home, name=f"Aisle {at}") for at in range(maximum - known - 1))
    create_category("Last", by=by(nok))
    with pytest.raises(ActionError, match=f"{maximum} aisles"):
        create_category("One more", by=by(nok))

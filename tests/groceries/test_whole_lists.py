"""Copy, clear, archive, restore and delete lists, and undo that."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from groceries.actions import (
    add_entry,
    archive_list,
    change_list_state,
    clear_list,
    copy_list,
    create_list,
    current_list,
    delete_list,
    move_entries,
    purchase_entry,
    put_back_entry,
    remove_entry,
    rename_list,
    restore_list,
    set_entry_states,
    start_shopping,
)
from groceries.labels import label_lists
from groceries.models import GroceryList, ListEntry, Trip
from homes.events.models import Event
from homes.events.undo import undo_event, undo_operation
from pantry.errors import ActionError
from tests.factories import by, found_home, person

pytestmark = pytest.mark.both_databases


@pytest.fixture
def act(nok):
    """The actor of an operation with an id, as that of a form."""
    return by(nok, op_id=uuid4())


def pending(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


# A new home


def test_new_home_has_a_list_to_type_into(db):
    member = found_home(person("Som"), "Som's place")
    assert [each.name for each in GroceryList.objects.filter(home=member.home)] == ["Groceries"]


# Copies


def test_copy_has_what_was_to_get_and_bought(nok, weekly, milk, eggs, rice, act):
    purchase_entry(milk, by=by(nok))
    add_entry(weekly, "milk", by=by(nok), quantity=Decimal(2), unit="liter")
    remove_entry(eggs, by=by(nok))
    copy = copy_list(change_list_state(weekly, "completed", by=by(nok)), by=act)
    assert (copy.name, copy.state, pending(copy)) == ("Weekly shop", "draft", ["Milk (3 liter)", "Rice (5 kg)"])


def test_copying_twice_with_one_operation_creates_one_list(weekly, milk, act):
    assert copy_list(weekly, by=act) == copy_list(weekly, by=act)
    assert GroceryList.objects.count() == 2


def test_undoing_a_copy_deletes_it(nok, weekly, milk, act):
    copy_list(weekly, by=act)
    undo_operation(act.op_id, by=by(nok))
    assert GroceryList.objects.get() == weekly


def test_undoing_a_copy_is_refused_when_others_added_to_it(nok, ben, weekly, milk, act):
    copy = copy_list(weekly, by=act)
    add_entry(copy, "Beer", by=by(ben))
    with pytest.raises(ActionError, match="There are things on “Weekly shop” now"):
        undo_operation(act.op_id, by=by(nok))
    assert pending(copy) == ["Beer (1 piece)", "Milk (1 liter)"]


def test_undoing_a_copy_is_refused_when_something_was_bought(nok, weekly, milk, act):
    copy = copy_list(weekly, by=act)
    purchase_entry(copy.entries.get(), by=by(nok))
    with pytest.raises(ActionError, match="were bought"):
        undo_operation(act.op_id, by=by(nok))


# Templates


def test_template_is_never_the_current_list(nok, weekly, milk, act):
    template = copy_list(weekly, "Basics", by=act, is_template=True)
    assert current_list(by=by(nok)) == weekly
    add_entry(template, "Salt", by=by(nok))
    assert pending(copy_list(template, by=by(nok))) == ["Milk (1 liter)", "Salt (1 piece)"]


def test_template_is_not_shopped_with(nok, weekly, milk, act):
    template = copy_list(weekly, by=act, is_template=True)
    for refused in (
        lambda: purchase_entry(template.entries.get(), by=by(nok)),
        lambda: start_shopping(template, by=by(nok)),
        lambda: change_list_state(template, "approved", by=by(nok)),
    ):
        with pytest.raises(ActionError, match="is a template"):
            refused()


# Names


def test_lists_of_one_name_have_labels_with_their_time(nok, weekly):
    GroceryList.objects.filter(pk=weekly.pk).update(created_at=weekly.created_at - timedelta(days=1))
    minute = weekly.created_at.replace(second=0, microsecond=0) - timedelta(hours=1)
    for second in (1, 2):
        created = create_list("Weekly shop", by=by(nok))
        GroceryList.objects.filter(pk=created.pk).update(created_at=minute + timedelta(seconds=second))
    create_list("Party", by=by(nok))
    create_list("Weekly shop", by=by(nok), is_template=True)
    party, second, first, old = (each.label for each in label_lists(GroceryList.objects.filter(home=nok.home).open()))
    assert party == "Party"
    assert second == f"{first} (2)"
    assert first.startswith("Weekly shop of ")
    assert old.startswith("Weekly shop of ")
    assert old != first


# Archive


def test_restored_list_is_as_it_was(nok, weekly, milk, events):
    restore_list(archive_list(weekly, by=by(nok)), by=by(nok))
    restore_list(weekly, by=by(nok))
    assert pending(GroceryList.objects.visible_to(nok).get()) == ["Milk (1 liter)"]
    assert events(nok.home) == ["list_updated"] * 2


def test_undoing_a_rename_restores_the_name_unless_it_was_renamed_again(nok, ben, weekly):
    rename_list(weekly, "Big shop", by=by(nok))
    first = Event.objects.filter(home=nok.home).latest("seq")
    undo_event(first, by=by(nok))
    weekly.refresh_from_db()
    assert weekly.name == "Weekly shop"
    rename_list(weekly, "Party", by=by(nok))
    second = Event.objects.filter(home=nok.home).latest("seq")
    rename_list(weekly, "Feast", by=by(ben))
    with pytest.raises(ActionError):
        undo_event(second, by=by(nok))


# Deletion


def test_deleted_list_is_gone_with_its_entries_and_trips(nok, weekly, milk, events):
    start_shopping(weekly, by=by(nok))
    delete_list(weekly, by=by(nok))
    delete_list(weekly, by=by(nok))
    assert not (GroceryList.objects.exists() or ListEntry.objects.exists() or Trip.objects.exists())
    assert events(nok.home) == ["shopping_started", "shopping_ended", "list_deleted"]


def test_list_of_which_something_was_bought_is_not_deleted(nok, weekly, milk, events):
    purchase_entry(milk, by=by(nok))
    with pytest.raises(ActionError, match="Archive it instead"):
        delete_list(weekly, by=by(nok))
    assert events(nok.home) == ["list_item_purchased"]
    put_back_entry(milk, by=by(nok))
    delete_list(weekly, by=by(nok))


def test_undoing_a_deletion_restores_the_list_and_its_entries(nok, ben, weekly, milk, eggs, act):
    add_entry(weekly, "milk", by=by(ben), quantity=Decimal(2), unit="liter", note="oat")
    remove_entry(eggs, by=by(nok))
    created_at = weekly.created_at
    delete_list(weekly, by=act)
    assert undo_operation(act.op_id, by=by(nok))
    assert not undo_operation(act.op_id, by=by(nok))
    restored = GroceryList.objects.get()
    assert (restored.pk, restored.name, restored.created_at) == (weekly.pk, "Weekly shop", created_at)
    entry = restored.entries.get()
    assert (entry.pk, str(entry), entry.note, entry.added_by) == (milk.pk, "Milk (3 liter)", "oat", nok.user)
    assert entry.created_at.timestamp() == pytest.approx(milk.created_at.timestamp(), abs=1)


# Several entries at once


def test_undoing_a_clear_puts_everything_back(nok, weekly, milk, eggs, rice, act):
    purchase_entry(rice, by=by(nok))
    assert [entry.item.name for entry in clear_list(weekly, by=act)] == ["Milk", "Eggs"]
    assert pending(weekly) == []
    undo_operation(act.op_id, by=by(nok))
    assert pending(weekly) == ["Eggs (6 piece)", "Milk (1 liter)"]


def test_moving_entries_is_undone_as_one(nok, weekly, milk, eggs, act):
    party = create_list("Party", by=by(nok))
    move_entries([milk, eggs], party, by=act)
    assert (pending(weekly), pending(party)) == ([], ["Eggs (6 piece)", "Milk (1 liter)"])
    undo_operation(act.op_id, by=by(nok))
    assert (pending(weekly), pending(party)) == (["Eggs (6 piece)", "Milk (1 liter)"], [])


def test_a_part_that_cannot_be_undone_leaves_the_others(nok, ben, weekly, milk, eggs, act):
    party = create_list("Party", by=by(nok))
    move_entries([milk, eggs], party, by=act)
    move_entries([ListEntry.objects.get(pk=milk.pk)], create_list("Third", by=by(ben)), by=by(ben))
    with pytest.raises(ActionError):
        undo_operation(act.op_id, by=by(nok))
    assert pending(party) == ["Eggs (6 piece)"]


def test_operation_of_somebody_else_is_not_undone(nok, ben, mai, weekly, milk, act):
    set_entry_states([milk], "purchased", by=act)
    for member in (ben, mai):
        with pytest.raises(ActionError):
            undo_operation(act.op_id, by=by(member))
    milk.refresh_from_db()
    assert milk.is_purchased

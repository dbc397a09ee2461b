"""Undo restores every field that an undoable event can have changed, and says so only where something changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Model
from django.utils import timezone

from chat.actions import add_reaction, open_assistant, send_message
from chat.models import Channel, Message, Reaction
from groceries.actions import (
    add_entry,
    add_to_pantry,
    allow_forecasts,
    archive_list,
    assign_entry,
    change_batch,
    change_entry,
    change_expense,
    change_list_state,
    change_recurring,
    change_trip_total,
    choose_store,
    copy_list,
    create_category,
    create_expense,
    create_item,
    create_list,
    create_store,
    delete_list,
    end_shopping,
    forget_barcode,
    keep_in_stock,
    merge_categories,
    merge_items,
    pause_recurring,
    purchase_entry,
    put_back_entry,
    refuse_forecasts,
    remember_barcode,
    remove_category,
    remove_entry,
    remove_expense,
    remove_item,
    remove_store,
    rename_list,
    rename_store,
    resume_recurring,
    set_recurring,
    skip_recurring,
    snooze_forecast,
    snooze_recurring,
    sort_entries,
    sort_store,
    start_shopping,
    stop_recurring,
    update_category,
    update_item,
    use_batch,
)
from groceries.balances import Part
from groceries.models import (
    Barcode,
    Category,
    Expense,
    ExpenseShare,
    GroceryList,
    Item,
    ListEntry,
    PantryBatch,
    RecurringItem,
    Store,
    Trip,
)
from groceries.schemas import EntrySnapshot, RecurringSnapshot
from homes.events.models import Event
from homes.events.undo import undo_event, undo_handlers
from homes.files.actions import add_file, remove_file
from homes.files.models import StoredFile
from homes.models import Agent, Membership
from pantry.errors import ActionError
from pixie.actions import cancel_scheduled, dismiss_suggestion, remember_passage, schedule_message
from pixie.models import Passage, ScheduledMessage, Source, Suggestion
from pixie.runs import undo
from planner.actions.undo import UNDO as TASKS
from planner.actions.undo_events import UNDO as CALENDAR
from tests.factories import by, move_in
from tests.pictures import picture

BOOKKEEPING = {"version", "updated_at", "edited_at", "created_at"}

# The values to which each field is changed. `None`: no event that can be undone changes the field.
ENTRY_CHANGES: dict[str, dict[str, Any] | None] = {
    "quantity": {"quantity": Decimal("0.5")},
    "unit": {"unit": "bottle"},
    "note": {"note": "the blue one"},
    "item": {"name": "Oat milk"},
    "price_paid": {"price_paid": Decimal("45.50")},
    **dict.fromkeys(
        (
            "id",
            "list_id",
            "listed_at",
            "state",
            "added_by_id",
            "added_by_agent_id",
            "assigned_to_id",
            "position",
            "purchased_by_id",
            "purchased_at",
            "version",
        )
    ),
}
RULE_CHANGES: dict[str, dict[str, Any] | None] = {
    "quantity": {"quantity": Decimal(7)},
    "unit": {"unit": "bag"},
    "starts_on": {"starts_on": date(2026, 3, 1)},
    "rrule": {"rrule": "FREQ=WEEKLY;BYDAY=WE"},
    "paused_at": {},  # setting the rule again resumes it
    "next_due_at": {"rrule": "FREQ=WEEKLY;BYDAY=TU"},
    **dict.fromkeys(("id", "item", "frequency")),
}


def state(row: Model) -> dict[str, Any]:
    row.refresh_from_db()
    return {field.name: getattr(row, field.attname) for field in row._meta.fields if field.name not in BOOKKEEPING}


def newest_event(member: Membership, event_type: str) -> Event:
    event: Event = Event.objects.filter(home=member.home, type=event_type).order_by("-seq")[0]
    return event


def test_every_field_of_an_entry_and_of_a_rule_has_a_case() -> None:
    assert EntrySnapshot.model_fields.keys() == ENTRY_CHANGES.keys()
    assert RecurringSnapshot.model_fields.keys() == RULE_CHANGES.keys()


@pytest.mark.parametrize("is_bought", [False, True])
@pytest.mark.parametrize("field", [name for name, fields in ENTRY_CHANGES.items() if fields])
def test_undoing_a_change_of_an_entry_restores_the_field(
    nok: Membership, ben: Membership, milk: ListEntry, field: str, is_bought: bool
) -> None:
    if is_bought:
        purchase_entry(milk, by=by(ben), price=Decimal(40))
    before = state(milk)
    change_entry(milk, by=by(nok), **(ENTRY_CHANGES[field] or {}))
    event = newest_event(nok, "list_item_updated")
    assert field in event.changes
    assert undo_event(event, by=by(nok)) is True
    assert state(milk) == before


def test_undoing_an_amount_that_grew_with_other_fields_restores_all(nok: Membership, milk: ListEntry) -> None:
    before = state(milk)
    change_entry(milk, by=by(nok), quantity=Decimal(3), note="for the cake", name="Oat milk")
    undo_event(newest_event(nok, "list_item_updated"), by=by(nok))
    assert state(milk) == before


@pytest.mark.parametrize("is_listed", [False, True])
def test_undoing_a_move_to_another_list_restores_both_lists(nok: Membership, milk: ListEntry, is_listed: bool) -> None:
    party = create_list("Party", by=by(nok))
    if is_listed:
        add_entry(party, "Milk", by=by(nok), quantity=Decimal(2), unit="liter")
    weekly, before = milk.list, [str(entry) for entry in party.entries.pending()]
    start = nok.home.events.latest("seq").seq
    change_entry(milk, by=by(nok), list=party)
    assert not weekly.entries.pending().exists()
    for event in Event.objects.filter(home=nok.home, seq__gt=start).order_by("-seq"):
        undo_event(event, by=by(nok))
    assert [str(entry) for entry in weekly.entries.pending()] == ["Milk (1 liter)"]
    assert [str(entry) for entry in party.entries.pending()] == before


@pytest.mark.parametrize("is_bought", [False, True])
def test_undoing_a_put_back_into_another_entry_restores_both(nok: Membership, milk: ListEntry, is_bought: bool) -> None:
    (purchase_entry if is_bought else remove_entry)(milk, by=by(nok))
    before = state(milk)
    other = add_entry(milk.list, "Milk", by=by(nok), quantity=Decimal(2), unit="liter")[0]
    start = nok.home.events.latest("seq").seq
    assert put_back_entry(milk, by=by(nok)).quantity == 3
    for event in Event.objects.filter(home=nok.home, seq__gt=start).order_by("-seq"):
        undo_event(event, by=by(nok))
    assert state(milk) == before
    other.refresh_from_db()
    assert other.quantity == 2


def test_undoing_an_expected_price_keeps_the_price_of_a_later_purchase(nok: Membership, milk: ListEntry) -> None:
    update_item(milk.item, by=by(nok), estimated_price=Decimal(50), description="fresh")
    event = newest_event(nok, "item_updated")
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    assert undo_event(event, by=by(nok)) is True
    milk.item.refresh_from_db()
    assert (milk.item.estimated_price, milk.item.description) == (Decimal(45), "")


@pytest.mark.parametrize("field", [name for name, fields in RULE_CHANGES.items() if fields is not None])
def test_undoing_a_change_of_a_rule_restores_the_field(nok: Membership, field: str) -> None:
    rule = set_recurring("Milk", "weekly", by=by(nok), quantity=Decimal(2), unit="liter", rrule="FREQ=WEEKLY;BYDAY=MO")
    if field == "paused_at":
        change_recurring(rule, by=by(nok), paused=True)
    before = state(rule)
    fields = {"quantity": Decimal(2), "unit": "liter", "rrule": "FREQ=WEEKLY;BYDAY=MO"}
    change = dict(RULE_CHANGES[field] or {})
    set_recurring(rule.item, by=by(nok), **{**fields, **change})
    event = newest_event(nok, "recurring_set")
    assert field in event.changes
    assert undo_event(event, by=by(nok)) is True
    assert state(rule) == before


# Every type of event that can be undone: `arrange` causes the event, `read` returns the state to restore.


def have_a_price(nok: Membership, milk: ListEntry) -> None:
    change_entry(milk, by=by(nok), price_paid=Decimal(12))


def entry_state(milk: ListEntry) -> Any:
    return state(milk)


Steps = tuple[Callable[[Membership, ListEntry], Any], Callable[[Membership, ListEntry], Any], Callable[..., Any]]


def _rice(nok: Membership, milk: ListEntry) -> None:
    set_recurring("Rice", by=by(nok), rrule="FREQ=WEEKLY;BYDAY=MO", quantity=Decimal("2.5"), unit="kg")


def _paused_rice(nok: Membership, milk: ListEntry) -> None:
    _rice(nok, milk)
    pause_recurring(RecurringItem.objects.get(), by=by(nok))


def _snooze(nok: Membership, milk: ListEntry) -> None:
    snooze_recurring(RecurringItem.objects.get(), nok.home.now().date() + timedelta(days=20), by=by(nok))


def rule_state(milk: ListEntry) -> list[Any]:
    hidden = {"created_at", "updated_at"}
    return [
        {name: value for name, value in row.items() if name not in hidden} for row in RecurringItem.objects.values()
    ]


def _end_trip(nok: Membership, milk: ListEntry) -> None:
    start_shopping(milk.list, by=by(nok))
    end_shopping(milk.list, by=by(nok), total=Decimal(96))


def _choose_store(nok: Membership, milk: ListEntry) -> None:
    choose_store(milk.list, create_store("Market", by=by(nok)), by=by(nok))


def _sort_store(nok: Membership, milk: ListEntry) -> None:
    aisles = Category.objects.filter(home=nok.home).order_by("-position").values_list("pk", flat=True)
    sort_store(Store.objects.get(), list(aisles), by=by(nok))


def store_state(milk: ListEntry) -> list[Any]:
    return [state(store) for store in Store.objects.all()]


def _spend(nok: Membership, milk: ListEntry) -> None:
    move_in(nok, "Ben")
    create_expense("Pizza", Decimal(450), by=by(nok), category="eating out", note="two large ones", rrule="FREQ=WEEKLY")


def _change_expense(nok: Membership, milk: ListEntry) -> None:
    ben = str(Membership.objects.exclude(pk=nok.pk).get(home=nok.home).user_id)
    fields: dict[str, Any] = {"title": "Curry", "category": "", "note": "", "spent_on": date(2026, 3, 1), "rrule": ""}
    change_expense(Expense.objects.get(), by=by(nok), amount=Decimal(500), paid_by=ben, shares=[Part(ben)], **fields)


def expense_state(milk: ListEntry) -> list[Any]:
    shares = ExpenseShare.objects.order_by("user").values_list("user", "name", "amount")
    return [[state(expense) for expense in Expense.objects.all()], list(shares)]


def _have_rice(nok: Membership, milk: ListEntry) -> None:
    best_before = date(2026, 12, 1)
    add_to_pantry("Rice", by=by(nok), quantity=Decimal(2), unit="kg", best_before=best_before, place="cupboard")


def _change_batch(nok: Membership, milk: ListEntry, **fields: Any) -> None:
    change_batch(PantryBatch.objects.get(), by=by(nok), **fields)


def pantry_state(milk: ListEntry) -> list[Any]:
    return [state(batch) for batch in PantryBatch.objects.all()]


def _know_rice(nok: Membership, milk: ListEntry) -> None:
    remember_barcode("4006381333931", "Rice", by=by(nok), quantity=Decimal(2), unit="kg")


def barcode_state(milk: ListEntry) -> list[Any]:
    return [state(barcode) for barcode in Barcode.objects.all()]


def _suggest(nok: Membership, milk: ListEntry) -> None:
    Suggestion.objects.create(home=nok.home, kind="restock", subject="milk", item=milk.item)


def _room(nok: Membership) -> Channel:
    return Channel.objects.get(home=nok.home, name="general")


def _as_pixie(nok: Membership) -> Any:
    return by(nok).as_agent(Agent.objects.get(home=nok.home))


def _schedule(nok: Membership, milk: ListEntry) -> ScheduledMessage:
    at = timezone.now() + timedelta(days=1)
    return schedule_message("Take the bins out", at, by=by(nok), channel=_room(nok))


def _nothing(nok: Membership, milk: ListEntry) -> None: ...


def _change_state(list_state: str, nok: Membership, milk: ListEntry) -> None:
    change_list_state(milk.list, list_state, by=by(nok))


def list_state(milk: ListEntry) -> Any:
    return state(milk.list)


def _update_milk(nok: Membership, milk: ListEntry) -> None:
    aisle = Category.objects.get(home=nok.home, name="other")
    update_item(milk.item, by=by(nok), name="Oat milk", category=aisle, estimated_price=Decimal(50))


def _tofu(nok: Membership, milk: ListEntry) -> None:
    create_item("Tofu", by=by(nok), aliases=["Bean curd"], description="firm")


def _add_aisle(nok: Membership, milk: ListEntry) -> None:
    create_category("Frozen", by=by(nok))


def _aisles(milk: ListEntry) -> list[Any]:
    return [state(each) for each in Category.objects.order_by("name")]


def _snooze_milk(nok: Membership, milk: ListEntry) -> None:
    snooze_forecast(milk.item, nok.home.now().date() + timedelta(days=30), by=by(nok))


def add_picture(nok: Membership, milk: ListEntry) -> None:
    add_file("entry", milk, "milk.jpg", picture(), by=by(nok))


def remove_pictures(nok: Membership, milk: ListEntry) -> None:
    for file in StoredFile.objects.of("entry", milk.pk):
        remove_file(file, by=by(nok))


def pictures_of(milk: ListEntry) -> list[Any]:
    return list(StoredFile.objects.of("entry", milk.pk).values_list("pk", flat=True))


TYPES: dict[str, list[Steps]] = {
    "list_item_added": [
        (
            _nothing,
            lambda nok, milk: add_entry(milk.list, "Tea", by=by(nok)),
            lambda milk: sorted(str(entry) for entry in milk.list.entries.pending()),
        )
    ],
    "list_item_updated": [
        (_nothing, lambda nok, milk: change_entry(milk, by=by(nok), quantity=Decimal(3)), entry_state)
    ],
    "list_item_assigned": [(_nothing, lambda nok, milk: assign_entry(milk, nok.user, by=by(nok)), entry_state)],
    "list_item_sorted": [(_nothing, lambda nok, milk: sort_entries(milk.list, [milk.pk], by=by(nok)), entry_state)],
    "list_item_purchased": [
        (_nothing, lambda nok, milk: purchase_entry(milk, by=by(nok), price=Decimal(9)), entry_state),
        (
            lambda nok, milk: remove_entry(milk, by=by(nok)),
            lambda nok, milk: purchase_entry(milk, by=replace(by(nok), meant_at=timezone.now())),
            entry_state,
        ),
        (have_a_price, lambda nok, milk: purchase_entry(milk, by=by(nok), price=Decimal(9)), entry_state),
    ],
    "list_item_removed": [
        (_nothing, lambda nok, milk: remove_entry(milk, by=by(nok)), entry_state),
        (
            lambda nok, milk: purchase_entry(milk, by=by(nok), price=Decimal(9)),
            lambda nok, milk: remove_entry(milk, by=by(nok)),
            entry_state,
        ),
    ],
    "list_item_put_back": [
        (
            lambda nok, milk: purchase_entry(milk, by=by(nok), price=Decimal(9)),
            lambda nok, milk: put_back_entry(milk, by=by(nok)),
            entry_state,
        ),
        (
            lambda nok, milk: remove_entry(milk, by=by(nok)),
            lambda nok, milk: put_back_entry(milk, by=by(nok)),
            entry_state,
        ),
    ],
    "file_added": [(_nothing, add_picture, pictures_of)],
    "file_removed": [(add_picture, remove_pictures, pictures_of)],
    "list_created": [
        (_nothing, lambda nok, milk: create_list("Party", by=by(nok)), lambda milk: list(GroceryList.objects.all())),
        (
            _nothing,
            lambda nok, milk: copy_list(milk.list, by=by(nok, op_id=uuid4())),
            lambda milk: list(GroceryList.objects.all()),
        ),
    ],
    "list_updated": [
        (_nothing, lambda nok, milk: rename_list(milk.list, "Big shop", by=by(nok)), list_state),
        (_nothing, lambda nok, milk: archive_list(milk.list, by=by(nok)), list_state),
        (_nothing, _choose_store, list_state),
    ],
    "store_created": [(_nothing, lambda nok, milk: create_store("Market", by=by(nok)), store_state)],
    "store_updated": [
        (_choose_store, lambda nok, milk: rename_store(Store.objects.get(), "Bazaar", by=by(nok)), store_state),
        (_choose_store, _sort_store, store_state),
    ],
    "store_removed": [(_choose_store, lambda nok, milk: remove_store(Store.objects.get(), by=by(nok)), store_state)],
    "expense_created": [(_nothing, _spend, expense_state)],
    "expense_updated": [
        (_spend, _change_expense, expense_state),
        (_spend, lambda nok, milk: change_expense(Expense.objects.get(), by=by(nok), title="Curry"), expense_state),
    ],
    "expense_removed": [(_spend, lambda nok, milk: remove_expense(Expense.objects.get(), by=by(nok)), expense_state)],
    "pantry_added": [(_nothing, _have_rice, pantry_state)],
    "pantry_updated": [
        (_have_rice, partial(_change_batch, quantity=Decimal(3)), pantry_state),
        (_have_rice, partial(_change_batch, unit="bag", best_before=None, place="fridge"), pantry_state),
        (
            _have_rice,
            lambda nok, milk: use_batch(PantryBatch.objects.get(), Decimal("0.5"), by=by(nok)),
            pantry_state,
        ),
    ],
    "pantry_removed": [(_have_rice, lambda nok, milk: use_batch(PantryBatch.objects.get(), by=by(nok)), pantry_state)],
    "barcode_added": [(_nothing, _know_rice, barcode_state)],
    "barcode_removed": [
        (_know_rice, lambda nok, milk: forget_barcode(Barcode.objects.get(), by=by(nok)), barcode_state)
    ],
    "list_deleted": [
        (
            _nothing,
            lambda nok, milk: delete_list(milk.list, by=by(nok)),
            lambda milk: [entry_state(each) for each in ListEntry.objects.all()],
        )
    ],
    "list_state_changed": [
        (_nothing, partial(_change_state, "approved"), list_state),
        (_nothing, partial(_change_state, "completed"), list_state),
        (partial(_change_state, "approved"), partial(_change_state, "completed"), list_state),
        (partial(_change_state, "approved"), partial(_change_state, "draft"), list_state),
    ],
    "item_updated": [
        (_nothing, _update_milk, lambda milk: state(milk.item)),
        (
            _nothing,
            lambda nok, milk: keep_in_stock(milk.item, Decimal(2), by=by(nok)),
            lambda milk: state(milk.item),
        ),
        (_nothing, lambda nok, milk: snooze_forecast(milk.item, by=by(nok)), lambda milk: state(milk.item)),
        (_snooze_milk, lambda nok, milk: snooze_forecast(milk.item, by=by(nok)), lambda milk: state(milk.item)),
        (_snooze_milk, lambda nok, milk: refuse_forecasts(milk.item, by=by(nok)), lambda milk: state(milk.item)),
        (
            lambda nok, milk: refuse_forecasts(milk.item, by=by(nok)),
            lambda nok, milk: allow_forecasts(milk.item, by=by(nok)),
            lambda milk: state(milk.item),
        ),
    ],
    "recurring_set": [
        (
            _nothing,
            lambda nok, milk: set_recurring("Rice", "weekly", by=by(nok)),
            lambda milk: list(RecurringItem.objects.all()),
        )
    ],
    "recurring_updated": [
        (_rice, lambda nok, milk: pause_recurring(RecurringItem.objects.get(), by=by(nok)), rule_state),
        (_paused_rice, lambda nok, milk: resume_recurring(RecurringItem.objects.get(), by=by(nok)), rule_state),
        (_rice, lambda nok, milk: skip_recurring(RecurringItem.objects.get(), by=by(nok)), rule_state),
        (_rice, _snooze, rule_state),
    ],
    "recurring_stopped": [
        (_rice, lambda nok, milk: stop_recurring(RecurringItem.objects.get(), by=by(nok)), rule_state),
        (_paused_rice, lambda nok, milk: stop_recurring(RecurringItem.objects.get(), by=by(nok)), rule_state),
    ],
    "item_removed": [
        (
            _tofu,
            lambda nok, milk: remove_item(Item.objects.get(name="Tofu"), by=by(nok)),
            lambda milk: [state(item) for item in Item.objects.order_by("name")],
        )
    ],
    "items_merged": [
        (
            _tofu,
            lambda nok, milk: merge_items(milk.item, Item.objects.get(name="Tofu"), by=by(nok)),
            lambda milk: [state(item) for item in Item.objects.order_by("name")] + [state(milk)],
        )
    ],
    "category_created": [(_nothing, _add_aisle, lambda milk: list(Category.objects.all()))],
    "category_updated": [
        (
            _add_aisle,
            lambda nok, milk: update_category(Category.objects.get(name="Frozen"), by=by(nok), name="Ice", position=0),
            _aisles,
        ),
        (
            _nothing,
            lambda nok, milk: update_category(milk.item.category, by=by(nok), name="From the cow"),
            _aisles,
        ),
    ],
    "category_removed": [
        (_add_aisle, lambda nok, milk: remove_category(Category.objects.get(name="Frozen"), by=by(nok)), _aisles)
    ],
    "categories_merged": [
        (
            _add_aisle,
            lambda nok, milk: merge_categories(milk.item.category, Category.objects.get(name="Frozen"), by=by(nok)),
            lambda milk: [_aisles(milk), state(milk.item)],
        )
    ],
    "item_alias_added": [
        (
            _nothing,
            lambda nok, milk: update_item(milk.item, by=by(nok), aliases=["Moo"]),
            lambda milk: milk.item.alias_names,
        )
    ],
    "item_alias_removed": [
        (
            lambda nok, milk: update_item(milk.item, by=by(nok), aliases=["Moo"]),
            lambda nok, milk: update_item(milk.item, by=by(nok), aliases=[]),
            lambda milk: milk.item.alias_names,
        )
    ],
    "chat_message": [
        (
            _nothing,
            lambda nok, milk: send_message(_room(nok), "Dinner is ready", by=_as_pixie(nok)),
            lambda milk: list(Message.objects.filter(deleted_at=None)),
        )
    ],
    "reaction_added": [
        (
            lambda nok, milk: send_message(_room(nok), "Dinner?", by=by(nok)),
            lambda nok, milk: add_reaction(Message.objects.get(), "👍", by=_as_pixie(nok)),
            lambda milk: list(Reaction.objects.all()),
        )
    ],
    "passage_remembered": [
        (
            _nothing,
            lambda nok, milk: remember_passage("Nok likes oat milk.", by=by(nok), source=Source.NOTE),
            lambda milk: list(Passage.objects.all()),
        )
    ],
    "schedule_created": [
        (
            _nothing,
            _schedule,
            lambda milk: list(ScheduledMessage.objects.exclude(status="cancelled")),
        )
    ],
    "schedule_cancelled": [
        (
            _schedule,
            lambda nok, milk: cancel_scheduled(ScheduledMessage.objects.get(), by=by(nok)),
            lambda milk: state(ScheduledMessage.objects.get()),
        )
    ],
    "shopping_ended": [
        (
            lambda nok, milk: start_shopping(milk.list, by=by(nok)),
            lambda nok, milk: end_shopping(milk.list, by=by(nok), total=Decimal(96)),
            lambda milk: state(Trip.objects.get()),
        )
    ],
    "shopping_total_changed": [
        (
            _end_trip,
            lambda nok, milk: change_trip_total(Trip.objects.get(), Decimal(80), by=by(nok)),
            lambda milk: state(Trip.objects.get()),
        )
    ],
    "suggestion_dismissed": [
        (
            _suggest,
            lambda nok, milk: dismiss_suggestion(Suggestion.objects.get(), by=by(nok)),
            lambda milk: state(Suggestion.objects.get()),
        )
    ],
}


def test_every_type_that_can_be_undone_has_a_case() -> None:
    assert undo_handlers.keys() - TASKS.keys() - CALENDAR.keys() == TYPES.keys()  # for the planner's see tests/planner


@pytest.mark.parametrize(("event_type", "steps"), [(name, steps) for name, cases in TYPES.items() for steps in cases])
def test_undoing_an_event_restores_all_and_says_whether_it_did(
    nok: Membership, milk: ListEntry, event_type: str, steps: Steps
) -> None:
    arrange, act, read = steps
    arrange(nok, milk)
    before = read(milk)
    act(nok, milk)
    assert read(milk) != before
    event = newest_event(nok, event_type)
    assert undo_event(event, by=by(nok)) is True
    assert read(milk) == before
    assert undo_event(event, by=by(nok)) is False


# "Undone" is reported only if something changed


def test_undoing_a_removal_that_was_put_back_by_hand_is_refused(nok: Membership, milk: ListEntry, pixie: Agent) -> None:
    remove_entry(milk, by=by(nok))
    removed = newest_event(nok, "list_item_removed")
    undo_event(removed, by=by(nok))
    purchase_entry(milk, by=by(nok))
    agent_chat = open_assistant(pixie, by=by(nok))
    metadata = {"receipt": {"title": "Removed", "events": [removed.seq], "lines": []}}
    response = send_message(agent_chat, "Milk is off the list.", by=by(nok).as_agent(pixie), metadata=metadata)
    with pytest.raises(ActionError, match="changed back already"):
        undo.undo_message(response, by=by(nok))
    response.refresh_from_db()
    assert "undone" not in response.metadata["receipt"]


def test_undoing_a_rule_that_was_stopped_is_refused(nok: Membership) -> None:
    rule = set_recurring("Milk", "weekly", by=by(nok))
    event = newest_event(nok, "recurring_set")
    rule.delete()
    with pytest.raises(ActionError):
        undo_event(event, by=by(nok))


# A field that was set again keeps its value


def change_and_find(member: Membership, entry: ListEntry, **fields: Any) -> Event:
    change_entry(entry, by=by(member), **fields)
    return newest_event(member, "list_item_updated")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"quantity": Decimal(5)}, {"quantity": Decimal(7)}),
        ({"quantity": Decimal(5)}, {"quantity": Decimal(3)}),
        ({"quantity": Decimal("0.5")}, {"quantity": Decimal(7)}),
        ({"quantity": Decimal(5)}, {"quantity": Decimal(500), "unit": "ml"}),
        ({"quantity": Decimal(500), "unit": "ml"}, {"quantity": Decimal(700)}),
        ({"unit": "bottle"}, {"unit": "pack"}),
        ({"note": "the blue one"}, {"note": "the red one"}),
        ({"name": "Oat milk"}, {"name": "Soy milk"}),
        ({"price_paid": Decimal(40)}, {"price_paid": Decimal(45)}),
        ({"note": "the blue one", "quantity": Decimal(5)}, {"note": "the red one"}),
    ],
)
def test_undoing_a_change_that_was_changed_again_is_refused(
    nok: Membership, ben: Membership, milk: ListEntry, first: dict[str, Any], second: dict[str, Any]
) -> None:
    event = change_and_find(nok, milk, **first)
    change_entry(milk, by=by(ben), **second)
    before = state(milk)
    with pytest.raises(ActionError, match="changed again"):
        undo_event(event, by=by(nok))
    assert state(milk) == before


def test_undoing_a_change_keeps_what_was_changed_in_other_fields(
    nok: Membership, ben: Membership, milk: ListEntry
) -> None:
    event = change_and_find(nok, milk, quantity=Decimal(5))
    change_entry(milk, by=by(ben), note="the red one")
    undo_event(event, by=by(nok))
    assert (state(milk)["quantity"], milk.note) == (Decimal(1), "the red one")


def test_undoing_changes_from_the_newest_goes_back_step_by_step(nok: Membership, milk: ListEntry) -> None:
    states, events = [], []
    for quantity in (Decimal(5), Decimal("0.5"), Decimal(7)):
        states.append(state(milk))
        events.append(change_and_find(nok, milk, quantity=quantity))
    for before, event in zip(reversed(states), reversed(events), strict=True):
        undo_event(event, by=by(nok))
        assert state(milk) == before


@pytest.mark.parametrize("quantity", [Decimal(5), Decimal("0.5")])
def test_undoing_an_add_whose_amount_was_set_since_is_refused(
    nok: Membership, ben: Membership, milk: ListEntry, quantity: Decimal
) -> None:
    added = newest_event(nok, "list_item_added")
    change_entry(milk, by=by(ben), quantity=quantity)
    with pytest.raises(ActionError, match="changed again"):
        undo_event(added, by=by(nok))
    assert state(milk)["quantity"] == quantity


RULE_CHANGES_AGAIN: dict[str, Any] = {
    "quantity": Decimal(9),
    "unit": "pack",
    "starts_on": date(2026, 3, 8),
    "rrule": "FREQ=WEEKLY;BYDAY=FR",
}


@pytest.mark.parametrize("field", RULE_CHANGES_AGAIN)
def test_undoing_a_change_of_a_rule_that_was_changed_again_is_refused(nok: Membership, field: str) -> None:
    rule = set_recurring("Milk", "weekly", by=by(nok), quantity=Decimal(2), unit="liter", rrule="FREQ=WEEKLY;BYDAY=MO")
    set_recurring("Milk", by=by(nok), **{"frequency": "weekly", **(RULE_CHANGES[field] or {})})
    event = newest_event(nok, "recurring_set")
    set_recurring("Milk", by=by(nok), **{"frequency": "weekly", field: RULE_CHANGES_AGAIN[field]})
    before = state(rule)
    with pytest.raises(ActionError, match="changed again"):
        undo_event(event, by=by(nok))
    assert state(rule) == before

"""A row that an interface has read may be deleted before the action takes the home's lock."""

import pytest
from django.db import IntegrityError, connection, transaction

from chat.actions import open_assistant
from groceries.actions import (
    add_entry,
    claim_aisle,
    create_category,
    create_item,
    create_list,
    pause_recurring,
    remove_category,
    remove_item,
    set_recurring,
    stop_recurring,
    update_category,
    update_item,
)
from groceries.api.recurring import RecurringViewSet
from homes.events.actor import Actor
from homes.events.log import action
from homes.models import Home
from pantry.errors import Gone
from pixie.actions import correct_passage, create_agent, forget_passage, remember_passage, remove_agent, write_block
from tests.api.client import ApiClient
from tests.factories import by

pytestmark = pytest.mark.django_db(transaction=True)  # PostgreSQL checks foreign keys at the commit


def make_category(by):
    return create_category("Cheese", by=by)


def make_item(by):
    return create_item("Parsley", by=by)[0]


def make_recurring(by):
    return set_recurring("Parsley", "weekly", by=by)


def make_passage(by):
    return remember_passage("The bins go out on Monday.", by=by)[0]


def make_agent(by):
    return create_agent("Chef", by=by)


CASES = {
    "pause a recurring item": (make_recurring, stop_recurring, lambda row, by: pause_recurring(row, by=by)),
    "change an item": (make_item, remove_item, lambda row, by: update_item(row, by=by, description="Fresh")),
    "repeat an item": (make_item, remove_item, lambda row, by: set_recurring(row, "weekly", by=by)),
    "add an item": (make_item, remove_item, lambda row, by: add_entry(create_list(by=by), row, by=by)),
    "rename an aisle": (make_category, remove_category, lambda row, by: update_category(row, by=by, name="Dairy")),
    "claim an aisle": (make_category, remove_category, lambda row, by: claim_aisle(create_list(by=by), row, by=by)),
    "file under an aisle": (
        make_category,
        remove_category,
        lambda row, by: update_item(create_item("Brie", by=by)[0], by=by, category=row),
    ),
    "correct a passage": (make_passage, forget_passage, lambda row, by: correct_passage(row, "On Tuesday.", by=by)),
    "chat with an agent": (make_agent, remove_agent, lambda row, by: open_assistant(row, by=by)),
    "write an agent's memory": (make_agent, remove_agent, lambda row, by: write_block(row, "member", "x", by=by)),
    "remove an agent twice": (make_agent, remove_agent, lambda row, by: remove_agent(row, by=by)),
}


@pytest.mark.parametrize("is_nested", [False, True], ids=["alone", "in a transaction"])
@pytest.mark.parametrize("case", CASES)
def test_action_on_a_row_deleted_meanwhile_is_refused(nok, case, is_nested):
    if is_nested and connection.vendor == "sqlite":
        pytest.skip("transactions run one after another, so the row is read and changed in the same one")
    make, delete, act = CASES[case]
    row = make(by(nok))
    stale = type(row).objects.get(pk=row.pk)
    delete(row, by=by(nok))
    seq = Home.objects.get(pk=nok.home_id).last_seq
    with pytest.raises(Gone, match="no longer exists"):
        if is_nested:
            with transaction.atomic():
                act(stale, by(nok))
        else:
            act(stale, by(nok))
    assert Home.objects.get(pk=nok.home_id).last_seq in (
        seq,
        seq + 1,
    )  # some create a list or item first


def test_violation_of_another_constraint_is_not_taken_for_a_deleted_row(nok):
    @action  # type: ignore[untyped-decorator]
    def violate(*, by: Actor) -> None:
        Home.objects.filter(pk=by.home.pk).update(last_seq=None)

    with pytest.raises(IntegrityError):
        violate(by=by(nok))


def test_api_answers_404_for_a_row_deleted_meanwhile(nok, monkeypatch):
    recurring = make_recurring(by(nok))
    get_object = RecurringViewSet.get_object

    def get_and_delete(view):
        row = get_object(view)
        stop_recurring(type(row).objects.get(pk=row.pk), by=by(nok))
        return row

    monkeypatch.setattr(RecurringViewSet, "get_object", get_and_delete)
    answer = ApiClient(nok).patch(f"recurring/{recurring.pk}", {"paused": True})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")

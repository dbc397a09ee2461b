"""Different actions at the same time, in two homes with the same members."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.actions import add_reaction, create_channel, leave_channel, mark_read, send_message, update_message_metadata
from chat.models import Channel, Message
from groceries.actions import (
    add_entry,
    change_list_state,
    claim_aisle,
    create_list,
    current_list,
    fire_due,
    merge_add,
    purchase_entry,
    put_back_entry,
    set_recurring,
    start_next_list,
)
from groceries.models import Category, ListEntry, ListState, RecurringItem
from groceries.parsing.entries import parse_lines
from homes.actions import change_role, remove_member, rename_user, update_home
from homes.events.log import home_lock
from homes.events.models import Event
from homes.events.undo import undo_event
from homes.models import Home, Membership, Role
from pantry.errors import ActionError
from pixie.actions import change_agent, remember_passage
from pixie.memory.ingest import collect
from pixie.models import Passage, Run, RunStatus
from pixie.runs import queue
from pixie.runs.confirmations import close_expired_questions
from pixie.runs.stop import stop_run
from tests.factories import by, found_home, move_in, person, run_concurrently

pytestmark = pytest.mark.both_databases

ROUNDS = 8


@pytest.fixture
def homes(transactional_db):
    """Two homes of Nok and Ben, who joined them in opposite order."""
    nok, ben = person("Nok"), person("Ben")
    first, second = found_home(nok, "Apartment 42"), found_home(ben, "The beach house")
    for owner, guest in ((first, ben), (second, nok)):
        Membership.objects.create(home=owner.home, user=guest, role=Role.OWNER, number=2)
    for owner in (first, second):
        weekly = create_list("Weekly shop", by=by(owner))
        add_entry(weekly, "Milk", by=by(owner))
        set_recurring("Rice", "weekly", by=by(owner))
    return [first.home, second.home]


def get_actor(home, name):
    return by(Membership.objects.select_related("user", "home").get(home=home, user__name__startswith=name))


def send_messages(home, name):
    actor = get_actor(home, name)
    general = Channel.objects.get(home=home, is_system=True)
    for _round in range(ROUNDS):
        message = send_message(general, "@pixie we need 2 eggs", by=actor, pk=uuid4())
        queue.process_home(home.pk)
        add_reaction(message, "👍", by=actor)
        mark_read(general, actor.user, message.seq)
        update_message_metadata(message, {"seen": True}, by=actor)


def purchase_and_put_back(home, name):
    milk = ListEntry.objects.select_related("list").filter(home=home, item__name="Milk").first()
    for _round in range(ROUNDS):
        try:
            purchase_entry(milk, by=get_actor(home, name), price=Decimal(45))
            put_back_entry(milk, by=get_actor(home, name))
        except ActionError:  # the list was completed meanwhile
            with home_lock(home.pk):
                milk = add_entry(current_list(by=get_actor(home, name)), "Milk", by=get_actor(home, name))[0]


def add_and_undo(home, name):
    for _round in range(ROUNDS):
        actor = get_actor(home, name)
        with home_lock(home.pk):
            entry, _is_new = add_entry(current_list(by=actor), "Limes", by=actor, quantity=Decimal(3))
        with suppress(ActionError):  # the list was completed meanwhile
            undo_event(Event.objects.filter(home=home, subject_id=entry.pk).order_by("-seq")[0], by=actor)


def complete_and_start_next(home, name):
    for _round in range(ROUNDS):
        actor = get_actor(home, name)
        grocery_list = current_list(by=actor)
        with suppress(ActionError):  # somebody else has claimed that aisle
            claim_aisle(grocery_list, Category.objects.filter(home=home).first(), by=actor)
        change_list_state(grocery_list, ListState.APPROVED, by=actor)
        change_list_state(grocery_list, ListState.COMPLETED, by=actor)
        start_next_list(grocery_list, by=actor)
        merge_add(grocery_list.pk, parse_lines("3 tins of beans"), by=actor)


def join_and_leave(home, name):
    for number in range(ROUNDS // 2):
        owner = Membership.objects.get(home=home, user__name__startswith=name)
        guest = move_in(owner, f"Guest{number}of{home.pk.hex[-6:]}")
        room = create_channel(f"room {number}", by=by(guest), is_private=True)
        with home_lock(home.pk):
            claim_aisle(current_list(by=by(guest)), Category.objects.filter(home=home).last(), by=by(guest))
        change_role(guest, Role.OWNER, by=by(owner))
        if number % 2:
            leave_channel(room, guest.user, by=by(guest))
        remove_member(guest, by=by(owner))


def rename_user_and_update_home(home, name):
    for number in range(ROUNDS):
        rename_user(get_actor(home, name).user, name=f"{name}{number}")
        update_home(home, by=get_actor(home, name), monthly_budget=Decimal(9000 + number))


def run_scheduled_tasks(home, name):
    for number in range(ROUNDS):
        later = timezone.now() + timedelta(days=8 * (number + 1))
        for rule in RecurringItem.objects.filter(home=home):
            fire_due(rule, later)
        close_expired_questions()
        collect(home.pk)
        queue.process_home(home.pk)
        agent = home.agents.first()
        change_agent(agent, by=get_actor(home, name), title=f"Steward {number}")
        remember_passage(f"The key is under stone {number}", by=get_actor(home, name))
        for run in Run.objects.unfinished().filter(home=home)[:2]:
            stop_run(run)


ACTIONS = (
    send_messages,
    purchase_and_put_back,
    add_and_undo,
    complete_and_start_next,
    join_and_leave,
    rename_user_and_update_home,
    run_scheduled_tasks,
)


@pytest.mark.django_db(transaction=True)
def test_concurrent_actions_in_two_homes_lose_nothing(homes):
    calls = [
        partial(action, home, name) for action in ACTIONS for home, name in zip(homes, ("Nok", "Ben"), strict=True)
    ]
    run_concurrently(*calls)
    for home in homes:
        queue.process_home(home.pk)
        seqs = list(Event.objects.filter(home=home).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, Home.objects.get(pk=home.pk).last_seq + 1))
        messages = Message.objects.filter(home=home, author_user__isnull=False, body__startswith="@pixie")
        assert messages.count() == ROUNDS
        runs = Run.objects.filter(home=home, trigger_message__in=messages)
        assert set(runs.values_list("status", flat=True)) <= {RunStatus.COMPLETED, RunStatus.CANCELLED}
        assert runs.count() == ROUNDS
        eggs = ListEntry.objects.filter(home=home, item__normalized_name="egg").exclude(state="removed")
        assert sum(entry.quantity for entry in eggs) == 2 * runs.filter(status=RunStatus.COMPLETED).count()
        assert Passage.objects.filter(home=home, content__startswith="The key").count() == ROUNDS
        assert Membership.objects.filter(home=home).count() == 2
        beans = ListEntry.objects.pending().filter(home=home, item__name__icontains="beans")
        assert sum(entry.quantity for entry in beans) == 3 * ROUNDS


@pytest.mark.django_db(transaction=True)
def test_locking_a_second_home_inside_the_first_is_refused(homes):
    first, second = homes
    with home_lock(first.pk), pytest.raises(RuntimeError, match="while holding the lock"), home_lock(second.pk):
        pass

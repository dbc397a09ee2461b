"""The test that holds it all together: for every action, the state before + its events = the state fetched afresh.

So whoever holds the state and hears the events never has to ask again. Each public function of an app's actions
needs a case here.
"""

import inspect
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

import chat.actions
import groceries.actions
import homes.accounts.actions
import homes.actions
import homes.notifications.actions
import pixie.actions as remembering
from groceries.actions import (
    add_entry,
    change_list_state,
    create_list,
    current_list,
    pause_recurring,
    purchase_entry,
    set_recurring,
)
from groceries.models import Category, RecurringItem
from groceries.parsing.entries import parse_lines
from homes.events.models import Event
from homes.models import Agent, Home, Membership
from homes.notifications.web_push import public_key
from pantry.secret import new_vapid_key
from pixie.models import MemoryBlock
from pixie.suggestions import candidates
from tests.factories import by, found_home, move_in, person
from tests.state import State

pytestmark = pytest.mark.both_databases

ROOT = Path(settings.BASE_DIR)
OURS = [app for app in settings.INSTALLED_APPS if (ROOT / app.replace(".", "/")).is_dir()]
TOP = ["pantry", "homes", "groceries", "chat", "pixie"]

# One case for each action; `s` is the scene below.

CASES: dict[str, Callable[[SimpleNamespace], Any]] = {}


def case(action):
    def keep(run):
        CASES[action] = run
        return run

    return keep


@pytest.fixture
def scene(nok, ben, ploy, pixie, weekly, milk, eggs, rice, general):
    me = by(nok)
    goblin = Agent.objects.create(home=nok.home, slug="goblin", display_name="Goblin")
    household = MemoryBlock.objects.get(agent=pixie, label="household")
    message = chat.actions.send_message(general, "Hello", by=me)
    chat.actions.add_reaction(message, "👍", by=me)
    invitation, token = homes.actions.invite(by=me, email="som@example.com")
    return SimpleNamespace(
        nok=nok, ben=ben, me=me, pixie=pixie, weekly=weekly, milk=milk, eggs=eggs, rice=rice, general=general,
        message=message, invitation=invitation, token=token,
        recurring=set_recurring("Coffee", "weekly", by=me),
        surprise=chat.actions.create_channel("surprise", by=me, is_private=True),
        goblin=goblin, shared=remembering.share_block(household, goblin, by=me),
        later=remembering.schedule_message("Remind us: bins", in_an_hour(), by=me, channel=general),
        fact=remembering.remember_passage("The bins go out on Tuesday", by=me)[0],
    )  # fmt: skip


def in_an_hour():
    return timezone.now() + timedelta(hours=1)


def last_seq(home):
    return Home.objects.get(pk=home.pk).last_seq


ELSEWHERE = ["groceries.offline.merge", "homes.events.undo"]  # modules of actions that are not called `actions`


def test_every_action_has_a_case():
    modules = [f"{app}.actions" for app in OURS if find_spec(f"{app}.actions")] + ELSEWHERE
    assert {name for module in modules for name in public_actions(module)} == set(CASES)


def public_actions(name):
    """Return what the module lets others call, as `app.function`; a package's functions are those that it imports."""
    module = import_module(name)
    functions = inspect.getmembers(module, inspect.isfunction)
    own = {function for function, each in functions if each.__module__.startswith(name)}
    return {f"{name.partition('.')[0]}.{function}" for function in own if not function.startswith(("_", "register"))}


def test_nothing_is_recorded_outside_of_the_actions():
    """So an event cannot come from where no case looks. What brings a whole home in has tests of its own."""
    recording = {
        str(path.relative_to(ROOT))
        for app in TOP
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"(?<![.\w])(?<!def )record\(", path.read_text())
    }
    importing = {"chat/export.py", "groceries/export.py", "pantry/demo.py", "groceries/offline/merge.py"}
    assert {path for path in recording if "/actions" not in path} == importing


@pytest.mark.parametrize("action", CASES)
def test_state_before_and_events_are_the_state_afterwards(scene, action):
    told = CASES[action](scene) if action in BORN else scene.nok.home
    state, begin = (State.empty(), 0) if action in BORN else (State.fetched(told.pk), last_seq(told))
    before = deepcopy(state)
    if action not in BORN:
        CASES[action](scene)
    events = list(told.events.after(begin))
    for event in events:
        state.hear(event)
    assert state == State.fetched(told.pk)
    assert bool(events) == (state != before) == (action not in SILENT)


# These begin a log, and return its home.
BORN = {"homes.create_home", "groceries.create_default_aisles", "chat.create_general_room", "pixie.create_pixie"}
# a person's own affair
SILENT = {
    "chat.start_draft",  # what is being written is told when it is finished
    "chat.save_draft",
    "chat.mark_read",
    "homes.sign_up",
    "homes.create_api_token",
    "homes.revoke_api_token",
    "homes.add_device",
    "homes.remove_device",
    "homes.remove_devices",
    "homes.update_notice_choice",
    "homes.stop_notifying",
}


# homes


@case("homes.create_home")
@case("groceries.create_default_aisles")
@case("chat.create_general_room")
@case("pixie.create_pixie")
def _(s):
    return found_home(person("Som"), "Som's place").home


case("homes.update_home")(lambda s: homes.actions.update_home(s.nok.home, by=s.me, monthly_budget=Decimal(9000)))
case("homes.invite")(lambda s: homes.actions.invite(by=s.me))
case("homes.revoke_invitation")(lambda s: homes.actions.revoke_invitation(s.invitation, by=s.me))
case("homes.accept_invitation")(lambda s: homes.actions.accept_invitation(s.token, person("Som"), origin="browser"))
case("homes.change_role")(lambda s: homes.actions.change_role(s.ben, "owner", by=s.me))
case("homes.remove_member")(lambda s: homes.actions.remove_member(s.ben, by=s.me))
case("homes.rename_user")(lambda s: homes.actions.rename_user(s.ben.user, name="Benjamin"))

case("homes.sign_up")(lambda s: homes.accounts.actions.sign_up("som@example.com", "correct horse battery", "Som"))
case("homes.create_api_token")(lambda s: homes.accounts.actions.create_api_token(s.nok.user, "Display", ["read"]))


@case("homes.revoke_api_token")
def _(s):
    token, _key = homes.accounts.actions.create_api_token(s.nok.user, "Display", ["read"])
    homes.accounts.actions.revoke_api_token(token)


ENDPOINT = "https://push.example.com/"
PHONE = {"p256dh": public_key(new_vapid_key()), "auth": "A" * 22, "name": "Phone"}  # as a browser makes them

case("homes.add_device")(lambda s: homes.notifications.actions.add_device(s.nok.user, ENDPOINT, **PHONE))
case("homes.stop_notifying")(lambda s: homes.notifications.actions.stop_notifying(s.ben, s.me))
case("homes.remove_devices")(lambda s: homes.notifications.actions.remove_devices(s.nok.user))
case("homes.update_notice_choice")(
    lambda s: homes.notifications.actions.update_notice_choice(s.nok, {"mentioned": False}, None, None)
)


@case("homes.remove_device")
def _(s):
    homes.notifications.actions.remove_device(homes.notifications.actions.add_device(s.nok.user, ENDPOINT, **PHONE))


# groceries

case("groceries.archive_list")(lambda s: groceries.actions.archive_list(s.weekly, by=s.me))
case("groceries.create_category")(lambda s: groceries.actions.create_category("Frozen", by=s.me))
case("groceries.create_item")(lambda s: groceries.actions.create_item("Tofu", by=s.me, default_unit="pack"))
case("groceries.change_recurring")(
    lambda s: groceries.actions.change_recurring(s.recurring, by=s.me, frequency="monthly", paused=True)
)
case("groceries.create_list")(lambda s: create_list("Party", by=s.me))
case("groceries.rename_list")(lambda s: groceries.actions.rename_list(s.weekly, "Big shop", by=s.me))
case("groceries.change_list_state")(lambda s: change_list_state(s.weekly, "completed", by=s.me))
case("groceries.update_item")(
    lambda s: groceries.actions.update_item(s.milk.item, by=s.me, estimated_price=Decimal(50))
)
case("groceries.remove_entry")(lambda s: groceries.actions.remove_entry(s.milk, by=s.me))
case("groceries.step_entry")(lambda s: groceries.actions.step_entry(s.eggs, 2, by=s.me))
case("groceries.purchase_entry")(lambda s: purchase_entry(s.milk, by=by(s.ben), price=Decimal("52.5")))
case("groceries.set_recurring")(lambda s: set_recurring("Rice", "monthly", by=s.me, quantity=Decimal(5), unit="kg"))
case("groceries.pause_recurring")(lambda s: pause_recurring(s.recurring, by=s.me))
case("groceries.stop_recurring")(lambda s: groceries.actions.stop_recurring(s.recurring, by=s.me))
case("groceries.fire_due")(lambda s: groceries.actions.fire_due(s.recurring, s.recurring.next_due_at))


@case("groceries.add_entry")
def _(s):
    add_entry(s.weekly, "eggs", by=s.me, quantity=Decimal(4), note="large")
    add_entry(s.weekly, "dragon fruit", by=s.me.as_agent(s.pixie), quantity=Decimal("0.5"), unit="kg")


@case("groceries.get_or_create_item")
def _(s):
    item = groceries.actions.get_or_create_item("Dragon fruit", by=s.me)
    add_entry(s.weekly, item, by=s.me)  # nothing is told of an item until something is done with it


@case("groceries.change_entry")
def _(s):
    """Alone, and so that it becomes part of another."""
    groceries.actions.change_entry(s.eggs, by=s.me, quantity=Decimal(12), note="large")
    pieces, _is_new = add_entry(s.weekly, "rice", by=s.me, quantity=Decimal(1), unit="piece")
    groceries.actions.change_entry(pieces, by=s.me, unit="kg")


@case("groceries.update_category")
def _(s):
    groceries.actions.update_category(Category.objects.filter(home=s.nok.home).first(), by=s.me, name="Greens")


@case("groceries.remove_category")
def _(s):
    groceries.actions.remove_category(groceries.actions.create_category("Frozen", by=s.me), by=s.me)
    groceries.actions.create_category("Garden", by=s.me)


@case("groceries.remove_item")
def _(s):
    """With what was taken off a list, and with its rule."""
    groceries.actions.remove_entry(s.milk, by=s.me)
    set_recurring(s.milk.item, "weekly", by=s.me)
    groceries.actions.remove_item(s.milk.item, by=s.me)


@case("groceries.put_back_entry")
def _(s):
    """Alone, and into what was asked for meanwhile."""
    for entry in (s.milk, s.eggs):
        purchase_entry(entry, by=s.me, price=Decimal(10))
    add_entry(s.weekly, "milk", by=by(s.ben), quantity=Decimal(2), unit="liter")
    for entry in (s.milk, s.eggs):
        groceries.actions.put_back_entry(entry, by=s.me)


@case("groceries.start_next_list")
def _(s):
    purchase_entry(s.milk, by=s.me)
    groceries.actions.start_next_list(change_list_state(s.weekly, "completed", by=s.me), by=s.me)


@case("groceries.current_list")
def _(s):
    change_list_state(s.weekly, "completed", by=s.me)
    current_list(by=s.me)


@case("groceries.resume_recurring")
def _(s):
    groceries.actions.resume_recurring(pause_recurring(s.recurring, by=s.me), by=s.me)
    set_recurring("Tea", "weekly", by=s.me)


@case("groceries.start_shopping")
def _(s):
    groceries.actions.start_shopping(s.weekly, by=s.me)
    groceries.actions.start_shopping(s.weekly, by=by(s.ben))
    groceries.actions.start_shopping(s.weekly, by=s.me)


@case("groceries.claim_aisle")
def _(s):
    groceries.actions.claim_aisle(s.weekly, s.milk.item.category, by=s.me)
    groceries.actions.claim_aisle(s.weekly, s.milk.item.category, by=s.me)


@case("groceries.release_aisle")
def _(s):
    groceries.actions.claim_aisle(s.weekly, s.milk.item.category, by=s.me)
    groceries.actions.release_aisle(s.weekly, s.milk.item.category, by=by(s.ben))


@case("groceries.end_shopping")
def _(s):
    """With the aisle that was taken, and by completing the list."""
    groceries.actions.claim_aisle(s.weekly, s.milk.item.category, by=s.me)
    groceries.actions.end_shopping(s.weekly, by=s.me)
    groceries.actions.start_shopping(s.weekly, by=by(s.ben))
    change_list_state(s.weekly, "completed", by=s.me)


@case("groceries.end_forgotten_trip")
def _(s):
    groceries.actions.end_forgotten_trip(groceries.actions.start_shopping(s.weekly, by=s.me)[0])


@case("groceries.end_trips_of_member")
def _(s):
    groceries.actions.claim_aisle(s.weekly, s.milk.item.category, by=by(s.ben))
    homes.actions.remove_member(s.ben, by=s.me)


@case("homes.undo_event")
def _(s):
    homes.events.undo.undo_event(Event.objects.get(subject_id=s.milk.pk), by=s.me)


def meant(s, member=None):
    """What `member`, Nok if none is named, did ten minutes ago without a signal."""
    return replace(by(member or s.nok, op_id=uuid4()), meant_at=timezone.now() - timedelta(minutes=10))


@case("groceries.merge_add")
def _(s):
    """With a note that does not stand, and onto a list that is done."""
    groceries.actions.change_entry(s.milk, by=by(s.ben), note="oat")
    groceries.actions.merge_add(s.weekly.pk, parse_lines("2 l milk"), by=meant(s), note="soy")
    change_list_state(s.weekly, "completed", by=s.me)
    groceries.actions.merge_add(s.weekly.pk, parse_lines("ham and tea"), by=meant(s))


@case("groceries.merge_change")
def _(s):
    """What stands, what does not, and what brings an entry back."""
    groceries.actions.change_entry(s.milk, by=by(s.ben), note="oat")
    aisle = Category.objects.filter(home=s.nok.home, name="household").get()
    groceries.actions.merge_change(s.milk.pk, by=meant(s), seen=1, note="soy", quantity=Decimal(3), category=aisle)
    groceries.actions.merge_remove(s.eggs.pk, by=meant(s, s.ben), seen=1)
    groceries.actions.merge_change(s.eggs.pk, by=meant(s), seen=1, quantity=Decimal(12))


@case("groceries.merge_step")
def _(s):
    for entry in (s.eggs, s.milk):
        groceries.actions.merge_remove(entry.pk, by=meant(s, s.ben), seen=1)
        groceries.actions.merge_step(entry.pk, 1 if entry == s.eggs else -1, by=meant(s), seen=1)


@case("groceries.merge_purchase")
def _(s):
    """Off the list, once more at another price, and after somebody put it back."""
    groceries.actions.remove_entry(s.milk, by=by(s.ben))
    for price in ("45", "50"):
        groceries.actions.merge_purchase(s.milk.pk, by=meant(s), seen=1, price=Decimal(price))
    purchase_entry(s.eggs, by=s.me)
    groceries.actions.put_back_entry(s.eggs, by=by(s.ben))
    groceries.actions.merge_purchase(s.eggs.pk, by=meant(s), seen=1)


@case("groceries.merge_put_back")
def _(s):
    groceries.actions.merge_purchase(s.milk.pk, by=meant(s), seen=1)
    groceries.actions.merge_put_back(s.milk.pk, by=meant(s), seen=2)
    purchase_entry(s.eggs, by=by(s.ben))
    groceries.actions.merge_put_back(s.eggs.pk, by=meant(s), seen=1)


@case("groceries.merge_remove")
def _(s):
    """Alone, and with what others want of it."""
    add_entry(s.weekly, "eggs", by=by(s.ben), quantity=Decimal(2))
    for entry in (s.milk, s.eggs):
        groceries.actions.merge_remove(entry.pk, by=meant(s), seen=1)


# chat

case("chat.send_offline_message")(
    lambda s: chat.actions.send_offline_message("On my way", by=meant(s), channel=s.general.pk)
)
case("chat.create_channel")(lambda s: chat.actions.create_channel("holidays", by=s.me, topic="Where to?"))
case("chat.update_channel")(lambda s: chat.actions.update_channel(s.surprise, by=s.me, name="party", archived=True))
case("chat.open_dm")(lambda s: chat.actions.open_dm(s.ben.user, by=s.me))
case("chat.open_assistant")(lambda s: chat.actions.open_assistant(s.pixie, by=s.me, title="Party"))
case("chat.join_channel")(lambda s: chat.actions.join_channel(s.surprise, s.ben.user, by=s.me))
case("chat.leave_channel")(lambda s: chat.actions.leave_channel(s.surprise, s.nok.user, by=s.me))
case("chat.mark_read")(lambda s: chat.actions.mark_read(s.general, s.nok.user, 7))
case("chat.edit_message")(lambda s: chat.actions.edit_message(s.message, "Hello all", by=s.me))
case("chat.delete_message")(lambda s: chat.actions.delete_message(s.message, by=s.me))
case("chat.add_reaction")(lambda s: chat.actions.add_reaction(s.message, "🎉", by=s.me.as_agent(s.pixie)))
case("chat.remove_reaction")(lambda s: chat.actions.remove_reaction(s.message, "👍", by=s.me))


@case("chat.send_message")
def _(s):
    chat.actions.send_message(s.general, "In a thread", by=by(s.ben), parent=s.message, pk=uuid4())
    chat.actions.send_message(s.surprise, "Done.", by=s.me.as_agent(s.pixie), metadata={"intent": "add"})


@case("chat.update_message_metadata")
def _(s):
    said = chat.actions.send_message(s.general, "Done.", by=s.me.as_agent(s.pixie))
    chat.actions.update_message_metadata(said, {"undone": timezone.now().isoformat()}, by=s.me)


case("chat.start_draft")(lambda s: begun_message(s))
case("chat.save_draft")(lambda s: chat.actions.save_draft(begun_message(s), "Once upon a time", "Thinking…"))


def begun_message(s):
    return chat.actions.start_draft(s.general, by=s.me.as_agent(s.pixie), pk=uuid4())


@case("chat.leave_private_rooms")
def _(s):
    chat.actions.join_channel(s.surprise, s.ben.user, by=s.me)
    homes.actions.remove_member(s.ben, by=s.me)


# pixie


@case("pixie.create_agent")
def _(s):
    remembering.create_agent(
        "Chef", by=s.me, title="Plans the meals", avatar_color="clay", max_budget_usd=Decimal("0.1")
    )


@case("pixie.change_agent")
def _(s):
    """Twice the same is once."""
    for _again in range(2):
        remembering.change_agent(s.goblin, by=s.me, display_name="Imp", is_active=False)


@case("pixie.remove_agent")
def _(s):
    """It had blocks of its own, and read one of another's."""
    remembering.create_default_blocks(s.goblin, by=s.me)
    remembering.remove_agent(s.goblin, by=s.me)


case("pixie.write_block")(lambda s: remembering.write_block(s.pixie, "household", "Two cats", by=s.me))
case("pixie.remember_passage")(lambda s: remembering.remember_passage("The rent is due on the 5th", by=s.me))


@case("pixie.create_default_blocks")
def _(s):
    """Of another agent; and what is about one person, whose first words come later."""
    remembering.create_default_blocks(s.goblin, by=s.me)
    remembering.write_block(s.goblin, "member", "Eats no fish", by=s.me)


@case("pixie.share_block")
def _(s):
    remembering.share_block(MemoryBlock.objects.get(agent=s.pixie, label="preferences"), s.goblin, by=s.me)


case("pixie.unshare_block")(lambda s: remembering.unshare_block(s.shared, s.goblin, by=s.me))


@case("pixie.change_passage")
def _(s):
    remembering.change_passage(s.fact, "The rent is due on the 6th", by=s.me)


@case("pixie.correct_passage")
def _(s):
    """Twice the same is once."""
    for _again in range(2):
        remembering.correct_passage(s.fact, "The rent is due on the 7th", by=by(s.ben))


@case("pixie.forget_passage")
def _(s):
    remembering.forget_passage(s.fact, by=s.me)
    remembering.forget_passage(s.fact, by=s.me)


@case("pixie.choose_model")
def _(s):
    """Twice the same is once."""
    for _again in range(2):
        models = {"small": "llama3.2"}
        url = "https://models.example.com/v1"
        remembering.choose_model(by=s.me, provider="compatible", url=url, key="sk-0123456789abcdef", models=models)


def test_a_long_evening_ends_where_it_was_told_to(scene):
    """All of it, one after the other, on top of what came before."""
    home = scene.nok.home
    state, begin = State.fetched(home.pk), last_seq(home)
    ploy = Membership.objects.get(home=home, user__name="Ploy")
    move_in(scene.nok, "Lek")
    for name, price in (("tofu", "35"), ("basil", None), ("TOFU", "35")):
        entry, _is_new = add_entry(scene.weekly, name, by=by(ploy))
        purchase_entry(entry, by=scene.me, price=price and Decimal(price))
    done = change_list_state(scene.weekly, "completed", by=by(ploy))
    groceries.actions.start_next_list(done, by=by(scene.ben))
    homes.actions.remove_member(ploy, by=by(ploy))
    for event in home.events.after(begin):
        state.hear(event)
    assert state == State.fetched(home.pk)


@case("pixie.schedule_message")
def _(s):
    """In a room, and in one's own talk again and again."""
    remembering.schedule_message("Remind us: bins", in_an_hour(), by=s.me, channel=s.surprise)
    remembering.schedule_message("What is on the list?", in_an_hour(), by=by(s.ben), rrule="FREQ=DAILY")


case("pixie.cancel_scheduled")(lambda s: remembering.cancel_scheduled(s.later, by=by(s.ben)))


@case("pixie.resume_scheduled")
def _(s):
    remembering.resume_scheduled(remembering.cancel_scheduled(s.later, by=s.me), by=s.me)
    event = Event.objects.filter(subject_id=s.later.pk).earliest("seq")
    homes.events.undo.undo_event(event, by=s.me)


@case("pixie.fire_scheduled")
def _(s):
    often = remembering.schedule_message("Remind us: bins", in_an_hour(), by=s.me, rrule="FREQ=DAILY")
    for each in (often, s.later):
        remembering.fire_scheduled(each, timezone.now() + timedelta(days=3))


@case("pixie.cancel_schedules_of")
def _(s):
    remembering.schedule_message("Remind us: bins", in_an_hour(), by=by(s.ben), channel=s.general)
    homes.actions.remove_member(s.ben, by=s.me)


case("pixie.choose_summary")(lambda s: remembering.choose_summary(6, by=s.me))


@case("pixie.post_summary")
def _(s):
    """It is always morning somewhere."""
    Home.objects.filter(pk=s.nok.home_id).update(timezone="UTC")
    remembering.post_summary(s.nok.home_id, timezone.now().replace(hour=9))
    Home.objects.filter(pk=s.nok.home_id).update(timezone=s.nok.home.timezone)


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    """Let suggestions be made at any hour."""
    monkeypatch.setattr(candidates, "DAY_HOURS", range(24))


def suggested(s):
    """The tea comes back tomorrow."""
    set_recurring("Tea", "weekly", by=s.me, rrule="FREQ=DAILY")
    (made,) = remembering.make_suggestions(s.nok.home_id, timezone.now())
    return made


@case("pixie.make_suggestions")
def _(s):
    """And withdrawn the next day, when it was paused."""
    suggested(s)
    pause_recurring(RecurringItem.objects.get(item__name="Tea"), by=s.me)
    assert remembering.make_suggestions(s.nok.home_id, timezone.now() + timedelta(days=1)) == []


case("pixie.take_suggestion")(lambda s: remembering.take_suggestion(suggested(s), by=by(s.ben)))
case("pixie.dismiss_suggestion")(lambda s: remembering.dismiss_suggestion(suggested(s), by=by(s.ben)))


@case("pixie.reopen_suggestion")
def _(s):
    remembering.reopen_suggestion(remembering.dismiss_suggestion(suggested(s), by=s.me), by=by(s.ben))

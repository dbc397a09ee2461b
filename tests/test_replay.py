"""Replay: for every action, the state before it plus its events equals the state fetched afterwards.

So a client that holds the state and receives the events never has to fetch it again. Each public function of an
app's actions needs a case in tests/replay.
"""

import inspect
import re
from copy import deepcopy
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings

import chat.actions
import groceries.actions
import homes.actions
import homes.files.actions
import pixie.actions as pixie_actions
from groceries.actions import add_entry, change_list_state, purchase_entry, set_recurring
from homes.models import Agent, Home, Membership
from pixie.models import MemoryBlock
from pixie.suggestions import candidates
from tests.factories import by, move_in
from tests.pictures import picture
from tests.replay import chat_cases, groceries_cases, homes_cases, pixie_cases, planner_cases
from tests.replay.registry import in_an_hour
from tests.state import State

pytestmark = pytest.mark.both_databases

ROOT = Path(settings.BASE_DIR)
LOCAL_APPS = [app for app in settings.INSTALLED_APPS if (ROOT / app.replace(".", "/")).is_dir()]
APPS = ["pantry", "homes", "groceries", "chat", "planner", "pixie"]
OTHER_ACTION_MODULES = [
    "groceries.offline.merge",
    "homes.events.undo",
]  # modules of actions that are not called `actions`
CASES = homes_cases.CASES | groceries_cases.CASES | chat_cases.CASES | planner_cases.CASES | pixie_cases.CASES
# Actions whose event is the first one of a home. Their cases return the home.
LOG_STARTING_ACTIONS = {
    "homes.create_home",
    "groceries.create_default_aisles",
    "groceries.create_first_list",
    "chat.create_general_room",
    "pixie.create_pixie",
}
# Actions without events: drafts, and data that only the user sees.
UNLOGGED_ACTIONS = {
    "chat.start_draft",
    "chat.save_draft",
    "chat.mark_read",
    "homes.sign_up",
    "homes.create_api_token",
    "homes.revoke_api_token",
    "homes.end_sign_ins",
    "homes.deactivate",
    "homes.add_device",
    "homes.remove_device",
    "homes.remove_devices",
    "homes.update_notice_choice",
    "homes.stop_notifying",
}


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
        file=homes.files.actions.add_file("entry", eggs, "eggs.jpg", picture(), by=me),
        surprise=chat.actions.create_channel("surprise", by=me, is_private=True),
        goblin=goblin, shared=pixie_actions.share_block(household, goblin, by=me),
        later=pixie_actions.schedule_message("Remind us: bins", in_an_hour(), by=me, channel=general),
        fact=pixie_actions.remember_passage("The bins go out on Tuesday", by=me)[0],
    )  # fmt: skip


def last_seq(home):
    return Home.objects.get(pk=home.pk).last_seq


def test_every_action_has_a_case():
    modules = [f"{app}.actions" for app in LOCAL_APPS if find_spec(f"{app}.actions")] + OTHER_ACTION_MODULES
    assert {name for module in modules for name in public_actions(module)} == set(CASES)


def public_actions(name):
    """Return the public functions of a module, or those that a package imports, as `app.function`."""
    module = import_module(name)
    functions = inspect.getmembers(module, inspect.isfunction)
    own = {function for function, each in functions if each.__module__.startswith(name)}
    return {f"{name.partition('.')[0]}.{function}" for function in own if not function.startswith(("_", "register"))}


def test_events_are_recorded_by_actions_only():
    """Check that no event is recorded without a case. Imports of a home have their own tests."""
    recording_modules = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"(?<![.\w])(?<!def )(record|save_changes|new_event)\(", path.read_text())
    }
    importing_modules = {
        "homes/events/log.py",
        "homes/imports.py",
        "chat/export.py",
        "groceries/export.py",
        "homes/files/export.py",
        "planner/calendar_export.py",
        "planner/export.py",
        "pixie/export.py",
        "pantry/demo.py",
        "groceries/offline/merge.py",
    }
    assert {path for path in recording_modules if "/actions" not in path} == importing_modules


@pytest.mark.parametrize("action", CASES)
def test_replaying_the_events_of_an_action_yields_the_new_state(scene, action):
    home = CASES[action](scene) if action in LOG_STARTING_ACTIONS else scene.nok.home
    state, start_seq = (
        (State.empty(), 0) if action in LOG_STARTING_ACTIONS else (State.fetched(home.pk), last_seq(home))
    )
    before = deepcopy(state)
    if action not in LOG_STARTING_ACTIONS:
        CASES[action](scene)
    events = list(home.events.after(start_seq))
    for event in events:
        state.apply(event)
    assert state == State.fetched(home.pk)
    assert bool(events) == (state != before) == (action not in UNLOGGED_ACTIONS)


def test_replaying_several_actions_yields_the_new_state(scene):
    """Run several actions of different members, after those of the scene."""
    home = scene.nok.home
    state, start_seq = State.fetched(home.pk), last_seq(home)
    ploy = Membership.objects.get(home=home, user__name="Ploy")
    move_in(scene.nok, "Lek")
    for name, price in (("tofu", "35"), ("basil", None), ("TOFU", "35")):
        entry, _is_new = add_entry(scene.weekly, name, by=by(ploy))
        purchase_entry(entry, by=scene.me, price=price and Decimal(price))
    completed_list = change_list_state(scene.weekly, "completed", by=by(ploy))
    groceries.actions.start_next_list(completed_list, by=by(scene.ben))
    homes.actions.remove_member(ploy, by=by(ploy))
    for event in home.events.after(start_seq):
        state.apply(event)
    assert state == State.fetched(home.pk)


@pytest.fixture(autouse=True)
def suggest_at_any_hour(monkeypatch):
    """Let suggestions be made at any hour."""
    monkeypatch.setattr(candidates, "DAY_HOURS", range(24))

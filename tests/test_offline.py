"""Phones in pockets without a signal: whatever they do, and whatever the network does to it, all end up the same,
nothing that anybody meant vanishes without a trace, and amounts are exact.

`EXAMPLES=500 python -m pytest tests/test_offline.py` looks longer, and elsewhere each time.
"""

import os
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

import pytest
from django.core.cache import caches
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from chat.models import Channel, Message
from chat.unread import clear_unread_cache
from groceries.actions import (
    add_entry,
    change_entry,
    change_list_state,
    create_list,
    purchase_entry,
    put_back_entry,
    remove_entry,
    start_next_list,
    step_entry,
)
from groceries.models import GroceryList, ListEntry
from groceries.parsing.entries import MAX_LINES
from groceries.parsing.units import UNITS
from homes.events.models import Event
from tests.api.client import ApiClient
from tests.devices import Clock, Phone
from tests.factories import by, found_home, move_in, person
from tests.state import State

pytestmark = pytest.mark.both_databases

EXAMPLES = int(os.environ.get("EXAMPLES", 0))
BOUNDS = settings(
    deadline=None,
    database=None,
    derandomize=not EXAMPLES,
    suppress_health_check=list(HealthCheck),
)
PEOPLE = ["Nok", "Ben", "Ploy", "Lek", "Som"]
SUMMED = {"tea": ["", "", "2 dozen"], "flour": ["500 g", "2 kg"]}  # these are only added to and ticked
OTHERS = ["eggs", "milk", "ham"]
HOURS = [timedelta(), timedelta(hours=-7), timedelta(hours=11)]
ONLINE = [purchase_entry, put_back_entry, remove_entry, "note", "step", "amount"]
homes = iter(range(10**9))


@pytest.fixture(autouse=True)
def clock(db, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


def found(count):
    """A home of `count` people, with a list on which something stands."""
    number = next(homes)
    first = found_home(person(f"{PEOPLE[0]}{number}"), "Apartment 42")
    people = [first, *(move_in(first, f"{name}{number}") for name in PEOPLE[1:count])]
    weekly = create_list("Weekly shop", by=by(first))
    for name in OTHERS:
        add_entry(weekly, name, by=by(first), quantity=Decimal(6))
    return people, weekly


def base_amount(entry):
    return entry.quantity * UNITS[entry.unit].factor


class Household(RuleBasedStateMachine):
    """Requests and answers are on their way as long as they like, and may arrive twice or never."""

    requests = Bundle("requests")
    answers = Bundle("answers")

    @initialize(count=st.integers(2, 5), data=st.data())
    def begin(self, count, data):
        people, self.weekly = found(count)
        self.home = people[0].home
        self.general = Channel.objects.get(home=self.home, name="general")
        self.phones = [Phone(each, data.draw(st.sampled_from(HOURS))) for each in people]
        self.meant = {}
        self.summed = Counter()

    def a_phone(self, data):
        return data.draw(st.sampled_from(self.phones))

    # What people do

    def do(self, phone, kind, seen=None, **said):
        op_id = uuid5(self.home.pk, str(len(self.meant)))
        phone.does(op_id, kind, seen, **said)
        self.meant[op_id] = (phone, phone.queue[-1])

    @rule(data=st.data())
    def adds(self, data):
        phone = self.a_phone(data)
        grocery_list = data.draw(st.sampled_from(sorted(phone.state["list"])))
        if data.draw(st.booleans()):
            name = data.draw(st.sampled_from(sorted(SUMMED)))
            text = f"{data.draw(st.sampled_from(SUMMED[name]))} {name}".strip()
            entry = {"tea": 1, "2 dozen tea": 24, "500 g flour": 500, "2 kg flour": 2000}[text]
            self.summed[name] += entry
        else:
            text = f"{data.draw(st.integers(1, 4))} {data.draw(st.sampled_from(OTHERS))}"
        self.do(phone, "add_entry", list=str(grocery_list), text=text)

    @rule(
        data=st.data(),
        kind=st.sampled_from(["change_entry", "step_entry", "purchase_entry", "put_back_entry", "remove_entry"]),
    )
    def acts_on_an_entry(self, data, kind):
        phone = self.a_phone(data)
        names = {pk: item.name.casefold() for pk, item in phone.state["item"].items()}
        entries = [entry for entry in phone.state["entry"].values() if entry.state != "removed"]
        entries = [entry for entry in entries if names[entry.item] in OTHERS or kind == "purchase_entry"]
        own = [intent for intent in phone.queue if intent["kind"] == "add_entry"]
        own = [intent for intent in own if intent["data"]["text"].split()[-1] in OTHERS or kind == "purchase_entry"]
        choices = [(str(entry.id), entry.version) for entry in sorted(entries, key=lambda entry: entry.id)]
        choices += [(intent["op_id"], None) for intent in own]
        assume(choices)
        target, seen = data.draw(st.sampled_from(choices))
        said = {}
        if kind == "change_entry":
            said = data.draw(CHANGES)
        elif kind == "step_entry":
            said = {"steps": data.draw(st.sampled_from([1, 1, -1]))}
        elif kind == "purchase_entry":
            said = data.draw(st.sampled_from([{}, {"price": "45"}, {"price": "52.5"}]))
        self.do(phone, kind, seen, entry=target, **said)

    @rule(data=st.data(), text=st.sampled_from(["On my way", "Home at six"]))
    def says(self, data, text):
        self.do(self.a_phone(data), "send_message", channel=str(self.general.pk), text=text)

    @rule(data=st.data(), verb=st.sampled_from(ONLINE))
    def somebody_with_a_signal_acts(self, data, verb):
        entries = ListEntry.objects.filter(home=self.home, list__in=GroceryList.objects.open())
        entries = entries.filter(item__normalized_name__in=["egg", "milk", "ham"]).order_by("created_at")
        assume(entries)
        entry, actor = data.draw(st.sampled_from(list(entries))), by(self.a_phone(data).member)
        if verb == "note":
            change_entry(entry, by=actor, note="fresh")
        elif verb == "amount":
            change_entry(entry, by=actor, quantity=Decimal(9))
        elif verb == "step":
            step_entry(entry, 1, by=actor)
        else:
            verb(entry, by=actor)

    @rule(data=st.data(), goes_on=st.booleans())
    def somebody_completes_the_list(self, data, goes_on):
        grocery_list = GroceryList.objects.filter(home=self.home).current()
        assume(grocery_list is not None)
        actor = by(self.a_phone(data).member)
        done = change_list_state(grocery_list, "completed", by=actor)
        if goes_on:
            start_next_list(done, by=actor)

    # What the network does

    @rule(target=requests, data=st.data(), most=st.integers(1, 10))
    def sends(self, data, most):
        phone = self.a_phone(data)
        return phone, phone.sends(most)

    @rule(target=answers, request=requests)
    def arrives(self, request):
        """Perhaps late, perhaps again."""
        phone, body = request
        answer = phone.program.post("intents", body)
        assert answer.status_code == 200, answer.text
        return phone, answer.json()["results"]

    @rule(target=answers, data=st.data(), times=st.integers(2, 3))
    def is_cut_off_and_sends_again(self, data, times):
        """It arrived, but the phone never heard so; or a proxy in between says it twice."""
        phone = self.a_phone(data)
        assume(phone.queue)
        body = phone.sends(10)
        return [self.arrives((phone, body)) for _time in range(times)][-1]

    @rule(answer=answers)
    def is_answered(self, answer):
        phone, results = answer
        phone.hears(results)

    @rule(data=st.data())
    def listens(self, data):
        self.a_phone(data).listen()

    @rule(data=st.data())
    def reloads(self, data):
        self.a_phone(data).load()

    @rule()
    def restarts(self):
        """The server has forgotten whatever it kept of this home."""
        for phone in self.phones:
            clear_unread_cache(self.home.pk, phone.member.user_id)
        caches["template_fragments"].clear()

    def teardown(self):
        """In the end everybody has a signal."""
        if not hasattr(self, "phones"):
            return
        for phone in self.phones:
            while phone.queue:
                phone.hears(phone.program.post("intents", phone.sends(100)).json()["results"])
        afresh = State.fetched(self.home.pk)
        for phone in self.phones:
            phone.listen()
            assert phone.state == afresh
        self.everything_left_a_trace()
        self.sums_are_exact()

    def everything_left_a_trace(self):
        log = list(Event.objects.filter(home=self.home, op_id__isnull=False).order_by("seq"))
        for op_id, (phone, intent) in self.meant.items():
            answer = phone.answers[str(op_id)]
            ids = {op_id, *(uuid5(op_id, str(index)) for index in range(MAX_LINES))}
            events = [event for event in log if event.op_id in ids and event.actor_user_id == phone.member.user_id]
            types = Counter((event.type, event.subject_id, event.op_id) for event in events)
            assert all(count <= 2 for count in types.values())  # into another one, and back on the list
            if answer["outcome"] == "overtaken":
                assert answer["lost"] and answer["message"]
                assert [event.data["lost"] for event in events if event.type == "list_item_overtaken"]
            elif answer["outcome"] == "done" and intent["kind"] in ("add_entry", "send_message"):
                assert events
            elif answer["outcome"] == "refused":
                assert answer["message"]
            assert answer["outcome"] != "refused" or intent["kind"] != "add_entry"
            assert all(event.moment <= event.created_at for event in events)
        for phone in self.phones:
            own = [UUID(op_id) for op_id in phone.answers]
            said = [message.seq for op_id in own for message in Message.objects.filter(pk=op_id)]
            assert all(one < other for one, other in pairwise(said))
            meant = [each for who, each in self.meant.values() if who is phone and each["kind"] == "send_message"]
            assert len(said) == len(meant)

    def sums_are_exact(self):
        for name, expected in self.summed.items():
            entries = ListEntry.objects.filter(home=self.home, item__normalized_name=name)
            assert sum(base_amount(entry) for entry in entries) == expected


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "quantity": st.integers(1, 12).map(str),
        "note": st.sampled_from(["large", "fresh", ""]),
        "name": st.sampled_from([*OTHERS, "oat milk"]),
        "unit": st.sampled_from(["", "dozen", "kg"]),
    },
)


def test_all_phones_come_to_the_same_home_and_nothing_vanishes():
    bounds = settings(BOUNDS, max_examples=EXAMPLES or 8, stateful_step_count=40)
    run_state_machine_as_test(Household, settings=bounds)


# Whoever comes in first

WISHES: dict[str, tuple[str, dict[str, Any]]] = {
    "makes it 12": ("change_entry", {"quantity": "12"}),
    "makes it 3": ("change_entry", {"quantity": "3"}),
    "wants them large": ("change_entry", {"note": "large"}),
    "wants them fresh": ("change_entry", {"note": "fresh"}),
    "adds 2": ("add_entry", {"text": "2 eggs"}),
    "one more": ("step_entry", {"steps": 1}),
    "one less": ("step_entry", {"steps": -1}),
    "buys them": ("purchase_entry", {}),
    "buys them for 45": ("purchase_entry", {"price": "45"}),
    "takes them off": ("remove_entry", {}),
}


@pytest.fixture
def meet(clock):
    """`meet(first, second)`: how the list ends when what two did to 6 eggs that both saw comes in in that order."""
    people, weekly = found(2)
    eggs = ListEntry.objects.get(list=weekly, item__normalized_name="egg")
    programs = [ApiClient(each) for each in people]
    wishes = [[intent(who, wish, index, weekly, eggs) for wish in WISHES] for index, who in enumerate(people)]

    def come_in(*order):
        with transaction.atomic():
            for index, wish in order:
                body = {"now": clock().isoformat(), "intents": [wishes[index][list(WISHES).index(wish)]]}
                assert programs[index].post("intents", body).json()["results"][0]["outcome"] != "refused"
            entries = ListEntry.objects.filter(list=weekly, item__normalized_name="egg").exclude(state="removed")
            ended = sorted(entries.values_list("state", "quantity", "note", "price_paid"))
            transaction.set_rollback(True)
        return ended

    return come_in


def intent(who, wish, index, weekly, eggs):
    """The second of the two means it a minute after the first."""
    kind, said = WISHES[wish]
    where = {"list": str(weekly.pk)} if kind == "add_entry" else {"entry": str(eggs.pk)}
    meant_at = timezone.now() + timedelta(minutes=index)
    seen = None if kind == "add_entry" else eggs.version
    op_id = str(uuid5(who.pk, wish))
    return {"op_id": op_id, "kind": kind, "meant_at": meant_at.isoformat(), "seen": seen, "data": {**where, **said}}


@pytest.mark.parametrize("first", WISHES)
def test_it_matters_who_meant_it_later_and_not_who_is_back_first(meet, clock, first):
    clock.now += timedelta(minutes=10)
    for second in WISHES:
        assert meet((0, first), (1, second)) == meet((1, second), (0, first)), second

"""Offline devices over an unreliable network: all converge to the same state, every change has a result, and amounts
are exact.

`EXAMPLES=500 python -m pytest tests/test_offline.py` tries more examples, and other ones in each run.
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
from tests.devices import Clock, Device
from tests.factories import by, found_home, move_in, person
from tests.state import State

pytestmark = pytest.mark.both_databases

EXAMPLES = int(os.environ.get("EXAMPLES", 0))
PROFILE = settings(
    deadline=None,
    database=None,
    derandomize=not EXAMPLES,
    suppress_health_check=list(HealthCheck),
)
PEOPLE = ["Nok", "Ben", "Ploy", "Lek", "Som"]
# Items that are only added and ticked, so that their sum is known.
SUMMED_ITEMS = {"tea": ["", "", "2 dozen"], "flour": ["500 g", "2 kg"]}
OTHER_ITEMS = ["eggs", "milk", "ham"]
CLOCK_SKEWS = [timedelta(), timedelta(hours=-7), timedelta(hours=11)]
ONLINE_CHANGES = [purchase_entry, put_back_entry, remove_entry, "note", "step", "amount"]
homes = iter(range(10**9))


@pytest.fixture(autouse=True)
def clock(db, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


def create_household(count):
    """Create a home with `count` members and a list with entries."""
    number = next(homes)
    first = found_home(person(f"{PEOPLE[0]}{number}"), "Apartment 42")
    members = [first, *(move_in(first, f"{name}{number}") for name in PEOPLE[1:count])]
    weekly = create_list("Weekly shop", by=by(first))
    for name in OTHER_ITEMS:
        add_entry(weekly, name, by=by(first), quantity=Decimal(6))
    return members, weekly


def base_amount(entry):
    return entry.quantity * UNITS[entry.unit].factor


class Household(RuleBasedStateMachine):
    """State machine of devices and a network on which requests and responses are delayed, repeated or lost."""

    requests = Bundle("requests")
    responses = Bundle("responses")

    @initialize(count=st.integers(2, 5), data=st.data())
    def create_devices(self, count, data):
        members, self.weekly = create_household(count)
        self.home = members[0].home
        self.general = Channel.objects.get(home=self.home, name="general")
        self.devices = [Device(each, data.draw(st.sampled_from(CLOCK_SKEWS))) for each in members]
        self.intents = {}
        self.summed = Counter()

    def draw_device(self, data):
        return data.draw(st.sampled_from(self.devices))

    # Changes

    def queue_intent(self, device, kind, seen=None, **data):
        op_id = uuid5(self.home.pk, str(len(self.intents)))
        device.queue_intent(op_id, kind, seen, **data)
        self.intents[op_id] = (device, device.queue[-1])

    @rule(data=st.data())
    def device_adds_an_item(self, data):
        device = self.draw_device(data)
        grocery_list = data.draw(st.sampled_from(sorted(device.state["list"])))
        if data.draw(st.booleans()):
            name = data.draw(st.sampled_from(sorted(SUMMED_ITEMS)))
            text = f"{data.draw(st.sampled_from(SUMMED_ITEMS[name]))} {name}".strip()
            entry = {"tea": 1, "2 dozen tea": 24, "500 g flour": 500, "2 kg flour": 2000}[text]
            self.summed[name] += entry
        else:
            text = f"{data.draw(st.integers(1, 4))} {data.draw(st.sampled_from(OTHER_ITEMS))}"
        self.queue_intent(device, "add_entry", list=str(grocery_list), text=text)

    @rule(
        data=st.data(),
        kind=st.sampled_from(["change_entry", "step_entry", "purchase_entry", "put_back_entry", "remove_entry"]),
    )
    def device_changes_an_entry(self, data, kind):
        device = self.draw_device(data)
        names = {pk: item.name.casefold() for pk, item in device.state["item"].items()}
        entries = [entry for entry in device.state["entry"].values() if entry.state != "removed"]
        entries = [entry for entry in entries if names[entry.item] in OTHER_ITEMS or kind == "purchase_entry"]
        own = [intent for intent in device.queue if intent["kind"] == "add_entry"]
        own = [
            intent for intent in own if intent["data"]["text"].split()[-1] in OTHER_ITEMS or kind == "purchase_entry"
        ]
        choices = [(str(entry.id), entry.version) for entry in sorted(entries, key=lambda entry: entry.id)]
        choices += [(intent["op_id"], None) for intent in own]
        assume(choices)
        target, seen = data.draw(st.sampled_from(choices))
        fields = {}
        if kind == "change_entry":
            fields = data.draw(CHANGES)
        elif kind == "step_entry":
            fields = {"steps": data.draw(st.sampled_from([1, 1, -1]))}
        elif kind == "purchase_entry":
            fields = data.draw(st.sampled_from([{}, {"price": "45"}, {"price": "52.5"}]))
        self.queue_intent(device, kind, seen, entry=target, **fields)

    @rule(data=st.data(), text=st.sampled_from(["On my way", "Home at six"]))
    def device_sends_a_message(self, data, text):
        self.queue_intent(self.draw_device(data), "send_message", channel=str(self.general.pk), text=text)

    @rule(data=st.data(), verb=st.sampled_from(ONLINE_CHANGES))
    def online_member_changes_an_entry(self, data, verb):
        entries = ListEntry.objects.filter(home=self.home, list__in=GroceryList.objects.open())
        entries = entries.filter(item__normalized_name__in=["egg", "milk", "ham"]).order_by("created_at")
        assume(entries)
        entry, actor = data.draw(st.sampled_from(list(entries))), by(self.draw_device(data).member)
        if verb == "note":
            change_entry(entry, by=actor, note="fresh")
        elif verb == "amount":
            change_entry(entry, by=actor, quantity=Decimal(9))
        elif verb == "step":
            step_entry(entry, 1, by=actor)
        else:
            verb(entry, by=actor)

    @rule(data=st.data(), starts_next_list=st.booleans())
    def online_member_completes_the_list(self, data, starts_next_list):
        grocery_list = GroceryList.objects.filter(home=self.home).current()
        assume(grocery_list is not None)
        actor = by(self.draw_device(data).member)
        done = change_list_state(grocery_list, "completed", by=actor)
        if starts_next_list:
            start_next_list(done, by=actor)

    # Network

    @rule(target=requests, data=st.data(), limit=st.integers(1, 10))
    def device_sends_its_queue(self, data, limit):
        device = self.draw_device(data)
        return device, device.request_body(limit)

    @rule(target=responses, request=requests)
    def request_arrives(self, request):
        """Deliver a request, possibly late or again."""
        device, body = request
        response = device.client.post("intents", body)
        assert response.status_code == 200, response.text
        return device, response.json()["results"]

    @rule(target=responses, data=st.data(), times=st.integers(2, 3))
    def request_arrives_repeatedly(self, data, times):
        """Deliver a request several times, as after a lost response or by a proxy that repeats it."""
        device = self.draw_device(data)
        assume(device.queue)
        body = device.request_body(10)
        return [self.request_arrives((device, body)) for _time in range(times)][-1]

    @rule(response=responses)
    def response_arrives(self, response):
        device, results = response
        device.receive(results)

    @rule(data=st.data())
    def device_catches_up(self, data):
        self.draw_device(data).catch_up()

    @rule(data=st.data())
    def device_reloads(self, data):
        self.draw_device(data).load()

    @rule()
    def server_restarts(self):
        """Clear the caches of this home."""
        for device in self.devices:
            clear_unread_cache(self.home.pk, device.member.user_id)
        caches["template_fragments"].clear()

    def teardown(self):
        """Bring all devices online, and compare them with the server."""
        if not hasattr(self, "devices"):
            return
        for device in self.devices:
            while device.queue:
                device.receive(device.client.post("intents", device.request_body(100)).json()["results"])
        server_state = State.fetched(self.home.pk)
        for device in self.devices:
            device.catch_up()
            assert device.state == server_state
        self.check_results()
        self.check_sums()

    def check_results(self):
        log = list(Event.objects.filter(home=self.home, op_id__isnull=False).order_by("seq"))
        for op_id, (device, intent) in self.intents.items():
            result = device.results[str(op_id)]
            ids = {op_id, *(uuid5(op_id, str(index)) for index in range(MAX_LINES))}
            events = [event for event in log if event.op_id in ids and event.actor_user_id == device.member.user_id]
            types = Counter((event.type, event.subject_id, event.op_id) for event in events)
            assert all(count <= 2 for count in types.values())  # merged into another entry, and put back
            if result["outcome"] == "overtaken":
                assert result["lost"] and result["message"]
                assert [event.data["lost"] for event in events if event.type == "list_item_overtaken"]
            elif result["outcome"] == "done" and intent["kind"] in ("add_entry", "send_message"):
                assert events
            elif result["outcome"] == "refused":
                assert result["message"]
            assert result["outcome"] != "refused" or intent["kind"] != "add_entry"
            assert all(event.moment <= event.created_at for event in events)
        for device in self.devices:
            own = [UUID(op_id) for op_id in device.results]
            seqs = [message.seq for op_id in own for message in Message.objects.filter(pk=op_id)]
            assert all(one < other for one, other in pairwise(seqs))
            messages = [
                each for sender, each in self.intents.values() if sender is device and each["kind"] == "send_message"
            ]
            assert len(seqs) == len(messages)

    def check_sums(self):
        for name, expected in self.summed.items():
            entries = ListEntry.objects.filter(home=self.home, item__normalized_name=name)
            assert sum(base_amount(entry) for entry in entries) == expected


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "quantity": st.integers(1, 12).map(str),
        "note": st.sampled_from(["large", "fresh", ""]),
        "name": st.sampled_from([*OTHER_ITEMS, "oat milk"]),
        "unit": st.sampled_from(["", "dozen", "kg"]),
    },
)


def test_devices_converge_and_every_change_is_accounted_for():
    profile = settings(PROFILE, max_examples=EXAMPLES or 8, stateful_step_count=40)
    run_state_machine_as_test(Household, settings=profile)


# Order of arrival

CHANGES_TO_EGGS: dict[str, tuple[str, dict[str, Any]]] = {
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
def merge(clock):
    """`merge(first, second)`: the entries after two members' changes to the same 6 eggs arrive in that order."""
    members, weekly = create_household(2)
    eggs = ListEntry.objects.get(list=weekly, item__normalized_name="egg")
    clients = [ApiClient(each) for each in members]
    commands = [
        [build_intent(member, change, index, weekly, eggs) for change in CHANGES_TO_EGGS]
        for index, member in enumerate(members)
    ]

    def run_in_order(*order):
        with transaction.atomic():
            for index, change in order:
                body = {"now": clock().isoformat(), "intents": [commands[index][list(CHANGES_TO_EGGS).index(change)]]}
                assert clients[index].post("intents", body).json()["results"][0]["outcome"] != "refused"
            entries = ListEntry.objects.filter(list=weekly, item__normalized_name="egg").exclude(state="removed")
            outcome = sorted(entries.values_list("state", "quantity", "note", "price_paid"))
            transaction.set_rollback(True)
        return outcome

    return run_in_order


def build_intent(member, change, index, weekly, eggs):
    """Return the command of a change. The second member's is a minute later than the first one's."""
    kind, data = CHANGES_TO_EGGS[change]
    target = {"list": str(weekly.pk)} if kind == "add_entry" else {"entry": str(eggs.pk)}
    meant_at = timezone.now() + timedelta(minutes=index)
    seen = None if kind == "add_entry" else eggs.version
    op_id = str(uuid5(member.pk, change))
    return {"op_id": op_id, "kind": kind, "meant_at": meant_at.isoformat(), "seen": seen, "data": {**target, **data}}


@pytest.mark.parametrize("first", CHANGES_TO_EGGS)
def test_merge_result_does_not_depend_on_the_order_of_arrival(merge, clock, first):
    clock.now += timedelta(minutes=10)
    for second in CHANGES_TO_EGGS:
        assert merge((0, first), (1, second)) == merge((1, second), (0, first)), second

"""Every list in the API costs the same number of queries for ten rows and for a thousand."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F, Max
from django.utils import timezone

from chat.actions import open_assistant, send_message
from chat.models import Channel, ChannelKind, ChannelMember, Message, Reaction
from groceries.actions import create_expense
from groceries.models import (
    Barcode,
    Category,
    Expense,
    ExpenseShare,
    Frequency,
    GroceryList,
    GuestLink,
    Item,
    ItemAlias,
    ListEntry,
    PantryBatch,
    RecurringItem,
    Store,
    Trip,
)
from homes.accounts.models import ApiToken, User
from homes.events.models import Event
from homes.files.models import StoredFile
from homes.models import Agent, Home, Invitation, Membership
from homes.notifications.models import PushSubscription
from pantry.api.pagination import MAX_LIMIT
from pixie.actions import remember_passage
from pixie.models import (
    Lesson,
    MemoryBlock,
    Passage,
    Run,
    RunMessage,
    RunStep,
    ScheduledMessage,
    SharedBlockLink,
    Suggestion,
)
from planner.actions import create_event, create_task
from planner.models import CalendarEvent, EventGuest, Task, TaskAssignment
from tests.api.client import read_stream, schema
from tests.counting import queries_of
from tests.factories import by

FEW, MANY = 10, 1000


def arrays(operation: dict[str, Any]) -> list[str]:
    """Return the names of the arrays in the operation's response."""
    schema_part = operation["responses"]["200"]["content"].get("application/json", {}).get("schema", {})
    while "$ref" in schema_part:
        schema_part = schema()["components"]["schemas"][schema_part["$ref"].rsplit("/", 1)[1]]
    return [name for name, part in schema_part.get("properties", {}).items() if part.get("type") == "array"]


LISTS = {
    path: verbs["get"]
    for path, verbs in schema()["paths"].items()
    if "get" in verbs and "200" in verbs["get"]["responses"] and arrays(verbs["get"])
}

DAY = date(2026, 3, 14)

# Functions that add rows for an endpoint, in bulk, since an action per row would take minutes.

Numbers = range
Place = SimpleNamespace


def people(numbers: Numbers) -> list[User]:
    return User.objects.bulk_create(User(email=f"guest{number}@example.com", name="Guest") for number in numbers)


def add_homes(place: Place, numbers: Numbers) -> None:
    homes = Home.objects.bulk_create(Home(name=f"Home {number}", created_by=place.nok) for number in numbers)
    Membership.objects.bulk_create(Membership(home=home, user=place.nok, number=1) for home in homes)


def add_members(place: Place, numbers: Numbers) -> None:
    pairs = zip(numbers, people(numbers), strict=True)
    Membership.objects.bulk_create(Membership(home=place.home, user=user, number=2 + at) for at, user in pairs)


def add_invitations(place: Place, numbers: Numbers) -> None:
    times = {"expires_at": timezone.now(), "invited_by": place.nok, "session_version": place.nok.session_version}
    Invitation.objects.bulk_create(Invitation(home=place.home, token_hash=f"{at}", **times) for at in numbers)


def add_tokens(place: Place, numbers: Numbers) -> None:
    ApiToken.objects.bulk_create(ApiToken(user=place.nok, name="Display", key_hash=f"{at}") for at in numbers)


def add_devices(place: Place, numbers: Numbers) -> None:
    """Add more devices than a member may have."""
    PushSubscription.objects.bulk_create(
        PushSubscription(user=place.nok, endpoint=f"https://push.example.com/{at}", name="Phone") for at in numbers
    )


def add_events(place: Place, numbers: Numbers) -> None:
    last = Event.objects.filter(home=place.home).aggregate(last=Max("seq"))["last"]
    common = {"home": place.home, "type": "list_created", "origin": "api", "data": {}, "actor_user": place.nok}
    Event.objects.bulk_create(Event(seq=last + 1 + at - numbers[0], **common) for at in numbers)


def add_list_events(place: Place, numbers: Numbers) -> None:
    """Add the events of entries that were put on the list, without the entries."""
    newest = Event.objects.filter(home=place.home).latest("seq")
    added = Event.objects.filter(home=place.home, type="list_item_added").earliest("seq")
    common = {"home": place.home, "type": "list_item_added", "origin": "api", "actor_user": place.nok}
    events = []
    for at in numbers:
        entry = {**added.data["entry"], "id": str(uuid4())}
        events.append(Event(seq=newest.seq + 1 + at - numbers[0], data={"entry": entry}, **common))
        events[-1].subject_id = entry["id"]
    Event.objects.bulk_create(events)


def add_forged_events(place: Place, numbers: Numbers) -> None:
    """Add events that are redacted but not emptied: each is a finding."""
    last = Event.objects.filter(home=place.home).aggregate(last=Max("seq"))["last"]
    common = {"home": place.home, "type": "list_created", "origin": "api", "data": {"a": 1}}
    events = [Event(seq=last + 1 + at - numbers[0], redacted_at=timezone.now(), **common) for at in numbers]
    Event.objects.bulk_create(events)
    Home.objects.filter(pk=place.home.pk).update(last_seq=events[-1].seq)


def add_categories(place: Place, numbers: Numbers) -> list[Category]:
    return Category.objects.bulk_create(Category(home=place.home, name=f"Aisle {at}", position=at) for at in numbers)


def add_items(place: Place, numbers: Numbers, name: str = "Thing") -> list[Item]:
    """Add items, each with an alias and in a category of its own."""
    aisles = zip(numbers, add_categories(place, numbers), strict=True)
    items = Item.objects.bulk_create(
        Item(home=place.home, name=f"{name} {at}", normalized_name=f"{name} {at}".lower(), category=aisle)
        for at, aisle in aisles
    )
    ItemAlias.objects.bulk_create(
        ItemAlias(home=place.home, item=item, name=f"Old {item}", normalized_name=f"old {item}".lower())
        for item in items
    )
    return items


def add_aliases(place: Place, numbers: Numbers) -> None:
    item = Item.objects.get(pk=place.item)
    ItemAlias.objects.bulk_create(
        ItemAlias(home=place.home, item=item, name=f"Moo {at}", normalized_name=f"moo {at}") for at in numbers
    )


def add_lists(place: Place, numbers: Numbers) -> None:
    GroceryList.objects.bulk_create(GroceryList(home=place.home, name=f"List {at}") for at in numbers)


def add_entries(place: Place, numbers: Numbers) -> None:
    items, common = add_items(place, numbers), {"home": place.home, "list": place.list, "added_by": place.nok}
    ListEntry.objects.bulk_create(ListEntry(item=item, **common) for item in items)


def add_purchases(place: Place, numbers: Numbers) -> None:
    """Add purchases, and advance the event number to invalidate cached sums."""
    Home.objects.filter(pk=place.home.pk).update(last_seq=F("last_seq") + 1)
    common = {"state": "purchased", "purchased_at": timezone.now(), "purchased_by": place.nok, "price_paid": Decimal(9)}
    ListEntry.objects.bulk_create(
        ListEntry(item=item, home=place.home, list=place.list, **common) for item in add_items(place, numbers)
    )


def add_forecasts(place: Place, numbers: Numbers) -> None:
    """Add items that are bought every six days, and advance the event number to invalidate cached forecasts."""
    Home.objects.filter(pk=place.home.pk).update(last_seq=F("last_seq") + 1)
    common = {"state": "purchased", "home": place.home, "list": place.list}
    items, days = add_items(place, numbers), (25, 19, 13, 7)
    ListEntry.objects.bulk_create(
        ListEntry(item=item, purchased_at=timezone.now() - timedelta(days=ago), **common)
        for item in items
        for ago in days
    )


def add_rules(place: Place, numbers: Numbers) -> None:
    common = {"quantity": Decimal(1), "unit": "kg", "starts_on": timezone.now(), "next_due_at": timezone.now()}
    RecurringItem.objects.bulk_create(
        RecurringItem(home=place.home, item=item, rrule=Frequency.WEEKLY.rrule, **common)
        for item in add_items(place, numbers)
    )


def add_channels(place: Place, numbers: Numbers, kind: str = ChannelKind.PRIVATE) -> None:
    channels = Channel.objects.bulk_create(
        Channel(home=place.home, name=f"room-{at}", kind=kind, created_by=place.nok) for at in numbers
    )
    ChannelMember.objects.bulk_create(ChannelMember(channel=channel, user=place.nok) for channel in channels)


def add_channel_members(place: Place, numbers: Numbers) -> None:
    ChannelMember.objects.bulk_create(ChannelMember(channel=place.general, user=user) for user in people(numbers))


def add_messages(place: Place, numbers: Numbers, where: str = "general", **fields: Any) -> None:
    """Add messages, each with a reaction and a reply."""
    common = {"home": place.home, "channel": getattr(place, where), "author_user": place.nok, "body": "Hello", **fields}
    roots = Message.objects.bulk_create(Message(seq=10 * at, **common) for at in numbers)
    Message.objects.bulk_create(Message(seq=10 * root.seq + 1, **{**common, "parent": root}) for root in roots)
    Reaction.objects.bulk_create(Reaction(message=root, user=place.nok, emoji="👍") for root in roots)


def add_search_results(place: Place, numbers: Numbers) -> None:
    """Add messages and items, since a search looks at a hundred results of each kind at most."""
    add_messages(place, numbers)
    add_items(place, numbers, "Hello")


def add_shoppers(place: Place, numbers: Numbers) -> None:
    Trip.objects.bulk_create(Trip(home=place.home, list=place.list, user=user) for user in people(numbers))


def add_replies(place: Place, numbers: Numbers) -> None:
    common = {"home": place.home, "channel": place.general, "author_user": place.nok, "parent": place.hello}
    Message.objects.bulk_create(Message(seq=at, body="Hello", **common) for at in numbers)


def add_reactions(place: Place, numbers: Numbers) -> None:
    Reaction.objects.bulk_create(Reaction(message=place.hello, user=place.nok, emoji=f"{at}!") for at in numbers)


def add_agents(place: Place, numbers: Numbers) -> None:
    Agent.objects.bulk_create(Agent(home=place.home, slug=f"a{at}", display_name=f"Agent {at}") for at in numbers)


def add_blocks(place: Place, numbers: Numbers) -> None:
    MemoryBlock.objects.bulk_create(MemoryBlock(home=place.home, agent=place.pixie, label=f"l{at}") for at in numbers)


def add_readers(place: Place, numbers: Numbers) -> None:
    block = MemoryBlock.objects.get(agent=place.pixie, label="household")
    agents = [Agent(home=place.home, slug=f"a{at}", display_name=f"Agent {at}") for at in numbers]
    SharedBlockLink.objects.bulk_create(
        SharedBlockLink(block=block, agent=agent) for agent in Agent.objects.bulk_create(agents)
    )


def add_block_history(place: Place, numbers: Numbers) -> None:
    last = Event.objects.filter(home=place.home).aggregate(last=Max("seq"))["last"]
    block = MemoryBlock.objects.get(agent=place.pixie, label="household")
    common = {"home": place.home, "type": "memory_block_updated", "origin": "api", "subject_id": block.pk}
    data = {"block": {"content": "Two cats", "version": 2}}
    Event.objects.bulk_create(Event(seq=last + 1 + at - numbers[0], data=data, **common) for at in numbers)


def add_passages(place: Place, numbers: Numbers) -> None:
    Passage.objects.bulk_create(Passage(home=place.home, content=f"Fact {at}", words=f"fact {at}") for at in numbers)


def add_lessons(place: Place, numbers: Numbers) -> None:
    common = {"home": place.home, "author": place.nok, "intent": "add_item", "is_right": True}
    Lesson.objects.bulk_create(Lesson(text=f"Lesson {at}", key=str(at), **common) for at in numbers)


def add_tags(place: Place, numbers: Numbers) -> None:
    place.fact.tags = [*place.fact.tags, *(f"tag {at}" for at in numbers)]
    place.fact.save()


def add_runs(place: Place, numbers: Numbers) -> None:
    where = {"home": place.home, "agent": place.pixie, "channel": place.agent_chat}
    Run.objects.bulk_create(Run(**where) for _number in numbers)


def add_steps(place: Place, numbers: Numbers) -> None:
    steps = RunStep.objects.bulk_create(step(place, at, "local") for at in numbers)
    RunMessage.objects.bulk_create(RunMessage(run=place.run, step=step, content="Hello") for step in steps)


def add_models(place: Place, numbers: Numbers) -> None:
    RunStep.objects.bulk_create(step(place, at, f"model-{at}") for at in numbers)


def step(place: Place, number: int, model: str) -> RunStep:
    common = {"run": place.run, "home": place.home, "agent": place.pixie, "requested_at": place.run.created_at}
    return RunStep(step_number=number, model=model, **common)


def add_scheduled(place: Place, numbers: Numbers) -> None:
    when = {"starts_at": timezone.now(), "trigger_at": timezone.now(), "created_by": place.nok}
    where = {"home": place.home, "agent": place.pixie, "channel": place.general}
    ScheduledMessage.objects.bulk_create(ScheduledMessage(prompt=f"Thing {at}", **where, **when) for at in numbers)


def add_guest_links(place: Place, numbers: Numbers) -> None:
    fields = {"home": place.home, "list": place.list, "created_by": place.nok, "session_version": 0}
    expires_at = timezone.now() + timedelta(days=1)
    GuestLink.objects.bulk_create(
        GuestLink(name=f"Guest {at}", token_hash=f"hash {at}", expires_at=expires_at, **fields) for at in numbers
    )


def add_stores(place: Place, numbers: Numbers) -> None:
    Store.objects.bulk_create(Store(home=place.home, name=f"Store {at}") for at in numbers)


def add_batches(place: Place, numbers: Numbers) -> None:
    fields = {"home": place.home, "quantity": 1}
    PantryBatch.objects.bulk_create(PantryBatch(item=item, **fields) for item in add_items(place, numbers))


def add_units(place: Place, numbers: Numbers) -> None:
    fields = {"home": place.home, "item_id": place.item, "quantity": 1}
    PantryBatch.objects.bulk_create(PantryBatch(unit=f"unit {at}", **fields) for at in numbers)


def add_barcodes(place: Place, numbers: Numbers) -> None:
    Barcode.objects.bulk_create(
        Barcode(home=place.home, item=item, code=f"CODE {at}")
        for at, item in zip(numbers, add_items(place, numbers), strict=True)
    )


def add_files(place: Place, numbers: Numbers) -> None:
    common = {
        "home": place.home,
        "kind": "expense",
        "target_id": place.expense.pk,
        "media_type": "image/jpeg",
        "size": 1,
    }
    StoredFile.objects.bulk_create(StoredFile(name=f"{at}.jpg", sha256=f"{at}", **common) for at in numbers)


def add_expenses(place: Place, numbers: Numbers, is_payment: bool = False) -> None:
    common = {"home": place.home, "amount": 450, "spent_on": timezone.now(), "is_payment": is_payment}
    expenses = Expense.objects.bulk_create(Expense(title=f"{at}", paid_by=place.nok, **common) for at in numbers)
    ExpenseShare.objects.bulk_create(
        ExpenseShare(home=place.home, expense=each, name=f"Guest {each.title}", amount=450) for each in expenses
    )


def add_tasks(place: Place, numbers: Numbers) -> None:
    tasks = Task.objects.bulk_create(Task(home=place.home, title=f"{at}") for at in numbers)
    TaskAssignment.objects.bulk_create(TaskAssignment(task=task, user=place.nok) for task in tasks)


def add_calendar_events(place: Place, numbers: Numbers) -> None:
    days = {"starts_on": DAY, "ends_on": DAY, "last_on": DAY}
    events = CalendarEvent.objects.bulk_create(CalendarEvent(home=place.home, title=f"{at}", **days) for at in numbers)
    EventGuest.objects.bulk_create(EventGuest(event=event, user=place.nok) for event in events)


def add_guests(place: Place, numbers: Numbers) -> None:
    people = User.objects.bulk_create(User(email=f"{at}@example.org", name=f"{at}") for at in numbers)
    EventGuest.objects.bulk_create(EventGuest(event=place.event, user=each) for each in people)


def add_assignees(place: Place, numbers: Numbers) -> None:
    people = User.objects.bulk_create(User(email=f"{at}@example.org", name=f"{at}") for at in numbers)
    TaskAssignment.objects.bulk_create(TaskAssignment(task=place.task, user=each) for each in people)


def add_expense_categories(place: Place, numbers: Numbers) -> None:
    common = {"home": place.home, "amount": 450, "spent_on": place.home.now().date(), "paid_by": place.nok}
    Expense.objects.bulk_create(Expense(title=f"{at}", category=f"Kind {at}", **common) for at in numbers)


def add_shares(place: Place, numbers: Numbers) -> None:
    common = {"home": place.home, "expense": place.expense, "amount": 1}
    ExpenseShare.objects.bulk_create(ExpenseShare(name=f"Guest {at}", **common) for at in numbers)


def add_aisles(place: Place, numbers: Numbers) -> None:
    add_categories(place, numbers)
    place.store.aisles = [str(pk) for pk in Category.objects.filter(home=place.home).values_list("pk", flat=True)]
    place.store.save()


def add_suggestions(place: Place, numbers: Numbers) -> None:
    facts = {"days": 6, "last_on": "2026-03-01"}
    Suggestion.objects.bulk_create(
        Suggestion(home=place.home, kind="restock", subject=str(item.pk), item=item, facts=facts)
        for item in add_items(place, numbers)
    )


def add_everything_of_today(place: Place, numbers: Numbers) -> None:
    now = timezone.now()
    days = {"starts_on": now.date(), "ends_on": now.date(), "last_on": now.date()}
    CalendarEvent.objects.bulk_create(CalendarEvent(home=place.home, title=f"{at}", **days) for at in numbers)
    add_tasks(place, numbers)
    Task.objects.update(due_on=now.date() - timedelta(days=1))
    add_batches(place, numbers)
    PantryBatch.objects.update(best_before=now.date())
    add_rules(place, range(numbers.start + 1000, numbers.stop + 1000))
    add_channels(place, numbers)
    channels = Channel.objects.filter(home=place.home, name__in=[f"room-{at}" for at in numbers])
    common = {"home": place.home, "author_agent": Agent.objects.filter(home=place.home).first(), "body": "Hello"}
    Message.objects.bulk_create(Message(channel=each, seq=1, **common) for each in channels)


ADD_ROWS: dict[str, Callable[[Place, Any], Any]] = {
    "/api/auth/me": add_homes,
    "/api/auth/tokens": add_tokens,
    "/api/homes": add_homes,
    "/api/homes/{home_id}/activity": add_list_events,
    "/api/homes/{home_id}/agents": add_agents,
    "/api/homes/{home_id}/agents/{agent_id}/memory": add_blocks,
    "/api/homes/{home_id}/agents/{agent_id}/memory/{label}": add_readers,
    "/api/homes/{home_id}/agents/{agent_id}/memory/{label}/history": add_block_history,
    "/api/homes/{home_id}/agents/{agent_id}/passages": add_passages,
    "/api/homes/{home_id}/agents/{agent_id}/passages/{passage_id}": add_tags,
    "/api/homes/{home_id}/agents/{agent_id}/runs": add_runs,
    "/api/homes/{home_id}/audit": add_events,
    "/api/homes/{home_id}/balances": add_expenses,
    "/api/homes/{home_id}/barcodes": add_barcodes,
    "/api/homes/{home_id}/categories": add_categories,
    "/api/homes/{home_id}/channels": add_channels,
    "/api/homes/{home_id}/channels/{channel_id}/members": add_channel_members,
    "/api/homes/{home_id}/channels/{channel_id}/messages": add_messages,
    "/api/homes/{home_id}/channels/{channel_id}/messages/{message_id}": add_reactions,
    "/api/homes/{home_id}/channels/{channel_id}/messages/{message_id}/replies": add_replies,
    "/api/homes/{home_id}/events": add_events,
    "/api/homes/{home_id}/files": add_files,
    "/api/homes/{home_id}/expenses": add_expenses,
    "/api/homes/{home_id}/expenses/totals": add_expense_categories,
    "/api/homes/{home_id}/expenses/{expense_id}": add_shares,
    "/api/homes/{home_id}/export": add_members,
    "/api/homes/{home_id}/forecasts": add_forecasts,
    "/api/homes/{home_id}/invitations": add_invitations,
    "/api/homes/{home_id}/items": add_items,
    "/api/homes/{home_id}/items/{item_id}": add_aliases,
    "/api/homes/{home_id}/lessons": add_lessons,
    "/api/homes/{home_id}/lists": add_lists,
    "/api/homes/{home_id}/lists/{list_id}": add_entries,
    "/api/homes/{home_id}/lists/{list_id}/guest-links": add_guest_links,
    "/api/homes/{home_id}/lists/{list_id}/history": add_list_events,
    "/api/homes/{home_id}/lists/{list_id}/items": add_entries,
    "/api/homes/{home_id}/lists/{list_id}/past": add_list_events,
    "/api/homes/{home_id}/lists/{list_id}/shopping": add_shoppers,
    "/api/homes/{home_id}/lists/{list_id}/suggestions": add_items,
    "/api/homes/{home_id}/lists/current": add_entries,
    "/api/homes/{home_id}/lists/{list_id}/trips": add_shoppers,
    "/api/homes/{home_id}/log-check": add_forged_events,
    "/api/homes/{home_id}/members": add_members,
    "/api/homes/{home_id}/pantry": add_batches,
    "/api/homes/{home_id}/pantry/batches": add_batches,
    "/api/homes/{home_id}/pantry/{item_id}": add_units,
    "/api/homes/{home_id}/recurring": add_rules,
    "/api/homes/{home_id}/runs/{run_id}": add_steps,
    "/api/homes/{home_id}/scheduled": add_scheduled,
    "/api/homes/{home_id}/search": add_search_results,
    "/api/homes/{home_id}/settlements": partial(add_expenses, is_payment=True),
    "/api/homes/{home_id}/spending": add_purchases,
    "/api/homes/{home_id}/stores": add_stores,
    "/api/homes/{home_id}/stores/{store_id}": add_aisles,
    "/api/homes/{home_id}/suggestions": add_suggestions,
    "/api/homes/{home_id}/calendar": add_calendar_events,
    "/api/homes/{home_id}/calendar/{event_id}": add_guests,
    "/api/homes/{home_id}/tasks": add_tasks,
    "/api/homes/{home_id}/tasks/{task_id}": add_assignees,
    "/api/homes/{home_id}/today": add_everything_of_today,
    "/api/homes/{home_id}/threads": partial(add_channels, kind=ChannelKind.ASSISTANT),
    "/api/homes/{home_id}/threads/{thread_id}/messages": partial(add_messages, where="agent_chat"),
    "/api/homes/{home_id}/usage": add_models,
    "/api/users/me": add_homes,
    "/api/users/me/devices": add_devices,
}


REQUIRED_QUERY = {  # what finds the rows
    "/api/homes/{home_id}/calendar": f"from={DAY}&to={DAY}",
    "/api/homes/{home_id}/search": "q=hello",
    "/api/homes/{home_id}/lists/{list_id}/suggestions": "q=thing",
}


@pytest.fixture
def place(nok, weekly, milk, general, pixie):
    agent_chat = open_assistant(pixie, by=by(nok))
    return SimpleNamespace(
        nok=nok.user, home=nok.home, list=weekly, item=milk.item_id, general=general, agent_chat=agent_chat,
        hello=send_message(general, "Hello", by=by(nok)), pixie=pixie,
        fact=remember_passage("The rent is due on the 5th", by=by(nok))[0],
        run=Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat),
        store=Store.objects.create(home=nok.home, name="Market"),
        expense=create_expense("Pizza", Decimal(450), by=by(nok)),
        task=create_task("Clean the fridge", by=by(nok)),
        event=create_event("Dinner", by=by(nok), starts_on=DAY),
    )  # fmt: skip


def test_every_list_endpoint_has_a_case():
    assert set(ADD_ROWS) == set(LISTS)


@pytest.mark.parametrize("path", sorted(ADD_ROWS))
def test_query_count_does_not_grow_with_rows(api_client, nok, place, path):
    ids = {"home_id": place.home.pk, "list_id": place.list.pk, "item_id": place.item, "channel_id": place.general.pk}
    ids |= {"agent_id": place.pixie.pk, "label": "household", "passage_id": place.fact.pk, "store_id": place.store.pk}
    ids |= {"expense_id": place.expense.pk, "task_id": place.task.pk, "event_id": place.event.pk}
    url = path.format(
        **ids, message_id=place.hello.pk, thread_id=place.agent_chat.pk, run_id=place.run.pk
    ).removeprefix("/api")
    limits = [each["schema"] for each in LISTS[path].get("parameters", []) if each["name"] == "limit"]
    maximum = limits[0].get("maximum", MAX_LIMIT) if limits else None
    query = "&".join([f"limit={maximum}" if maximum else "", REQUIRED_QUERY.get(path, "")])
    client, address = api_client(nok).client, f"/api{url}?{query}"

    def rows() -> int:
        answer = read_stream(client.get(address)).json()
        return max(len(answer[name]) for name in arrays(LISTS[path]))

    ADD_ROWS[path](place, range(1, FEW + 1))
    query_count = queries_of(rows)
    assert FEW <= rows() < MANY
    ADD_ROWS[path](place, range(FEW + 1, MANY + 1))
    assert queries_of(rows) <= query_count
    assert rows() >= min(maximum or MANY, MANY)

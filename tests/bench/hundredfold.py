"""The demo home, a hundred times as large: `python -m tests.bench.hundredfold` fills the configured database.

200 members, 10,000 items, 100,000 messages, and everything else in proportion, over two years and in the order of the
log. The result is the same each time.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID, uuid5

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Max, OuterRef, Subquery  # noqa: E402

from chat.models import Channel, ChannelKind, ChannelMember, Message, Reaction  # noqa: E402
from chat.schemas import ChannelMemberEvent, ReactionEvent  # noqa: E402
from groceries.models import (  # noqa: E402
    Category,
    EntryState,
    Frequency,
    GroceryList,
    Item,
    ListEntry,
    ListState,
    RecurringItem,
)
from groceries.parsing.names import normalize  # noqa: E402
from homes.accounts.models import ApiToken, User  # noqa: E402
from homes.events.chain import seal  # noqa: E402
from homes.events.models import Event, Origin  # noqa: E402
from homes.events.schemas import SCHEMAS  # noqa: E402
from homes.models import Agent, Home, Invitation, Membership  # noqa: E402
from pantry import demo  # noqa: E402
from pixie.models import Run, RunMessage, RunStatus, RunStep, StopReason  # noqa: E402

MEMBERS, ITEMS, MESSAGES = 200, 10_000, 100_000
LISTS, MAX_LIST_LENGTH, RECURRING_ITEMS = 1_000, 40, 400
ROOMS, PRIVATE_ROOMS, DIRECT_CHATS, ASSISTANT_CHATS, NOKS_ASSISTANT_CHATS = 60, 20, 300, 300, 60
INVITATIONS, TOKENS = 100, 30
DAYS = 730
BATCH_SIZE = 2_000

ADJECTIVES = [
    "Jasmine", "Green", "Small", "Organic", "Fresh", "Dried", "Red", "Thai", "Frozen", "Smoked",
    "ใหม่", "Mild",
]  # fmt: skip
FOODS = [
    "apples", "basil", "beans", "bread", "butter", "carrots", "cheese", "chicken", "chillies", "coffee", "cream",
    "cucumbers", "dates", "eggs", "fish", "flour", "garlic", "ginger", "grapes", "honey", "jam", "kale", "lemons",
    "lentils", "limes", "mangoes", "milk", "mushrooms", "noodles", "nuts", "oats", "oil", "olives", "onions", "papaya",
    "pasta", "peas", "peppers", "pork", "potatoes", "prawns", "rice", "salt", "sauce", "soap", "spinach", "sugar",
    "tea", "tofu", "tomatoes", "water", "yoghurt", "มะนาว", "ข้าว",
]  # fmt: skip
SUFFIXES = ["from Talat Noi", "from Big C", "from the farm", "refill", "in the jar", "for the school", "by Doi Kham"]
SENTENCES = [
    "The lift is mended on Thursday.", "Who brings rice for everybody?", "Soup tonight at seven.",
    "Please leave the keys under the mat.", "The water bill is paid.", "There are mangoes in the kitchen, take some.",
    "I am late, start without me.", "Thank you!", "The plumber comes tomorrow, could somebody open the gate?",
    "The market closes early today.", "We need more ice, and limes for the soup.",
]  # fmt: skip
EMOJI = ["❤️", "👍", "🎉", "😂", "🙏"]


class HomeBuilder:
    """Creates rows in chronological order and writes them in batches."""

    def __init__(self, home: Any, report: Any) -> None:
        self.rng = random.Random(42)  # noqa: S311 (not a secret)
        self.home, self.report, self.seq = home, report, home.last_seq
        self.head = Event.objects.get(home=home, seq=home.last_seq).hash
        self.rows: dict[type, list[Any]] = defaultdict(list)
        self.start = home.now() - timedelta(days=DAYS)
        self.moment = self.start
        self.pixie = Agent.objects.get(home=home)
        members = Membership.objects.filter(home=home).select_related("user").order_by("number")
        self.people = [member.user for member in members]
        self.nok = self.people[0]
        self.items: list[Item] = []
        self.members_of: dict[UUID, list[User]] = {}

    def random_user(self) -> Any:
        return self.rng.choice(self.people)

    def sentence(self) -> str:
        return " ".join(self.rng.choices(SENTENCES, k=self.rng.randint(1, 5)))

    def record(
        self, event_type: str, subject: Any, author: Any, *, channel: Any = None, changes: Any = None, data: Any = None
    ) -> int:
        """Add an event. Return its number."""
        self.seq += 1
        agent = author if isinstance(author, Agent) else None
        payload = (data or SCHEMAS[event_type].of(subject)).model_dump(mode="json")
        event = self.add(
            Event(
                home=self.home, seq=self.seq, type=event_type, actor_user=None if agent else author, actor_agent=agent,
                origin=Origin.API, channel_id=channel.audience if channel else None, subject_id=subject.pk,
                data=payload, changes=changes or {}, created_at=self.moment,
            )
        )  # fmt: skip
        self.head = seal(event, self.head)
        return self.seq

    def add(self, row: Any) -> Any:
        self.rows[type(row)].append(row)
        return row

    def write(self) -> None:
        """Write all rows, those that others refer to first."""
        order = [
            User, Membership, Invitation, ApiToken, Item, GroceryList, ListEntry, RecurringItem, Channel, ChannelMember,
            Message, Reaction, Run, RunStep, RunMessage, Event,
        ]  # fmt: skip
        assert set(self.rows) <= set(order)
        for model in order:
            model._default_manager.bulk_create(self.rows.pop(model, []), batch_size=BATCH_SIZE)

    def advance_time(self, progress: float) -> None:
        """Advance to that fraction of the two years. Write the rows when there are many."""
        self.moment = self.start + timedelta(days=DAYS * progress)
        if sum(map(len, self.rows.values())) > 10 * BATCH_SIZE:
            self.write()

    def fill(self) -> None:
        self.add_members()
        self.add_items()
        for item in self.rng.sample(self.items[100:], RECURRING_ITEMS):
            self.add_recurring_item(item)
        rooms = self.add_channels()
        shopping, messaging = self.add_lists(), self.add_messages(rooms)
        for progress in range(LISTS):
            self.advance_time(progress / LISTS)
            if progress % 250 == 0:
                self.report(f"  {MESSAGES * progress // LISTS:,} messages …")
            next(shopping)
            for _ in range(MESSAGES // LISTS):
                next(messaging)
        self.write()
        self.set_read_positions(rooms)
        self.finish()

    def add_members(self) -> None:
        for number in range(len(self.people) + 1, MEMBERS + 1):
            user = User(email=f"neighbour{number}@apartment42.example", name=f"Neighbour {number}")
            user.set_unusable_password()
            self.people.append(self.add(user))
            member = Membership(home=self.home, user=user, number=number, joined_at=self.start)
            self.record("member_joined", self.add(member), user)
        for number in range(INVITATIONS):
            times = {"created_at": self.start, "expires_at": self.start + Invitation.LIFETIME, "session_version": 0}
            token_hash = Invitation.hash_token(str(number))
            self.add(Invitation(home=self.home, invited_by=self.nok, token_hash=token_hash, **times))
        for number in range(TOKENS):
            token = {"prefix": f"pp_{number:05}", "key_hash": f"{number:064}", "scopes": ["read"]}
            self.add(ApiToken(user=self.nok, name=f"Display {number}", **token))
        self.write()

    def add_items(self) -> None:
        """Create the items; alone with `python -m tests.bench.hundredfold items`."""
        aisles = list(Category.objects.filter(home=self.home))
        self.items = list(Item.objects.filter(home=self.home).select_related("category"))
        existing = {item.normalized_name for item in self.items}
        names = [" ".join(words) for words in product(ADJECTIVES, FOODS, SUFFIXES)]
        names += [f"{name}, {size}" for name, size in product(names, ["small", "large", "for the party"])]
        self.rng.shuffle(names)
        for name in names:
            if len(self.items) < ITEMS and (key := normalize(name)) not in existing:
                existing.add(key)
                self.items.append(self.add(self.item(name, key, self.rng.choice(aisles))))
        assert len(self.items) == ITEMS
        self.write()

    def item(self, name: str, key: str, aisle: Category) -> Item:
        at = self.start + timedelta(hours=len(self.items))
        return Item(
            home=self.home, name=name, normalized_name=key, category=aisle, created_at=at,
            default_quantity=Decimal(self.rng.randint(1, 9)), default_unit=self.rng.choice(["", "kg", "pack"]),
            estimated_price=Decimal(self.rng.randint(10, 400)),
        )  # fmt: skip

    def add_recurring_item(self, item: Item) -> None:
        due = self.home.now() + timedelta(hours=self.rng.randint(1, 24 * 30))
        rule = RecurringItem(
            home=self.home, item=item, quantity=Decimal(1), unit="pack",
            rrule=Frequency.MONTHLY.rrule, starts_on=due.date(), next_due_at=due, created_by=self.nok,
        )  # fmt: skip
        self.record("recurring_set", self.add(rule), self.nok)

    def add_channels(self) -> list[Any]:
        """Create all channels, the busiest first, and fill `members_of`."""
        Channel.objects.filter(home=self.home).update(created_at=self.start)  # the first rooms are the oldest
        rooms = list(Channel.objects.filter(home=self.home, kind=ChannelKind.PUBLIC).order_by("id"))
        self.members_of = {channel.pk: self.people for channel in rooms}
        for number in range(len(rooms), ROOMS):
            rooms.append(self.channel(self.people, name=f"room-{number}", kind=ChannelKind.PUBLIC))
        chat_owners = [self.nok] * NOKS_ASSISTANT_CHATS
        chat_owners += [self.random_user() for _ in range(ASSISTANT_CHATS - NOKS_ASSISTANT_CHATS)]
        for number, user in enumerate(chat_owners):
            rooms.append(self.channel([user], title=f"Chat {number}", kind=ChannelKind.ASSISTANT))
        pairs = [self.rng.sample(self.people[3:], 2) for _ in range(DIRECT_CHATS)]
        pairs += [[self.nok, other] for other in self.people[10:40]]
        for pair, users in {Channel.pair_of(*users): users for users in pairs}.items():
            rooms.append(self.channel(users, kind=ChannelKind.DM, pair=pair))
        for number in range(PRIVATE_ROOMS):
            users = self.rng.sample(self.people[1:], 12) + ([] if number % 3 else [self.nok])
            rooms.append(self.channel(users, name=f"private-{number}", kind=ChannelKind.PRIVATE))
        self.write()
        return rooms

    def channel(self, users: list[Any], **fields: Any) -> Any:
        channel = self.add(Channel(home=self.home, created_by=users[0], created_at=self.moment, **fields))
        self.members_of[channel.pk] = users
        if channel.kind == ChannelKind.ASSISTANT:
            self.add(ChannelMember(channel=channel, agent=self.pixie, created_at=self.moment))
        for user in users if channel.is_private else []:
            self.add(ChannelMember(channel=channel, user=user, created_at=self.moment))
            data = ChannelMemberEvent(channel_id=channel.pk, user_id=user.pk)
            self.record("channel_joined", channel, user, channel=channel, data=data)
        self.record("channel_created", channel, users[0], channel=channel)
        return channel

    def add_lists(self) -> Iterator[None]:
        """Create one list per step, with its purchases. The last ones are still open."""
        for number in range(LISTS):
            author, is_open = self.random_user(), number > LISTS - 5
            grocery_list = GroceryList(home=self.home, name=f"Shop {number}", created_at=self.moment)
            self.record("list_created", self.add(grocery_list), author)
            for item in self.rng.sample(self.items, self.rng.randint(1, MAX_LIST_LENGTH)):
                self.entry(grocery_list, item, author, is_bought=not is_open and self.rng.random() < 0.9)
            if not is_open:
                done = self.moment + timedelta(hours=9)
                changes = grocery_list.assign(state=ListState.COMPLETED, completed_at=done)
                self.record("list_state_changed", grocery_list, author, changes=changes)
            yield

    def entry(self, grocery_list: Any, item: Any, author: Any, *, is_bought: bool) -> None:
        entry = ListEntry(
            home=self.home, list=grocery_list, item=item, quantity=Decimal(self.rng.randint(1, 9)),
            unit=item.default_unit or "piece", added_by=author, created_at=self.moment,
        )  # fmt: skip
        self.record("list_item_added", self.add(entry), author)
        if is_bought:
            buyer, price = self.random_user(), item.estimated_price if self.rng.random() < 0.9 else None
            at = self.moment + timedelta(hours=8)
            purchases = {"state": EntryState.PURCHASED, "purchased_by": buyer, "purchased_at": at, "price_paid": price}
            changes = entry.assign(**purchases, version=2)
            self.record("list_item_purchased", entry, buyer, changes=changes)

    def add_messages(self, rooms: list[Any]) -> Iterator[None]:
        """Create one message per step: half in the first five rooms, a quarter in threads, a tenth by Pixie."""
        weights = [
            2_000,
            1_000,
            800,
            700,
            500,
            *(2 if channel.kind == ChannelKind.ASSISTANT else 10 for channel in rooms[5:]),
        ]
        roots: dict[Any, list[Any]] = defaultdict(list)
        while True:
            channel = self.rng.choices(rooms, weights)[0]
            author = self.rng.choice(self.members_of[channel.pk])
            recent = roots[channel.pk]
            is_agent_chat = channel.kind == ChannelKind.ASSISTANT
            parent = self.rng.choice(recent) if recent and not is_agent_chat and self.rng.random() < 0.25 else None
            message = self.message(channel, author, self.sentence(), parent=parent)
            if parent is None:
                roots[channel.pk] = [*recent[-20:], message]
            yield
            if is_agent_chat:
                self.add_answer(message, channel)
                yield

    def message(self, channel: Channel, author: Any, body: str, **fields: Any) -> Message:
        self.moment += timedelta(seconds=30)
        fields["author_agent" if isinstance(author, Agent) else "author_user"] = author
        message = Message(home=self.home, channel=channel, body=body, created_at=self.moment, **fields)
        message.seq = self.record("chat_message", message, author, channel=channel)
        if self.rng.random() < 0.15:
            self.react(message, channel)
        self.add(message)
        return message

    def react(self, message: Any, channel: Any) -> None:
        users = self.members_of[channel.pk]
        for user in self.rng.sample(users, min(len(users), self.rng.randint(1, 4))):
            emoji = self.rng.choice(EMOJI)
            self.add(Reaction(message=message, user=user, emoji=emoji, created_at=self.moment))
            data = ReactionEvent(channel_id=channel.pk, message_id=message.pk, emoji=emoji, user_id=user.pk)
            self.record("reaction_added", message, user, channel=channel, data=data)

    def add_answer(self, question: Any, channel: Any) -> None:
        """Create Pixie's answer and its run."""
        at = self.moment + timedelta(seconds=1)
        run = Run(
            home=self.home, agent=self.pixie, channel=channel, trigger_message=question, route="local", created_at=at,
            status=RunStatus.COMPLETED, stop_reason=StopReason.END_TURN, started_at=at, completed_at=at,
        )  # fmt: skip
        step = RunStep(
            run=run, home=self.home, agent=self.pixie, requested_at=at, step_number=1, model="local", completed_at=at,
            status=RunStatus.COMPLETED,
        )  # fmt: skip
        body = self.sentence()
        self.add(run)
        self.add(step)
        for kind, text in ((RunMessage.Type.USER, question.body), (RunMessage.Type.ASSISTANT, body)):
            self.add(RunMessage(run=run, step=step, message_type=kind, content=text, created_at=at))
        metadata = {"intent": "chat", "entities": [], "confidence": 0.95, "run": str(run.pk)}
        self.message(channel, self.pixie, body, pk=uuid5(run.pk, "answer"), metadata=metadata)

    def set_read_positions(self, rooms: list[Channel]) -> None:
        """Mark private channels as read. Each user has read a third of the public ones, is far behind in a third, and
        has never opened a third."""
        memberships = ChannelMember.objects.filter(channel__home=self.home)
        memberships.update(last_read_seq=self.seq - 20)
        existing = set(memberships.values_list("channel", "user"))
        public = [channel for channel in rooms if channel.kind == ChannelKind.PUBLIC]
        for (number, channel), (place, user) in product(enumerate(public), enumerate(self.people)):
            group = (number + place) % 3
            if group < 2 and (channel.pk, user.pk) not in existing:
                self.add(ChannelMember(channel=channel, user=user, last_read_seq=self.seq - (20, 20_000)[group]))
        self.write()

    def finish(self) -> None:
        """Set the positions and last purchases that follow from the rows, and vacuum PostgreSQL."""
        Home.objects.filter(pk=self.home.pk).update(last_seq=self.seq)
        Membership.objects.filter(home=self.home).update(joined_at=self.start)
        Agent.objects.filter(pk=self.pixie.pk).update(enqueued_seq=self.seq)
        purchases = ListEntry.objects.filter(item=OuterRef("pk")).order_by().values("item")
        last = purchases.annotate(last=Max("purchased_at")).values("last")
        Item.objects.filter(home=self.home).update(last_purchased_at=Subquery(last))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")


def main() -> int:
    call_command("migrate", verbosity=0, interactive=False)
    demo.seed()
    home = Home.objects.get(name="Apartment 42")
    builder = HomeBuilder(home, lambda text: print(text, file=sys.stderr, flush=True))
    if sys.argv[1:] == ["items"]:
        builder.add_items()
    else:
        builder.fill()
    return 0


if __name__ == "__main__":
    sys.exit(main())

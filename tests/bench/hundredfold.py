"""The demo home, a hundred times as large: `python -m tests.bench.hundredfold` fills the database of the settings.

200 members, 10,000 items, 100,000 messages; lists, entries, prices, rules, rooms, talks with Pixie and the log in
proportion. All of it happened over two years, in the order of the log. The same call makes the same home.
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
from homes.events.models import Event, Origin  # noqa: E402
from homes.events.schemas import SCHEMAS  # noqa: E402
from homes.models import Agent, Home, Invitation, Membership  # noqa: E402
from pantry import demo  # noqa: E402
from pixie.models import Run, RunMessage, RunStatus, RunStep, StopReason  # noqa: E402

MEMBERS, ITEMS, MESSAGES = 200, 10_000, 100_000
LISTS, LONGEST_LIST, RULES = 1_000, 40, 400
ROOMS, PRIVATE_ROOMS, PAIRS, TALKS, NOKS_TALKS = 60, 20, 300, 300, 60
INVITATIONS, TOKENS = 100, 30
DAYS = 730
BATCH = 2_000

KINDS = ["Jasmine", "Green", "Small", "Organic", "Fresh", "Dried", "Red", "Thai", "Frozen", "Smoked", "ใหม่", "Mild"]
THINGS = [
    "apples", "basil", "beans", "bread", "butter", "carrots", "cheese", "chicken", "chillies", "coffee", "cream",
    "cucumbers", "dates", "eggs", "fish", "flour", "garlic", "ginger", "grapes", "honey", "jam", "kale", "lemons",
    "lentils", "limes", "mangoes", "milk", "mushrooms", "noodles", "nuts", "oats", "oil", "olives", "onions", "papaya",
    "pasta", "peas", "peppers", "pork", "potatoes", "prawns", "rice", "salt", "sauce", "soap", "spinach", "sugar",
    "tea", "tofu", "tomatoes", "water", "yoghurt", "มะนาว", "ข้าว",
]  # fmt: skip
SHOPS = ["from Talat Noi", "from Big C", "from the farm", "refill", "in the jar", "for the school", "by Doi Kham"]
SENTENCES = [
    "The lift is mended on Thursday.", "Who brings rice for everybody?", "Soup tonight at seven.",
    "Please leave the keys under the mat.", "The water bill is paid.", "There are mangoes in the kitchen, take some.",
    "I am late, start without me.", "Thank you!", "The plumber comes tomorrow, could somebody open the gate?",
    "The market closes early today.", "We need more ice, and limes for the soup.",
]  # fmt: skip
SIGNS = ["❤️", "👍", "🎉", "😂", "🙏"]


class Crowd:
    """Collects rows in the order in which they happened, and writes them by the thousand."""

    def __init__(self, home: Any, say: Any) -> None:
        self.chance = random.Random(42)  # noqa: S311 (a home, not a secret)
        self.home, self.say, self.seq = home, say, home.last_seq
        self.rows: dict[type, list[Any]] = defaultdict(list)
        self.begun = home.now() - timedelta(days=DAYS)
        self.moment = self.begun
        self.pixie = Agent.objects.get(home=home)
        members = Membership.objects.filter(home=home).select_related("user").order_by("number")
        self.people = [member.user for member in members]
        self.nok = self.people[0]
        self.items: list[Item] = []
        self.inside: dict[UUID, list[User]] = {}

    def anybody(self) -> Any:
        return self.chance.choice(self.people)

    def sentence(self) -> str:
        return " ".join(self.chance.choices(SENTENCES, k=self.chance.randint(1, 5)))

    def happen(
        self, event_type: str, subject: Any, who: Any, *, room: Any = None, changes: Any = None, data: Any = None
    ) -> int:
        """The event of it. Returns its number."""
        self.seq += 1
        agent = who if isinstance(who, Agent) else None
        told = (data or SCHEMAS[event_type].of(subject)).model_dump(mode="json")
        self.keep(
            Event(
                home=self.home, seq=self.seq, type=event_type, actor_user=None if agent else who, actor_agent=agent,
                origin=Origin.API, channel_id=room.audience if room else None, subject_id=subject.pk, data=told,
                changes=changes or {}, created_at=self.moment,
            )
        )  # fmt: skip
        return self.seq

    def keep(self, row: Any) -> Any:
        self.rows[type(row)].append(row)
        return row

    def write(self) -> None:
        """What is pointed at goes first."""
        order = [
            User, Membership, Invitation, ApiToken, Item, GroceryList, ListEntry, RecurringItem, Channel, ChannelMember,
            Message, Reaction, Run, RunStep, RunMessage, Event,
        ]  # fmt: skip
        assert set(self.rows) <= set(order)
        for model in order:
            model._default_manager.bulk_create(self.rows.pop(model, []), batch_size=BATCH)

    def pass_time(self, share: float) -> None:
        """To that part of the two years; what has happened by then is written when it is much."""
        self.moment = self.begun + timedelta(days=DAYS * share)
        if sum(map(len, self.rows.values())) > 10 * BATCH:
            self.write()

    def fill(self) -> None:
        self.move_in()
        self.stock()
        for item in self.chance.sample(self.items[100:], RULES):
            self.rule(item)
        rooms = self.open_rooms()
        shopping, talking = self.shop(), self.talk(rooms)
        for share in range(LISTS):
            self.pass_time(share / LISTS)
            if share % 250 == 0:
                self.say(f"  {MESSAGES * share // LISTS:,} messages …")
            next(shopping)
            for _ in range(MESSAGES // LISTS):
                next(talking)
        self.write()
        self.have_read(rooms)
        self.settle()

    def move_in(self) -> None:
        for number in range(len(self.people) + 1, MEMBERS + 1):
            user = User(email=f"neighbour{number}@apartment42.example", name=f"Neighbour {number}")
            user.set_unusable_password()
            self.people.append(self.keep(user))
            member = Membership(home=self.home, user=user, number=number, joined_at=self.begun)
            self.happen("member_joined", self.keep(member), user)
        for number in range(INVITATIONS):
            times = {"created_at": self.begun, "expires_at": self.begun + Invitation.LIFETIME}
            token_hash = Invitation.hash_of(str(number))
            self.keep(Invitation(home=self.home, invited_by=self.nok, token_hash=token_hash, **times))
        for number in range(TOKENS):
            token = {"prefix": f"pp_{number:05}", "key_hash": f"{number:064}", "scopes": ["read"]}
            self.keep(ApiToken(user=self.nok, name=f"Display {number}", **token))
        self.write()

    def stock(self) -> None:
        """Also alone, as `python -m tests.bench.hundredfold items`."""
        aisles = list(Category.objects.filter(home=self.home))
        self.items = list(Item.objects.filter(home=self.home).select_related("category"))
        known = {item.normalized_name for item in self.items}
        names = [" ".join(words) for words in product(KINDS, THINGS, SHOPS)]
        names += [f"{name}, {size}" for name, size in product(names, ["small", "large", "for the party"])]
        self.chance.shuffle(names)
        for name in names:
            if len(self.items) < ITEMS and (key := normalize(name)) not in known:
                known.add(key)
                self.items.append(self.keep(self.item(name, key, self.chance.choice(aisles))))
        assert len(self.items) == ITEMS
        self.write()

    def item(self, name: str, key: str, aisle: Category) -> Item:
        at = self.begun + timedelta(hours=len(self.items))
        return Item(
            home=self.home, name=name, normalized_name=key, category=aisle, created_at=at,
            default_quantity=Decimal(self.chance.randint(1, 9)), default_unit=self.chance.choice(["", "kg", "pack"]),
            estimated_price=Decimal(self.chance.randint(10, 400)),
        )  # fmt: skip

    def rule(self, item: Item) -> None:
        due = self.home.now() + timedelta(hours=self.chance.randint(1, 24 * 30))
        rule = RecurringItem(
            home=self.home, item=item, quantity=Decimal(1), unit="pack", frequency=Frequency.MONTHLY,
            rrule=Frequency.MONTHLY.rrule, next_due_at=due, created_by=self.nok,
        )  # fmt: skip
        self.happen("recurring_set", self.keep(rule), self.nok)

    def open_rooms(self) -> list[Any]:
        """All that is talked in, the busiest first; who is inside is kept in `self.inside`."""
        Channel.objects.filter(home=self.home).update(created_at=self.begun)  # the first rooms are the oldest
        rooms = list(Channel.objects.filter(home=self.home, kind=ChannelKind.PUBLIC).order_by("id"))
        self.inside = {room.pk: self.people for room in rooms}
        for number in range(len(rooms), ROOMS):
            rooms.append(self.room(self.people, name=f"room-{number}", kind=ChannelKind.PUBLIC))
        talks = [self.nok] * NOKS_TALKS + [self.anybody() for _ in range(TALKS - NOKS_TALKS)]
        for number, user in enumerate(talks):
            rooms.append(self.room([user], title=f"Talk {number}", kind=ChannelKind.ASSISTANT))
        couples = [self.chance.sample(self.people[3:], 2) for _ in range(PAIRS)]
        couples += [[self.nok, other] for other in self.people[10:40]]
        for pair, two in {Channel.pair_of(*two): two for two in couples}.items():
            rooms.append(self.room(two, kind=ChannelKind.DM, pair=pair))
        for number in range(PRIVATE_ROOMS):
            users = self.chance.sample(self.people[1:], 12) + ([] if number % 3 else [self.nok])
            rooms.append(self.room(users, name=f"private-{number}", kind=ChannelKind.PRIVATE))
        self.write()
        return rooms

    def room(self, users: list[Any], **fields: Any) -> Any:
        room = self.keep(Channel(home=self.home, created_by=users[0], created_at=self.moment, **fields))
        self.inside[room.pk] = users
        if room.kind == ChannelKind.ASSISTANT:
            self.keep(ChannelMember(channel=room, agent=self.pixie, created_at=self.moment))
        for user in users if room.is_private else []:
            self.keep(ChannelMember(channel=room, user=user, created_at=self.moment))
            data = ChannelMemberEvent(channel_id=room.pk, user_id=user.pk)
            self.happen("channel_joined", room, user, room=room, data=data)
        self.happen("channel_created", room, users[0], room=room)
        return room

    def shop(self) -> Iterator[None]:
        """A list at a time: written, bought, done. The last ones are still open."""
        for number in range(LISTS):
            who, is_open = self.anybody(), number > LISTS - 5
            grocery_list = GroceryList(home=self.home, name=f"Shop {number}", created_at=self.moment)
            self.happen("list_created", self.keep(grocery_list), who)
            for item in self.chance.sample(self.items, self.chance.randint(1, LONGEST_LIST)):
                self.entry(grocery_list, item, who, is_bought=not is_open and self.chance.random() < 0.9)
            if not is_open:
                done = self.moment + timedelta(hours=9)
                changes = grocery_list.assign(state=ListState.COMPLETED, completed_at=done)
                self.happen("list_state_changed", grocery_list, who, changes=changes)
            yield

    def entry(self, grocery_list: Any, item: Any, who: Any, *, is_bought: bool) -> None:
        entry = ListEntry(
            home=self.home, list=grocery_list, item=item, quantity=Decimal(self.chance.randint(1, 9)),
            unit=item.default_unit or "piece", added_by=who, created_at=self.moment,
        )  # fmt: skip
        self.happen("list_item_added", self.keep(entry), who)
        if is_bought:
            buyer, price = self.anybody(), item.estimated_price if self.chance.random() < 0.9 else None
            at = self.moment + timedelta(hours=8)
            bought = {"state": EntryState.PURCHASED, "purchased_by": buyer, "purchased_at": at, "price_paid": price}
            changes = entry.assign(**bought, version=2)
            self.happen("list_item_purchased", entry, buyer, changes=changes)

    def talk(self, rooms: list[Any]) -> Iterator[None]:
        """A message at a time: half of it in the first five rooms, a quarter in threads, a tenth by Pixie."""
        weights = [
            2_000,
            1_000,
            800,
            700,
            500,
            *(2 if room.kind == ChannelKind.ASSISTANT else 10 for room in rooms[5:]),
        ]
        roots: dict[Any, list[Any]] = defaultdict(list)
        while True:
            room = self.chance.choices(rooms, weights)[0]
            who = self.chance.choice(self.inside[room.pk])
            recent = roots[room.pk]
            is_talk = room.kind == ChannelKind.ASSISTANT
            parent = self.chance.choice(recent) if recent and not is_talk and self.chance.random() < 0.25 else None
            message = self.message(room, who, self.sentence(), parent=parent)
            if parent is None:
                roots[room.pk] = [*recent[-20:], message]
            yield
            if is_talk:
                self.answer(message, room)
                yield

    def message(self, room: Channel, who: Any, body: str, **fields: Any) -> Message:
        self.moment += timedelta(seconds=30)
        fields["author_agent" if isinstance(who, Agent) else "author_user"] = who
        message = Message(home=self.home, channel=room, body=body, created_at=self.moment, **fields)
        message.seq = self.happen("chat_message", message, who, room=room)
        if self.chance.random() < 0.15:
            self.react(message, room)
        self.keep(message)
        return message

    def react(self, message: Any, room: Any) -> None:
        inside = self.inside[room.pk]
        for user in self.chance.sample(inside, min(len(inside), self.chance.randint(1, 4))):
            emoji = self.chance.choice(SIGNS)
            self.keep(Reaction(message=message, user=user, emoji=emoji, created_at=self.moment))
            data = ReactionEvent(channel_id=room.pk, message_id=message.pk, emoji=emoji, user_id=user.pk)
            self.happen("reaction_added", message, user, room=room, data=data)

    def answer(self, asked: Any, room: Any) -> None:
        """What Pixie says to it, with the run that led there."""

        at = self.moment + timedelta(seconds=1)
        run = Run(
            home=self.home, agent=self.pixie, channel=room, trigger_message=asked, route="local", created_at=at,
            status=RunStatus.COMPLETED, stop_reason=StopReason.END_TURN, started_at=at, completed_at=at,
        )  # fmt: skip
        step = RunStep(
            run=run, home=self.home, agent=self.pixie, asked_at=at, step_number=1, model="local", completed_at=at,
            status=RunStatus.COMPLETED,
        )  # fmt: skip
        body = self.sentence()
        self.keep(run)
        self.keep(step)
        for kind, text in ((RunMessage.Type.USER, asked.body), (RunMessage.Type.ASSISTANT, body)):
            self.keep(RunMessage(run=run, step=step, message_type=kind, content=text, created_at=at))
        metadata = {"intent": "chat", "entities": [], "confidence": 0.95, "run": str(run.pk)}
        self.message(room, self.pixie, body, pk=uuid5(run.pk, "answer"), metadata=metadata)

    def have_read(self, rooms: list[Channel]) -> None:
        """Of the rooms that all may read, everybody follows a third, looks into a third now and then, and has never
        opened a third. What was said to oneself has been read."""
        here = ChannelMember.objects.filter(channel__home=self.home)
        here.update(last_read_seq=self.seq - 20)
        known = set(here.values_list("channel", "user"))
        public = [room for room in rooms if room.kind == ChannelKind.PUBLIC]
        for (number, room), (place, user) in product(enumerate(public), enumerate(self.people)):
            way = (number + place) % 3
            if way < 2 and (room.pk, user.pk) not in known:
                self.keep(ChannelMember(channel=room, user=user, last_read_seq=self.seq - (20, 20_000)[way]))
        self.write()

    def settle(self) -> None:
        """As if all of it had been answered and bought when it was; and what PostgreSQL does by itself within the
        minute, now: clean up, and count what it has."""
        Home.objects.filter(pk=self.home.pk).update(last_seq=self.seq)
        Membership.objects.filter(home=self.home).update(joined_at=self.begun)
        Agent.objects.filter(pk=self.pixie.pk).update(mail_seq=self.seq)
        bought = ListEntry.objects.filter(item=OuterRef("pk")).order_by().values("item")
        last = bought.annotate(last=Max("purchased_at")).values("last")
        Item.objects.filter(home=self.home).update(last_purchased_at=Subquery(last))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")


def main() -> int:
    call_command("migrate", verbosity=0, interactive=False)
    demo.seed()
    home = Home.objects.get(name="Apartment 42")
    crowd = Crowd(home, lambda text: print(text, file=sys.stderr, flush=True))
    if sys.argv[1:] == ["items"]:
        crowd.stock()
    else:
        crowd.fill()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Create the demo household, with a history that is recorded as ordinary events at past times."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import ProtectedError, Q, RestrictedError
from django.utils import timezone

from chat.actions import create_channel, join_channel, mark_read, open_assistant, open_dm
from chat.models import Channel, ChannelMember, Message, Reaction
from chat.schemas import ReactionEvent
from groceries.actions import create_expense, create_store, delete_list, get_or_create_item, set_recurring
from groceries.models import EntryState, GroceryList, Item, ListEntry, ListState, Store
from homes.accounts.actions import deactivate
from homes.accounts.demo_accounts import IDS, PASSWORD, demo_accounts
from homes.accounts.models import User
from homes.actions import accept_invitation, change_role, create_home, invite, remove_member
from homes.closing import erase_home
from homes.events.actor import Actor
from homes.events.log import home_lock, record
from homes.events.models import Origin
from homes.models import Agent, Home, Membership, Role
from pixie.models import Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.runs.draft import answer_id

LOOPBACK_HOSTS = {"127.0.0.1", "::1", "localhost"}

OATS = "Unsweetened wholegrain oats with dried mulberry and pumpkin seed"

# name, default quantity, unit, price in baht, aisle
ITEMS = [
    ("ผักชี", 2, "bunch", 30, "produce"),
    ("Lemongrass", 3, "stalk", 20, "produce"),
    ("Thai basil", 1, "bunch", 18, "produce"),
    ("Limes", 10, "piece", 45, "produce"),
    ("Bananas", 1, "bunch", 45, "produce"),
    ("Morning glory", 2, "bunch", 30, "produce"),
    ("Galangal", 200, "g", 25, "produce"),
    ("Milk", 2, "liter", 92, "dairy"),
    ("Yoghurt", 4, "piece", 60, "dairy"),
    ("Butter", 1, "pack", 120, "dairy"),
    ("Eggs", 30, "piece", 135, "protein"),
    ("Chicken thighs", 1, "kg", 110, "protein"),
    ("Firm tofu", 3, "piece", 54, "protein"),
    ("River prawns", 500, "g", 280, "protein"),
    ("Minced pork", 500, "g", 85, "protein"),
    ("Jasmine rice", 5, "kg", 215, "staple"),
    ("Fish sauce", 1, "bottle", 42, "staple"),
    ("Coconut milk", 4, "box", 112, "staple"),
    ("Coffee beans", 500, "g", 320, "staple"),
    ("Instant noodles", 10, "pack", 70, "staple"),
    (OATS, 2, "pack", 258, "staple"),
    ("Dish soap, refill", 2, "piece", 78, "household"),
    ("Bin bags", 1, "roll", 59, "household"),
    ("Kitchen paper", 6, "roll", 89, "household"),
    ("Washing powder", 1, "box", 185, "household"),
    ("Cat litter", 10, "kg", 199, "other"),
]

# days ago, buyer, items
PAST_TRIPS = [
    (99, "Ben", ["Jasmine rice", "Eggs", "Milk", "Chicken thighs", "Limes", "Washing powder", "Coffee beans"]),
    (96, "Ploy", ["Lemongrass", "Thai basil", "River prawns", "Coconut milk", "Galangal"]),
    (92, "Nok", ["Milk", "Eggs", "Bananas", "Yoghurt", "Firm tofu", "Morning glory"]),
    (89, "Ben", ["Minced pork", "Chicken thighs", "Kitchen paper", "Cat litter", "Butter"]),
    (85, "Ploy", ["Milk", "Eggs", "Limes", "Thai basil", "ผักชี"]),
    (82, "Nok", ["Yoghurt", "Coffee beans", "Bananas", "River prawns", "Coconut milk"]),
    (78, "Ben", ["Milk", "Eggs", "Chicken thighs", "Firm tofu", "Instant noodles", "Bin bags"]),
    (74, "Ploy", ["Limes", "Minced pork", "Lemongrass", "Thai basil"]),
    (71, "Nok", ["Milk", "Eggs", "Bananas", "Yoghurt", "Morning glory"]),
    (68, "Ben", ["Jasmine rice", "Chicken thighs", "River prawns", "Fish sauce", "Dish soap, refill"]),
    (64, "Ploy", ["Milk", "Thai basil", "ผักชี", "Coconut milk", "Galangal"]),
    (61, "Nok", ["Eggs", "Yoghurt", "Bananas", "Limes", "Coffee beans"]),
    (57, "Ben", ["Milk", "Minced pork", "Chicken thighs", "Firm tofu", "Cat litter", "Butter"]),
    (54, "Ploy", ["Eggs", "Lemongrass", "Thai basil", "River prawns", "Morning glory"]),
    (50, "Nok", ["Milk", "Yoghurt", "Bananas", "Coconut milk", "Kitchen paper"]),
    (46, "Ben", ["Eggs", "Chicken thighs", "Limes", "Instant noodles", "Bin bags", "Washing powder"]),
    (43, "Ploy", ["Milk", "Minced pork", "Thai basil", "ผักชี"]),
    (40, "Nok", ["Eggs", "Bananas", "Firm tofu", "River prawns", "Coffee beans"]),
    (36, "Ploy", ["Milk", "Limes", "Lemongrass", "Coconut milk", "Yoghurt"]),
    (33, "Ben", ["Eggs", "Chicken thighs", "Minced pork", "Morning glory"]),
    (29, "Ben", ["Jasmine rice", "Eggs", "Milk", "Chicken thighs", "Limes", "Washing powder", "Coffee beans"]),
    (25, "Ploy", ["Lemongrass", "Thai basil", "River prawns", "Coconut milk", "Galangal"]),
    (22, "Nok", ["Milk", "Eggs", "Bananas", "Yoghurt", "Firm tofu", "Morning glory", "Bin bags"]),
    (16, "Ben", ["Minced pork", "Chicken thighs", "Instant noodles", "Kitchen paper", "Cat litter", "Butter"]),
    (15, "Ploy", ["Milk", "Limes", "Thai basil", "ผักชี"]),
    (9, "Nok", ["Eggs", "Milk", "Yoghurt", "Coffee beans", "Bananas", "River prawns", "Coconut milk"]),
    (5, "Ben", ["Chicken thighs", "Firm tofu", "Dish soap, refill", "Morning glory"]),
    (1, "Ploy", ["Limes", "Minced pork", "Lemongrass"]),
]

# name, note, added by
PENDING_ENTRIES = [
    ("ผักชี", "With the roots, for tom yum", "Ploy"),
    ("Lemongrass", "", "Ploy"),
    ("Limes", "", "Nok"),
    ("Morning glory", "", "Ben"),
    ("Milk", "", "Ben"),
    ("Yoghurt", "Plain, not the strawberry one", "Nok"),
    ("River prawns", "", "Ploy"),
    ("Jasmine rice", "", "Pixie for Nok"),
    ("Fish sauce", "", "Ben"),
    (OATS, "The brown bag on the bottom shelf", "Ploy"),
    ("Dish soap, refill", "", "Ploy"),
    ("Bin bags", "", "Ben"),
]
STORES = {"Weekly shop": "Supermarket", "Market": "Khlong Toei market"}  # by the name of the list
# title, amount in baht, days ago, who paid, category, rule
EXPENSES = [
    ("Rent", 18000, 25, "Nok", "rent", "FREQ=MONTHLY;BYMONTHDAY=5"),
    ("Electricity", 1460, 20, "Ben", "power", ""),
    ("Internet", 599, 12, "Ploy", "internet", "FREQ=MONTHLY"),
    ("Electricity", 1535, 2, "Ben", "power", ""),
    ("Pizza and a film", 840, 3, "Ploy", "eating out", ""),
]
RECURRING_ITEMS = [("Eggs", "weekly"), ("Milk", "weekly"), ("Coffee beans", "biweekly"), ("Jasmine rice", "monthly")]
PURCHASED_ENTRIES = ["Eggs", "Coconut milk", "Firm tofu", "Bananas"]


@transaction.atomic
def seed() -> bool:
    """Create the demo household. Returns False, and changes nothing, if it exists already."""
    if demo_accounts().exists():
        return False
    household = DemoHousehold()
    with home_lock(household.home.pk):
        household.create_history()
    return True


@transaction.atomic
def remove() -> list[str]:
    """Delete the demo's homes and accounts. Returns the accounts that it could only close, since others' homes or
    members know them. They leave these homes and keep their names, and nobody can sign in to them.
    """
    accounts, others = demo_accounts(), User.objects.exclude(pk__in=demo_accounts())
    homes = Home.objects.filter(Q(created_by__in=accounts) | Q(memberships__user__in=accounts)).distinct()
    for home in homes.exclude(memberships__user__in=others):
        erase_home(home)
    closed = []
    for user in accounts:
        for member in Membership.objects.for_user(user):
            _leave(member)
        try:
            with transaction.atomic():
                user.delete()
        except (ProtectedError, RestrictedError):
            closed.append(user.email)
            deactivate(user)
    return closed


def _leave(member: Membership) -> None:
    """Leave a home of others. If it would be left without an owner, who joined it first becomes one."""
    by = Actor.of(member, Origin.COMMAND)
    others = Membership.objects.filter(home=member.home_id).exclude(user__in=demo_accounts())
    if member.is_owner and not others.filter(role=Role.OWNER).exists():
        change_role(others.earliest("number"), Role.OWNER, by=by)
    remove_member(member, by=by)


def open_accounts() -> list[str]:
    """Return the addresses that anybody can sign in to with the printed password. Hashes it for each of them."""
    users = demo_accounts().filter(is_active=True).order_by("email")
    return [user.email for user in users if user.check_password(PASSWORD)]


def require_private(host: str) -> None:
    """Raise CommandError if others could reach a server on `host` and sign in with the printed password."""
    is_private = host in LOOPBACK_HOSTS and not settings.HTTPS
    if not is_private and (accounts := open_accounts()):
        raise CommandError(
            f"Anybody can sign in as {', '.join(accounts)} with the demo's password, so it is only served on this "
            "computer, without HTTPS. Run `manage.py remove_demo`, or change their passwords, to serve it to others."
        )


class DemoHousehold:
    """Creates Apartment 42: the members and their actors, items, lists and messages."""

    def __init__(self) -> None:
        self.now = timezone.now()
        nok, ben, ploy, mai = (
            User.objects.create_user(email, PASSWORD, id=pk, name=email.split("@")[0].title(), locale="en")
            for email, pk in IDS.items()
        )
        options: dict[str, Any] = {"timezone": "Asia/Bangkok", "currency": "THB", "locale": "en"}
        owner = create_home(nok, origin=Origin.COMMAND, name="Apartment 42", monthly_budget=Decimal(13000), **options)
        create_home(mai, origin=Origin.COMMAND, name="Soi 11", **options)
        self.home: Home = owner.home
        first_list = GroceryList.objects.get(home=self.home)  # newer than the demo's
        delete_list(first_list, by=Actor.of(owner, Origin.COMMAND))
        self.by = {"Nok": Actor.of(owner, Origin.COMMAND)}
        for user in (ben, ploy):
            _invitation, token = invite(by=self.by["Nok"])
            member = accept_invitation(token, user, origin=Origin.COMMAND)
            self.by[user.name] = Actor.of(member, Origin.COMMAND)
        self.pixie = Agent.objects.get(home=self.home)
        self.by["Pixie"] = Actor(home=self.home, agent=self.pixie, origin=Origin.AGENT)
        self.by["Pixie for Nok"] = self.by["Nok"].as_agent(self.pixie)
        self.items: dict[str, Item] = {}
        self.stores: dict[str, Store] = {}

    def ago(self, days: float = 0, hour: int | None = None, minute: int = 0) -> datetime:
        """Return a past time in the home's time zone; now if it would be in the future."""
        moment = (self.now - timedelta(days=days)).astimezone(self.home.zone)
        if hour is not None:
            moment = moment.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return min(moment, self.now)

    def create_history(self) -> None:
        self.create_items()
        self.stores = {name: create_store(store, by=self.by["Nok"]) for name, store in STORES.items()}
        for days, buyer, names in PAST_TRIPS:
            self.create_completed_list(days, buyer, names)
        self.create_current_list()
        for name, frequency in RECURRING_ITEMS:
            item = self.items[name]
            set_recurring(item, frequency, by=self.by["Nok"], quantity=item.default_quantity, unit=item.default_unit)
        self.create_expenses()
        self.create_messages()
        self.mark_messages_read()
        last = Home.objects.values_list("last_seq", flat=True).get(pk=self.home.pk)
        Agent.objects.filter(pk=self.pixie.pk).update(enqueued_seq=last)  # all messages are answered already

    def mark_messages_read(self) -> None:
        """Backdate the memberships, and mark all messages as read, except those of the last hour."""
        for member in Membership.objects.filter(home=self.home).select_related("user"):
            changes = member.assign(joined_at=self.ago(60))
            member.save()
            record("member_updated", member, by=self.by["Nok"], changes=changes)
        for channel in Channel.objects.filter(home=self.home):
            newest = Message.objects.filter(channel=channel, created_at__lt=self.ago(0.04)).order_by("-seq").first()
            members = ChannelMember.objects.filter(channel=channel, user__isnull=False).values_list("user", flat=True)
            for user in {by.user for by in self.by.values() if by.user}:
                if newest and (not channel.is_private or user.pk in members):
                    mark_read(channel, user, newest.seq)

    def create_items(self) -> None:
        for name, quantity, unit, price, aisle in ITEMS:
            item = get_or_create_item(name, by=self.by["Nok"], category=aisle)
            item.assign(default_quantity=Decimal(quantity), default_unit=unit, estimated_price=Decimal(price))
            item.save()
            self.items[name] = item

    def create_expenses(self) -> None:
        for title, amount, days, payer, category, rrule in EXPENSES:
            by, day = self.by[payer], self.ago(days).date()
            create_expense(title, Decimal(amount), by=by, spent_on=day, category=category, rrule=rrule)

    def create_completed_list(self, days: int, buyer: str, names: list[str]) -> None:
        morning, evening = self.ago(days, 9), self.ago(days, 18)
        completed = self.create_list("Weekly shop" if len(names) > 4 else "Market", morning)
        for index, name in enumerate(names):
            entry = self.add_entry(completed, name, buyer, morning)
            self.purchase(entry, buyer, evening + timedelta(minutes=2 * index))
        changes = completed.assign(state=ListState.COMPLETED, completed_at=evening + timedelta(minutes=30))
        completed.save()
        record("list_state_changed", completed, by=self.by[buyer], changes=changes, at=completed.completed_at)

    def create_current_list(self) -> None:
        created_at = self.ago(1, 20)
        current = self.create_list("Weekly shop", created_at)
        for name in PURCHASED_ENTRIES:
            self.purchase(self.add_entry(current, name, "Nok", created_at), "Ben", self.ago(0.01))
        for name, note, member in PENDING_ENTRIES:
            self.add_entry(current, name, member, created_at, note)

    def create_list(self, name: str, at: datetime) -> GroceryList:
        fields: dict[str, Any] = {"home": self.home, "name": name, "store": self.stores[name], "created_at": at}
        grocery_list: GroceryList = GroceryList.objects.create(**fields)
        record("list_created", grocery_list, by=self.by["Nok"], at=at)
        return grocery_list

    def add_entry(self, grocery_list: GroceryList, name: str, member: str, at: datetime, note: str = "") -> ListEntry:
        by, item = self.by[member], self.items[name]
        entry: ListEntry = ListEntry.objects.create(
            home=self.home, list=grocery_list, item=item, quantity=item.default_quantity or 1, unit=item.default_unit,
            note=note, added_by=by.user, added_by_agent=by.agent, created_at=at,
        )  # fmt: skip
        record("list_item_added", entry, by=by, at=at)
        return entry

    def purchase(self, entry: ListEntry, buyer: str, at: datetime) -> None:
        by, price = self.by[buyer], entry.item.estimated_price
        changes = entry.assign(state=EntryState.PURCHASED, purchased_by=by.user, purchased_at=at, price_paid=price)
        entry.version += 1
        entry.save()
        entry.item.last_purchased_at = at
        entry.item.save()
        record("list_item_purchased", entry, by=by, changes=changes, at=at)

    def create_messages(self) -> None:
        nok, ben, ploy = (self.by[name] for name in ("Nok", "Ben", "Ploy"))
        general = Channel.objects.get(home=self.home, name="general")
        kitchen = create_channel("kitchen", by=nok, topic="Food, shopping, and who cooks")
        create_channel("songkran-trip-to-chiang-mai", by=ploy, topic="Trains, rooms, and who waters the herbs")
        presents = create_channel("presents", by=nok, topic="Ben's birthday. Not for Ben", is_private=True)
        join_channel(presents, ploy.user, by=nok)  # type: ignore[arg-type]
        self.send(general, "Nok", "The lift is mended on Thursday, ten to four. Stairs until then.", self.ago(3, 8))
        water = self.send(general, "Ben", "I pay the water bill today and put it on the fridge.", self.ago(2, 19))
        self.react(water, "❤️", "Nok", "Ploy")
        self.create_kitchen_thread(kitchen)
        self.send(presents, "Ploy", "He looks at that coffee grinder every time we pass the shop.", self.ago(2, 12))
        self.send(presents, "Nok", "Then that is settled. Halves?", self.ago(2, 12, 5))
        dm = open_dm(ben.user, by=nok)  # type: ignore[arg-type]
        self.send(dm, "Ben", "Could you let the plumber in tomorrow? I am at work until six.", self.ago(1, 21))
        self.send(dm, "Nok", "Yes, I am home.", self.ago(1, 21, 4))
        self.create_assistant_chat()

    def create_kitchen_thread(self, kitchen: Channel) -> None:
        soup = self.send(kitchen, "Ploy", "Tom yum on Sunday, I cook.", self.ago(1, 18, 3))
        self.react(soup, "🎉", "Ben")
        self.send(kitchen, "Ben", "River prawns or the small ones?", self.ago(1, 18, 5), parent=soup)
        self.send(kitchen, "Ploy", "River. They are on the list.", self.ago(1, 18, 7), parent=soup)
        self.send(kitchen, "Nok", "I bring the limes from the balcony.", self.ago(1, 18, 11), parent=soup)
        question = self.send(
            kitchen, "Ben", "Leaving work, the market is on the way. Pixie, what is on the list?", self.ago(0.02)
        )
        self.answer(question, "12 items are on Weekly shop, most of them under Produce and Staple.", "list_items")

    def create_assistant_chat(self) -> None:
        channel = open_assistant(self.pixie, by=self.by["Nok"])
        question = self.send(channel, "Nok", "We need rice, 5 kg", self.ago(1, 20, 10))
        rice = ListEntry.objects.get(item=self.items["Jasmine rice"], state=EntryState.PENDING)
        seq = self.home.events.get(subject_id=rice.pk, type="list_item_added").seq
        receipt = {"title": "Added 1 item", "lines": [{"name": "Jasmine rice", "amount": "5 kg"}], "events": [seq]}
        self.answer(question, "Added Jasmine rice to Weekly shop, under Staple.", "add_item", receipt)
        thanks = self.send(channel, "Nok", "Thank you", self.ago(1, 20, 11))
        self.answer(thanks, "Any time.", "chat")

    def send(self, channel: Channel, author: str, body: str, at: datetime, **fields: Any) -> Message:
        by = self.by[author]
        fields |= {"author_user": by.user, "author_agent": by.agent}
        message = Message(home=self.home, channel=channel, body=body, created_at=at, **fields)
        message.seq = record("chat_message", message, by=by, at=at, audience=channel.audience).seq
        message.save(force_insert=True)
        return message

    def answer(self, question: Message, body: str, intent: str, receipt: dict[str, Any] | None = None) -> None:
        started_at, at = (question.created_at + timedelta(milliseconds=each) for each in (940, 1000))
        run = Run.objects.create(
            home=self.home, agent=self.pixie, channel=question.channel, trigger_message=question, route="local",
            status=RunStatus.COMPLETED, stop_reason=StopReason.END_TURN, created_at=started_at, started_at=started_at,
            completed_at=at,
        )  # fmt: skip
        step = RunStep.objects.create(
            run=run, step_number=1, model="local", status=RunStatus.COMPLETED, created_at=started_at, completed_at=at
        )
        for kind, text in ((RunMessage.Type.USER, question.body), (RunMessage.Type.ASSISTANT, body)):
            RunMessage.objects.create(run=run, step=step, message_type=kind, content=text, created_at=at)
        metadata = {"intent": intent, "confidence": 0.95, "receipt": receipt, "run": str(run.pk)}
        self.send(question.channel, "Pixie", body, at, id=answer_id(run), metadata=metadata)

    def react(self, message: Message, emoji: str, *names: str) -> None:
        for name in names:
            by = self.by[name]
            assert by.user is not None
            Reaction.objects.create(message=message, user=by.user, emoji=emoji)
            data = ReactionEvent(channel_id=message.channel_id, message_id=message.pk, emoji=emoji, user_id=by.user.pk)
            record("reaction_added", message, by=by, data=data, audience=message.channel.audience)

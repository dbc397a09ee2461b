"""What a run knows of the home: the names it uses, and what its examples are made of."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from chat.models import ROOM_KINDS, Channel, ChannelKind, ChannelMember, Message
from groceries.models import EntryState, GroceryList, Item, ListEntry, RecurringItem
from homes.models import Agent, Home, Membership
from pixie.models import Lesson
from pixie.nlu.outcome import Proposal
from pixie.nlu.vocabulary import Vocabulary
from pixie.replies.quick_replies import HomeFacts, ListedItem

MAX_ITEMS, MAX_ROOMS = 2000, 200  # in the vocabulary
MAX_FACTS = 3  # of a kind
FRESH = timedelta(hours=1)  # so long a message may refer to the answer before it
LATELY = timedelta(days=90)


def load_vocabulary(home: Home, agent: Agent, message: Message) -> Vocabulary:
    """Load the vocabulary for a message, with the rooms that its author may post in. Seven queries."""
    joined = ChannelMember.objects.filter(user=message.author_user_id).values("channel")
    rooms = Channel.objects.filter(Q(kind=ChannelKind.PUBLIC) | Q(pk__in=joined), home=home, kind__in=ROOM_KINDS)
    others = Agent.objects.filter(home=home).exclude(pk=agent.pk).values_list("display_name", "slug")
    last = _last_answer(agent, message)
    items = Item.objects.filter(home=home).order_by("search_key").values_list("name", "aliases__normalized_name")
    names = list(items[:MAX_ITEMS])
    return Vocabulary(
        items=tuple(dict.fromkeys(name for name, _alias in names)),
        aliases={alias: name for name, alias in names if alias},
        on_list=tuple(_on_lists(home).values_list("item__name", flat=True)),
        recurring=tuple(RecurringItem.objects.filter(home=home).values_list("item__name", flat=True)[:MAX_ITEMS]),
        members=tuple(Membership.objects.filter(home=home).values_list("user__name", flat=True)),
        rooms=tuple(rooms.filter(archived_at=None).order_by("name").values_list("name", flat=True)[:MAX_ROOMS]),
        agents=(agent.display_name, agent.slug, *(name for pair in others for name in pair)),
        now=message.created_at,
        timezone=home.timezone,
        currency=home.currency,
        topic=_topic(last),
        previous=str(last.get("intent", "")),
        last=_calls(last),
        lessons=Lesson.objects.about(home, message.body),
    )


def _last_answer(agent: Agent, message: Message) -> dict[str, Any]:
    """Return the metadata of the agent's last answer before the message in the same talk, if it is fresh."""
    earlier = Message.objects.filter(channel=message.channel_id, parent=message.parent_id, seq__lt=message.seq)
    last = earlier.filter(author_agent=agent).order_by("-seq").first()
    return last.metadata if last is not None and message.created_at - last.created_at < FRESH else {}


def _topic(answer: dict[str, Any]) -> str:
    """Return the one thing that was changed, or that was asked about: “who added the oat milk?”"""
    lines = (answer.get("receipt") or {}).get("lines") or []
    calls = [action["payload"] for action in answer.get("actions") or () if "name" in action["payload"]]
    named = lines or calls
    return str(named[0]["name"]) if len(named) == 1 else ""


def _calls(answer: dict[str, Any]) -> tuple[Proposal, ...]:
    """Return what was done for the message before; nothing if it was only asked about."""
    actions = answer.get("actions") if answer.get("receipt") else None
    return tuple(Proposal(action["type"], action["payload"], 1.0) for action in actions or ())


def load_facts(member: Membership) -> HomeFacts:
    """Load what examples are made of. Five queries, or six where nothing was bought lately."""
    home = member.home
    listed = _on_lists(home).select_related("item", "list").order_by("-list__created_at", "created_at")
    bought = ListEntry.objects.filter(home=home, purchased_at__gte=timezone.now() - LATELY)
    absent = bought.exclude(item__in=_on_lists(home).values("item"))
    names = absent.values_list("item__name").annotate(count=Count("pk")).order_by("-count", "item__name")
    others = Item.objects.filter(home=home).exclude(pk__in=_on_lists(home).values("item")).order_by("-created_at")
    aisles = bought.filter(price_paid__gt=0).values_list("item__category__name").annotate(count=Count("pk"))
    recurring = RecurringItem.objects.filter(home=home, paused_at=None).select_related("item").order_by("next_due_at")
    people = Membership.objects.filter(home=home).exclude(pk=member.pk).order_by("number")
    return HomeFacts(
        usual=tuple(name for name, _count in names[:MAX_FACTS])
        or tuple(others.values_list("name", flat=True)[:MAX_FACTS]),
        listed=tuple(
            ListedItem(entry.item.name, entry.quantity, entry.unit, entry.item.estimated_price)
            for entry in listed[:MAX_FACTS]
        ),
        recurring=tuple((rule.item.name, rule.rrule) for rule in recurring[:MAX_FACTS]),
        aisles=tuple(name for name, _count in aisles.order_by("-count")[:MAX_FACTS]),
        people=tuple(people.values_list("user__name", flat=True)[:MAX_FACTS]),
        currency=home.currency,
    )


def _on_lists(home: Home) -> Any:
    return ListEntry.objects.filter(list__in=GroceryList.objects.filter(home=home).open(), state=EntryState.PENDING)

"""The home's own words, for understanding what is said in it."""

from chat.models import Message
from groceries.models import GroceryList, Item, ListEntry
from homes.models import Agent, Home, Membership
from pixie.understanding.vocabulary import Vocabulary

MOST_ITEMS = 2000


def vocabulary(home: Home, agent: Agent, message: Message) -> Vocabulary:
    """Three queries: items, what is on the open lists, and who lives here."""
    open_lists = GroceryList.objects.filter(home=home).open()
    on_list = ListEntry.objects.pending().filter(list__in=open_lists)
    return Vocabulary(
        items=tuple(Item.objects.filter(home=home).order_by("name").values_list("name", flat=True)[:MOST_ITEMS]),
        on_list=tuple(on_list.values_list("item__name", flat=True)),
        members=tuple(Membership.objects.filter(home=home).values_list("user__name", flat=True)),
        agents=(agent.display_name, agent.slug),
        now=message.created_at,
        timezone=home.timezone,
        language=home.locale,
    )

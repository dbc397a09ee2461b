"""Every operation of the API, declared once."""

from pantry_pixie.nouns.groceries import Categories, Entries, Events, Items, Lists, Money, RecurringItems, Shopping
from pantry_pixie.nouns.memory import Agents, Memory, Passages
from pantry_pixie.nouns.people import Account, Devices, Homes, Invitations, Members, Notices, Tokens
from pantry_pixie.nouns.schedules import Scheduled, Summary
from pantry_pixie.nouns.suggestions import Suggestions
from pantry_pixie.nouns.talk import Channels, Messages, Pixie, Search, Threads

__all__ = [
    "Account",
    "Agents",
    "Categories",
    "Channels",
    "Devices",
    "Entries",
    "Events",
    "Homes",
    "Invitations",
    "Items",
    "Lists",
    "Members",
    "Memory",
    "Messages",
    "Money",
    "Notices",
    "Passages",
    "Pixie",
    "RecurringItems",
    "Scheduled",
    "Search",
    "Shopping",
    "Suggestions",
    "Summary",
    "Threads",
    "Tokens",
]

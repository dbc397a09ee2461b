"""The resources of the API, as attributes of a client."""

from typing import Self

from pantry_pixie.agents import Agents, Memory, Passages, Scheduled, Suggestions, Summary
from pantry_pixie.chat import Channels, Messages, Search, Threads
from pantry_pixie.events import Events
from pantry_pixie.groceries import Categories, Entries, Items, Lists, Money, RecurringItems, Shopping
from pantry_pixie.people import Account, Devices, Homes, Invitations, Members, Notifications, Tokens
from pantry_pixie.pixie import Pixie


class Resources:
    account: Account[Self]
    tokens: Tokens[Self]
    devices: Devices[Self]
    notifications: Notifications[Self]
    homes: Homes[Self]
    members: Members[Self]
    invitations: Invitations[Self]
    categories: Categories[Self]
    items: Items[Self]
    lists: Lists[Self]
    entries: Entries[Self]
    shopping: Shopping[Self]
    recurring: RecurringItems[Self]
    money: Money[Self]
    events: Events[Self]
    channels: Channels[Self]
    messages: Messages[Self]
    search: Search[Self]
    threads: Threads[Self]
    pixie: Pixie[Self]
    agents: Agents[Self]
    memory: Memory[Self]
    passages: Passages[Self]
    scheduled: Scheduled[Self]
    suggestions: Suggestions[Self]
    summary: Summary[Self]

    def __init__(self) -> None:
        for name, resource in Resources.__annotations__.items():
            setattr(self, name, resource.__origin__(self))

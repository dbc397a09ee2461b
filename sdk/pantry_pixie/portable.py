"""A home's groceries as one document: aisles, items, lists with what stands on them, and what comes back."""

import hashlib
from typing import Any, Literal

from pydantic import ValidationError

from pantry_pixie.client import Client
from pantry_pixie.errors import Invalid
from pantry_pixie.models import Category, FullList, Home, Item, Recurring, Row
from pantry_pixie.nouns import Categories, Entries, Items, Lists, RecurringItems
from pantry_pixie.operations import UNSET, Call


class Bundle(Row):
    pantry_pixie: Literal[1] = 1
    home: Home
    categories: list[Category]
    items: list[Item]
    lists: list[FullList]
    recurring: list[Recurring]

    def counts(self) -> dict[str, int]:
        return {name: len(getattr(self, name)) for name in ("categories", "items", "lists", "recurring")}

    def said(self) -> str:
        counts = self.counts()
        return f"{counts['items']} items, {counts['lists']} lists, {counts['recurring']} that come back"


def take_out(client: Client, home: Home) -> Bundle:
    return Bundle(
        home=home,
        categories=list(client.every(client.categories.list(home))),
        items=list(client.every(client.items.list(home, limit=200))),
        lists=[client.lists.get(home, each) for each in client.every(client.lists.list(home))],
        recurring=list(client.every(client.recurring.list(home))),
    )


def read(text: str) -> Bundle:
    """Raises Invalid."""
    try:
        return Bundle.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise Invalid(f"This is not what `export` wrote: {where}: {first['msg']}.") from error


def bring_in(client: Client, home: Home, bundle: Bundle) -> None:
    """Each step under a key that follows from what it brings and where to, so that the same document brings nothing
    a second time, and one that broke off goes on where it did."""
    mark = hashlib.sha256(f"{home.id} {bundle.model_dump_json()}".encode()).hexdigest()
    there = {category.name for category in client.every(client.categories.list(home))}
    for category in bundle.categories:
        if category.name not in there:
            _once(client, Categories.create.call(home, category.name), mark, category)
    for item in bundle.items:
        _once(client, _item(home, item), mark, item)
    for each in reversed(bundle.lists):
        made = _once(client, Lists.create.call(home, name=each.name), mark, each)
        for entry in each.items:
            if entry.state == "pending":
                call = Entries.add.call(
                    home, made, entry.item.name, quantity=entry.quantity, unit=entry.unit, note=entry.note
                )
                _once(client, call, mark, entry)
    for rule in bundle.recurring:
        call_rule = RecurringItems.create.call(
            home,
            rule.item.name,
            frequency=rule.frequency,
            rrule=rule.rrule or UNSET,
            quantity=rule.quantity,
            unit=rule.unit,
        )
        _once(client, call_rule, mark, rule)


def _item(home: Home, item: Item) -> Call[Item]:
    return Items.create.call(
        home,
        item.name,
        description=item.description,
        category=item.category,
        quantity=item.quantity,
        unit=item.unit,
        estimated_price=item.estimated_price,
    )


def _once(client: Client, call: Call[Any], mark: str, what: Any) -> Any:
    return client.run(call, key=f"import {mark} {what.id}")

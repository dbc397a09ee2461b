"""Merge two items or two aisles that are the same to the home, and undo that."""

from collections.abc import Collection, Iterator
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _

from groceries.actions.entries import merge_into
from groceries.actions.items import require_unused
from groceries.actions.lists import release_claims
from groceries.models import AisleClaim, Category, Item, ItemAlias, ListEntry
from groceries.parsing.names import normalize
from groceries.schemas import AliasSnapshot, CategoriesMerged, CategorySnapshot, ItemsMerged, ItemSnapshot
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, record, subject_of
from homes.events.models import Event
from pantry.errors import ActionError, Forbidden
from pantry.models import MutableRow, as_json

MAX_MOVED = 1000  # rows of which an event remembers that they moved; merging more can't be undone

AnyRow = TypeVar("AnyRow", bound=MutableRow)


@action
def merge_items(item: Item, into: Item, *, by: Actor) -> Item:
    """Delete `item` and let all that refers to it mean `into`: entries, purchases, recurring items and aliases.

    Its name becomes an alias. `into` keeps its name, aisle, price and usual amount, and takes over those of `item` that
    it has not. Pending entries of both on one list with the same unit add up. Idempotent by the actor's `op_id`.
    Raises ActionError for one and the same item, and an amount above the maximum.
    """
    if (previous_id := find_previous_result(by, "items_merged")) is not None:
        return Item.objects.select_related("category").get(pk=previous_id)
    _require_two(item, into, by)
    item, into = item.reload("category"), into.reload("category")
    _add_up(item, into, by)
    merged = ItemSnapshot.model_validate(item)
    changes = into.assign(**missing_fields(item, into))
    moved = _move_references(item, into)
    Item.objects.filter(pk=item.pk).delete()
    into.save()
    alias = ItemAlias.objects.create(home=by.home, item=into, name=item.name, normalized_name=item.normalized_name)
    data = ItemsMerged(
        item=ItemSnapshot.model_validate(into),
        merged=merged,
        alias=AliasSnapshot.model_validate(alias),
        moved=moved,
    )
    record("items_merged", into, by=by, changes=changes, data=data)
    return into


def pairs_on_lists(item: Item, into: Item) -> Iterator[tuple[ListEntry, ListEntry]]:
    """Yield the pending entries of `item`, each with that of `into` on the same list with the same unit."""
    entries = ListEntry.objects.pending().select_related("item__category", "list")
    twins = {(entry.list_id, entry.unit): entry for entry in entries.filter(item=into)}
    for entry in entries.filter(item=item).order_by("created_at"):
        if (twin := twins.get((entry.list_id, entry.unit))) is not None:
            yield entry, twin


def _add_up(item: Item, into: Item, by: Actor) -> None:
    for entry, twin in pairs_on_lists(item, into):
        merge_into(entry, twin, entry.quantity, by)


def missing_fields(item: Item, into: Item) -> dict[str, Any]:
    """Return what `item` has and `into` has not, and the later purchase."""
    fields: dict[str, Any] = {}
    if into.default_quantity is None and not into.default_unit:
        fields |= {"default_quantity": item.default_quantity, "default_unit": item.default_unit}
    if into.min_quantity is None:
        fields |= {"min_quantity": item.min_quantity, "min_unit": item.min_unit}
    if into.estimated_price is None:
        fields["estimated_price"] = item.estimated_price
    if item.is_favourite:
        fields["is_favourite"] = True
    if not into.description:
        fields["description"] = item.description
    times = [each.last_purchased_at for each in (item, into) if each.last_purchased_at]
    return fields | {"last_purchased_at": max(times, default=None)}


def undo_items_merged(event: Event, by: Actor) -> None:
    """Create the merged item again, with what it had and still belongs to the item that it became part of.

    What was changed by others since stays. Raises ActionError if its name has got another meaning, or if too many rows
    were moved.
    """
    data = ItemsMerged.model_validate(event.data)
    into: Item = subject_of(event, Item.objects.all())
    moved, snapshot = _require_moved(data.moved), data.merged.model_dump()
    if not Category.objects.filter(pk=snapshot["category_id"], home=by.home).exists():
        snapshot["category_id"] = into.category_id
    alias = ItemAlias.objects.filter(pk=data.alias.id, item=into) if data.alias else ItemAlias.objects.none()
    is_alias_deleted = alias.delete()[0] > 0
    item = Item(home=by.home, normalized_name=normalize(data.merged.name), **snapshot)
    require_unused(item.name, item, by)
    item.save(force_insert=True)
    moved = _move_references(into, item, among=moved) or ()
    changes = into.assign(**_unchanged_since(event, into))
    into.save()
    snapshot_after = ItemSnapshot.model_validate(into)
    again = ItemSnapshot.model_validate(item)
    split = ItemsMerged(item=snapshot_after, merged=again, alias=data.alias if is_alias_deleted else None, moved=moved)
    record("items_split", into, by=by, changes=changes, data=split)


@action
def merge_categories(category: Category, into: Category, *, by: Actor) -> Category:
    """Delete an aisle whose items move into another one, and so do new items that would have come into it.

    Ends claims on it. Idempotent by the actor's `op_id`. Raises ActionError for one and the same aisle.
    """
    if (previous_id := find_previous_result(by, "categories_merged")) is not None:
        return Category.objects.get(pk=previous_id)
    _require_two(category, into, by)
    category, into = category.reload(), into.reload()
    release_claims(AisleClaim.objects.filter(category=category), by)
    keys = dict.fromkeys([*into.stands_for.split(), *category.stands_for.split()])
    changes = into.assign(stands_for=" ".join(keys))
    moved = _move_references(category, into)
    Category.objects.filter(pk=category.pk).delete()
    into.save()
    snapshots = {"category": CategorySnapshot.model_validate(into), "merged": CategorySnapshot.model_validate(category)}
    record("categories_merged", into, by=by, changes=changes, data=CategoriesMerged(**snapshots, moved=moved))
    return into


def undo_categories_merged(event: Event, by: Actor) -> None:
    """Create the merged aisle again, with the items that it had and that are still in the one that they moved into.

    Raises ActionError if its name is in use, or if too many items were moved.
    """
    data = CategoriesMerged.model_validate(event.data)
    into: Category = subject_of(event, Category.objects.all())
    moved = _require_moved(data.moved)
    if Category.objects.filter(home=by.home, name=data.merged.name).exists():
        raise ActionError(_("There's already an aisle with that name."))
    category = Category.objects.create(home=by.home, **data.merged.model_dump())
    moved = _move_references(into, category, among=moved) or ()
    changes = into.assign(**_unchanged_since(event, into))
    into.save()
    split = CategoriesMerged(category=CategorySnapshot.model_validate(into), merged=data.merged, moved=moved)
    record("categories_split", into, by=by, changes=changes, data=split)


def _require_two(row: MutableRow, into: MutableRow, by: Actor) -> None:
    if row.pk == into.pk:
        raise ActionError(_("Choose another one to merge it with."))
    if {row.home_id, into.home_id} != {by.home.pk}:  # type: ignore[attr-defined]
        raise Forbidden(_("That belongs to another home."))


def _move_references(row: AnyRow, into: AnyRow, *, among: Collection[UUID] | None = None) -> tuple[UUID, ...] | None:
    """Let the rows that refer to `row`, or those of `among`, refer to `into`, also the rows of other apps.

    Returns their ids; None for more than MAX_MOVED. Two queries for each model.
    """
    moved: list[UUID] = []
    for name, rows in _references(row):
        chosen = rows if among is None else rows.filter(pk__in=among)
        moved += chosen.values_list("pk", flat=True)
        chosen.update(**{name: into})
    return tuple(moved) if len(moved) <= MAX_MOVED else None


def is_undoable(row: MutableRow) -> bool:
    """Return whether so few rows refer to it that merging it into another one can be undone."""
    return sum(rows.count() for _name, rows in _references(row)) <= MAX_MOVED


def _references(row: MutableRow) -> Iterator[tuple[str, Any]]:
    """Yield the rows that refer to `row`, of each model, with the name of the field by which they do."""
    for relation in row._meta.get_fields(include_hidden=True):
        if relation.one_to_many and not relation.concrete:
            field: Any = relation.field  # type: ignore[union-attr]
            yield field.name, field.model._base_manager.filter(**{field.name: row})


def _require_moved(moved: tuple[UUID, ...] | None) -> tuple[UUID, ...]:
    if moved is None:
        raise ActionError(_("That moved too much to be undone."))
    return moved


def _unchanged_since(event: Event, row: Model) -> dict[str, Any]:
    """Return the former values of the fields that still have those of the event."""
    return {
        name: row._meta.get_field(name).to_python(old)  # type: ignore[union-attr]
        for name, (old, new) in event.changes.items()
        if as_json(getattr(row, name)) == new
    }

"""Homes for tests: copies of rows that the actions wrote once, for a fifth of what the actions cost."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from groceries.actions import delete_list
from groceries.models import GroceryList
from homes.events.chain import seal
from homes.events.models import Event
from homes.models import Home, Membership
from pantry import demo
from tests.factories import by, found_home, person

ID_OR_TIME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")


class NewHome:
    """The rows of a new home without lists, to be copied. Each copy has new ids, and times as if it had just been
    created."""

    def __init__(self, founder: str, name: str) -> None:
        with new_rows() as self.rows:
            member = found_home(person(founder), name)
            delete_list(GroceryList.objects.get(home=member.home_id), by=by(member))
            self.membership_id = member.pk
        self.finished_at = timezone.now()

    def copy(self) -> Membership:
        """Insert the rows in one transaction. Returns the founder."""
        renewal = Renewal(self)
        with transaction.atomic():
            copies = [type(rows[0])._base_manager.bulk_create(renewal.copy_all(rows)) for rows in self.rows]
        by_id: dict[UUID, Any] = {row.pk: row for rows in copies for row in rows}
        founder: Membership = by_id[renewal.ids[self.membership_id]]
        founder.user, founder.home = by_id[founder.user_id], by_id[founder.home_id]
        founder.home.created_by = founder.user
        return founder


class DemoHousehold:
    """The rows of the demo household, to be inserted as they are."""

    def __init__(self) -> None:
        with new_rows() as self.rows:
            assert demo.seed()

    def insert(self) -> Home:
        """Insert the rows in one transaction. Returns Apartment 42."""
        with transaction.atomic():
            for rows in self.rows:
                type(rows[0])._base_manager.bulk_create(rows)
        return Home.objects.get(name="Apartment 42")


class Renewal:
    """New ids and times for one copy of a home. They keep their order."""

    def __init__(self, home: NewHome) -> None:
        self.ids = {pk: uuid7() for pk in sorted(row.pk for rows in home.rows for row in rows)}
        self.age = timezone.now() - home.finished_at

    def copy_all(self, rows: list[models.Model]) -> list[models.Model]:
        copies, previous = [self.copy(row) for row in rows], ""
        for copy in copies:
            if isinstance(copy, Event):
                previous = seal(copy, previous)
        return copies

    def copy(self, row: models.Model) -> models.Model:
        names = [field.attname for field in row._meta.concrete_fields]
        copy = type(row).from_db(None, names, [self.renew(getattr(row, name)) for name in names])
        copy._state.adding = True
        return copy

    def renew(self, value: Any) -> Any:
        match value:
            case UUID():
                return self.ids.get(value, value)
            case datetime():
                return value + self.age
            case str():
                return ID_OR_TIME.sub(self.renew_text, value)
            case dict():
                return json.loads(self.renew(json.dumps(value)))
        return value

    def renew_text(self, match: re.Match[str]) -> str:
        text = match[0]
        if "T" in text:
            return (datetime.fromisoformat(text) + self.age).isoformat().replace("+00:00", "Z")
        return str(self.renew(UUID(text)))


@contextmanager
def new_rows() -> Iterator[list[list[models.Model]]]:
    """Yield a list, which is filled with the rows that the block has inserted. They are rolled back."""
    rows_by_model: list[list[models.Model]] = []
    with transaction.atomic():
        others = {row.pk for rows in _all_rows() for row in rows}
        yield rows_by_model
        rows_by_model += [new for rows in _all_rows() if (new := [row for row in rows if row.pk not in others])]
        transaction.set_rollback(True)


def _all_rows() -> list[list[models.Model]]:
    """Return the rows by model, homes before their events, and events by their number."""
    models_in_order = sorted(apps.get_models(), key=lambda model: model is Event)
    return [list(model._base_manager.order_by("pk")) for model in models_in_order]

"""What happened in a home, as sentences, with what of it can be undone."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homes import hooks
from homes.accounts.models import User
from homes.events.models import Event, Origin
from homes.events.undo import undo_handlers
from homes.models import Home, Membership, Role
from pantry.years import YEARS

PAGE_SIZE = 50
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Happening:
    """An event as members read it."""

    event: Event
    who: str
    sentence: str
    is_undone: bool

    @property
    def can_undo(self) -> bool:
        """Return whether it can be tried to undo it: later changes may prevent it."""
        return self.event.type in undo_handlers and not self.is_undone

    @property
    def kind(self) -> str:
        return kind_of(self.event.type)


def kind_of(event_type: str) -> str:
    """Return the key of the activity that the type belongs to, empty for an unknown one."""
    return next((key for key, activity in activities().items() if event_type in activity.sentences), "")


def activities() -> dict[str, hooks.Activity]:
    """Return the kinds of activity of all apps, by key."""
    return {**hooks.activities, "home": HOME}


def activity_of(
    member: Membership,
    *,
    user_id: UUID | None = None,
    kind: str = "",
    day: date | None = None,
    before: int | None = None,
) -> Any:
    """Return the events that the member may read, newest first: those of a person, a kind or a day, and those before a
    number."""
    derived = [each for activity in activities().values() for each in activity.by_people]
    events = Event.objects.visible_to(member).order_by("-seq")
    events = events.exclude(type__in=derived, actor_user=None, actor_agent=None)
    if user_id is not None:
        events = events.filter(actor_user=user_id)
    if kind:
        events = events.filter(type__in=[*activities()[kind].sentences])
    if day is not None and day.year not in YEARS:
        return events.none()
    if day is not None:
        start = datetime.combine(day, time.min, member.home.zone)
        end = datetime.combine(day + timedelta(days=1), time.min, member.home.zone)
        events = events.filter(created_at__gte=start, created_at__lt=end)
    return events if before is None else events.filter(seq__lt=before)


def page_of(events: Any, home: Home, limit: int = PAGE_SIZE) -> tuple[list[Happening], int | None]:
    """Return the first of the events as sentences, and the number before which the next page begins, if there is one.

    As many queries for a thousand events as for one.
    """
    rows = list(events.select_related("actor_user", "actor_agent")[: limit + 1])
    following = rows[limit - 1].seq if len(rows) > limit else None
    return describe(rows[:limit], home), following


def describe(events: Sequence[Event], home: Home) -> list[Happening]:
    """Return the events as sentences in the active language. Needs their actors."""
    for event in events:
        event.home = home
    names, undone = _names(events, home), _undone(events, home)
    return [Happening(event, actor_name(event), _sentence(event, names), event.pk in undone) for event in events]


def actor_name(event: Event) -> str:
    """Return who did it: “Nok”, “Pixie for Nok”, “A guest”, or “Pantry Pixie” for what happens by itself."""
    user, agent = event.actor_user, event.actor_agent
    name = (user.name or _("Former member")) if user else ""
    if agent and user:
        return _("%(agent)s for %(name)s") % {"agent": agent, "name": name}
    if event.origin == Origin.GUEST:
        return _("A guest")
    return str(agent) if agent else name or "Pantry Pixie"


def _sentence(event: Event, names: hooks.Names) -> str:
    activity, who = activities().get(kind_of(event.type)), actor_name(event)
    if activity is None or not event.data:
        return _("%(who)s did something that was deleted since.") % {"who": who}
    sentence = activity.sentences[event.type]
    text = sentence(event) if callable(sentence) else sentence
    return str(text) % {"who": who, **activity.facts(event, names)}


def _names(events: Iterable[Event], home: Home) -> hooks.Names:
    """Return the names of all rows that the events refer to. A query for each kind of row."""
    ids = {each for event in events for each in _ID.findall(json.dumps([event.data, event.changes]))}
    names: dict[str, str] = {}
    for names_of in (_people, *hooks.names):
        names.update(names_of(home, ids))
    return names


def _people(home: Home, ids: Collection[str]) -> hooks.Names:
    """Return the names of people of the home, also of those who have left."""
    has_acted = Exists(Event.objects.filter(home=home, actor_user=OuterRef("pk")))
    lives_here = Exists(Membership.objects.filter(home=home, user=OuterRef("pk")))
    rows = User.objects.filter(has_acted | lives_here, pk__in=ids).values_list("pk", "name")
    return {str(pk): name or _("Former member") for pk, name in rows}


def _undone(events: Iterable[Event], home: Home) -> set[UUID]:
    """Return the ids of the events that were undone."""
    by_operation = {uuid5(event.pk, "undo"): event.pk for event in events if event.type in undo_handlers}
    op_ids = Event.objects.filter(home=home, op_id__in=by_operation).values_list("op_id", flat=True)
    return {by_operation[op_id] for op_id in op_ids if op_id}


def list_changes(changes: Mapping[str, tuple[object, object]]) -> str:
    """Return what changed, by label, with the old and the new value: “amount from 1 l to 2 l, note to “oat””."""
    parts = []
    for label, (old, new) in changes.items():
        values = {"field": label, "old": old, "new": new}
        if new in ("", None):
            parts.append(_("no %(field)s") % values)
        elif old in ("", None):
            parts.append(_("%(field)s to %(new)s") % values)
        else:
            parts.append(_("%(field)s from %(old)s to %(new)s") % values)
    return ", ".join(parts)


# The household's own events

_FIELDS = {
    "name": gettext_lazy("name"),
    "timezone": gettext_lazy("time zone"),
    "currency": gettext_lazy("currency"),
    "locale": gettext_lazy("language"),
    "monthly_budget": gettext_lazy("monthly budget"),
    "role": gettext_lazy("role"),
}


def _facts(event: Event, names: hooks.Names) -> dict[str, object]:
    member = event.data.get("member", {})
    roles = {role.value: role.label for role in Role}
    changes = {
        str(_FIELDS[field]): (roles.get(old, old), roles.get(new, new))
        for field, (old, new) in event.changes.items()
        if field in _FIELDS
    }
    return {"name": member.get("name") or _("Former member"), "changes": list_changes(changes)}


def _left(event: Event) -> str:
    is_own = str(event.actor_user_id) == event.data["member"]["user_id"]
    return _("%(name)s left the home.") if is_own else _("%(who)s removed %(name)s from the home.")


def _changed(what: Any, without: Any) -> Any:
    """Return a function that returns `what` for an event that says what changed, else `without`."""
    return lambda event: what if event.changes.keys() & _FIELDS.keys() else without


HOME = hooks.Activity(
    label=gettext_lazy("Home and members"),
    facts=_facts,
    sentences={
        "home_created": gettext_lazy("%(who)s created the home."),
        "home_updated": _changed(
            gettext_lazy("%(who)s changed the home: %(changes)s."), gettext_lazy("%(who)s changed the home's settings.")
        ),
        "member_joined": gettext_lazy("%(name)s joined the home."),
        "member_updated": _changed(
            gettext_lazy("%(who)s changed %(name)s: %(changes)s."), gettext_lazy("%(who)s changed %(name)s.")
        ),
        "member_left": _left,
        "invitation_created": gettext_lazy("%(who)s invited somebody."),
        "invitation_accepted": gettext_lazy("%(who)s accepted an invitation."),
        "invitation_revoked": gettext_lazy("%(who)s revoked an invitation."),
    },
)

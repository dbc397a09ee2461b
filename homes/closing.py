"""Close an account for good, and export what belongs to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

from homes import hooks
from homes.accounts.actions import deactivate
from homes.accounts.models import User
from homes.actions import remove_member
from homes.events.actor import Actor
from homes.events.log import home_lock
from homes.events.models import Event
from homes.models import Home, Membership, Role
from pantry.errors import ActionError


@dataclass
class Departure:
    """The user's homes, by what closing the account does to them."""

    shared: list[Membership] = field(default_factory=list)
    """Homes that the user leaves."""
    alone: list[Membership] = field(default_factory=list)
    """Homes without other members, which are erased."""
    ownerless: list[Membership] = field(default_factory=list)
    """Homes that would be left without an owner, so the account can't be closed yet."""

    @property
    def owned(self) -> list[Membership]:
        return [member for member in self.alone + self.ownerless + self.shared if member.is_owner]

    @property
    def shared_names(self) -> str:
        return ", ".join(member.home.name for member in self.shared)

    @classmethod
    def of(cls, user: User) -> "Departure":
        departure, members = cls(), Membership.objects.for_user(user)
        others = Membership.objects.filter(home__in=members.values("home")).exclude(user=user)
        roles: dict[Any, set[str]] = {}
        for home_id, role in others.values_list("home", "role"):
            roles.setdefault(home_id, set()).add(role)
        for member in members:
            if member.home_id not in roles:
                departure.alone.append(member)
            elif member.is_owner and Role.OWNER not in roles[member.home_id]:
                departure.ownerless.append(member)
            else:
                departure.shared.append(member)
        return departure


def close_account(user: User) -> None:
    """Leave the user's homes, erase those without other members, and close the account.

    What the user did stays in the history of shared homes. One transaction per home; if it fails in between, calling it
    again completes it. Raises ActionError, before anything is changed, if a home would be left without an owner.
    """
    departure = Departure.of(user)
    if departure.ownerless:
        names = ", ".join(member.home.name for member in departure.ownerless)
        raise ActionError(_("You're the only owner of %(homes)s. Make someone else an owner first.") % {"homes": names})
    for member in departure.shared:
        remove_member(member, by=Actor.of(member))
    for member in departure.alone:
        with home_lock(member.home_id):
            if Membership.objects.filter(home=member.home_id).exclude(pk=member.pk).exists():
                raise ActionError(_("Someone has joined %(home)s. Make them an owner first.") % {"home": member.home})
            erase_home(member.home)
    user.imports.all().delete()
    deactivate(user)


def erase_home(home: Home) -> None:
    """Delete a home with everything in it. Costs one statement a model."""
    with home_lock(home.pk):
        for on_home_erased in hooks.on_home_erased:
            on_home_erased(home)
        rows: Any = Home.objects.filter(pk=home.pk)  # the home first: its log refuses deletions while it exists
        rows._raw_delete(rows.db)
        for model, lookup in _rows_of_homes():
            rows = model._base_manager.filter(**{lookup: home.pk})
            rows._raw_delete(rows.db)  # foreign keys are checked at the end


def _rows_of_homes() -> list[tuple[type[models.Model], str]]:
    """Return the models with rows of homes, and the lookup of the home; those that need a join first."""
    every_model = apps.get_models(include_auto_created=True)
    own = [
        (model, field.name) for model in every_model for field in _foreign_keys(model) if field.related_model is Home
    ]
    owners = {model for model, _name in own}
    below = [
        (model, f"{field.name}__home")
        for model in every_model
        if model not in owners
        for field in _foreign_keys(model)
        if field.related_model in owners
    ]
    return below + own


def _foreign_keys(model: type[models.Model]) -> Iterator[Any]:
    return (field for field in model._meta.concrete_fields if field.is_relation)


def export_account(user: User) -> dict[str, Any]:
    """Return the user's account, and what they did in each of their homes, as JSON values. Long lists are iterators."""
    fields = ("email", "name", "locale", "created_at", "last_login")
    return {
        "account": {name: getattr(user, name) for name in fields},
        "personal_tokens": [
            {"name": token.name, "scopes": token.scopes, "created_at": token.created_at, "revoked_at": token.revoked_at}
            for token in user.api_tokens.order_by("created_at")
        ],
        "homes": {
            str(member.home_id): {
                "name": member.home.name,
                "role": member.role,
                "joined_at": member.joined_at,
                "events": _events_by(member),
            }
            for member in Membership.objects.for_user(user)
        },
    }


def _events_by(member: Membership) -> Iterator[Any]:
    events = Event.objects.visible_to(member).filter(actor_user=member.user_id, actor_agent=None).order_by("seq")
    columns = events.values("seq", "type", "created_at", "data", "changes")
    return columns.iterator(chunk_size=500)

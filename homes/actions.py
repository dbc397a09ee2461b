"""What changes a home and who is in it."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import homes.schemas  # noqa: F401 (registers the events' schemas)
from homes import hooks
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import action, home_lock, record
from homes.events.models import Origin
from homes.models import Home, Invitation, Membership, Role
from pantry.errors import ActionError, Forbidden


def create_home(user: User, *, origin: str, pk: UUID | None = None, **fields: Any) -> Membership:
    """Found a home with `user` as its owner, and give it what every home is born with. The same `pk` of the same
    person is one home. Raises ValidationError for values that no home can have."""
    home = Home(created_by=user, **fields, **({"pk": pk} if pk else {}))
    if pk is not None and (owner := Membership.objects.for_user(user).filter(home=pk).first()) is not None:
        return owner
    try:
        home.full_clean()
        with transaction.atomic():
            return _found(home, user, origin)
    except (
        IntegrityError,
        ValidationError,
    ):  # the same request twice at once: the second finds what the first has made
        if pk is not None and (owner := Membership.objects.for_user(user).filter(home=pk).first()) is not None:
            return owner
        raise


def _found(home: Home, user: User, origin: str) -> Membership:
    home.save(force_insert=True)
    with home_lock(home.pk):
        owner: Membership = Membership.objects.create(home=home, user=user, role=Role.OWNER, number=1)
        by = Actor.of(owner, origin)
        record("home_created", home, by=by)
        record("member_joined", owner, by=by)
        for furnish in hooks.on_home_created:
            furnish(by)
    return owner


@action
def update_home(home: Home, *, by: Actor, **fields: Any) -> Home:
    """Raises Forbidden for members, ValidationError for values that no home can have."""
    _only_owners(by, _("Only an owner can change the home. %(owners)s"))
    home = Home.objects.get(pk=home.pk)
    if changes := home.assign(**fields):
        home.full_clean()
        home.save()
        record("home_updated", home, by=by, changes=changes)
    return home


def update_home_as_staff(home: Home, clerk: User, fields: dict[str, Any]) -> None:
    """What an admin changed; told to the home as done by the back office."""
    with home_lock(home.pk):
        kept = Home.objects.get(pk=home.pk)
        if changes := kept.assign(**fields):
            kept.save()
            record("home_updated", kept, by=Actor(home=kept, staff_user=clerk, origin=Origin.ADMIN), changes=changes)


@action
def invite(*, by: Actor, email: str = "", role: str = Role.MEMBER) -> tuple[Invitation, str]:
    """An invitation and its token, which is shown this once and kept nowhere."""
    _only_owners(by, _("Only an owner can invite. %(owners)s"))
    _known(role)
    token = Invitation.new_token()
    assert by.user is not None
    invitation = Invitation.objects.create(
        home=by.home,
        invited_by=by.user,
        email=email,
        role=role,
        token_hash=Invitation.hash_token(token),
        expires_at=timezone.now() + Invitation.LIFETIME,
    )
    record("invitation_created", invitation, by=by)
    return invitation, token


@action
def revoke_invitation(invitation: Invitation, *, by: Actor) -> Invitation:
    _only_owners(by, _("Only an owner can take an invitation back. %(owners)s"))
    invitation = Invitation.objects.get(pk=invitation.pk)
    if invitation.state == "open":
        invitation.revoked_at = timezone.now()
        invitation.save()
        record("invitation_revoked", invitation, by=by)
    return invitation


INVITATION_ERRORS = {
    "used": gettext_lazy("This invitation was used already. Ask for a new link: each lets one person in."),
    "revoked": gettext_lazy("This invitation was taken back. Ask somebody at home for a new link."),
    "expired": gettext_lazy("This invitation is older than seven days. Ask somebody at home for a new link."),
}


def accept_invitation(token: str, user: User, *, origin: str) -> Membership:
    """Raises ActionError for an unknown, used, revoked or expired link. Harmless for one who is a member already."""
    invitation = Invitation.objects.filter(token_hash=Invitation.hash_token(token)).first()
    if invitation is None:
        raise ActionError(_("This link is not an invitation. Was all of it copied?"))
    with home_lock(invitation.home_id):
        return _accept(Invitation.objects.select_related("home").get(pk=invitation.pk), user, origin)


def _accept(invitation: Invitation, user: User, origin: str) -> Membership:
    member = Membership.objects.for_user(user).filter(home=invitation.home_id).first()
    if member is not None:
        return member
    if invitation.state != "open":
        raise ActionError(INVITATION_ERRORS[invitation.state])
    member = _let_in(invitation.home, user, invitation.role)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save()
    by = Actor.of(member, origin)
    record("member_joined", member, by=by)
    record("invitation_accepted", invitation, by=by)
    return member


@action
def change_role(member: Membership, role: str, *, by: Actor) -> Membership:
    _only_owners(by, _("Only an owner can change a role. %(owners)s"))
    _known(role)
    member = _current(member)
    if role != Role.OWNER:
        _keep_an_owner(member)
    if changes := member.assign(role=role):
        member.save()
        record("member_updated", member, by=by, changes=changes)
    return member


@action
def remove_member(member: Membership, *, by: Actor) -> None:
    """An owner removes a member, or a member leaves. What they did stays in the household's history."""
    if by.member is None or by.member.pk != member.pk:
        _only_owners(by, _("Only an owner can remove a member. %(owners)s"))
    member = _current(member)
    _keep_an_owner(member)
    for give_up in hooks.on_member_left:
        give_up(member, by)
    pk = member.pk
    member.delete()
    member.pk = pk
    record("member_left", member, by=by)


def rename_user(user: User, **fields: Any) -> User:
    """A person's own name and language. Every home of theirs is told the name, one transaction a home."""
    user = User.objects.get(pk=user.pk)
    if changes := user.assign(**fields):
        user.full_clean(exclude=["password"])
        user.save(update_fields=[*fields])
        for member in Membership.objects.for_user(user).order_by("home_id"):
            with home_lock(member.home_id):
                record("member_updated", member, by=Actor.of(member), changes=changes)
    return user


def _let_in(home: Home, user: User, role: str) -> Membership:
    last = Membership.objects.filter(home=home).aggregate(last=Max("number"))["last"] or 0
    member: Membership = Membership.objects.create(home=home, user=user, role=role, number=last + 1)
    return member


def _current(member: Membership) -> Membership:
    """Return the member as it is now, inside the home's lock."""
    current: Membership = Membership.objects.select_related("user", "home").get(pk=member.pk)
    return current


def _known(role: str) -> None:
    if role not in Role.values:
        raise ActionError(_("An owner or a member: which?"))


def _keep_an_owner(member: Membership) -> None:
    others = Membership.objects.filter(home=member.home_id, role=Role.OWNER).exclude(pk=member.pk)
    if member.is_owner and not others.exists():
        raise ActionError(_("A home needs an owner. Make somebody else an owner first."))


def _only_owners(by: Actor, sentence: str) -> None:
    if not by.is_owner:
        owners = Membership.objects.filter(home=by.home, role=Role.OWNER).select_related("user")
        names = ", ".join(owner.name for owner in owners)
        raise Forbidden(sentence % {"owners": _("Ask %(names)s.") % {"names": names}})

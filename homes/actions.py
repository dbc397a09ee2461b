"""What changes a home and who is in it."""

from dataclasses import replace
from datetime import datetime, time
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import homes.schemas  # noqa: F401 (registers the events' schemas)
from homes import registry
from homes.accounts.credentials import token_credential
from homes.events.actor import Actor
from homes.events.log import action, home_lock, record
from homes.models import (
    ApiToken,
    Delivery,
    Door,
    Event,
    Home,
    Invitation,
    Membership,
    NoticeChoice,
    PushSubscription,
    Role,
    User,
)
from homes.notifications import web_push
from pantry import broadcast
from pantry.errors import NotAllowed, Refused
from pantry.text import visible_line


def create_home(user: User, *, door: str, pk: UUID | None = None, **fields: Any) -> Membership:
    """Found a home with `user` as its owner, and give it what every home is born with. The same `pk` of the same
    person is one home. Raises ValidationError for values that no home can have."""
    home = Home(created_by=user, **fields, **({"pk": pk} if pk else {}))
    if pk is not None and (owner := Membership.objects.of(user).filter(home=pk).first()) is not None:
        return owner
    try:
        home.full_clean()
        with transaction.atomic():
            return _found(home, user, door)
    except (
        IntegrityError,
        ValidationError,
    ):  # the same request twice at once: the second finds what the first has made
        if pk is not None and (owner := Membership.objects.of(user).filter(home=pk).first()) is not None:
            return owner
        raise


def _found(home: Home, user: User, door: str) -> Membership:
    home.save(force_insert=True)
    with home_lock(home.pk):
        owner: Membership = Membership.objects.create(home=home, user=user, role=Role.OWNER, number=1)
        by = Actor.of(owner, door)
        record("home_created", home, by=by)
        record("member_joined", owner, by=by)
        for furnish in registry.founding:
            furnish(by)
    return owner


@action
def update_home(home: Home, *, by: Actor, **fields: Any) -> Home:
    """Raises NotAllowed for members, ValidationError for values that no home can have."""
    _only_owners(by, _("Only an owner can change the home. %(owners)s"))
    home = Home.objects.get(pk=home.pk)
    if changes := home.assign(**fields):
        home.full_clean()
        home.save()
        record("home_updated", home, by=by, changes=changes)
    return home


def update_home_from_office(home: Home, clerk: User, fields: dict[str, Any]) -> None:
    """What an admin changed; told to the home as done by the back office."""
    with home_lock(home.pk):
        kept = Home.objects.get(pk=home.pk)
        if changes := kept.assign(**fields):
            kept.save()
            record("home_updated", kept, by=Actor(home=kept, office_user=clerk, door=Door.ADMIN), changes=changes)


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
        token_hash=Invitation.hash_of(token),
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


WHY_NOT = {
    "used": gettext_lazy("This invitation was used already. Ask for a new link: each lets one person in."),
    "revoked": gettext_lazy("This invitation was taken back. Ask somebody at home for a new link."),
    "expired": gettext_lazy("This invitation is older than seven days. Ask somebody at home for a new link."),
}


def accept_invitation(token: str, user: User, *, door: str) -> Membership:
    """Raises Refused for an unknown, used, revoked or expired link. Harmless for one who is a member already."""
    invitation = Invitation.objects.filter(token_hash=Invitation.hash_of(token)).first()
    if invitation is None:
        raise Refused(_("This link is not an invitation. Was all of it copied?"))
    with home_lock(invitation.home_id):
        return _accept(Invitation.objects.select_related("home").get(pk=invitation.pk), user, door)


def _accept(invitation: Invitation, user: User, door: str) -> Membership:
    member = Membership.objects.of(user).filter(home=invitation.home_id).first()
    if member is not None:
        return member
    if invitation.state != "open":
        raise Refused(WHY_NOT[invitation.state])
    member = _let_in(invitation.home, user, invitation.role)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save()
    by = Actor.of(member, door)
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
    for part in registry.parting:
        part(member, by)
    Delivery.objects.filter(home=member.home_id, device__user=member.user_id).delete()
    if not Membership.objects.of(member.user).exclude(pk=member.pk).exists():
        forget_devices(member.user)
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
        for member in Membership.objects.of(user).order_by("home_id"):
            with home_lock(member.home_id):
                record("member_updated", member, by=Actor.of(member), changes=changes)
    return user


@transaction.atomic
def sign_up(email: str, password: str, name: str, *, locale: str = "") -> User:
    """A new account. Raises Refused for an e-mail that somebody has, ValidationError for a weak password."""
    name, email = visible_line(name)[:80], email.strip().lower()
    if not name:
        raise Refused(_("What do they call you at home? A name is missing."))
    if User.objects.filter(email__iexact=email).exists():
        raise Refused(_("Somebody has an account with this e-mail already. If that is you, sign in."))
    validate_password(password, User(email=email, name=name))
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name, locale=locale)
    except IntegrityError as error:  # two at once: the unique key decides
        raise Refused(_("Somebody has an account with this e-mail already. If that is you, sign in.")) from error
    EmailAddress.objects.create(user=user, email=email, primary=True)
    return user


@transaction.atomic
def create_api_token(
    user: User, name: str, scopes: list[str], *, home: Home | None = None, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A personal key, which is shown this once and kept nowhere. With a `home` it opens that one alone."""
    key = ApiToken.new_key()
    token = ApiToken(user=user, home=home, name=visible_line(name)[:80], prefix=key[:8], key_hash=ApiToken.hash_of(key))
    if not token.name:
        raise Refused(_("A token needs a name, to tell it from others."))
    token.scopes, token.expires_at = sorted(set(scopes), key=ApiToken.SCOPES.index), expires_at
    token.save(force_insert=True)
    return token, key


@transaction.atomic
def revoke_api_token(token: ApiToken) -> None:
    """From now on it opens nothing. A second time it is harmless."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    transaction.on_commit(partial(broadcast.revoke, token_credential(token.pk)), robust=True)


@transaction.atomic
def add_device(user: User, endpoint: str, p256dh: str, auth: str, *, name: str) -> PushSubscription:
    """The browser may be told things from now on: to whoever uses it now, and no more to who did before.

    Raises Refused for what no push service can have given. Of more than PushSubscription.MOST the eldest is forgotten.
    """
    if len(endpoint) > 1000 or not web_push.is_allowed(endpoint) or not web_push.is_device_key(p256dh, auth):
        raise Refused(_("This is not what a browser's push service gives."))
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two requests of one person wait for each other
    known = PushSubscription.objects.filter(endpoint=endpoint).first()
    if known is not None and (known.p256dh, known.auth) != (p256dh, auth):
        raise Refused(_("This is not what a browser's push service gives."))
    name = visible_line(name)[:60] or _("A browser")
    if known is not None and known.user_id == user.pk:
        known.assign(name=name, failed_at=None)
        known.save()
        return known
    if known is not None:
        known.delete()
    device = PushSubscription.objects.create(user=user, endpoint=endpoint, p256dh=p256dh, auth=auth, name=name)
    for old in PushSubscription.objects.filter(user=user).order_by("-created_at", "-pk")[PushSubscription.MOST :]:
        old.delete()
    return device


@transaction.atomic
def forget_device(device: PushSubscription) -> None:
    """It is told nothing more. A second time it is harmless."""
    PushSubscription.objects.filter(pk=device.pk).delete()


@transaction.atomic
def forget_devices(user: User) -> None:
    """All of a person's: they have no home any more, or no account."""
    PushSubscription.objects.filter(user=user).delete()


def choose_notices(
    member: Membership, wanted: dict[str, bool], quiet_from: time | None, quiet_until: time | None
) -> NoticeChoice:
    """What the member is told of the home, by kind; a kind that is not named stays as it is. Raises Refused for quiet
    hours with one end, or of no length."""
    if (quiet_from is None) != (quiet_until is None) or (quiet_from is not None and quiet_from == quiet_until):
        raise Refused(_("Quiet hours need a beginning and another end."))
    if unknown := wanted.keys() - registry.kinds.keys():
        raise Refused(_("There are no notices of the kind “%(kind)s”.") % {"kind": min(unknown)})
    with home_lock(member.home_id):
        return _choose_notices(member, wanted, quiet_from, quiet_until)


def _choose_notices(
    member: Membership, wanted: dict[str, bool], quiet_from: time | None, quiet_until: time | None
) -> NoticeChoice:
    choice = NoticeChoice.objects.filter(member=member).first() or NoticeChoice(home=member.home, member=member)
    unwanted = {kind for kind in choice.unwanted if kind not in wanted} | {
        kind for kind, on in wanted.items() if not on
    }
    choice.assign(unwanted=sorted(unwanted), quiet_from=quiet_from, quiet_until=quiet_until)
    choice.save()
    return choice


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
        raise Refused(_("An owner or a member: which?"))


def _keep_an_owner(member: Membership) -> None:
    others = Membership.objects.filter(home=member.home_id, role=Role.OWNER).exclude(pk=member.pk)
    if member.is_owner and not others.exists():
        raise Refused(_("A home needs an owner. Make somebody else an owner first."))


def _only_owners(by: Actor, sentence: str) -> None:
    if not by.is_owner:
        owners = Membership.objects.filter(home=by.home, role=Role.OWNER).select_related("user")
        names = ", ".join(owner.name for owner in owners)
        raise NotAllowed(sentence % {"owners": _("Ask %(names)s.") % {"names": names}})


@action
def undo_event(event: Event, *, by: Actor) -> bool:
    """Put back what one event changed, as each app has it in `registry.undoing`. A second time is harmless.

    Returns whether anything changed. Raises Refused for what cannot be put back: another kind of event, or a thing that
    is gone.
    """
    undo = registry.undoing.get(event.type)
    if undo is None or event.home_id != by.home.pk:
        raise Refused(_("This can't be undone."))
    by = replace(by, op_id=uuid5(event.pk, "undo"))
    recorded = Event.objects.filter(home=by.home, op_id=by.op_id)
    if recorded.exists():
        return False
    undo(event, by)
    return recorded.exists()

"""Actions on homes, invitations and members."""

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
from homes.accounts.actions import revoke_api_token
from homes.accounts.models import ApiToken, User
from homes.events.actor import Actor
from homes.events.log import action, home_lock, record
from homes.models import Home, Invitation, Membership, Role
from pantry.api.throttles import count_or_refuse, identify
from pantry.errors import ActionError, Forbidden


def create_home(user: User, *, origin: str, pk: UUID | None = None, **fields: Any) -> Membership:
    """Create a home with `user` as its owner. Idempotent for the same `pk`. Raises ActionError and ValidationError.

    With `is_complete=False` the owner is not saved yet: the import does so when it is finished.
    """
    home = Home(created_by=user, **fields, **({"pk": pk} if pk else {}))
    try:
        home.full_clean()
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two requests of one user wait for each other
            Home.objects.check_limit(user)
            home.save(force_insert=True)
            with home_lock(home.pk):
                owner = Membership(home=home, user=user, role=Role.OWNER, number=1)
                by = Actor.of(owner, origin)
                record("home_created", home, by=by)
                if home.is_complete:
                    owner.save(force_insert=True)
                    record("member_joined", owner, by=by)
                for on_home_created in hooks.on_home_created:
                    on_home_created(by)
                return owner
    except (ActionError, IntegrityError, ValidationError):
        # Another request with the same pk may have created the home.
        existing = Membership.objects.for_user(user).filter(home=pk).first() if pk else None
        if existing is not None:
            return existing
        raise


@action
def update_home(home: Home, *, by: Actor, **fields: Any) -> Home:
    """Change a home's settings. What is planned keeps its local time.

    Raises Forbidden unless an owner or staff does it, and ValidationError.
    """
    if by.staff_user is None:
        _require_owner(by, _("Only an owner can change the home. %(owners)s"))
    home = home.reload()
    old_zone = home.zone
    if changes := home.assign(**fields):
        home.full_clean()
        home.save()
        record("home_updated", home, by=by, changes=changes)
        if "timezone" in changes:
            for on_time_zone_changed in hooks.on_time_zone_changed:
                on_time_zone_changed(home, old_zone, by)
    return home


@action
def invite(
    *, by: Actor, email: str = "", role: str = Role.MEMBER, api_token: ApiToken | None = None
) -> tuple[Invitation, str]:
    """Create an invitation and its token, which is not stored. Raises Forbidden unless an owner does it.

    It is revoked with the sign-ins of the owner, and with the `api_token` that the owner used.
    """
    _require_owner(by, _("Only an owner can invite people. %(owners)s"))
    _validate_role(role)
    token = Invitation.new_token()
    assert by.user is not None
    invitation = Invitation.objects.create(
        home=by.home,
        invited_by=by.user,
        session_version=by.user.session_version,
        api_token=api_token,
        email=email,
        role=role,
        token_hash=Invitation.hash_token(token),
        expires_at=timezone.now() + Invitation.LIFETIME,
    )
    record("invitation_created", invitation, by=by)
    return invitation, token


@action
def revoke_invitation(invitation: Invitation, *, by: Actor) -> Invitation:
    """Revoke an invitation. Idempotent. Raises Forbidden unless an owner does it."""
    _require_owner(by, _("Only an owner can revoke an invitation. %(owners)s"))
    invitation = Invitation.objects.get(pk=invitation.pk)
    if invitation.state == "open":
        _revoke(invitation, by)
    return invitation


INVITATION_ERRORS = {
    "unknown": gettext_lazy("This isn't an invitation link. Did you copy all of it?"),
    "used": gettext_lazy("This invitation has already been used. Each link works once, so ask for a new one."),
    "revoked": gettext_lazy("This invitation was revoked. Ask an owner of the home for a new link."),
    "expired": gettext_lazy("This invitation has expired. Ask the person who invited you for a new link."),
}


def accept_invitation(token: str, user: User, *, origin: str) -> Membership:
    """Join the home that the invitation is for. Idempotent for members. Raises ActionError if it isn't valid."""
    invitation = Invitation.objects.select_related("home").filter(token_hash=Invitation.hash_token(token)).first()
    if invitation is None:
        raise ActionError(INVITATION_ERRORS["unknown"])
    with home_lock(invitation.home_id):
        if (member := Membership.objects.for_user(user).filter(home=invitation.home).first()) is not None:
            return member
        invitation.refresh_from_db(fields=["accepted_at", "revoked_at"])
        if (state := invitation.current_state()) != "open":
            raise ActionError(INVITATION_ERRORS[state])
        last = Membership.objects.filter(home=invitation.home).aggregate(last=Max("number"))["last"] or 0
        member = Membership.objects.create(home=invitation.home, user=user, role=invitation.role, number=last + 1)
        invitation.accepted_at, invitation.accepted_by = timezone.now(), user
        invitation.save()
        by = Actor.of(member, origin)
        record("member_joined", member, by=by)
        record("invitation_accepted", invitation, by=by)
        return member


@action
def change_role(member: Membership, role: str, *, by: Actor) -> Membership:
    """Change a member's role. Raises Forbidden unless an owner does it, ActionError for the home's last owner."""
    _require_owner(by, _("Only an owner can change roles. %(owners)s"))
    _validate_role(role)
    member = member.reload("user", "home")
    if role != Role.OWNER:
        _require_other_owner(member)
    if changes := member.assign(role=role):
        member.save()
        record("member_updated", member, by=by, changes=changes)
        if not member.is_owner:
            _revoke_invitations_of(member, by)
    return member


@action
def remove_member(member: Membership, *, by: Actor) -> None:
    """Remove a member, or let `by` leave. What they did stays in the home's history.

    Raises Forbidden unless an owner or the member does it, ActionError for the home's last owner.
    """
    if by.member is None or by.member.pk != member.pk:
        _require_owner(by, _("Only an owner can remove a member. %(owners)s"))
    member = member.reload("user", "home")
    _require_other_owner(member)
    _revoke_invitations_of(member, by)
    for token in member.user.api_tokens.filter(home=member.home, revoked_at=None):
        revoke_api_token(token)
    for on_member_left in hooks.on_member_left:
        on_member_left(member, by)
    pk = member.pk
    member.delete()
    member.pk = pk  # delete() clears it; the event needs it
    record("member_left", member, by=by)


def rename_user(user: User, *, address: str | None = None, **fields: Any) -> User:
    """Change a user's name and language, and record it in each of their homes, one transaction per home.

    Counts once for the client's `address`. Raises RateLimited.
    """
    user = user.reload()
    if changes := user.assign(**fields):
        if address is not None:
            count_or_refuse("changes", identify(address, user))
        user.full_clean(exclude=["password"])
        user.save(update_fields=[*fields])
        for member in Membership.objects.for_user(user).order_by("home_id"):
            with home_lock(member.home_id):
                record("member_updated", member, by=Actor.of(member), changes=changes)
    return user


def _revoke_invitations_of(member: Membership, by: Actor) -> None:
    """Revoke the open invitations of a member who may not invite any more."""
    open_invitations = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    for invitation in open_invitations.filter(home=member.home_id, invited_by=member.user_id):
        _revoke(invitation, by)


def _revoke(invitation: Invitation, by: Actor) -> None:
    invitation.revoked_at = timezone.now()
    invitation.save()
    record("invitation_revoked", invitation, by=by)


def _validate_role(role: str) -> None:
    if role not in Role.values:
        raise ActionError(_("Role must be owner or member."))


def _require_other_owner(member: Membership) -> None:
    others = Membership.objects.filter(home=member.home_id, role=Role.OWNER).exclude(pk=member.pk)
    if member.is_owner and not others.exists():
        raise ActionError(_("A home needs an owner. Make someone else an owner first."))


def _require_owner(by: Actor, message: str) -> None:
    """Raise Forbidden with the message, in which `%(owners)s` names whom to ask, unless an owner acts."""
    if not by.is_owner:
        owners = Membership.objects.filter(home=by.home, role=Role.OWNER).select_related("user")
        names = ", ".join(owner.name for owner in owners)
        raise Forbidden(message, owners=_("Ask %(names)s.") % {"names": names})

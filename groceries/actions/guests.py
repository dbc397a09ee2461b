"""Make and revoke the links that share one list with a guest."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from groceries.actions.entries import get_open_list, require_no_template
from groceries.models import GroceryList, GuestLink
from homes.accounts.models import ApiToken
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.events.models import Origin
from homes.models import Membership
from pantry.errors import ActionError, check_length
from pantry.text import clean_line

MAX_NAME_LENGTH, MAX_OPEN_LINKS = 40, 20


@action
def create_guest_link(
    grocery_list: GroceryList,
    name: str,
    *,
    by: Actor,
    lifetime: timedelta,
    can_change: bool = True,
    api_token: ApiToken | None = None,
) -> tuple[GuestLink, str]:
    """Create a link to a list for somebody called `name`, and its token, which is not stored.

    It is revoked with the `api_token` that the member used. Raises MissingScope if that token can't do itself what the
    link lets a guest do. Raises ActionError for a template, a list that is completed, an empty or too long name, a
    lifetime that is not one of GuestLink.LIFETIMES, and too many open links, and for agents and schedules.
    """
    if by.user is None or by.agent is not None:
        raise ActionError(_("Only people can share a list."))
    for scope in ("read", "write") if can_change else ("read",):
        by.require(scope)
    grocery_list = get_open_list(grocery_list)
    require_no_template(grocery_list)
    name = check_length(clean_line(name), MAX_NAME_LENGTH)
    if not name:
        raise ActionError(_("Who is the link for?"))
    if lifetime not in GuestLink.LIFETIMES:
        raise ActionError(_("A link can be valid for a day, a week or 30 days."))
    if grocery_list.guest_links.open().count() >= MAX_OPEN_LINKS:
        raise ActionError(_("A list can have %(max)d open links. Revoke one first.") % {"max": MAX_OPEN_LINKS})
    token = GuestLink.new_token()
    link = GuestLink.objects.create(
        home=by.home,
        list=grocery_list,
        name=name,
        can_change=can_change,
        token_hash=GuestLink.hash_token(token),
        created_by=by.user,
        session_version=by.user.session_version,
        api_token=api_token,
        expires_at=timezone.now() + lifetime,
    )
    record("guest_link_created", link, by=by)
    return link, token


@action
def revoke_guest_link(link: GuestLink, *, by: Actor) -> GuestLink:
    """Revoke a link. Any member may. Idempotent."""
    link = GuestLink.objects.select_related("list", "created_by", "api_token").get(pk=link.pk)
    if link.revoked_at is None:
        link.revoked_at = timezone.now()
        link.save(update_fields=["revoked_at"])
        record("guest_link_revoked", link, by=by)
    return link


def revoke_links_of_member(member: Membership, by: Actor) -> None:
    """Revoke the links of a member who leaves, so that none opens again if they come back."""
    for link in GuestLink.objects.filter(home=member.home_id, created_by=member.user_id, revoked_at=None):
        revoke_guest_link(link, by=by)


def guest_actor(link: GuestLink, *, address: str | None, op_id: object = None) -> Actor:
    """Return the actor of a guest's change. Its rate is limited by the client's address."""
    return Actor(link.home, origin=Origin.GUEST, address=address, op_id=op_id)  # type: ignore[arg-type]

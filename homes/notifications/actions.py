"""Register and remove devices, and choose what a member is notified of."""

from datetime import time

from django.db import transaction
from django.utils.translation import gettext as _

from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import home_lock
from homes.models import Membership
from homes.notifications import registry, web_push
from homes.notifications.models import Delivery, NoticeChoice, PushSubscription
from pantry.errors import ActionError, check_length
from pantry.text import visible_line


@transaction.atomic
def add_device(user: User, endpoint: str, p256dh: str, auth: str, *, name: str) -> PushSubscription:
    """Register a browser's push subscription, or update its name. Takes it over from another user of the browser.

    Raises ActionError for an invalid subscription. Deletes the oldest beyond PushSubscription.MAX_PER_USER.
    """
    if len(endpoint) > 1000 or not web_push.is_allowed(endpoint) or not web_push.is_device_key(p256dh, auth):
        raise ActionError(_("This isn't a valid push subscription."))
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two requests of one user wait for each other
    existing = PushSubscription.objects.filter(endpoint=endpoint).first()
    name = check_length(visible_line(name), 60) or _("Unnamed browser")
    if existing is not None:
        if (existing.p256dh, existing.auth) != (p256dh, auth):
            raise ActionError(_("This isn't a valid push subscription."))
        if existing.user_id == user.pk:
            existing.assign(name=name, failed_at=None)
            existing.save()
            return existing
        existing.delete()
    device = PushSubscription.objects.create(user=user, endpoint=endpoint, p256dh=p256dh, auth=auth, name=name)
    newest_first = PushSubscription.objects.filter(user=user).order_by("-created_at", "-pk")
    for surplus in newest_first[PushSubscription.MAX_PER_USER :]:
        surplus.delete()
    return device


@transaction.atomic
def remove_device(device: PushSubscription) -> None:
    """Delete the device. Idempotent."""
    PushSubscription.objects.filter(pk=device.pk).delete()


@transaction.atomic
def remove_devices(user: User) -> None:
    """Delete all devices of a user who has left their last home, or whose account is locked."""
    PushSubscription.objects.filter(user=user).delete()


def update_notice_choice(
    member: Membership, choices: dict[str, bool], quiet_from: time | None, quiet_until: time | None
) -> NoticeChoice:
    """Set which kinds of notifications the member gets; kinds that are not named stay as they are.

    Raises ActionError for an unknown kind, and for quiet hours with only one end or of no length.
    """
    if (quiet_from is None) != (quiet_until is None) or (quiet_from is not None and quiet_from == quiet_until):
        raise ActionError(_("Quiet hours need a start and a different end."))
    if unknown := choices.keys() - registry.kinds.keys():
        raise ActionError(_("There is no kind of notification called “%(kind)s”.") % {"kind": min(unknown)})
    with home_lock(member.home_id):
        choice = NoticeChoice.objects.filter(member=member).first() or NoticeChoice(home=member.home, member=member)
        unwanted = {kind for kind in choice.unwanted if kind not in choices}
        unwanted |= {kind for kind, is_on in choices.items() if not is_on}
        choice.assign(unwanted=sorted(unwanted), quiet_from=quiet_from, quiet_until=quiet_until)
        choice.save()
    return choice


def stop_notifying(member: Membership, by: Actor) -> None:
    """Delete what is queued for a member who leaves the home, and their devices if it was their last home."""
    Delivery.objects.filter(home=member.home_id, device__user=member.user_id).delete()
    if not Membership.objects.for_user(member.user).exclude(pk=member.pk).exists():
        remove_devices(member.user)

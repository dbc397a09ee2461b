"""Register and remove devices, and change what a member is notified of."""

from datetime import time

from django.db import transaction
from django.utils.translation import gettext as _

from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import home_lock
from homes.models import Membership
from homes.notifications import registry, web_push
from homes.notifications.models import Delivery, NoticeChoice, PushSubscription
from pantry.errors import ActionError
from pantry.text import visible_line


@transaction.atomic
def add_device(user: User, endpoint: str, p256dh: str, auth: str, *, name: str) -> PushSubscription:
    """The browser may be told things from now on: to whoever uses it now, and no more to who did before.

    Raises ActionError for what no push service can have given. Of more than PushSubscription.MOST the oldest is
    deleted.
    """
    if len(endpoint) > 1000 or not web_push.is_allowed(endpoint) or not web_push.is_device_key(p256dh, auth):
        raise ActionError(_("This is not what a browser's push service gives."))
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two requests of one person wait for each other
    known = PushSubscription.objects.filter(endpoint=endpoint).first()
    if known is not None and (known.p256dh, known.auth) != (p256dh, auth):
        raise ActionError(_("This is not what a browser's push service gives."))
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
    """Change what the member is notified of, by kind; a kind that is not named stays as it is.

    Raises ActionError for quiet hours with one end, or of no length.
    """
    if (quiet_from is None) != (quiet_until is None) or (quiet_from is not None and quiet_from == quiet_until):
        raise ActionError(_("Quiet hours need a beginning and another end."))
    if unknown := wanted.keys() - registry.kinds.keys():
        raise ActionError(_("There are no notices of the kind “%(kind)s”.") % {"kind": min(unknown)})
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


def stop_notifying(member: Membership, by: Actor) -> None:
    """Who leaves hears nothing more of the home; their devices go with the last home they had."""
    Delivery.objects.filter(home=member.home_id, device__user=member.user_id).delete()
    if not Membership.objects.for_user(member.user).exclude(pk=member.pk).exists():
        forget_devices(member.user)

"""Queue and send push notifications: an event in the log becomes a `Delivery` for each device, deleted when it is sent.

A notice is written when it is sent, from the state at that moment, so members who left, have read the message or turned
the kind off meanwhile get nothing. Quiet hours delay a delivery. Those that are due together are sent as one notice,
and those that have expired are dropped.
"""

import base64
import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from homes.events.models import Event
from homes.models import Home, Membership
from homes.notifications import registry, web_push
from homes.notifications.models import Delivery, NoticeChoice, NoticePosition, PushSubscription

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # longer than a worker needs: four addresses, ten seconds each
MIN_RETRY_DELAY = timedelta(seconds=30)
MAX_RETRY_DELAY = timedelta(hours=1)
ICON = "icons/192.png"
MAX_TITLE_CHARS, MAX_BODY_CHARS = 80, 240  # far below the 4 KB limit of a push message
MAX_TITLES = 4  # in a combined notice


def waiting_homes() -> set[UUID]:
    """Return the homes that have devices and events that were not processed yet."""
    homes = Home.objects.filter(memberships__user__devices__isnull=False)
    return set(homes.exclude(notice_position__seq__gte=F("last_seq")).values_list("pk", flat=True))


def waiting_devices() -> set[UUID]:
    return set(Delivery.objects.filter(due_at__lte=timezone.now()).values_list("device", flat=True))


def collect(home_id: UUID) -> set[UUID]:
    """Create deliveries for the home's new events. Returns the devices with deliveries that are due now.

    Deliveries are computed before the position is locked. If another worker moved it meanwhile, the rest is read again.
    """
    if not PushSubscription.objects.filter(user__memberships__home=home_id).exists():
        return set()
    now = timezone.now()
    oldest = now - max((kind.lifetime for kind in registry.kinds.values()), default=timedelta())
    position, _new = NoticePosition.objects.get_or_create(home_id=home_id)
    newest = Home.objects.values_list("last_seq", flat=True).get(pk=home_id)
    events = Event.objects.filter(home=home_id, seq__lte=newest, type__in=registry.notices).after(position.seq)
    deliveries = [row for event in events.filter(created_at__gt=oldest) for row in _deliveries(event, now)]
    with transaction.atomic():
        is_ours = NoticePosition.objects.filter(pk=position.pk, seq=position.seq).update(seq=newest)
        if is_ours:
            Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    if not is_ours:
        return collect(home_id)
    return {delivery.device_id for delivery in deliveries if delivery.due_at <= now}


def _deliveries(event: Event, now: datetime) -> Iterable[Delivery]:
    """Yield a delivery for each device of each member who gets a notice. Skips devices newer than the event."""
    devices = defaultdict(list)
    subscriptions = PushSubscription.objects.filter(created_at__lte=event.created_at, user__is_active=True)
    for device in subscriptions.filter(user__memberships__home=event.home_id):
        devices[device.user_id].append(device)
    members = Membership.objects.filter(home=event.home_id, user__in=devices)
    for member in members.select_related("home", "user", "notice_choice"):
        due = NoticeChoice.of(member).quiet_ends(now) or now
        if build_notice(event, member, at=due) is not None:
            for device in devices[member.user_id]:
                yield Delivery(home_id=event.home_id, device=device, seq=event.seq, due_at=due)


def build_notice(
    event: Event, member: Membership, *, at: datetime
) -> tuple[registry.NoticeKind, registry.Notice] | None:
    """Return the member's notice of the event at that moment, in their language; None if they get none."""
    kind, builder = registry.notices[event.type]
    if event.actor_user_id == member.user_id or event.redacted_at or event.created_at + kind.lifetime <= at:
        return None
    if not NoticeChoice.of(member).wants(kind.name):
        return None
    try:
        with override(member.user.locale or member.home.locale), timezone.override(member.home.zone):
            notice = builder(event, member)
    except Exception:  # one event that fails must not block the home's later events
        log.exception("no notice could be built for event %s of home %s", event.seq, event.home_id)
        return None
    return (kind, notice) if notice else None


def deliver(device_id: UUID) -> None:
    """Send the device its due deliveries, one notice for each home. Each home's are leased just before sending."""
    due = Delivery.objects.filter(device=device_id, due_at__lte=timezone.now())
    for home_id in set(due.values_list("home", flat=True)):
        if deliveries := _lease(device_id, home_id):
            _send_deliveries(deliveries)


@transaction.atomic
def _lease(device_id: UUID, home_id: UUID) -> list[Delivery]:
    """Postpone the due deliveries and return them. Another worker finds none; if this one dies, they are due again."""
    now = timezone.now()
    PushSubscription.objects.select_for_update(no_key=True).filter(pk=device_id).first()
    due = Delivery.objects.filter(device=device_id, home=home_id, due_at__lte=now)
    deliveries = list(due.select_related("device", "home").order_by("seq"))
    _rows(deliveries).update(due_at=now + LEASE, attempts=F("attempts") + 1)
    return deliveries


def _rows(deliveries: list[Delivery]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])


def _send_deliveries(deliveries: list[Delivery]) -> None:
    """Send the leased deliveries of one home and device as one notice, then delete or postpone them."""
    device, home, now = deliveries[0].device, deliveries[0].home, timezone.now()
    members = Membership.objects.filter(home=home, user=device.user_id, user__is_active=True)
    member = members.select_related("user", "home").first()
    if member is None:
        _rows(deliveries).delete()
        return
    if ends := NoticeChoice.of(member).quiet_ends(now):
        _rows(deliveries).update(due_at=ends)
        return
    events = Event.objects.filter(home=home, seq__in=[delivery.seq for delivery in deliveries]).order_by("seq")
    notices = [(event, *built) for event in events if (built := build_notice(event, member, at=now))]
    if notices:
        with override(member.user.locale or home.locale):
            notice = combine_notices(home, [notice for _event, _kind, notice in notices])
        lifetime = max(event.created_at + kind.lifetime - now for event, kind, _notice in notices)
        urgency = "high" if any(kind.urgency == "high" for _event, kind, _notice in notices) else "normal"
        result = send(device, notice, lifetime=lifetime, urgency=urgency)
        if result.outcome == web_push.Outcome.RETRY:
            delay = min(MIN_RETRY_DELAY * 2 ** min(deliveries[0].attempts, 10), MAX_RETRY_DELAY)
            _rows(deliveries).update(due_at=now + max(delay, result.retry_after))
            return
    _rows(deliveries).delete()


def combine_notices(home: Home, notices: list[registry.Notice]) -> registry.Notice:
    """Return one notice: the newest for each tag; if several are left, a list of their titles."""
    newest = list({notice.tag: notice for notice in notices}.values())
    if len(newest) == 1:
        return newest[0]
    title = ngettext("%(n)d notification from %(home)s", "%(n)d notifications from %(home)s", len(newest))
    lines = [notice.title for notice in newest[:MAX_TITLES]]
    if len(newest) > MAX_TITLES:
        lines.append(_("and %(n)d more") % {"n": len(newest) - MAX_TITLES})
    url = reverse("pixie:today", args=[home.pk])
    return registry.Notice(title % {"n": len(newest), "home": home}, "\n".join(lines), url, f"home {home.pk}")


def send(device: PushSubscription, notice: registry.Notice, *, lifetime: timedelta, urgency: str) -> web_push.Result:
    """Send the notice over the network. Deletes a device that is gone."""
    tag = base64.urlsafe_b64encode(hashlib.sha256(notice.tag.encode()).digest())[:32].decode()
    payload: dict[str, Any] = {
        "title": notice.title[:MAX_TITLE_CHARS],
        "body": notice.body[:MAX_BODY_CHARS],
        "url": notice.url,
        "tag": tag,
        "icon": f"{settings.STATIC_URL}{ICON}",  # no hashed name: the worker may not have collected the files
    }
    if notice.answers:
        payload["answers"] = [{"label": answer.label, "url": answer.url} for answer in notice.answers]
    result = web_push.send(device, payload, ttl_seconds=int(lifetime.total_seconds()), urgency=urgency, topic=tag)
    devices, now = PushSubscription.objects.filter(pk=device.pk), timezone.now()
    if result.outcome == web_push.Outcome.GONE:
        devices.delete()
    elif result.outcome == web_push.Outcome.SENT:
        devices.update(last_used_at=now, failed_at=None)
    else:
        devices.update(failed_at=now)
    return result


def send_test(device_id: UUID) -> None:
    """Send a test notification. Does not retry, since the person is waiting for it."""
    for device in PushSubscription.objects.select_related("user").filter(pk=device_id):
        with override(device.user.locale or None):
            body = _("This device will get notifications from your home.")
            notice = registry.Notice(_("It works"), body, reverse("homes:start"), "test")
            send(device, notice, lifetime=timedelta(minutes=5), urgency="high")

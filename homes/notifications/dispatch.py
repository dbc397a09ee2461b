"""From the log to people's devices: what is to be told becomes a row for each device, and goes when it was told.

A notice is written when it is sent, as things are then: who has left, has read it or chose otherwise meanwhile is not
told. In quiet hours it is held; what waits for one device is told as one, and what is no news by then not at all.
"""

import base64
import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from homes.events.models import Event
from homes.models import Home, Membership
from homes.notifications import registry, web_push
from homes.notifications.models import Delivery, NoticeChoice, NoticePosition, PushSubscription

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # by then a worker has told a device, at four addresses of ten seconds each, or died
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
ICON = "icons/192.png"
TITLE, BODY, LINES = 80, 240, 4  # the most letters, and notices in one: far below the 4 KB that a push may have


def waiting_homes() -> set[UUID]:
    """Homes with a log that was not read to its end, and somebody to tell."""
    told = Home.objects.filter(memberships__user__devices__isnull=False)
    return set(told.exclude(notice_position__seq__gte=F("last_seq")).values_list("pk", flat=True))


def waiting_devices() -> set[UUID]:
    return set(Delivery.objects.filter(due_at__lte=timezone.now()).values_list("device", flat=True))


def collect(home_id: UUID) -> set[UUID]:
    """Read on in the home's log. Returns the devices that are to be told something at once.

    Notices are drawn before the position is locked. Where another worker moved it meanwhile, what it left is read.
    """
    if not PushSubscription.objects.filter(user__memberships__home=home_id).exists():
        return set()
    now = timezone.now()
    oldest = now - max((kind.lives for kind in registry.kinds.values()), default=timedelta())
    position, _new = NoticePosition.objects.get_or_create(home_id=home_id)
    newest = Home.objects.values_list("last_seq", flat=True).get(pk=home_id)
    events = Event.objects.filter(home=home_id, seq__lte=newest, type__in=registry.notices).after(position.seq)
    drawn = [each for event in events.filter(created_at__gt=oldest) for each in _deliveries(event, now)]
    with transaction.atomic():
        is_ours = NoticePosition.objects.filter(pk=position.pk, seq=position.seq).update(seq=newest)
        if is_ours:
            Delivery.objects.bulk_create(drawn, ignore_conflicts=True)
    if not is_ours:
        return collect(home_id)
    return {each.device_id for each in drawn if each.due_at <= now}


def _deliveries(event: Event, now: datetime) -> Iterable[Delivery]:
    """For each device of each member who is told of it. A device that came later was not there to hear it."""
    devices = defaultdict(list)
    there = PushSubscription.objects.filter(created_at__lte=event.created_at, user__is_active=True)
    for device in there.filter(user__memberships__home=event.home_id):
        devices[device.user_id].append(device)
    members = Membership.objects.filter(home=event.home_id, user__in=devices).select_related(
        "home", "user", "notice_choice"
    )
    for member in members:
        due = NoticeChoice.of(member).quiet_ends(now) or now
        if draw(event, member, at=due) is not None:
            for device in devices[member.user_id]:
                yield Delivery(home_id=event.home_id, device=device, seq=event.seq, due_at=due)


def draw(event: Event, member: Membership, *, at: datetime) -> tuple[registry.NoticeKind, registry.Notice] | None:
    """What the member is told of the event at that moment, in their language; None for nothing."""
    kind, write = registry.notices[event.type]
    if event.actor_user_id == member.user_id or event.redacted_at or event.created_at + kind.lives <= at:
        return None
    if not NoticeChoice.of(member).wants(kind.name):
        return None
    try:
        with override(member.user.locale or member.home.locale), timezone.override(member.home.zone):
            notice = write(event, member)
    except Exception:  # one event that cannot be told must not keep the home from hearing of the next
        log.exception("event %s of home %s could not be told", event.seq, event.home_id)
        return None
    return (kind, notice) if notice else None


def deliver(device_id: UUID) -> None:
    """Tell the device what is due: what is of one home, as one. Each home's is leased just before it is sent."""
    due = Delivery.objects.filter(device=device_id, due_at__lte=timezone.now())
    for home_id in set(due.values_list("home", flat=True)):
        if taken := _take(device_id, home_id):
            _tell(taken)


@transaction.atomic
def _take(device_id: UUID, home_id: UUID) -> list[Delivery]:
    """What is due, put off for as long as it takes: a second worker finds nothing, and a dead one's is due again."""
    now = timezone.now()
    PushSubscription.objects.select_for_update(no_key=True).filter(pk=device_id).first()
    due = list(
        Delivery.objects.filter(device=device_id, home=home_id, due_at__lte=now)
        .select_related("device", "home")
        .order_by("seq")
    )
    taken = Delivery.objects.filter(pk__in=[each.pk for each in due])
    taken.update(due_at=now + LEASE, attempts=F("attempts") + 1)
    return due


def _tell(due: list[Delivery]) -> None:
    device, home, now = due[0].device, due[0].home, timezone.now()
    rows = Delivery.objects.filter(pk__in=[each.pk for each in due])
    member = (
        Membership.objects.filter(home=home, user=device.user_id, user__is_active=True).select_related("user").first()
    )
    if member is None:
        rows.delete()
        return
    member.home = home
    if ends := NoticeChoice.of(member).quiet_ends(now):
        rows.update(due_at=ends)
        return
    events = Event.objects.filter(home=home, seq__in=[each.seq for each in due]).order_by("seq")
    told = [(event, *drawn) for event in events if (drawn := draw(event, member, at=now))]
    if not told:
        rows.delete()
        return
    with override(member.user.locale or home.locale):
        notice = sum_up(home, [notice for _event, _kind, notice in told])
    lives = max(event.created_at + kind.lives - now for event, kind, _notice in told)
    urgency = "high" if any(kind.urgency == "high" for _event, kind, _notice in told) else "normal"
    answer = send(device, notice, lives=lives, urgency=urgency)
    if answer.outcome == web_push.Outcome.LATER:
        wait = min(FIRST_WAIT * 2 ** min(due[0].attempts, 10), LONGEST_WAIT)
        rows.update(due_at=now + max(wait, answer.wait))
    else:
        rows.delete()


def sum_up(home: Home, notices: list[registry.Notice]) -> registry.Notice:
    """One notice: of those with the same tag the newest, of several their titles."""
    newest = list({notice.tag: notice for notice in notices}.values())
    if len(newest) == 1:
        return newest[0]
    title = ngettext("%(n)d notice from %(home)s", "%(n)d notices from %(home)s", len(newest))
    lines = [notice.title for notice in newest[:LINES]]
    if len(newest) > LINES:
        lines.append(_("and %(n)d more") % {"n": len(newest) - LINES})
    url = reverse("pixie:today", args=[home.pk])
    return registry.Notice(title % {"n": len(newest), "home": home}, "\n".join(lines), url, f"home {home.pk}")


def send(device: PushSubscription, notice: registry.Notice, *, lives: timedelta, urgency: str) -> web_push.Answer:
    """Over the network. A device that is gone is forgotten."""
    tag = base64.urlsafe_b64encode(hashlib.sha256(notice.tag.encode()).digest())[:32].decode()
    shown = {
        "title": notice.title[:TITLE],
        "body": notice.body[:BODY],
        "url": notice.url,
        "tag": tag,
        "icon": static(ICON),
    }
    answer = web_push.send(device, shown, seconds=int(lives.total_seconds()), urgency=urgency, topic=tag)
    devices, now = PushSubscription.objects.filter(pk=device.pk), timezone.now()
    if answer.outcome == web_push.Outcome.GONE:
        devices.delete()
    elif answer.outcome == web_push.Outcome.SENT:
        devices.update(last_used_at=now, failed_at=None)
    else:
        devices.update(failed_at=now)
    return answer


def send_test(device: PushSubscription) -> None:
    """Once, whatever becomes of it: who asked for it is looking."""
    with override(device.user.locale or None):
        notice = registry.Notice(
            _("It works"), _("This device will tell you what happens at home."), reverse("homes:start"), "test"
        )
        send(device, notice, lives=timedelta(minutes=5), urgency="high")

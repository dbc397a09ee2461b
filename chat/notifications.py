"""Who is told of a message while they are elsewhere: whom it names, and whom it is written to alone."""

from datetime import timedelta

from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.models import Channel, ChannelKind, ChannelMember, Message
from chat.templatetags.talk import mentions
from homes.events.models import Event
from homes.models import Membership
from homes.notifications import registry

MENTIONED = registry.NoticeKind(
    "mentioned", gettext_lazy("Somebody names me or writes to me alone"), lifetime=timedelta(days=1), urgency="high"
)


def mentioned(event: Event, member: Membership) -> registry.Notice | None:
    """Return nothing for a message that the member may not see or has read."""
    seen = Message.objects.visible_to(member).filter(pk=event.data["message"]["id"], deleted_at=None)
    message = seen.select_related("channel", "author_user", "author_agent").first()
    if message is None or not _is_for(message, member):
        return None
    channel: Channel = message.channel
    if ChannelMember.objects.filter(channel=channel, user=member.user_id, last_read_seq__gte=message.seq).exists():
        return None
    author = str(message.author_user or message.author_agent)
    room = {"name": author, "room": channel.name}
    where = [member.home_id, channel.pk]
    return registry.Notice(
        title=_("%(name)s in #%(room)s") % room if channel.name else author,
        body=message.body,
        url=reverse("chat:thread", args=[*where, message.parent_id])
        if message.parent_id
        else reverse("chat:channel", args=where),
        tag=f"channel {channel.pk}",
    )


def _is_for(message: Message, member: Membership) -> bool:
    """Named as the page would mark it, or in a talk of the member's own with one other."""
    if message.channel.kind in (ChannelKind.DM, ChannelKind.ASSISTANT):
        return True
    named = mentions([f"@{member.name}"] if member.name else [])
    return named is not None and named.search(escape(message.body)) is not None

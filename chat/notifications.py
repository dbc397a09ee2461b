"""Push notifications of mentions and direct messages."""

from datetime import timedelta

from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.models import Channel, ChannelKind, ChannelMember, Message
from chat.templatetags.chat_text import mention_pattern
from homes.events.models import Event
from homes.models import Membership
from homes.notifications import registry

MENTIONED = registry.NoticeKind(
    "mentioned", gettext_lazy("Someone mentions me or messages me directly"), lifetime=timedelta(days=1), urgency="high"
)


def mentioned(event: Event, member: Membership) -> registry.Notice | None:
    """Return None for a message that the member may not see or has read, or that does not mention them."""
    visible = Message.objects.visible_to(member).filter(pk=event.data["message"]["id"], deleted_at=None)
    message = visible.select_related("channel", "author_user", "author_agent").first()
    if message is None or not _is_addressed_to(message, member):
        return None
    channel: Channel = message.channel
    if ChannelMember.objects.filter(channel=channel, user=member.user_id, last_read_seq__gte=message.seq).exists():
        return None
    author = str(message.author_user or message.author_agent)
    names = {"name": author, "room": channel.name}
    url_args = [member.home_id, channel.pk]
    return registry.Notice(
        title=_("%(name)s in #%(room)s") % names if channel.name else author,
        body=message.body,
        url=reverse("chat:thread", args=[*url_args, message.parent_id])
        if message.parent_id
        else reverse("chat:channel", args=url_args),
        tag=f"channel {channel.pk}",
    )


def _is_addressed_to(message: Message, member: Membership) -> bool:
    if message.channel.kind in (ChannelKind.DM, ChannelKind.ASSISTANT):
        return True
    pattern = mention_pattern([f"@{member.name}"] if member.name else [])
    return pattern is not None and pattern.search(escape(message.body)) is not None

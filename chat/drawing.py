"""Messages as HTML, each drawn once for what it shows and kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from chat.models import ChannelKind
from chat.talk import Row, Talk

ROWS_KEPT = 4096  # about 3 KB each
EMOJI = ["❤️", "👍", "😂", "🎉", "😮", "🙏"]


@dataclass(frozen=True)
class Drawing:
    """A row to be drawn. Two that show the same are the same: all that is shown is in `key`."""

    key: tuple[Any, ...]
    context: dict[str, Any] = field(compare=False)


def draw(
    rows: Iterable[Row], talk: Talk, base: str, *, in_thread: bool = False, beside_thread: bool = False
) -> SafeString:
    """The rows' HTML; their buttons lead below `base`, the channel's address."""
    page = (
        talk.channel.kind,
        talk.member.home.timezone,
        base,
        str(talk.names),
        in_thread,
        beside_thread,
        get_language(),
    )
    shared = {
        "base": base,
        "channel": talk.channel,
        "home": talk.member.home,
        "names": talk.names,
        "emoji": EMOJI,
        "kinds": ChannelKind,
        "in_thread": in_thread,
        "root": beside_thread,
    }
    drawn = (_drawn(Drawing((*_shown(row), *page), {**shared, "row": row})) for row in rows)
    return mark_safe("".join(drawn))  # noqa: S308 (rendered by templates)


@lru_cache(maxsize=ROWS_KEPT)
def _drawn(drawing: Drawing) -> SafeString:
    return render_to_string("chat/_message.html", drawing.context)


def _shown(row: Row) -> tuple[Any, ...]:
    message, person = row.message, row.person
    return (
        message.pk,
        message.updated_at,
        row.day,
        row.is_today,
        row.is_new,
        row.is_mine,
        (person.name, person.colour) if person else None,
        (row.agent.display_name, row.agent.avatar_color) if row.agent else None,
        tuple((each.emoji, each.count, each.mine, each.who) for each in row.reactions),
        row.replies,
        row.last_reply.created_at if row.last_reply else None,
        tuple((str(who), getattr(who, "avatar_color", "")) for who in row.repliers),
    )

"""Template filters that turn message text into safe HTML."""

import re

from django import template
from django.utils.html import escape, urlize
from django.utils.safestring import SafeString, mark_safe

from chat.models import Message

register = template.Library()


@register.filter
def format_text(body: str, mentions: "re.Pattern[str] | None") -> SafeString:
    """Escape a person's text, link its URLs, keep its line breaks and mark mentions."""
    return _to_html(urlize(escape(body), nofollow=True, autoescape=False), mentions)


@register.filter
def format_agent_text(body: str, mentions: "re.Pattern[str] | None") -> SafeString:
    """Format an agent's text like `format_text`, without links: a URL could leak data to another site."""
    return _to_html(escape(body), mentions)


@register.filter
def text_above_note(message: Message) -> str:
    """Return an agent's text without the note that it ends with, which says what was done."""
    return message.body.removesuffix(message.metadata.get("note", "")).rstrip()


def _to_html(escaped: str, mentions: "re.Pattern[str] | None") -> SafeString:
    html = escaped.replace("\n", "<br>")
    if mentions is not None:
        html = mentions.sub(lambda found: f'<span class="mention">{found[1]}</span>' if found[1] else found[0], html)
    return mark_safe(html)  # noqa: S308 (the text is escaped, the markup is ours)


def mention_pattern(names: list[str]) -> "re.Pattern[str] | None":
    """Return a pattern that matches tags, which are left as they are, and the names in escaped text as group 1."""
    words = "|".join(re.escape(escape(name)) for name in names if name)
    return re.compile(rf"<[^<>]*>|((?<![\w/@.])@?(?:{words})(?!\w))", re.IGNORECASE) if words else None

"""Words of people, safely on a page."""

import re

from django import template
from django.utils.html import escape, urlize
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def said(body: str, names: "re.Pattern[str] | None") -> SafeString:
    """Escaped, with links, lines and the names of whoever is spoken to marked."""
    return _marked(urlize(escape(body), nofollow=True, autoescape=False), names)


@register.filter
def told(body: str, names: "re.Pattern[str] | None") -> SafeString:
    """The same of an agent's words, without links: an address in them may be made to carry something off."""
    return _marked(escape(body), names)


def _marked(html: str, names: "re.Pattern[str] | None") -> SafeString:
    html = html.replace("\n", "<br>")
    if names is not None:
        html = names.sub(r'<span class="mention">\g<0></span>', html)
    return mark_safe(html)  # noqa: S308 (escaped before; what is added is ours)


def mentions(names: list[str]) -> "re.Pattern[str] | None":
    """A pattern for “@Ben” and “Pixie”, in escaped text outside of tags."""
    words = "|".join(re.escape(escape(name)) for name in names if name)
    return re.compile(rf"(?<![\w/@.\"=])@?(?:{words})(?!\w)(?![^<]*>)", re.IGNORECASE) if words else None

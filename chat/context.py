"""The badge on the Chat tab."""

from functools import partial
from typing import Any

from django.http import HttpRequest

from chat.unread import unread_total


def unread(request: HttpRequest) -> dict[str, Any]:
    """`unread_total`, counted when a template calls for it."""
    member = getattr(request, "member", None)
    return {"unread_total": partial(unread_total, member)} if member else {}

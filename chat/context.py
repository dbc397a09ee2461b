"""The badge on the Chat tab."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from chat.unread import unread_total


def unread(request: HttpRequest) -> dict[str, Any]:
    """`unread_total`, asked for when a template needs it."""
    member = getattr(request, "member", None)
    return {"unread_total": SimpleLazyObject(lambda: unread_total(member))} if member else {}

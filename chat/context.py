"""Context processor for the badge on the Chat tab."""

from functools import partial
from typing import Any

from django.http import HttpRequest

from chat.unread import unread_total


def unread(request: HttpRequest) -> dict[str, Any]:
    """Add `unread_total`, which runs its query only if a template uses it."""
    member = getattr(request, "member", None)
    return {"unread_total": partial(unread_total, member)} if member else {}

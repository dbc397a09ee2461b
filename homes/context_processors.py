"""Template context processor for the pages of a home."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from homes.models import Membership


def home(request: HttpRequest) -> dict[str, Any]:
    """Return `member`, `home` and `people`: the home's members by user id, queried only when a template uses them."""
    member: Membership | None = getattr(request, "member", None)
    if member is None:
        return {}
    people = SimpleLazyObject(lambda: {person.user_id: person for person in Membership.objects.visible_to(member)})
    return {"member": member, "home": member.home, "people": people}

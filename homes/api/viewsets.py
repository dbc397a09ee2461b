"""The base class of everything that belongs to one home."""

from typing import Any
from uuid import UUID

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from homes.accounts.backends import member_of
from homes.accounts.models import ApiToken
from homes.events.actor import Actor
from homes.events.models import Origin
from homes.models import Home, Membership
from pantry.api.viewsets import ApiViewSet


class HomeViewSet(ApiViewSet):
    """A door of one home: its members come in, everybody else gets 403 and learns nothing."""

    member: Membership
    home: Home

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.admit(request, kwargs["home_id"])

    def admit(self, request: Request, home_id: UUID) -> None:
        if isinstance(request.auth, ApiToken) and request.auth.home_id not in (None, home_id):
            raise PermissionDenied("This token is for another home.")
        member = member_of(self.user, home_id)
        if member is None:
            raise PermissionDenied("You are not a member of this home.")
        member.user = self.user
        self.member, self.home = member, member.home

    def actor(self, op_id: UUID | None = None) -> Actor:
        return Actor.of(self.member, Origin.API, op_id or self.key())

    def key(self) -> UUID | None:
        """The request's Idempotency-Key where it is a UUID: the events then bear it, and a client knows its own."""
        try:
            return UUID(self.request.headers.get("Idempotency-Key", ""))
        except ValueError:
            return None

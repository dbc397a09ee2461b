"""Base class of views of one home."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from homes.accounts.api.authentication import require_member
from homes.accounts.credentials import scopes_of
from homes.accounts.models import ApiToken
from homes.events.actor import Actor
from homes.events.models import Origin
from homes.models import Home, Membership
from pantry.api.throttles import client_address
from pantry.api.viewsets import ApiViewSet


class HomeViewSet(ApiViewSet):
    """A view of one home. Responds with 403 to everyone but its members, whether or not the home exists."""

    member: Membership
    home: Home

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.load_member(request, kwargs["home_id"])

    def load_member(self, request: Request, home_id: UUID) -> None:
        if isinstance(request.auth, ApiToken) and request.auth.home_id not in (None, home_id):
            raise PermissionDenied("This token is limited to another home.")
        self.member = require_member(self.user, home_id)
        self.home = self.member.home

    def get_queryset(self) -> Any:
        return self.visible(super().get_queryset())

    def visible(self, rows: Any) -> Any:
        """Return the rows of the home that the member can see."""
        return rows.visible_to(self.member)

    def get_visible(self, model: Any, **lookup: Any) -> Any:
        """Return a row that the member can see. Raises Http404."""
        return get_object_or_404(self.visible(model.objects.all()), **lookup)

    def actor(self, op_id: UUID | None = None) -> Actor:
        address = client_address(self.request._request)
        scopes = scopes_of(self.request.auth)
        return Actor.of(self.member, Origin.API, op_id or self.idempotency_key(), address, scopes=scopes)

    def idempotency_key(self) -> UUID | None:
        """Return the Idempotency-Key if it is a UUID. It becomes the `op_id` of the request's events."""
        try:
            return UUID(self.request.headers.get("Idempotency-Key", ""))
        except ValueError:
            return None

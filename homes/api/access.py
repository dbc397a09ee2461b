"""How the API admits a member."""

from typing import Any
from uuid import UUID

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from homes.actors import Actor
from homes.models import Door, Home, Membership


class HomeViewSet(GenericViewSet):  # type: ignore[type-arg]
    """A door of one home: its members come in, everybody else gets 403 and learns nothing."""

    member: Membership
    home: Home

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        found = Membership.objects.filter(user=request.user.pk, home=kwargs["home_id"], home__erased_at=None)
        member = found.select_related("home", "user").first()
        if member is None:
            raise PermissionDenied("You are not a member of this home.")
        self.member, self.home = member, member.home

    def actor(self, op_id: UUID | None = None) -> Actor:
        return Actor.of(self.member, Door.API, op_id)

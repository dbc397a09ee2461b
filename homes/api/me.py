"""The signed-in person: name, homes, active home, sign-out."""

from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from homes.accounts.api import tokens
from homes.accounts.api.auth import ACCOUNT, owner_of
from homes.accounts.api.serializers import SignOut, UserSerializer
from homes.actions import rename_user
from homes.api import serializers as shapes
from homes.models import Membership
from pantry.api.schema import describe
from pantry.api.viewsets import ApiViewSet


class MeViewSet(ApiViewSet):
    scopes = ("read", None)
    is_secret = True

    @describe("Who one is", tag=ACCOUNT, gives=shapes.Me, refuses=())
    def me(self, request: Request) -> Response:
        members = {member.home_id: member for member in Membership.objects.of(self.user)}
        active = members.get(self.active_id(request)) or next(iter(members.values()), None)
        answer = {
            "user": request.user,
            "active_home": active and _role(active),
            "homes": [_role(member) for member in members.values()],
        }
        return Response(shapes.Me(answer).data)

    @describe(
        "A token whose active home is another one", tag=ACCOUNT, takes=shapes.HomeChoice, gives=shapes.Switched,
        refuses=(403,), posts=True, example={"home_id": "0199a1b2-0000-7000-8000-000000000042"},
    )  # fmt: skip
    def switch_home(self, request: Request) -> Response:
        home_id = self.validated_body(shapes.HomeChoice)["home_id"]
        member = Membership.objects.of(self.user).filter(home=home_id).first()
        if member is None:
            raise PermissionDenied("You are not a member of this home.")
        home = shapes.HomeName(member.home).data
        return Response({**tokens.tokens_for(member.user, member), "home": home})

    @describe(
        "Sign out", tag=ACCOUNT, takes=SignOut, status=204, refuses=(), posts=True,
        example={"refresh": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"},
    )  # fmt: skip
    @transaction.atomic
    def logout(self, request: Request) -> Response:
        """The token that the request bears, and the `refresh` token, are worth nothing from now on."""
        raw = self.validated_body(SignOut).get("refresh")
        if raw and owner_of(raw) == self.user:
            try:
                RefreshToken(raw).blacklist()
            except TokenError:
                pass  # it was over already
        if isinstance(request.auth, AccessToken):
            tokens.end(request.auth, self.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @describe(
        "Change one's own name or language", tag=ACCOUNT, takes=shapes.UserChange, gives=UserSerializer,
        example={"name": "Nok", "locale": "th"},
    )  # fmt: skip
    def partial_update(self, request: Request, user_id: UUID) -> Response:
        if user_id != self.user.pk:
            raise PermissionDenied("Only the person themself can change this.")
        user = rename_user(self.user, **self.validated_body(shapes.UserChange))
        return Response(UserSerializer(user).data)

    @staticmethod
    def active_id(request: Request) -> Any:
        """The home that the token speaks of."""
        named = request.auth.get("home_id") if isinstance(request.auth, AccessToken) else None
        return UUID(named) if named else None


def _role(member: Membership) -> dict[str, Any]:
    return {"id": member.home_id, "name": member.home.name, "role": member.role}

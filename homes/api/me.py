"""API of the signed-in user: profile, active home, sign-out."""

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
from homes.accounts.api.auth import ACCOUNT, refresh_token_user
from homes.accounts.api.authentication import NOT_A_MEMBER
from homes.accounts.api.serializers import SignOut, UserSerializer
from homes.actions import rename_user
from homes.api import serializers
from homes.models import Membership
from pantry.api.schema import describe
from pantry.api.viewsets import ApiViewSet


class MeViewSet(ApiViewSet):
    scopes = ("read", None)
    is_secret = True

    @describe("Get the signed-in user", tag=ACCOUNT, gives=serializers.Me, refuses=())
    def me(self, request: Request) -> Response:
        members = {member.home_id: member for member in Membership.objects.for_user(self.user)}
        active = members.get(self.active_home_id(request)) or next(iter(members.values()), None)
        payload = {
            "user": request.user,
            "active_home": active and _role(active),
            "homes": [_role(member) for member in members.values()],
        }
        return Response(serializers.Me(payload).data)

    @describe(
        "Switch the active home", tag=ACCOUNT, takes=serializers.HomeChoice, gives=serializers.Switched,
        refuses=(403,), posts=True, example={"home_id": "0199a1b2-0000-7000-8000-000000000042"},
    )  # fmt: skip
    def switch_home(self, request: Request) -> Response:
        home_id = self.validated_body(serializers.HomeChoice)["home_id"]
        member = Membership.objects.for_user(self.user).filter(home=home_id).first()
        if member is None:
            raise PermissionDenied(NOT_A_MEMBER)
        home = serializers.HomeName(member.home).data
        return Response({**tokens.tokens_for(member.user, member), "home": home})

    @describe(
        "Sign out", tag=ACCOUNT, takes=SignOut, status=204, refuses=(), posts=True,
        example={"refresh": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"},
    )  # fmt: skip
    @transaction.atomic
    def logout(self, request: Request) -> Response:
        """Revokes the token of the request, and the `refresh` token if given."""
        raw = self.validated_body(SignOut).get("refresh")
        if raw and refresh_token_user(raw) == self.user:
            try:
                RefreshToken(raw).blacklist()
            except TokenError:
                pass  # it has expired or was revoked before
        if isinstance(request.auth, AccessToken):
            tokens.revoke_access_token(request.auth, self.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @describe(
        "Update your name or language", tag=ACCOUNT, takes=serializers.UserChange, gives=UserSerializer,
        example={"name": "Nok", "locale": "th"},
    )  # fmt: skip
    def partial_update(self, request: Request, user_id: UUID) -> Response:
        if user_id != self.user.pk:
            raise PermissionDenied("You can only change your own profile.")
        user = rename_user(self.user, **self.validated_body(serializers.UserChange))
        return Response(UserSerializer(user).data)

    @staticmethod
    def active_home_id(request: Request) -> Any:
        """Return the home id in the JWT."""
        home_id = request.auth.get("home_id") if isinstance(request.auth, AccessToken) else None
        return UUID(home_id) if home_id else None


def _role(member: Membership) -> dict[str, Any]:
    return {"id": member.home_id, "name": member.home.name, "role": member.role}

"""API of the signed-in user: profile, active home, sign-out."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework.exceptions import PermissionDenied
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from homes.accounts.api import tokens
from homes.accounts.api.auth import refresh_token_user
from homes.accounts.api.authentication import NOT_A_MEMBER
from homes.accounts.api.serializers import SignOut, UserSerializer
from homes.accounts.models import User
from homes.actions import rename_user
from homes.api import serializers
from homes.models import Membership
from pantry.api.endpoints import endpoint
from pantry.api.viewsets import ApiViewSet


class MeViewSet(ApiViewSet):
    tag = "Account"
    scopes = ("read", None)
    is_secret = True
    serializer_class = UserSerializer

    @endpoint("Get the signed-in user", response=serializers.Me, errors=())
    def me(self) -> dict[str, Any]:
        members = {member.home_id: member for member in Membership.objects.for_user(self.user)}
        active = members.get(self.active_home_id()) or next(iter(members.values()), None)
        return {
            "user": self.represent(self.user),
            "active_home": active and _role(active),
            "homes": [_role(member) for member in members.values()],
        }

    @endpoint(
        "Switch the active home", request=serializers.HomeChoice, response=serializers.Switched, errors=(),
        example={"home_id": "0199a1b2-0000-7000-8000-000000000042"},
    )  # fmt: skip
    def switch_home(self, data: dict[str, Any]) -> dict[str, Any]:
        member = Membership.objects.for_user(self.user).filter(home=data["home_id"]).first()
        if member is None:
            raise PermissionDenied(NOT_A_MEMBER)
        return {**tokens.tokens_for(member.user, member), "home": serializers.HomeName(member.home).data}

    @endpoint("Sign out", request=SignOut, status=204, errors=(), example={"refresh": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"})
    @transaction.atomic
    def logout(self, data: dict[str, Any]) -> None:
        """Revokes the token of the request, and the `refresh` token if given."""
        raw = data.get("refresh")
        if raw and refresh_token_user(raw) == self.user:
            with suppress(TokenError):  # it has expired or was revoked before
                RefreshToken(raw).blacklist()
        if isinstance(self.request.auth, AccessToken):
            tokens.revoke_access_token(self.request.auth, self.user)

    @endpoint("Update your name or language", request=serializers.UserChange, example={"name": "Nok", "locale": "th"})
    def partial_update(self, data: dict[str, Any]) -> User:
        if self.kwargs["user_id"] != self.user.pk:
            raise PermissionDenied("You can only change your own profile.")
        return rename_user(self.user, **data)

    def active_home_id(self) -> Any:
        """Return the home id in the JWT."""
        token = self.request.auth
        home_id = token.get("home_id") if isinstance(token, AccessToken) else None
        return UUID(home_id) if home_id else None


def _role(member: Membership) -> dict[str, Any]:
    return {"id": member.home_id, "name": member.home.name, "role": member.role}

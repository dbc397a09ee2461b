"""API of the signed-in user, homes, members and invitations."""

from typing import Any

from django.contrib.auth import logout as sign_out
from django.db import transaction
from django.urls import reverse
from rest_framework.exceptions import PermissionDenied
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from homes import actions
from homes.accounts.api import jwt
from homes.accounts.api.auth import SignOut, UserSerializer, refresh_token_user
from homes.accounts.api.authentication import require_member
from homes.accounts.credentials import family_of
from homes.accounts.models import ApiToken, User
from homes.api import serializers
from homes.api.viewsets import HomeViewSet
from homes.events.models import Origin
from homes.models import Home, Invitation, Membership
from pantry.api.endpoints import action_endpoint, endpoint, list_endpoint, retrieve_endpoint
from pantry.api.throttles import client_address
from pantry.api.viewsets import ApiViewSet


class MeViewSet(ApiViewSet):
    tag = "Account"
    scopes = ("read", None)
    is_secret = True
    serializer_class = UserSerializer

    @endpoint("Get the signed-in user", response=serializers.Me, errors=())
    def me(self) -> dict[str, Any]:
        token, members_of = self.request.auth, Membership.objects.for_user(self.user)
        if isinstance(token, ApiToken) and token.home_id:
            members_of = members_of.filter(home=token.home_id)
        members = {str(member.home_id): member for member in members_of}
        active_home_id: Any = token.get("home_id") if isinstance(token, AccessToken) else None
        active = members.get(active_home_id) or next(iter(members.values()), None)
        return {
            "user": self.user,
            "active_home": active and _role(active),
            "homes": [_role(member) for member in members.values()],
        }

    @endpoint(
        "Switch the active home", request=serializers.HomeChoice, response=serializers.Switched, errors=(),
        example={"home_id": "0199a1b2-0000-7000-8000-000000000042"},
    )  # fmt: skip
    def switch_home(self, data: dict[str, Any]) -> dict[str, Any]:
        member = require_member(self.user, data["home_id"])
        token = self.request.auth
        family = family_of(token) if isinstance(token, AccessToken) else None
        return {**jwt.tokens_for(member.user, member, family=family), "home": member.home}

    @endpoint("Sign out", request=SignOut, status=204, errors=(), example={"refresh": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"})
    @transaction.atomic
    def logout(self, data: dict[str, Any]) -> None:
        """Ends this sign-in: its access and refresh tokens, or its browser session. If `refresh` belongs to another
        sign-in, that one ends, too."""
        raw = data.get("refresh")
        if raw and refresh_token_user(raw) == self.user:
            jwt.revoke_family(RefreshToken(raw, verify=False))  # verified above
        if isinstance(self.request.auth, AccessToken):
            jwt.revoke_family(self.request.auth)
        elif self.request.auth is None:
            sign_out(self.request._request)

    @endpoint("Update your name or language", request=serializers.UserChange, example={"name": "Nok", "locale": "en"})
    def partial_update(self, data: dict[str, Any]) -> User:
        if self.kwargs["user_id"] != self.user.pk:
            raise PermissionDenied("You can only change your own profile.")
        return actions.rename_user(self.user, address=client_address(self.request._request), **data)


def _role(member: Membership) -> dict[str, Any]:
    return {"id": member.home_id, "name": member.home.name, "role": member.role}


class HomesViewSet(ApiViewSet):
    tag = "Homes"
    scopes = ("read", "admin")
    serializer_class = serializers.HomeSerializer

    def get_queryset(self) -> Any:
        homes = Home.objects.for_user(self.user).order_by("created_at", "id")
        token = self.request.auth
        return homes.filter(pk=token.home_id) if isinstance(token, ApiToken) and token.home_id else homes

    list = list_endpoint("List your homes", errors=())

    @endpoint(
        "Create a home, as its owner", request=serializers.NewHome, status=200, errors=(),
        example={"name": "Apartment 42", "timezone": "Asia/Bangkok", "currency": "THB"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> Home:
        return actions.create_home(self.user, origin=Origin.API, **data).home


class HomeDetailViewSet(HomeViewSet):
    tag = "Homes"
    scopes = ("read", "admin")
    lookup_url_kwarg = "home_id"
    serializer_class = serializers.HomeSerializer

    retrieve = retrieve_endpoint("Get a home")
    partial_update = action_endpoint(
        actions.update_home, "Update a home (owners only)", request=serializers.HomeChange,
        example={"monthly_budget": "13000"},
    )  # fmt: skip

    def get_object(self) -> Home:
        return self.home


class InvitationViewSet(HomeViewSet):
    """Invitations are links. POST to `members` also creates one, as people join by accepting an invitation."""

    tag = "Members"
    scopes = ("read", "admin")
    is_secret = True
    lookup_url_kwarg = "invitation_id"
    queryset: Any = Invitation.objects.select_related("invited_by", "api_token").order_by("-created_at", "-id")
    serializer_class: Any = serializers.InvitationSerializer

    @endpoint("List invitations, newest first (owners only)", paginated=True, columns=False)
    def list(self) -> Any:
        if not self.member.is_owner:
            raise PermissionDenied("Only an owner can see the invitations.")
        return self.get_queryset()

    @endpoint(
        "Create an invitation (owners only)", request=serializers.NewInvitation, response=serializers.InvitationMade,
        without_read=True, example={"email": "ben@example.com"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> dict[str, Any]:
        api_token = self.request.auth if isinstance(self.request.auth, ApiToken) else None
        invitation, token = actions.invite(by=self.actor(), api_token=api_token, **data)
        url = self.request.build_absolute_uri(reverse("homes:invitation", args=[token]))
        return {**serializers.InvitationSerializer(invitation).data, "token": token, "url": url}

    destroy = action_endpoint(actions.revoke_invitation, "Revoke an invitation (owners only)")


class MemberViewSet(InvitationViewSet):
    lookup_field = "user"
    lookup_url_kwarg = "user_id"
    queryset = Membership.objects.order_by("number")
    serializer_class = serializers.MemberSerializer

    list = list_endpoint("List members, in joining order")
    partial_update = action_endpoint(
        actions.change_role, "Change a member's role (owners only)", request=serializers.RoleChange,
        example={"role": "owner"},
    )  # fmt: skip
    destroy = action_endpoint(actions.remove_member, "Remove a member (owners only), or leave", errors=(400, 404))


class JoinViewSet(ApiViewSet):
    tag = "Members"
    scopes = (None, "admin")
    serializer_class = serializers.Joined

    @endpoint("Accept an invitation", errors=())
    def accept(self) -> Membership:
        return actions.accept_invitation(self.kwargs["token"], self.user, origin=Origin.API)

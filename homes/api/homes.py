"""API of homes, members and invitations."""

from typing import Any

from django.urls import reverse
from rest_framework.exceptions import PermissionDenied

from homes import actions
from homes.accounts.models import ApiToken
from homes.api import serializers
from homes.api.viewsets import HomeViewSet
from homes.events.models import Origin
from homes.models import Home, Invitation, Membership
from pantry.api.endpoints import action_endpoint, endpoint, list_endpoint, retrieve_endpoint
from pantry.api.viewsets import ApiViewSet


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
    queryset: Any = Invitation.objects.order_by("-created_at", "-id")
    serializer_class: Any = serializers.InvitationSerializer

    @endpoint("List invitations, newest first (owners only)", paginated=True, columns=False)
    def list(self) -> Any:
        if not self.member.is_owner:
            raise PermissionDenied("Only an owner can see the invitations.")
        return self.get_queryset()

    @endpoint(
        "Create an invitation (owners only)", request=serializers.NewInvitation, response=serializers.InvitationMade,
        example={"email": "ben@example.com"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> dict[str, Any]:
        invitation, token = actions.invite(by=self.actor(), **data)
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

"""API of homes, members and invitations."""

from typing import Any
from uuid import UUID

from django.db.models import F
from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from homes.accounts.models import ApiToken
from homes.actions import (
    accept_invitation,
    change_role,
    create_home,
    invite,
    remove_member,
    revoke_invitation,
    update_home,
)
from homes.api import serializers
from homes.api.viewsets import HomeViewSet
from homes.events.models import Origin
from homes.models import Home, Invitation, Membership
from pantry.api.pagination import paginate, paginate_columns
from pantry.api.schema import describe
from pantry.api.viewsets import ApiViewSet

HOMES, MEMBERS = "Homes", "Members"
HOME_EXAMPLE = {"name": "Apartment 42", "timezone": "Asia/Bangkok", "currency": "THB"}


class HomesViewSet(ApiViewSet):
    scopes = ("read", "admin")

    @describe("List your homes", tag=HOMES, pages=serializers.HomeSerializer, refuses=())
    def list(self, request: Request) -> Response:
        homes = Home.objects.for_user(self.user)
        if isinstance(request.auth, ApiToken) and request.auth.home_id:
            homes = homes.filter(pk=request.auth.home_id)
        return paginate(
            request, homes, ["created_at", "id"], lambda rows: list(serializers.HomeSerializer(rows, many=True).data)
        )

    @describe(
        "Create a home, as its owner", tag=HOMES, takes=serializers.NewHome, gives=serializers.HomeSerializer,
        refuses=(), posts=True, example=HOME_EXAMPLE,
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        owner = create_home(self.user, origin=Origin.API, **self.validated_body(serializers.NewHome))
        return Response(serializers.HomeSerializer(owner.home).data)


class HomeDetailViewSet(HomeViewSet):
    scopes = ("read", "admin")

    @describe("Get a home", tag=HOMES, gives=serializers.HomeSerializer)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        return Response(serializers.HomeSerializer(self.home).data)

    @describe(
        "Update a home (owners only)", tag=HOMES, takes=serializers.HomeChange, gives=serializers.HomeSerializer,
        example={"monthly_budget": "13000"},
    )  # fmt: skip
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        home = update_home(self.home, by=self.actor(), **self.validated_body(serializers.HomeChange))
        return Response(serializers.HomeSerializer(home).data)


class InvitationViewSet(HomeViewSet):
    """Invitations are links. POST to `members` also creates one, as people join by accepting an invitation."""

    scopes = ("read", "admin")
    is_secret = True

    @describe("List invitations, newest first (owners only)", tag=MEMBERS, pages=serializers.InvitationSerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        if not self.member.is_owner:
            raise PermissionDenied("Only an owner can see the invitations.")
        rows = Invitation.objects.filter(home=self.home)
        return paginate(request, rows, ["-created_at", "-id"], serializers.invitation_rows)

    @describe(
        "Create an invitation (owners only)", tag=MEMBERS, takes=serializers.NewInvitation,
        gives=serializers.InvitationMade, status=201, posts=True, example={"email": "ben@example.com"},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        invitation, token = invite(by=self.actor(), **self.validated_body(serializers.NewInvitation))
        url = request.build_absolute_uri(reverse("homes:invitation", args=[token]))
        payload = {**serializers.InvitationSerializer(invitation).data, "token": token, "url": url}
        return Response(payload, status=status.HTTP_201_CREATED)

    @describe("Revoke an invitation (owners only)", tag=MEMBERS, status=204)
    def destroy(self, request: Request, invitation_id: UUID, **kwargs: Any) -> Response:
        invitation = get_object_or_404(Invitation, pk=invitation_id, home=self.home)
        revoke_invitation(invitation, by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)


class MemberViewSet(InvitationViewSet):
    def get_queryset(self) -> Any:
        return Membership.objects.visible_to(self.member)

    @describe("List members, in joining order", tag=MEMBERS, pages=serializers.MemberSerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        rows = self.get_queryset().annotate(name=F("user__name"))
        return paginate_columns(request, rows, ["number"], serializers.MemberSerializer)

    @describe(
        "Change a member's role (owners only)", tag=MEMBERS, takes=serializers.RoleChange,
        gives=serializers.MemberSerializer, example={"role": "owner"},
    )  # fmt: skip
    def partial_update(self, request: Request, user_id: UUID, **kwargs: Any) -> Response:
        member = change_role(
            self.get_member(user_id), self.validated_body(serializers.RoleChange)["role"], by=self.actor()
        )
        return Response(serializers.MemberSerializer(member).data)

    @describe("Remove a member (owners only), or leave", tag=MEMBERS, status=204, refuses=(400, 403, 404))
    def destroy(self, request: Request, user_id: UUID, **kwargs: Any) -> Response:  # type: ignore[override]
        remove_member(self.get_member(user_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_member(self, user_id: UUID) -> Membership:
        member: Membership = get_object_or_404(self.get_queryset(), user=user_id)
        return member


class JoinViewSet(ApiViewSet):
    scopes = (None, "admin")

    @describe("Accept an invitation", tag=MEMBERS, gives=serializers.Joined, refuses=(400,), posts=True)
    def accept(self, request: Request, token: str) -> Response:
        member = accept_invitation(token, self.user, origin=Origin.API)
        return Response(serializers.Joined(member).data)

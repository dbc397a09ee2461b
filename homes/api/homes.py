"""Homes, who lives in them, and how one comes in."""

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
from homes.api import serializers as shapes
from homes.api.viewsets import HomeViewSet
from homes.events.models import Origin
from homes.models import Home, Invitation, Membership
from pantry.api.pagination import paginate, paginate_columns
from pantry.api.schema import describe
from pantry.api.viewsets import ApiViewSet

HOMES, MEMBERS = "Homes", "Members"
APARTMENT = {"name": "Apartment 42", "timezone": "Asia/Bangkok", "currency": "THB"}


class HomesViewSet(ApiViewSet):
    scopes = ("read", "admin")

    @describe("One's homes", tag=HOMES, pages=shapes.HomeSerializer, refuses=())
    def list(self, request: Request) -> Response:
        homes = Home.objects.of(self.user)
        if isinstance(request.auth, ApiToken) and request.auth.home_id:
            homes = homes.filter(pk=request.auth.home_id)
        return paginate(
            request, homes, ["created_at", "id"], lambda rows: list(shapes.HomeSerializer(rows, many=True).data)
        )

    @describe(
        "Found a home, as its owner", tag=HOMES, takes=shapes.NewHome, gives=shapes.HomeSerializer, refuses=(),
        posts=True, example=APARTMENT,
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        owner = create_home(self.user, origin=Origin.API, **self.validated_body(shapes.NewHome))
        return Response(shapes.HomeSerializer(owner.home).data)


class OneHomeViewSet(HomeViewSet):
    scopes = ("read", "admin")

    @describe("A home", tag=HOMES, gives=shapes.HomeSerializer)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        return Response(shapes.HomeSerializer(self.home).data)

    @describe(
        "Change a home (owners)", tag=HOMES, takes=shapes.HomeChange, gives=shapes.HomeSerializer,
        example={"monthly_budget": "13000"},
    )  # fmt: skip
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        home = update_home(self.home, by=self.actor(), **self.validated_body(shapes.HomeChange))
        return Response(shapes.HomeSerializer(home).data)


class InvitationViewSet(HomeViewSet):
    """An invitation is a link. `members` answers to POST the same way: nobody is put into a home unasked."""

    scopes = ("read", "admin")
    is_secret = True

    @describe("Invitations, the newest first (owners)", tag=MEMBERS, pages=shapes.InvitationSerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        if not self.member.is_owner:
            raise PermissionDenied("Only an owner sees the invitations.")
        rows = Invitation.objects.filter(home=self.home)
        return paginate(request, rows, ["-created_at", "-id"], shapes.invitations)

    @describe(
        "Invite somebody (owners)", tag=MEMBERS, takes=shapes.NewInvitation, gives=shapes.InvitationMade, status=201,
        posts=True, example={"email": "ben@example.com"},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        made, token = invite(by=self.actor(), **self.validated_body(shapes.NewInvitation))
        link = request.build_absolute_uri(reverse("homes:invitation", args=[token]))
        answer = {**shapes.InvitationSerializer(made).data, "token": token, "url": link}
        return Response(answer, status=status.HTTP_201_CREATED)

    @describe("Take an invitation back (owners)", tag=MEMBERS, status=204)
    def destroy(self, request: Request, invitation_id: UUID, **kwargs: Any) -> Response:
        invitation = get_object_or_404(Invitation, pk=invitation_id, home=self.home)
        revoke_invitation(invitation, by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)


class MemberViewSet(InvitationViewSet):
    def get_queryset(self) -> Any:
        return Membership.objects.visible_to(self.member)

    @describe("Members, in the order of joining", tag=MEMBERS, pages=shapes.MemberSerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        rows = self.get_queryset().annotate(name=F("user__name"))
        return paginate_columns(request, rows, ["number"], shapes.MemberSerializer)

    @describe(
        "Change a member's role (owners)", tag=MEMBERS, takes=shapes.RoleChange, gives=shapes.MemberSerializer,
        example={"role": "owner"},
    )  # fmt: skip
    def partial_update(self, request: Request, user_id: UUID, **kwargs: Any) -> Response:
        member = change_role(self.the_member(user_id), self.validated_body(shapes.RoleChange)["role"], by=self.actor())
        return Response(shapes.MemberSerializer(member).data)

    @describe("Remove a member (owners), or leave oneself", tag=MEMBERS, status=204, refuses=(400, 403, 404))
    def destroy(self, request: Request, user_id: UUID, **kwargs: Any) -> Response:  # type: ignore[override]
        remove_member(self.the_member(user_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def the_member(self, user_id: UUID) -> Membership:
        found: Membership = get_object_or_404(self.get_queryset(), user=user_id)
        return found


class JoinViewSet(ApiViewSet):
    scopes = (None, "admin")

    @describe("Accept an invitation", tag=MEMBERS, gives=shapes.Joined, refuses=(400,), posts=True)
    def accept(self, request: Request, token: str) -> Response:
        member = accept_invitation(token, self.user, origin=Origin.API)
        return Response(shapes.Joined(member).data)

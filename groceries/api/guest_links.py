"""API of the links that share one list with people who have no account."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from groceries import actions
from groceries.models import GroceryList, GuestLink
from homes.accounts.models import ApiToken
from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, endpoint, list_endpoint
from pantry.api.fields import Boolean, Line


class GuestLinkSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField(help_text="Who it is for.")
    can_change = serializers.BooleanField(help_text="May add and tick, too.")
    state = serializers.ChoiceField(choices=GuestLink.STATES)
    created_by = serializers.UUIDField(source="created_by_id")
    expires_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()


class NewGuestLink(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(40, help_text="Who it is for.")
    days = serializers.ChoiceField(choices=[each.days for each in GuestLink.LIFETIMES])
    can_change = Boolean(required=False)


class GuestLinkMade(GuestLinkSerializer):
    token = serializers.CharField(help_text="Shown only once.")
    url = serializers.URLField(help_text="The link to send.")


class GuestLinkViewSet(HomeViewSet):
    """Links that share one list with people who have no account."""

    tag = "Lists"
    scopes = ("read", "admin")
    is_secret = True
    lookup_url_kwarg = "link_id"
    queryset: Any = GuestLink.objects.select_related("list", "created_by", "api_token").order_by("-created_at", "-id")
    serializer_class: Any = GuestLinkSerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(list=self.get_visible(GroceryList, pk=self.kwargs["list_id"]))

    list = list_endpoint("List the guest links of a list, newest first", columns=False)

    @endpoint(
        "Share a list with a guest", request=NewGuestLink, response=GuestLinkMade,
        errors=(400, 404), example={"name": "Grandma", "days": 7},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> dict[str, Any]:
        """Lets whoever has the link open this list and nothing else."""
        grocery_list, lifetime = self.get_visible(GroceryList, pk=self.kwargs["list_id"]), data.pop("days")
        by, api_token = self.actor(), self.request.auth if isinstance(self.request.auth, ApiToken) else None
        days = timedelta(days=lifetime)
        link, token = actions.create_guest_link(grocery_list, by=by, lifetime=days, api_token=api_token, **data)
        url = self.request.build_absolute_uri(reverse("guest", args=[token]))
        row = GuestLinkSerializer(link).data
        return {**row, "created_by_id": link.created_by_id, "token": token, "url": url}

    destroy = action_endpoint(actions.revoke_guest_link, "Revoke a guest link")

"""Who of the home's members is no person."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from homes.api.access import HomeViewSet
from homes.api.pagination import paged_columns
from homes.api.schema import describe
from homes.models import Agent


class AgentShape(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    slug = serializers.CharField(help_text="How one mentions it: @pixie.")
    display_name = serializers.CharField()
    title = serializers.CharField()
    avatar_color = serializers.CharField()
    is_active = serializers.BooleanField(help_text="It answers.")


class AgentViewSet(HomeViewSet):
    @describe("The home's agents, Pixie first", tag="Pixie", pages=AgentShape)
    def list(self, request: Request, **kwargs: Any) -> Response:
        rows = Agent.objects.filter(home=self.home)
        return paged_columns(request, rows, ["id"], AgentShape)

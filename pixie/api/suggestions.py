"""API of suggestions."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from homes.api.viewsets import HomeViewSet
from pantry.api.pagination import paginate
from pantry.api.schema import describe
from pixie.actions import dismiss_suggestion, reopen_suggestion, take_suggestion
from pixie.models import Suggestion, SuggestionKind, SuggestionState

TAG = "Suggestions"


class SuggestionSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=SuggestionKind.choices)
    title = serializers.CharField()
    why = serializers.CharField(help_text="The reason, as a sentence.")
    item_id = serializers.UUIDField(allow_null=True, help_text="The item that taking it adds to the list.")
    state = serializers.ChoiceField(choices=SuggestionState.choices)
    created_at = serializers.DateTimeField()


class SuggestionViewSet(HomeViewSet):
    @describe("List the current suggestions, oldest first", tag=TAG, pages=SuggestionSerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        """A few per day at most. Items that are on the list or were bought since are left out."""
        rows = self.get_queryset().relevant()
        return paginate(
            request, rows, ["created_at", "id"], lambda page: [SuggestionSerializer(row).data for row in page]
        )

    @describe("Take a suggestion", tag=TAG, gives=SuggestionSerializer, posts=True)
    def take(self, request: Request, suggestion_id: UUID, **kwargs: Any) -> Response:
        """Adds its item to the current list, as the caller. Idempotent. Fails if it was dismissed."""
        return Response(SuggestionSerializer(take_suggestion(self.get_suggestion(suggestion_id), by=self.actor())).data)

    @describe("Dismiss a suggestion", tag=TAG, gives=SuggestionSerializer, posts=True)
    def dismiss(self, request: Request, suggestion_id: UUID, **kwargs: Any) -> Response:
        """It returns later each time, and after several times never."""
        return Response(
            SuggestionSerializer(dismiss_suggestion(self.get_suggestion(suggestion_id), by=self.actor())).data
        )

    @describe("Reopen a dismissed suggestion", tag=TAG, gives=SuggestionSerializer, posts=True)
    def reopen(self, request: Request, suggestion_id: UUID, **kwargs: Any) -> Response:
        return Response(
            SuggestionSerializer(reopen_suggestion(self.get_suggestion(suggestion_id), by=self.actor())).data
        )

    def get_queryset(self) -> Any:
        return Suggestion.objects.visible_to(self.member).select_related("item", "home")

    def get_suggestion(self, suggestion_id: UUID) -> Suggestion:
        suggestion: Suggestion = get_object_or_404(self.get_queryset(), pk=suggestion_id)
        return suggestion

"""What an agent would do, if somebody wants it."""

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
    why = serializers.CharField(help_text="The ground for it, in a sentence.")
    item_id = serializers.UUIDField(allow_null=True, help_text="What taking it puts on the list.")
    state = serializers.ChoiceField(choices=SuggestionState.choices)
    created_at = serializers.DateTimeField()


class SuggestionViewSet(HomeViewSet):
    @describe("What is suggested now, the oldest first", tag=TAG, pages=SuggestionSerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        """A few a day at most. What is on the list or was bought meanwhile is left out."""
        rows = self.get_queryset().standing()
        return paginate(
            request, rows, ["created_at", "id"], lambda page: [SuggestionSerializer(row).data for row in page]
        )

    @describe("Take it: a thing goes onto the current list", tag=TAG, gives=SuggestionSerializer, posts=True)
    def take(self, request: Request, suggestion_id: UUID, **kwargs: Any) -> Response:
        """Done as the person who takes it, once. ActionError when somebody dismissed it."""
        return Response(SuggestionSerializer(take_suggestion(self.the_suggestion(suggestion_id), by=self.actor())).data)

    @describe("Not now", tag=TAG, gives=SuggestionSerializer, posts=True)
    def dismiss(self, request: Request, suggestion_id: UUID, **kwargs: Any) -> Response:
        """Each time it is suggested again later, and after some times never."""
        return Response(
            SuggestionSerializer(dismiss_suggestion(self.the_suggestion(suggestion_id), by=self.actor())).data
        )

    @describe("Let what was dismissed stand again", tag=TAG, gives=SuggestionSerializer, posts=True)
    def reopen(self, request: Request, suggestion_id: UUID, **kwargs: Any) -> Response:
        return Response(
            SuggestionSerializer(reopen_suggestion(self.the_suggestion(suggestion_id), by=self.actor())).data
        )

    def get_queryset(self) -> Any:
        return Suggestion.objects.visible_to(self.member).select_related("item", "home")

    def the_suggestion(self, suggestion_id: UUID) -> Suggestion:
        found: Suggestion = get_object_or_404(self.get_queryset(), pk=suggestion_id)
        return found

"""API of suggestions."""

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, endpoint
from pantry.api.pagination import paginate
from pixie.actions import dismiss_suggestion, reopen_suggestion, take_suggestion
from pixie.models import Suggestion, SuggestionKind, SuggestionState


class SuggestionSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=SuggestionKind.choices)
    title = serializers.CharField()
    why = serializers.CharField(help_text="The reason, as a sentence.")
    item_id = serializers.UUIDField(allow_null=True, help_text="The item that taking it adds to the list.")
    state = serializers.ChoiceField(choices=SuggestionState.choices)
    created_at = serializers.DateTimeField()


class SuggestionViewSet(HomeViewSet):
    tag = "Suggestions"
    lookup_url_kwarg = "suggestion_id"
    serializer_class = SuggestionSerializer

    def get_queryset(self) -> Any:
        return Suggestion.objects.visible_to(self.member).select_related("item", "home")

    @endpoint("List the current suggestions, oldest first", paginated=True)
    def list(self) -> Response:
        """A few per day at most. Items that are on the list or were bought since are left out."""
        rows = self.get_queryset().relevant().order_by("created_at", "id")
        return paginate(self.request, rows, lambda page: [self.represent(row) for row in page])

    take = action_endpoint(
        take_suggestion, "Take a suggestion",
        description="Adds its item to the current list, as the caller. Idempotent. Fails if it was dismissed.",
    )  # fmt: skip
    dismiss = action_endpoint(
        dismiss_suggestion, "Dismiss a suggestion",
        description="It returns later each time, and after several times never.",
    )  # fmt: skip
    reopen = action_endpoint(reopen_suggestion, "Reopen a dismissed suggestion")

"""Looking for something in a home."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from homes.api.viewsets import HomeViewSet
from homes.search import Found, look
from pantry.api.fields import Text
from pantry.api.pagination import paginate_ranked
from pantry.api.schema import describe

KINDS = ["message", "item"]


class SearchQuery(serializers.Serializer):  # type: ignore[type-arg]
    q = Text(
        10_000,
        blank=True,
        required=False,
        help_text=(
            'Words, halves of words, "word for word"; `from:ben`, `in:#kitchen`, `has:link`, `before:2026-10-01`, '
            "`after:2026-09-01`. The first 500 characters are read."
        ),
    )
    kind = serializers.ChoiceField(required=False, choices=KINDS, help_text="Only these.")


class FoundSerializer(serializers.Serializer):  # type: ignore[type-arg]
    kind = serializers.ChoiceField(choices=KINDS)
    id = serializers.UUIDField()
    excerpt = serializers.CharField(help_text="One line of it, around what was looked for.")
    where = serializers.CharField(help_text="The room or talk of a message, the aisle of an item.")
    author = serializers.CharField(help_text="Who said it. Empty for an item.")
    at = serializers.DateTimeField(help_text="When it was said; or last bought, or first named.")
    channel_id = serializers.UUIDField(allow_null=True, help_text="Of a message.")
    parent_id = serializers.UUIDField(allow_null=True, help_text="Of a message in a thread.")


class SearchViewSet(HomeViewSet):
    @describe("Look for something among messages and items, the best first", tag="Search", pages=FoundSerializer,
              query=SearchQuery)  # fmt: skip
    def list(self, request: Request, **kwargs: Any) -> Response:
        """Among the newest 100 of a kind that have all the words."""
        asked = self.validated_query(SearchQuery)
        kinds = [asked["kind"]] if "kind" in asked else []
        return paginate_ranked(request, look(self.member, asked.get("q", ""), kinds), lambda page: [*map(_drawn, page)])


def _drawn(found: Found) -> dict[str, Any]:
    names = ("kind", "id", "excerpt", "where", "author", "at")
    return {name: getattr(found, name) for name in names} | {"channel_id": None, "parent_id": None} | found.place

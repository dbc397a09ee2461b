"""API to search a home."""

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from homes.api.viewsets import HomeViewSet
from homes.search import MAX_QUERY_CHARS, SearchResult, search_home
from pantry.api.endpoints import endpoint
from pantry.api.fields import Text
from pantry.api.pagination import paginate_ranked

KINDS = ["message", "item", "task", "event"]


SYNTAX = (
    'Words, parts of words, "exact phrases"; `from:ben`, `in:#kitchen`, `has:link`, `before:2026-10-01`, '
    "`after:2026-09-01`."
)
QUERY = {
    "q": Text(MAX_QUERY_CHARS, blank=True, required=False, help_text=SYNTAX),
    "kind": serializers.ChoiceField(required=False, choices=KINDS, help_text="Only results of this kind."),
}


class SearchResultSerializer(serializers.Serializer):  # type: ignore[type-arg]
    kind = serializers.ChoiceField(choices=KINDS)
    id = serializers.UUIDField()
    excerpt = serializers.CharField(help_text="One line of the text, around the match.")
    where = serializers.CharField(
        help_text="The room of a message, the aisle of an item, the project of a task, or the place of an event."
    )
    author = serializers.CharField(help_text="The author of a message, else empty.")
    at = serializers.DateTimeField(
        help_text="When a message was sent, an item last bought or else created, a task created, or an event begins."
    )
    channel_id = serializers.UUIDField(allow_null=True, help_text="The channel of a message.")
    parent_id = serializers.UUIDField(allow_null=True, help_text="The first message of the thread, for a reply.")


class SearchViewSet(HomeViewSet):
    tag = "Search"
    serializer_class = SearchResultSerializer

    @endpoint("Search messages, items, tasks and events, best matches first", paginated=True, query=QUERY)
    def list(self, query: dict[str, Any]) -> Response:
        """Returns up to 100 results per kind: the newest that match all words."""
        kinds = [query["kind"]] if "kind" in query else []
        results = search_home(self.member, query.get("q", ""), kinds)
        return paginate_ranked(self.request, results, lambda page: [*map(_as_row, page)])


def _as_row(result: SearchResult) -> dict[str, Any]:
    names = ("kind", "id", "excerpt", "where", "author", "at")
    return {name: getattr(result, name) for name in names} | {"channel_id": None, "parent_id": None} | result.link

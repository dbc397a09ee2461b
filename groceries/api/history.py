"""API of what happened on a list, and of the list as it was."""

from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.response import Response

from groceries import actions
from groceries.api.entries import MAX_ENTRIES, EntriesSerializer
from groceries.history import PastEntry, PastList, events_of, list_as_it_was
from groceries.models import EntryState, GroceryList, ListState
from homes.api.activity import ActivityViewSet
from homes.api.events import BEFORE, LIMIT
from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import endpoint
from pantry.api.fields import DateTime, Id, Integer, NumberField, QueryNumber, ShortList

BEFORE_HELP = "The number of an event: the list before it."
AT_HELP = "A moment: the list as it was then."


class HistoryViewSet(ActivityViewSet):
    tag = "Lists"
    lookup_url_kwarg = "list_id"
    queryset = GroceryList.objects.all()

    def get_queryset(self) -> Any:
        """Return the archived lists of the home, too."""
        return GroceryList.objects.filter(home=self.home)

    @endpoint("List what happened on a list as sentences, newest first", query={"before": BEFORE, "limit": LIMIT})
    def list(self, grocery_list: GroceryList, query: dict[str, Any]) -> Response:
        events = events_of(grocery_list)
        return self.sentences(events.filter(seq__lt=query["before"]) if "before" in query else events, query)


class PastEntrySerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    quantity = NumberField()
    unit = serializers.CharField()
    note = serializers.CharField(source="snapshot.note")
    state = serializers.ChoiceField(source="snapshot.state", choices=EntryState.choices)
    price_paid = NumberField(source="snapshot.price_paid", allow_null=True)
    is_gone = serializers.BooleanField(help_text="It is on no list now.")
    moved_to = serializers.UUIDField(
        source="moved_to.pk", default=None, allow_null=True, help_text="The list on which it is now."
    )


class PastListSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField(source="snapshot.id")
    name = serializers.CharField(source="snapshot.name")
    state = serializers.ChoiceField(source="snapshot.state", choices=ListState.choices)
    items = PastEntrySerializer(source="entries", many=True)


class BringBack(serializers.Serializer):  # type: ignore[type-arg]
    before = Integer(0, required=False, help_text=BEFORE_HELP)
    at = DateTime(required=False, help_text=AT_HELP)
    ids = ShortList(
        child=Id(), required=False, min_length=1, max_length=MAX_ENTRIES, help_text="Without it, all that is gone."
    )


class PastViewSet(HomeViewSet):
    tag = "Lists"
    lookup_url_kwarg = "list_id"
    queryset = GroceryList.objects.all()
    serializer_class: Any = PastListSerializer

    @endpoint(
        "Retrieve a list as it was",
        query={
            "before": QueryNumber(int, 0, required=False, help_text=BEFORE_HELP),
            "at": DateTime(required=False, help_text=AT_HELP),
        },
    )
    def retrieve(self, grocery_list: GroceryList, query: dict[str, Any]) -> PastList:
        """Without a query, as it is now. 404 if there was no such list."""
        return self.past(grocery_list, query)

    @endpoint(
        "Bring back what was on a list and is gone", request=BringBack, response=EntriesSerializer,
        example={"before": 812}, errors=(400, 404),
    )  # fmt: skip
    def bring_back(self, grocery_list: GroceryList, data: dict[str, Any]) -> Any:
        ids = data.pop("ids", None)
        gone: list[PastEntry] = self.past(grocery_list, data).gone
        entries = [entry for entry in gone if ids is None or entry.id in ids]
        return {"results": actions.bring_back(grocery_list, entries, by=self.actor())}

    def past(self, grocery_list: GroceryList, query: dict[str, Any]) -> PastList:
        past = list_as_it_was(grocery_list, **query)
        if past is None:
            raise Http404
        return past

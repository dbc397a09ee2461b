"""API of what matters now."""

from rest_framework import serializers

from chat.models import ChannelKind
from groceries.api.forecasts import ForecastSerializer
from groceries.api.lists import ListSerializer
from groceries.api.pantry import BatchSerializer
from groceries.api.recurring import RecurringSerializer
from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import endpoint
from pantry.api.fields import NumberField
from pixie.today import Today
from planner.api.events import OccurrenceSerializer
from planner.api.tasks import TaskSerializer


class UnreadSerializer(serializers.Serializer):  # type: ignore[type-arg]
    channel = serializers.UUIDField(source="id")
    kind = serializers.ChoiceField(choices=ChannelKind.choices)
    name = serializers.CharField(help_text="Of a room, else empty.")
    unread = serializers.IntegerField()


class TodaySerializer(serializers.Serializer):  # type: ignore[type-arg]
    day = serializers.DateField(help_text="By the clocks of the home.")
    tasks = TaskSerializer(many=True, help_text="Overdue or due today, yours and nobody's first.")
    events = OccurrenceSerializer(many=True, help_text="What takes place today and is not over.")
    current_list = ListSerializer(allow_null=True, help_text="The current list.")
    to_get = serializers.IntegerField(help_text="Items to buy on the list.")
    got = serializers.IntegerField(help_text="Items in the basket.")
    shoppers = serializers.ListField(child=serializers.UUIDField(), source="shopper_ids", help_text="Who is shopping.")
    recurring = RecurringSerializer(many=True, source="due", help_text="What soon comes on the list by itself.")
    forecasts = ForecastSerializer(many=True, help_text="What will probably run out within three days.")
    use_soon = BatchSerializer(many=True, help_text="In the pantry: expired, or best before a day within three days.")
    spent = NumberField(help_text="In this month.")
    left = NumberField(allow_null=True, help_text="Of the month's budget, if there is one.")
    unread = UnreadSerializer(many=True, help_text="Your rooms and chats with unread messages.")


class TodayViewSet(HomeViewSet):
    tag = "Today"
    serializer_class = TodaySerializer

    @endpoint("Retrieve what matters now")
    def retrieve(self) -> Today:
        return Today(self.member)

"""API of what a member has taught the home's agents."""

from typing import Any

from rest_framework import serializers

from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, list_endpoint
from pixie import actions
from pixie.models import Lesson


class LessonSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    text = serializers.CharField(help_text="The message.")
    intent = serializers.CharField(help_text="What it was taken for.")
    is_right = serializers.BooleanField(help_text="False if the member answered with no, or undid it at once.")
    updated_at = serializers.DateTimeField()


class LessonViewSet(HomeViewSet):
    tag = "Memory"
    scopes = ("read", "chat")
    lookup_url_kwarg = "lesson_id"
    queryset: Any = Lesson.objects.order_by("-updated_at", "-id")
    serializer_class = LessonSerializer

    list = list_endpoint("List what the caller has taught, newest first")
    destroy = action_endpoint(actions.forget_lesson, "Delete a lesson permanently")

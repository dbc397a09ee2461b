from django.urls import path

from pantry.api.viewsets import ROW
from planner.api.events import CalendarViewSet
from planner.api.tasks import TaskViewSet

home = [
    *TaskViewSet.routes("tasks"),
    path("calendar", CalendarViewSet.as_view({"get": "occurrences", "post": "create"})),
    path("calendar/<uuid:event_id>", CalendarViewSet.as_view(ROW)),
]

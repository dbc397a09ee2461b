"""Admin pages of tasks and events."""

from django.contrib import admin

from pantry.admin import ReadOnlyAdmin, ReadOnlyInline
from planner.models import CalendarEvent, CalendarFeed, EventGuest, Task, TaskAssignment


class AssignmentInline(ReadOnlyInline):
    model = TaskAssignment
    readonly_fields = fields = ("user", "created_at")


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    list_display = ["title", "home", "state", "priority", "project", "due_on", "closed_by", "closed_at"]
    list_filter = ["state", "priority"]
    list_select_related = ["home", "closed_by"]
    search_fields = ["title", "project", "home__name"]
    date_hierarchy = "created_at"
    inlines = [AssignmentInline]


class GuestInline(ReadOnlyInline):
    model = EventGuest
    readonly_fields = fields = ("user", "created_at")


@admin.register(CalendarEvent)
class CalendarEventAdmin(ReadOnlyAdmin):
    list_display = ["title", "home", "starts_on", "start_time", "ends_on", "rrule", "place", "created_by"]
    list_select_related = ["home", "created_by"]
    search_fields = ["title", "place", "home__name"]
    date_hierarchy = "starts_on"
    inlines = [GuestInline]


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ReadOnlyAdmin):
    list_display = ["user", "home", "created_at"]
    list_select_related = ["user", "home"]
    search_fields = ["user__email", "home__name"]
    exclude = ["token_hash"]

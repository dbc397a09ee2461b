"""Admin page of the event log."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from homes.events.models import Event
from pantry.admin import ReadOnlyAdmin, format_json


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["home", "seq", "type", "actor", "origin", "created_at"]
    list_filter = ["type", "origin"]
    list_select_related = ["home", "actor_user", "actor_agent"]
    search_fields = ["=type", "home__name", "actor_user__email", "=op_id", "=subject_id"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    show_full_result_count = False
    exclude = ["data", "changes"]
    readonly_fields = ["data_", "changes_"]

    @admin.display(description=_("actor"))
    def actor(self, event: Event) -> str:
        return " / ".join(str(row) for row in (event.actor_user, event.actor_agent) if row) or "–"

    @admin.display(description=_("state after the event"))
    def data_(self, event: Event) -> str:
        return format_json(event.data)

    @admin.display(description=_("field changes"))
    def changes_(self, event: Event) -> str:
        return format_json(event.changes)

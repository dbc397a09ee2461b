"""The event log in the back office."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from homes.events.models import Event
from pantry.admin import EvidenceAdmin, pretty


@admin.register(Event)
class EventAdmin(EvidenceAdmin):
    list_display = ["home", "seq", "type", "who", "origin", "created_at"]
    list_filter = ["type", "origin"]
    list_select_related = ["home", "actor_user", "actor_agent"]
    search_fields = ["=type", "home__name", "actor_user__email", "=op_id", "=subject_id"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    show_full_result_count = False
    exclude = ["data", "changes"]
    readonly_fields = ["data_", "changes_"]

    @admin.display(description=_("who"))
    def who(self, event: Event) -> str:
        return " / ".join(str(actor) for actor in (event.actor_user, event.actor_agent) if actor) or "–"

    @admin.display(description=_("what is so now"))
    def data_(self, event: Event) -> str:
        return pretty(event.data)

    @admin.display(description=_("what changed"))
    def changes_(self, event: Event) -> str:
        return pretty(event.changes)

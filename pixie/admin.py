"""The back office of runs: what an agent was asked, understood, did and said."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from homes.backoffice import EvidenceAdmin, ReadOnlyInline, short
from pixie.models import PendingAction, Run, RunMessage, RunStep


class StepInline(ReadOnlyInline):
    model = RunStep
    readonly_fields = (
        "step_number",
        "model",
        "status",
        "input_tokens",
        "output_tokens",
        "cost_usd",
        "duration_ms",
    )
    fields = readonly_fields


class RunMessageInline(ReadOnlyInline):
    model = RunMessage
    readonly_fields = (
        "message_type",
        "tool_name",
        "content",
        "tool_input",
        "created_at",
    )
    fields = readonly_fields


@admin.register(Run)
class RunAdmin(EvidenceAdmin):
    list_display = ["agent", "home", "status", "stop_reason", "asked", "route", "attempts", "cost_usd", "created_at"]
    list_filter = ["status", "route", "stop_reason"]
    list_select_related = ["agent", "home", "trigger_message"]
    search_fields = ["trigger_message__body", "home__name", "error"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    inlines = [StepInline, RunMessageInline]

    @admin.display(description=_("asked"))
    def asked(self, run: Run) -> str:
        return short(run.trigger_message, "body") if run.trigger_message else "–"


@admin.register(PendingAction)
class PendingActionAdmin(EvidenceAdmin):
    list_display = ["tool", "home", "asked", "confidence", "state", "decided_by", "expires_at"]
    list_filter = ["state", "tool"]
    list_select_related = ["home", "asked", "decided_by"]
    search_fields = ["home__name", "asked__email"]

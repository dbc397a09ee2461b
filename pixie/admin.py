"""Admin pages of agents, runs, schedules and language models."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from homes.events.actor import Actor
from homes.events.models import Origin
from homes.models import Agent
from pantry.admin import ReadOnlyAdmin, ReadOnlyInline, truncate
from pixie.actions import change_agent
from pixie.models import (
    Lesson,
    ModelAccess,
    ModelPrice,
    PendingAction,
    Run,
    RunMessage,
    RunStep,
    ScheduledMessage,
    Suggestion,
    SummaryChoice,
)
from pixie.usage import costs


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["display_name", "home", "slug", "model", "is_active", "enqueued_seq"]
    list_filter = ["is_active"]
    list_select_related = ["home"]
    search_fields = ["display_name", "slug", "home__name"]
    readonly_fields = ["home", "display_name", "slug", "enqueued_seq", "version"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # members create agents

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: Any, obj: Agent, form: Any, change: bool) -> None:
        """Save through the action, which records an event."""
        by = Actor(home=obj.home, staff_user=request.user, origin=Origin.ADMIN)
        change_agent(obj, by=by, **{name: form.cleaned_data[name] for name in form.changed_data})


class StepInline(ReadOnlyInline):
    model = RunStep
    readonly_fields = fields = (
        "step_number", "model", "status", "input_tokens", "output_tokens", "cached_tokens",
        "reasoning_tokens", "cost_usd", "duration_ms", "tool_ms", "stop_reason",
    )  # fmt: skip


class RunMessageInline(ReadOnlyInline):
    model = RunMessage
    readonly_fields = fields = ("message_type", "tool_name", "content", "tool_input", "duration_ms", "created_at")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ["agent", "home", "status", "stop_reason", "request", "route", "attempts", "cost_usd", "created_at"]
    list_filter = ["status", "route", "stop_reason"]
    list_select_related = ["agent", "home", "channel", "trigger_message", "scheduled_message__created_by"]
    search_fields = ["trigger_message__body", "home__name", "error"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    inlines = [StepInline, RunMessageInline]

    @admin.display(description=_("request"))
    def request(self, run: Run) -> str:
        return truncate(run.request_message, "body") if run.request_message else "–"


@admin.register(ScheduledMessage)
class ScheduledMessageAdmin(ReadOnlyAdmin):
    list_display = ["prompt", "home", "agent", "channel", "created_by", "trigger_at", "rrule", "status"]
    list_filter = ["status"]
    list_select_related = ["home", "agent", "channel", "created_by"]
    search_fields = ["prompt", "home__name", "created_by__email"]
    date_hierarchy = "trigger_at"
    show_full_result_count = False


@admin.register(PendingAction)
class PendingActionAdmin(ReadOnlyAdmin):
    list_display = ["tool", "home", "requested_by", "confidence", "state", "decided_by", "expires_at"]
    list_filter = ["state", "tool"]
    list_select_related = ["home", "requested_by", "decided_by"]
    search_fields = ["home__name", "requested_by__email"]


@admin.register(Lesson)
class LessonAdmin(ReadOnlyAdmin):
    """The text is only for its author."""

    list_display = ["intent", "is_right", "home", "author", "updated_at"]
    list_filter = ["is_right", "intent"]
    list_select_related = ["home", "author"]
    search_fields = ["home__name", "author__email"]
    exclude = ["text", "calls", "message"]
    show_full_result_count = False


@admin.register(ModelPrice)
class ModelPriceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Prices apply to later calls only: recorded costs do not change."""

    list_display = ["model", "input", "output", "cache_read", "cache_write", "updated_at"]
    list_editable = ["input", "output", "cache_read", "cache_write"]
    search_fields = ["model"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "GET" and (unpriced := costs.unpriced_models()):
            message = _("These models were used and have no price, so they count as free: %(models)s.")
            messages.warning(request, message % {"models": ", ".join(unpriced)})
        return super().changelist_view(request, extra_context)


@admin.register(ModelAccess)
class ModelAccessAdmin(ReadOnlyAdmin):
    list_display = ["home", "provider", "url", "key_end", "small", "normal", "large", "monthly_budget_usd"]
    list_filter = ["provider"]
    list_select_related = ["home"]
    search_fields = ["home__name"]
    exclude = ["sealed_key"]


@admin.register(SummaryChoice)
class SummaryChoiceAdmin(ReadOnlyAdmin):
    list_display = ["home", "hour", "updated_at"]
    list_select_related = ["home"]
    search_fields = ["home__name"]


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnlyAdmin):
    list_display = ["kind", "home", "item", "facts", "state", "decided_by", "created_at"]
    list_filter = ["kind", "state"]
    list_select_related = ["home", "item", "decided_by"]
    search_fields = ["home__name", "item__name"]
    date_hierarchy = "created_at"
    show_full_result_count = False

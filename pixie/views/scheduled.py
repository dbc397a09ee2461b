"""Pages to list, add and cancel schedules, and to set the time of the daily summary."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chat.models import ROOM_KINDS, Channel
from homes.decorators import MemberRequest, member_required, show_action_errors
from pantry.errors import ActionError
from pixie.actions import cancel_scheduled, choose_summary, resume_scheduled, schedule_message
from pixie.forms import ScheduleForm, SummaryForm
from pixie.models import ScheduledMessage


def scheduled_url(request: HttpRequest, **kwargs: Any) -> str:
    return reverse("pixie:scheduled", args=[request.home.pk])  # type: ignore[attr-defined]  # admitted by then


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def scheduled(request: MemberRequest) -> HttpResponse:
    rooms = Channel.objects.visible_to(request.member).filter(kind__in=ROOM_KINDS, archived_at=None)
    form = ScheduleForm(request.POST or None, rooms=rooms.order_by("-is_system", "name"), home=request.home)
    if request.method == "POST" and form.is_valid():
        try:
            schedule_message(**form.schedule, by=request.actor)
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Scheduled."))
            return redirect(scheduled_url(request))
    template = "pixie/scheduled.html#scheduled" if request.htmx else "pixie/scheduled.html"
    rows = ScheduledMessage.objects.visible_to(request.member).pending().select_related("channel", "home")
    context = {
        "form": form,
        "summary_form": SummaryForm(home=request.home),
        "rows": rows.order_by("trigger_at", "pk"),
        "here": scheduled_url(request),
        "seq": request.home.last_seq,
        "op_id": uuid4(),
        "tab": "home",
    }
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
@member_required
@show_action_errors(scheduled_url)
def cancel(request: MemberRequest, scheduled_id: UUID) -> HttpResponse:
    scheduled = cancel_scheduled(get_scheduled(request, scheduled_id), by=request.actor)
    undo_url = reverse("pixie:resume_scheduled", args=[request.home.pk, scheduled.pk])
    messages.success(request, _("Cancelled."), extra_tags=undo_url)
    return redirect(scheduled_url(request))


@require_POST
@member_required
@show_action_errors(scheduled_url)
def resume(request: MemberRequest, scheduled_id: UUID) -> HttpResponse:
    resume_scheduled(get_scheduled(request, scheduled_id), by=request.actor)
    return redirect(scheduled_url(request))


@require_POST
@member_required
def summary(request: MemberRequest) -> HttpResponse:
    """Set the time of the daily summary."""
    form = SummaryForm(request.POST, home=request.home)
    if not form.is_valid():
        messages.error(request, _("Choose a time, or “Never”."))
        return redirect(scheduled_url(request))
    hour = choose_summary(form.selected_hour, by=request.actor).hour
    message = (
        _("There will be no morning summary any more.") if hour is None else _("You'll get a summary every morning.")
    )
    messages.success(request, message)
    return redirect(scheduled_url(request))


def get_scheduled(request: MemberRequest, scheduled_id: UUID) -> ScheduledMessage:
    scheduled: ScheduledMessage = get_object_or_404(
        ScheduledMessage.objects.visible_to(request.member), pk=scheduled_id
    )
    return scheduled

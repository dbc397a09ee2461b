"""Pages to list, add and cancel schedules, and to set the time of the daily summary."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from chat.models import ROOM_KINDS, Channel
from homes.decorators import MemberRequest, error_messages, member_form, member_post
from pantry.forms import form_errors, render_form
from pixie.actions import cancel_scheduled, choose_summary, resume_scheduled, schedule_message
from pixie.forms import ScheduleForm, SummaryForm
from pixie.models import ScheduledMessage


@member_form
def scheduled(request: MemberRequest) -> HttpResponse:
    rooms = Channel.objects.visible_to(request.member).filter(kind__in=ROOM_KINDS, archived_at=None)
    form = ScheduleForm(request.POST or None, rooms=rooms.order_by("-is_system", "name"), home=request.home)
    if form.is_valid():
        with form_errors(form):
            schedule_message(**form.schedule, by=request.actor)
            messages.success(request, _("Scheduled."))
            return redirect("pixie:scheduled", request.home.pk)
    template = "pixie/scheduled.html#scheduled" if request.htmx else "pixie/scheduled.html"
    rows = ScheduledMessage.objects.visible_to(request.member).pending().select_related("channel", "home")
    context = {
        "summary_form": SummaryForm(home=request.home),
        "rows": rows.order_by("trigger_at", "pk"),
        "here": reverse("pixie:scheduled", args=[request.home.pk]),
        "seq": request.home.last_seq,
        "op_id": uuid4(),
        "tab": "home",
    }
    return render_form(request, template, form, **context)


@member_post
def cancel(request: MemberRequest, scheduled_id: UUID) -> HttpResponse:
    with error_messages(request):
        scheduled = cancel_scheduled(get_scheduled(request, scheduled_id), by=request.actor)
        undo_url = reverse("pixie:resume_scheduled", args=[request.home.pk, scheduled.pk])
        messages.success(request, _("Cancelled."), extra_tags=undo_url)
    return redirect("pixie:scheduled", request.home.pk)


@member_post
def resume(request: MemberRequest, scheduled_id: UUID) -> HttpResponse:
    with error_messages(request):
        resume_scheduled(get_scheduled(request, scheduled_id), by=request.actor)
    return redirect("pixie:scheduled", request.home.pk)


@member_post
def summary(request: MemberRequest) -> HttpResponse:
    """Set the time of the daily summary."""
    form = SummaryForm(request.POST, home=request.home)
    if not form.is_valid():
        messages.error(request, _("Choose a time, or “Never”."))
        return redirect("pixie:scheduled", request.home.pk)
    hour = choose_summary(form.cleaned_data["hour"], by=request.actor).hour
    message = (
        _("There will be no morning summary any more.") if hour is None else _("You'll get a summary every morning.")
    )
    messages.success(request, message)
    return redirect("pixie:scheduled", request.home.pk)


def get_scheduled(request: MemberRequest, scheduled_id: UUID) -> ScheduledMessage:
    return get_object_or_404(ScheduledMessage.objects.visible_to(request.member), pk=scheduled_id)

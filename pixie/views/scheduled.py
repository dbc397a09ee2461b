"""What is scheduled: to see, to add to, to cancel."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chat.models import NAMED, Channel
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
    seen = Channel.objects.visible_to(request.member).filter(kind__in=NAMED, archived_at=None)
    form = ScheduleForm(request.POST or None, rooms=seen.order_by("-is_system", "name"), home=request.home)
    if request.method == "POST" and form.is_valid():
        try:
            schedule_message(**form.said, by=request.actor)
        except ActionError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("It is scheduled."))
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
    found = cancel_scheduled(the_scheduled(request, scheduled_id), by=request.actor)
    back = reverse("pixie:resume_scheduled", args=[request.home.pk, found.pk])
    messages.success(request, _("It will not be said."), extra_tags=back)
    return redirect(scheduled_url(request))


@require_POST
@member_required
@show_action_errors(scheduled_url)
def resume(request: MemberRequest, scheduled_id: UUID) -> HttpResponse:
    resume_scheduled(the_scheduled(request, scheduled_id), by=request.actor)
    return redirect(scheduled_url(request))


@require_POST
@member_required
def summary(request: MemberRequest) -> HttpResponse:
    """When the home is told what its day begins with."""
    form = SummaryForm(request.POST, home=request.home)
    if not form.is_valid():
        messages.error(request, _("Choose an hour, or never."))
        return redirect(scheduled_url(request))
    hour = choose_summary(form.chosen, by=request.actor).hour
    sentence = _("No summary in the morning any more.") if hour is None else _("It is said each morning.")
    messages.success(request, sentence)
    return redirect(scheduled_url(request))


def the_scheduled(request: MemberRequest, scheduled_id: UUID) -> ScheduledMessage:
    found: ScheduledMessage = get_object_or_404(ScheduledMessage.objects.visible_to(request.member), pk=scheduled_id)
    return found

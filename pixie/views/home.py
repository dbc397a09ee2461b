"""The Today page, and replies to Pixie."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chat.actions import open_assistant, send_message
from chat.models import Channel, ChannelKind, Message
from groceries import reports
from groceries.models import EntryState, GroceryList, ListEntry, RecurringItem
from homes.decorators import MemberRequest, member_required
from homes.models import Agent
from pantry.errors import ActionError
from pixie.models import PendingAction, PendingState, Run, Suggestion
from pixie.runs import confirmations
from pixie.runs import undo as runs_undo
from pixie.runs.wait import find_run_by_answer, stop_run

MAX_RECENT_MESSAGES = 6


@require_safe
@member_required
def today(request: MemberRequest) -> HttpResponse:
    template = "pixie/today.html#today" if request.htmx else "pixie/today.html"
    return render(request, template, today_context(request))


@require_POST
@member_required
def tell(request: MemberRequest) -> HttpResponse:
    """Send a message to the member's own chat with Pixie and open that chat."""
    pixie = Agent.objects.default_agent(request.home)
    if pixie is None:
        messages.error(request, _("No agent in this home is awake."))
        return redirect("pixie:today", request.home.pk)
    channel = open_assistant(pixie, by=request.actor)
    try:
        send_message(channel, request.POST.get("body", ""), by=request.actor, pk=request.actor.op_id)
    except ActionError as error:
        messages.error(request, str(error))
        return render(
            request, "pixie/today.html", {**today_context(request), "draft": request.POST.get("body", "")}, status=422
        )
    return redirect("chat:channel", request.home.pk, channel.pk)


@require_POST
@member_required
def decide(request: MemberRequest, message_id: UUID) -> HttpResponse:
    """Confirm or decline what Pixie asks."""
    message = _message(request, message_id)
    try:
        confirmations.decide(message, yes=request.POST.get("answer") == "yes", by=request.actor)
    except ActionError as error:
        messages.error(request, str(error))
    return _back(request, message.channel_id)


@require_POST
@member_required
def undo(request: MemberRequest, message_id: UUID) -> HttpResponse:
    """Undo what the receipt of a message lists."""
    message = _message(request, message_id)
    try:
        runs_undo.undo_message(message, by=request.actor)
    except ActionError as error:
        messages.error(request, str(error))
    return _back(request, message.channel_id)


@require_POST
@member_required
def stop(request: MemberRequest, message_id: UUID) -> HttpResponse:
    """Stop the agent that is writing this message. Does nothing if it has finished."""
    unfinished = Run.objects.visible_to(request.member).unfinished().select_related("channel")
    run = find_run_by_answer(message_id, list(unfinished))
    if run is not None:
        stop_run(run)
        return _back(request, run.channel_id)
    return _back(request, _message(request, message_id).channel_id)


def today_context(request: MemberRequest) -> dict[str, Any]:
    """Return the template context of the Today page."""
    home, member = request.home, request.member
    current = GroceryList.objects.visible_to(member).current()
    entries = ListEntry.objects.filter(list=current) if current else ListEntry.objects.none()
    to_get = entries.filter(state=EntryState.PENDING).count()
    got = entries.filter(state=EntryState.PURCHASED).count()
    pending = PendingAction.objects.visible_to(member).filter(state=PendingState.WAITING, expires_at__gt=home.now())
    suggestions = list(Suggestion.objects.visible_to(member).relevant().select_related("item", "home"))
    left = reports.remaining_budget(home)
    chats = Channel.objects.filter(home=home, kind=ChannelKind.ASSISTANT, created_by=member.user, title="")
    recent = Message.objects.visible_to(member).finished().filter(parent=None, deleted_at=None).with_authors()
    return {
        "list": current,
        "to_get": to_get,
        "got": got,
        "all": to_get + got,
        "percent": round(100 * got / (to_get + got)) if to_get + got else 0,
        "asks": list({action.message_id: action.message for action in pending.select_related("message")}.values()),
        "talk": chats.filter(archived_at=None).last(),
        "pixie": Agent.objects.default_agent(home),
        "due": RecurringItem.objects.due_soon(home)
        .exclude(item__in=entries.pending().values("item"))
        .exclude(item__in=[suggestion.item_id for suggestion in suggestions if suggestion.item_id]),
        "suggestions": suggestions,
        "left": left,
        "budget_percent": reports.budget_percent(home, left),
        "spent": reports.total_spent(reports.Period.month(home)),
        "days_left": reports.Period.month(home).days_left(),
        "lately": recent.select_related("channel").order_by("-created_at")[:MAX_RECENT_MESSAGES],
        "now": home.now(),
        "seq": home.last_seq,
        "op_id": uuid4(),
        "tab": "today",
    }


def _message(request: MemberRequest, message_id: UUID) -> Message:
    message: Message = get_object_or_404(
        Message.objects.visible_to(request.member).select_related("channel", "parent"), pk=message_id
    )
    return message


def _back(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    """Redirect to the form's `next` page, else to the channel."""
    url = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}):
        return HttpResponseRedirect(url)
    return redirect(reverse("chat:channel", args=[request.home.pk, channel_id]))

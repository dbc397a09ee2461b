"""The Today page with its suggestions, replies to Pixie, and the page that shows how an answer was made."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.actions import open_assistant, send_message
from chat.models import Channel, ChannelKind, Message
from chat.presenters import quick_replies_for
from chat.views import message_text
from groceries import reports
from homes.decorators import MemberRequest, error_messages, member_page, member_post
from homes.models import Agent, Membership
from homes.operations import redirect_to_next
from pantry.errors import ActionError
from pantry.forms import with_retry_after
from pixie.actions import dismiss_suggestion, reopen_suggestion, take_suggestion
from pixie.models import PendingAction, PendingState, Run, Suggestion, SuggestionKind
from pixie.replies import excuses
from pixie.runs import confirmations, trace
from pixie.runs import undo as runs_undo
from pixie.runs.draft import answer_id
from pixie.runs.stop import stop_run
from pixie.runs.vocabulary import FRESH
from pixie.today import Today

MAX_RECENT_MESSAGES = 6


@member_page
def today(request: MemberRequest) -> HttpResponse:
    template = "pixie/today.html#today" if request.htmx else "pixie/today.html"
    return render(request, template, today_context(request))


@member_post
def tell(request: MemberRequest) -> HttpResponse:
    """Send a message to the member's own chat with Pixie and open that chat."""
    pixie = Agent.objects.default_agent(request.home)
    if pixie is None:
        messages.error(request, _("No agent in this home is awake."))
        return redirect("pixie:today", request.home.pk)
    channel = open_assistant(pixie, by=request.actor)
    body = message_text(request)
    try:
        send_message(channel, body, by=request.actor, pk=request.actor.op_id)
    except ActionError as error:
        messages.error(request, str(error))
        page = render(request, "pixie/today.html", {**today_context(request), "draft": body}, status=422)
        return with_retry_after(page, error)
    return redirect("chat:channel", request.home.pk, channel.pk)


@member_post
def decide(request: MemberRequest, message_id: UUID) -> HttpResponse:
    """Confirm or decline what Pixie asks."""
    message = _message(request, message_id)
    with error_messages(request):
        confirmations.decide(message, yes=request.POST.get("answer") == "yes", by=request.actor)
    return _back(request, message.channel_id)


@member_post
def undo(request: MemberRequest, message_id: UUID) -> HttpResponse:
    """Undo what the receipt of a message lists."""
    message = _message(request, message_id)
    with error_messages(request):
        runs_undo.undo_message(message, by=request.actor)
    return _back(request, message.channel_id)


@member_post
def stop(request: MemberRequest, message_id: UUID) -> HttpResponse:
    """Stop the agent that is writing this message. Does nothing if it has finished."""
    unfinished = Run.objects.visible_to(request.member).unfinished().select_related("channel")
    run = next((run for run in unfinished if answer_id(run) == message_id), None)
    if run is not None:
        stop_run(run)
        return _back(request, run.channel_id)
    return _back(request, _message(request, message_id).channel_id)


@member_post
def take(request: MemberRequest, suggestion_id: UUID) -> HttpResponse:
    with error_messages(request):
        suggestion = take_suggestion(get_suggestion(request, suggestion_id), by=request.actor)
        if suggestion.kind == SuggestionKind.BUDGET:
            return redirect("groceries:money", request.home.pk)
        messages.success(request, _("%(item)s is on the list.") % {"item": suggestion.title})
    return redirect("pixie:today", request.home.pk)


@member_post
def dismiss(request: MemberRequest, suggestion_id: UUID) -> HttpResponse:
    with error_messages(request):
        dismissed = dismiss_suggestion(get_suggestion(request, suggestion_id), by=request.actor)
        undo_url = reverse("pixie:reopen_suggestion", args=[request.home.pk, dismissed.pk])
        message = _("%(what)s won't be suggested again for a while.") % {"what": dismissed.title}
        messages.success(request, message, extra_tags=undo_url)
    return redirect("pixie:today", request.home.pk)


@member_post
def reopen(request: MemberRequest, suggestion_id: UUID) -> HttpResponse:
    with error_messages(request):
        reopen_suggestion(get_suggestion(request, suggestion_id), by=request.actor)
    return redirect("pixie:today", request.home.pk)


def get_suggestion(request: MemberRequest, suggestion_id: UUID) -> Suggestion:
    visible = Suggestion.objects.visible_to(request.member).select_related("item", "home")
    return get_object_or_404(visible, pk=suggestion_id)


def today_context(request: MemberRequest) -> dict[str, Any]:
    """Return the template context of the Today page."""
    home, member = request.home, request.member
    now = Today(member)
    all_entries = now.to_get + now.got
    pending = PendingAction.objects.visible_to(member).filter(state=PendingState.WAITING, expires_at__gt=home.now())
    pending = pending.select_related("message")
    suggestions = list(Suggestion.objects.visible_to(member).relevant(member.home).select_related("item", "home"))
    offered = {suggestion.item_id for suggestion in suggestions}
    chats = Channel.objects.filter(home=home, kind=ChannelKind.ASSISTANT, created_by=member.user, title="")
    agent_chat = chats.filter(archived_at=None).last()
    recent = Message.objects.visible_to(member).finished().filter(parent=None, deleted_at=None).with_authors()
    recent = recent.exclude(channel__kind=ChannelKind.DM)  # whose words are not for who looks over a shoulder
    return {
        "today": now,
        "list": now.current_list,
        "to_get": now.to_get,
        "got": now.got,
        "all": all_entries,
        "percent": round(100 * now.got / all_entries) if all_entries else 0,
        "confirmations": list({action.message_id: action.message for action in pending}.values()),
        "agent_chat": agent_chat,
        "offer": _offer(member, agent_chat),
        "pixie": Agent.objects.default_agent(home),
        "due": [rule for rule in now.due if rule.item_id not in offered],
        "forecasts": [each for each in now.forecasts if each.item_id not in offered],
        "suggestions": suggestions,
        "left": now.left,
        "budget_percent": reports.budget_percent(home, now.left),
        "spent": now.spent,
        "days_left": reports.Period.month(home).days_left(),
        "recent_messages": recent.select_related("channel").order_by("-created_at")[:MAX_RECENT_MESSAGES],
        "now": home.now(),
        "seq": home.last_seq,
        "op_id": uuid4(),
        "tab": "today",
    }


def _offer(member: Membership, agent_chat: Channel | None) -> dict[str, Any] | None:
    """Return the newest answer in the member's chat with Pixie and its quick replies, if it is fresh."""
    newest = Message.objects.filter(channel=agent_chat, parent=None).order_by("-seq").first() if agent_chat else None
    if newest is None or timezone.now() - newest.created_at > FRESH:
        return None
    replies = quick_replies_for(newest, member)
    return {"message": newest, "replies": replies} if replies else None


def _message(request: MemberRequest, message_id: UUID) -> Message:
    visible = Message.objects.visible_to(request.member).select_related("channel", "parent")
    return get_object_or_404(visible, pk=message_id)


def _back(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    """Redirect to the form's `next` page, else to the channel."""
    return redirect_to_next(request, reverse("chat:channel", args=[request.home.pk, channel_id]))


@member_page
def run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    visible = Run.objects.visible_to(request.member)
    run = get_object_or_404(visible.select_related("agent", "trigger_message__author_user"), pk=run_id)
    template = "pixie/run.html#run" if request.htmx else "pixie/run.html"
    return render(request, template, run_context(request, run))


def run_context(request: MemberRequest, run: Run) -> dict[str, Any]:
    """Return the template context. If the question was deleted, only figures are shown."""
    question = run.trigger_message
    answer = Message.objects.filter(pk=answer_id(run)).first()
    actions = PendingAction.objects.filter(message=answer_id(run)).select_related("decided_by").order_by("created_at")
    return {
        "run": run,
        "agent": run.agent,
        "question": question,
        "answer": answer,
        "answer_id": answer_id(run),
        "is_taken_back": question is not None and question.deleted_at is not None,
        "steps": trace.step_views(run, answer.body if answer else ""),
        "confirmations": [(trace.question_text(action), action) for action in actions],
        "figures": trace.format_usage(run),
        "took": trace.format_duration(run.duration_ms),
        "tool_took": trace.format_duration(run.tool_ms),
        "end_reason": excuses.end_reason_text(run.stop_reason, run.error),
        "answer_url": _answer_url(request, run, answer),
        "here": request.path,
        "seq": request.home.last_seq,
        "tab": "chat",
    }


def _answer_url(request: MemberRequest, run: Run, answer: Message | None) -> str:
    """Return the link to the answer, or to its channel if there is none."""
    if answer is not None and answer.parent_id:
        thread = reverse("chat:thread", args=[request.home.pk, run.channel_id, answer.parent_id])
        return f"{thread}#tm-{answer.pk}"
    room = reverse("chat:channel", args=[request.home.pk, run.channel_id])
    return f"{room}#m-{answer.pk}" if answer else room

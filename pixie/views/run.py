"""The page that shows how an answer was made, for those who may read the answer."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chat.models import Message
from homes.decorators import MemberRequest, member_required
from pixie.models import PendingAction, Run
from pixie.replies import excuses
from pixie.runs import trace
from pixie.runs.draft import answer_id


@require_safe
@member_required
def run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    visible = Run.objects.visible_to(request.member)
    run = get_object_or_404(visible.select_related("agent", "trigger_message__author_user"), pk=run_id)
    template = "pixie/run.html#run" if request.htmx else "pixie/run.html"
    return render(request, template, _context(request, run))


def _context(request: MemberRequest, run: Run) -> dict[str, Any]:
    """Return the template context. If the question was deleted, only figures are shown."""
    asked = run.trigger_message
    answer = Message.objects.filter(pk=answer_id(run)).first()
    asks = PendingAction.objects.filter(message=answer_id(run)).select_related("decided_by").order_by("created_at")
    return {
        "run": run,
        "agent": run.agent,
        "asked": asked,
        "answer": answer,
        "answer_id": answer_id(run),
        "is_taken_back": asked is not None and asked.deleted_at is not None,
        "steps": trace.step_views(run, answer.body if answer else ""),
        "asks": [(trace.question_text(action), action) for action in asks],
        "figures": trace.format_usage(run),
        "took": trace.format_duration(run.duration_ms),
        "tool_took": trace.format_duration(run.tool_ms),
        "sorry": excuses.end_reason_text(run.stop_reason, run.error),
        "talk": _answer_url(request, run, answer),
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

"""How an agent's answers came about."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from chat.models import Message
from homes.api.viewsets import HomeViewSet
from homes.models import Agent
from pantry.api.pagination import columns_of, paginate
from pantry.api.schema import describe
from pixie.api import run_shapes as shapes
from pixie.api.serializers import RunSerializer
from pixie.models import Run, RunMessage
from pixie.models.run import milliseconds
from pixie.replies import excuses
from pixie.runs.cancel import stop_run
from pixie.runs.responses import response
from pixie.runs.trace import cut, state_of
from pixie.runs.wait import answer_of

RUNS = "Pixie"
COLUMNS = [name for name in columns_of(shapes.RunRow) if name != "duration_ms"]


class AgentRunViewSet(HomeViewSet):
    @describe("An agent's runs, the newest first", tag=RUNS, pages=shapes.RunRow, query=shapes.RunQuery)
    def list(self, request: Request, agent_id: UUID, **kwargs: Any) -> Response:
        """Those in channels that one sees."""
        agent = get_object_or_404(Agent, pk=agent_id, home=self.home)
        rows = Run.objects.visible_to(self.member).filter(agent=agent, **self.validated_query(shapes.RunQuery))
        columns = rows.values_list(*COLUMNS, named=True)
        return paginate(request, columns, ["-created_at", "-id"], lambda page: [*map(_row, page)])


class RunViewSet(HomeViewSet):
    scopes = ("read", "chat")

    @describe("How far Pixie is with an answer, and how it came about", tag=RUNS, gives=shapes.RunTrace)
    def retrieve(self, request: Request, run_id: UUID, **kwargs: Any) -> Response:
        """`messages` are what was asked, said and done, in order: none where the question was taken back."""
        run = self.the_run(run_id)
        answer = answer_of(run)
        asked = run.trigger_message
        known = {
            "response": response(run, answer) if answer else None,
            "error": excuses.why_ended(run.stop_reason, run.error),
            "steps": shapes.StepSerializer(run.steps.all(), many=True).data,
            "messages": [] if asked and asked.deleted_at else [_message(one) for one in run.messages.all()],
        }
        return Response({**shapes.RunRow(run).data, **known})

    @describe("Let Pixie stop", tag=RUNS, gives=RunSerializer, posts=True)
    def cancel(self, request: Request, run_id: UUID, **kwargs: Any) -> Response:
        """It is heard between two pieces of the answer; what was done until then stays. Too late, it is harmless."""
        run = stop_run(self.the_run(run_id))
        return Response(drawn(run, answer_of(run)))

    def the_run(self, run_id: UUID) -> Run:
        seen = Run.objects.visible_to(self.member).select_related("trigger_message")
        found: Run = get_object_or_404(seen, pk=run_id)
        return found


def _row(run: Any) -> dict[str, Any]:
    """As RunRow has it, from its columns: at a third of what making a Run of each would cost."""
    lasted = milliseconds(run.started_at, run.completed_at)
    return {**run._asdict(), "cost_usd": float(run.cost_usd), "duration_ms": lasted}


def drawn(run: Run, answer: Message | None) -> dict[str, Any]:
    """A run, and its answer where there is one."""
    return {"id": run.pk, "status": run.status, "response": response(run, answer) if answer else None}


def _message(kept: RunMessage) -> dict[str, Any]:
    is_returned = kept.message_type == RunMessage.Type.TOOL_RETURN
    return {
        "id": kept.pk,
        "step_id": kept.step_id,
        "message_type": kept.message_type,
        "content": cut(kept.content),
        "tool_name": kept.tool_name,
        "tool_input": kept.tool_input,
        "tool_call_id": kept.tool_call_id,
        "outcome": state_of(kept.outcome) if is_returned else None,
        "duration_ms": kept.duration_ms,
        "created_at": kept.created_at,
    }

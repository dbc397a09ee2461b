"""Tool to undo an operation."""

from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import Field

from homes.events.actor import Actor
from pantry.errors import ActionError
from pixie.runs import undo as runs_undo
from pixie.tools.registry import Effects, Line, Result, tool


def _resolve_answer(actor: Actor, message: UUID | None, **_rest: object) -> dict[str, object]:
    if message is None and actor.agent is None:
        return {}
    receipt = _get_answer(actor, message).metadata.get("receipt") or {}
    names = ", ".join(line["name"] for line in receipt.get("lines", ()))
    return {"what": f"{receipt.get('title', '')}: {names}"}


@tool(effects=Effects(takes_away=True), resolve=_resolve_answer)
def undo(
    actor: Actor,
    message: Annotated[UUID | None, Field(description="The answer to undo; omit for the last operation")] = None,
) -> Result:
    """Undo the person's last operation that is not undone yet. What was changed back by hand counts as undone."""
    if message is None and actor.agent is None:
        return _undo_last_operation(actor)
    answer = _get_answer(actor, message)
    is_changed = runs_undo.revert_receipt(answer, by=actor)
    receipt = answer.metadata["receipt"]
    lines = tuple(Line(**line) for line in receipt["lines"])
    facts = {"what": receipt["title"], "message": str(answer.pk), "is_changed": is_changed}
    return Result("undo", facts, lines)


def _get_answer(actor: Actor, pk: UUID | None) -> Any:
    visible = runs_undo.quotable_messages(actor)
    answer = visible.filter(pk=pk).first() if pk else runs_undo.last_undoable_answer(actor)
    if answer is None:
        raise ActionError(_("There is nothing to undo."))
    return answer


def _undo_last_operation(actor: Actor) -> Result:
    """Undo the newest operation of which something is left to undo."""
    for events in runs_undo.undoable_operations(actor):
        if runs_undo.undo_events(events, actor):
            names = [*dict.fromkeys(name for event in events if (name := _subject_name(event.data)))]
            facts = {"what": ", ".join(names), "events": [event.seq for event in events]}
            return Result("undo", facts, tuple(map(Line, names)))
    raise ActionError(_("There is nothing to undo."))


def _subject_name(data: dict[str, dict[str, dict[str, str]]]) -> str:
    for kind in ("entry", "recurring"):
        if kind in data:
            return str(data[kind]["item"]["name"])
    for kind in ("item", "list"):
        if kind in data:
            return str(data[kind]["name"])
    return str(data["message"]["body"] if "message" in data else data.get("emoji", ""))

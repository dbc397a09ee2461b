"""What a language model is told: who it is, the home, the talk so far, and what this run did up to now.

All that people wrote is data: it stands in JSON, inside of marks that nothing in it can close.
"""

import json
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.utils import timezone

from chat.models import ChannelKind, Message
from groceries.models import GroceryList
from homes.models import Agent, Membership
from pixie.llm import Call, ToolSerializer, Turn
from pixie.llm.wire import Returned
from pixie.models import MemoryBlock, Run, RunMessage, RunStatus, RunStep
from pixie.runs.outcomes import Outcome, unpack
from pixie.tools import TOOLS

PROMPTS = Path(__file__).parent / "prompts"
MOST_SAID = 20  # messages of the talk
MOST_ENTRIES = 60  # of the list
LONGEST = 1000  # letters of one old message


@cache
def prompt(name: str) -> str:
    return (PROMPTS / f"{name}.md").read_text().strip()


def rules(agent: Agent) -> str:
    """The same for every message, so that a provider may keep it."""
    own = agent.system_prompt.strip()
    return prompt("pixie").replace("{name}", agent.display_name) + (f"\n\n# This home wishes\n{own}" if own else "")


def facts(run: Run, member: Membership) -> str:
    """The home as it is now, as its members see it."""
    home = run.home
    found = GroceryList.objects.visible_to(member).current()
    entries = found.entries.pending().in_aisles()[:MOST_ENTRIES] if found else []
    people = Membership.objects.filter(home=home).order_by("number").values_list("user__name", flat=True)
    now = timezone.localtime()
    told = {
        "home": home.name,
        "members": list(people),
        "speaking": member.user.name,
        "now": now.strftime("%A %d %B %Y, %H:%M"),
        "timezone": home.timezone,
        "currency": home.currency,
        "language": member.user.locale or home.locale,
        "list": found.name if found else None,
        "to_get": [str(entry) for entry in entries],
        "kept_in_mind": _kept_in_mind(run, member),
    }
    return fenced("home", told)


def _kept_in_mind(run: Run, member: Membership) -> dict[str, str]:
    """What the agent's memory says under each label. What is about the person is theirs alone: it is left out where
    others read the answer."""
    blocks = MemoryBlock.objects.visible_to(member).of(run.agent).exclude(content="")
    if run.channel.kind != ChannelKind.ASSISTANT:
        blocks = blocks.filter(user=None)
    return dict(blocks.values_list("label", "content"))


def opening(run: Run, message: Message, member: Membership) -> Turn:
    """The talk so far, and the message that is to be answered."""
    seen = Message.objects.visible_to(member).finished().filter(channel=run.channel_id, deleted_at=None)
    if message.parent_id:
        before = seen.filter(parent=message.parent_id) | seen.filter(pk=message.parent_id)
    else:
        before = seen.filter(parent=None)
    said = before.filter(seq__lt=message.seq).with_authors().order_by("-seq")[:MOST_SAID]
    talk = [{"by": _author(one), "text": one.body[:LONGEST]} for one in reversed(said)]
    parts = [fenced("talk", talk)] if talk else []
    asked = {"by": member.user.name, "text": message.body}
    if run.scheduled_for is not None:
        asked["was_scheduled_for"] = timezone.localtime(run.scheduled_for).isoformat()
    return Turn("\n\n".join([*parts, fenced("said", asked)]))


def fenced(mark: str, content: Any) -> str:
    """JSON in which no mark can stand: “<” is written as its code."""
    written = json.dumps(content, ensure_ascii=False, indent=1).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<{mark}>\n{written}\n</{mark}>"


def person_of(member: Membership) -> str:
    """A word for the provider that tells one person from another, and nothing else."""
    return sha256(f"{member.home_id}:{member.user_id}".encode()).hexdigest()[:32]


@cache
def tool_shapes() -> tuple[ToolSerializer, ...]:
    return tuple(
        ToolSerializer(tool.name, tool.description, _schema(tool.arguments.model_json_schema()))
        for tool in sorted(TOOLS.values(), key=lambda tool: tool.name)
    )


def so_far(run: Run) -> tuple[list[Turn], list[Outcome]]:
    """What the run's finished steps said and did, as the next step is told it."""
    turns: list[Turn] = []
    outcomes: list[Outcome] = []
    for step in finished_steps(run):
        kept = list(step.messages.all())
        turns.append(_model_turn(step, kept))
        returned = [one for one in kept if one.message_type == RunMessage.Type.TOOL_RETURN]
        told = "\n".join(one.content for one in kept if one.message_type == RunMessage.Type.SYSTEM)
        answered = tuple(Returned(one.tool_call_id, one.content, _failed(one)) for one in returned)
        if answered or told:
            turns.append(Turn(told, returned=answered))
        outcomes += [unpack(one.outcome) for one in returned if one.outcome]
    return turns, outcomes


def finished_steps(run: Run) -> Sequence[RunStep]:
    done = RunStep.objects.filter(run=run, status=RunStatus.COMPLETED).exclude(model="local")
    return list(done.order_by("step_number").prefetch_related("messages"))


def calls_of(kept: Sequence[RunMessage]) -> tuple[Call, ...]:
    asked = [one for one in kept if one.message_type == RunMessage.Type.TOOL_CALL]
    return tuple(Call(one.tool_call_id, one.tool_name, one.tool_input) for one in asked)


def actions_of(run: Run) -> list[dict[str, Any]]:
    """The calls that were made or wait, as the API tells them."""
    made = RunMessage.objects.filter(run=run, message_type=RunMessage.Type.TOOL_CALL, tool_name__in=TOOLS)
    return [{"type": one.tool_name, "payload": one.tool_input or {}} for one in made]


def _model_turn(step: RunStep, kept: Sequence[RunMessage]) -> Turn:
    said = "".join(one.content for one in kept if one.message_type == RunMessage.Type.ASSISTANT)
    return Turn(said, is_model=True, calls=calls_of(kept), raw=step.said)


def _failed(returned: RunMessage) -> bool:
    return not returned.outcome or returned.outcome["is"] != "result"


def _author(message: Message) -> str:
    author = message.author_agent or message.author_user
    return getattr(author, "display_name", None) or getattr(author, "name", "") or message.author_name


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Without the titles that pydantic gives: each is a word that every call would pay for."""
    return {
        name: {key: _schema(one) for key, one in value.items()}
        if name == "properties"
        else [_schema(one) if isinstance(one, dict) else one for one in value]
        if isinstance(value, list)
        else _schema(value)
        if isinstance(value, dict)
        else value
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str))
    }

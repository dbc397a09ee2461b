"""The prompt for a language model: its rules, the home's state, the conversation and the steps of this run.

Everything that people wrote is sent as JSON inside of tags that it cannot close.
"""

import json
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from chat.models import ChannelKind, Message
from groceries.models import GroceryList
from homes.events.actor import Actor
from homes.models import Agent, Membership
from pantry.text import shorten
from pixie.llm import ToolCall, ToolResult, ToolSchema, Turn
from pixie.models import LOCAL, MemoryBlock, Run, RunMessage, RunStatus, RunStep
from pixie.runs.language import message_language
from pixie.runs.outcomes import Outcome, unpack
from pixie.tools import TOOLS

PROMPTS = Path(__file__).parent / "prompts"
MAX_MESSAGES = 20  # of the conversation
MAX_ENTRIES = 60  # of the current list
MAX_MESSAGE_CHARS = 1000  # of an earlier message
UNREAD_FACTS = ("speaking", "now", "timezone", "language")  # for a token that may not read the home


@cache
def load_prompt(name: str) -> str:
    return (PROMPTS / f"{name}.md").read_text().strip()


def rules_text(agent: Agent) -> str:
    """Return the system prompt. It is the same for every message, so that the provider can cache it."""
    own = agent.system_prompt.strip()
    wishes = f"\n\n# This home wishes\n{own}" if own else ""
    return load_prompt("pixie").replace("{name}", agent.display_name) + wishes


def facts_text(run: Run, member: Membership) -> str:
    """Return the current state of the home, as the member sees it."""
    home = run.home
    current = GroceryList.objects.visible_to(member).current()
    entries = list(current.entries.pending().in_aisles(current.store)[:MAX_ENTRIES]) if current else []
    people = Membership.objects.filter(home=home).order_by("number").values_list("user__name", flat=True)
    now = timezone.localtime()
    facts = {
        "home": home.name,
        "members": list(people),
        "speaking": member.user.name,
        "now": now.strftime("%A %d %B %Y, %H:%M"),
        "timezone": home.timezone,
        "currency": home.currency,
        "language": member.user.locale or home.locale,
        "list": current.name if current else None,
        "to_get": [str(entry) for entry in entries],
        "memory": _memory_blocks(run, member),
    }
    if not run.actor_for(member).allows("read"):
        facts = {name: facts[name] for name in UNREAD_FACTS}
    return fence("home", facts)


def _memory_blocks(run: Run, member: Membership) -> dict[str, str]:
    """Return the memory blocks by label. Those about the member are private: they are left out where others read the
    answer."""
    blocks = MemoryBlock.objects.visible_to(member).read_by(run.agent).exclude(content="")
    if run.channel.kind != ChannelKind.ASSISTANT:
        blocks = blocks.filter(user=None)
    return dict(blocks.values_list("label", "content"))


def opening_turn(run: Run, message: Message, member: Membership) -> Turn:
    """Return the conversation so far and the message to answer."""
    visible = Message.objects.visible_to(member).finished().filter(channel=run.channel_id, deleted_at=None)
    if message.parent_id:
        before = visible.filter(parent=message.parent_id) | visible.filter(pk=message.parent_id)
    else:
        before = visible.filter(parent=None)
    if not run.actor_for(member).allows("read"):
        before = before.none()
    earlier = before.filter(seq__lt=message.seq).with_authors().order_by("-seq")[:MAX_MESSAGES]
    conversation = [_conversation_row(row) for row in reversed(earlier)]
    parts = [fence("conversation", conversation)] if conversation else []
    current = {"by": member.user.name, "text": message.body}
    if run.scheduled_for is not None:
        current["was_scheduled_for"] = timezone.localtime(run.scheduled_for).isoformat()
    elif language := message_language(message):
        current["answer_in"] = settings.PIXIE_LANGUAGES[language]
    return Turn("\n\n".join([*parts, fence("message", current)]))


def fence(tag: str, content: Any) -> str:
    """Wrap JSON in a tag, with “<” and “>” escaped so that the content cannot close it."""
    text = json.dumps(content, ensure_ascii=False, indent=1).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<{tag}>\n{text}\n</{tag}>"


def hash_person(member: Membership) -> str:
    """Return an id by which the provider can tell members apart, and nothing more."""
    return sha256(f"{member.home_id}:{member.user_id}".encode()).hexdigest()[:32]


def tool_schemas(by: Actor | None = None) -> tuple[ToolSchema, ...]:
    """Return the schemas of all tools, or of those that the actor may use."""
    return tuple(schema for schema in _all_schemas() if by is None or by.allows(TOOLS[schema.name].scope))


@cache
def _all_schemas() -> tuple[ToolSchema, ...]:
    return tuple(
        ToolSchema(tool.name, tool.description, tool.schema())
        for tool in sorted(TOOLS.values(), key=lambda tool: tool.name)
    )


def load_progress(run: Run) -> tuple[list[Turn], list[Outcome]]:
    """Return the turns and outcomes of the run's finished steps."""
    turns: list[Turn] = []
    outcomes: list[Outcome] = []
    for step in finished_steps(run):
        turns.append(Turn(step.text, is_model=True, calls=tool_calls(step), raw=step.raw_reply))
        returns = step.rows(RunMessage.Type.TOOL_RETURN)
        tool_results = tuple(
            ToolResult(row.tool_call_id, row.content, failed=not row.outcome or row.outcome["is"] != "result")
            for row in returns
        )
        if tool_results:
            turns.append(Turn(tool_results=tool_results))
        outcomes += [unpack(row.outcome) for row in returns if row.outcome]
    return turns, outcomes


def finished_steps(run: Run) -> Sequence[RunStep]:
    """Return the model's completed steps in order, with their messages prefetched."""
    steps = RunStep.objects.filter(run=run, status=RunStatus.COMPLETED).exclude(model=LOCAL)
    return list(steps.order_by("step_number").prefetch_related("messages"))


def tool_calls(step: RunStep) -> tuple[ToolCall, ...]:
    calls = step.rows(RunMessage.Type.TOOL_CALL)
    return tuple(ToolCall(row.tool_call_id, row.tool_name, row.tool_input) for row in calls)


def successful_ids(step: RunStep) -> set[str]:
    """Return the ids of the step's calls that had a result."""
    returns = step.rows(RunMessage.Type.TOOL_RETURN)
    return {row.tool_call_id for row in returns if row.outcome and row.outcome["is"] == "result"}


def run_actions(run: Run) -> list[dict[str, Any]]:
    """Return the calls that the run made or asked about, in the API's format."""
    return [
        {"type": call.name, "payload": call.arguments or {}}
        for step in finished_steps(run)
        for call in tool_calls(step)
        if call.id in _made_ids(step)
    ]


def _made_ids(step: RunStep) -> set[str]:
    returns = step.rows(RunMessage.Type.TOOL_RETURN)
    return {row.tool_call_id for row in returns if row.outcome and row.outcome["is"] != "refusal"}


def _conversation_row(message: Message) -> dict[str, str]:
    """Return an earlier message, with our note under an agent's apart, so that the model does not learn to write it."""
    note = message.metadata.get("note", "")
    text = shorten(message.body.removesuffix(note).rstrip(), MAX_MESSAGE_CHARS)
    return {"by": _author(message), "text": text, **({"result": note} if note else {})}


def _author(message: Message) -> str:
    author = message.author_agent or message.author_user
    return getattr(author, "display_name", None) or getattr(author, "name", "") or message.author_name

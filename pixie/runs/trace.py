"""How an answer came about, in words for people. What they and models wrote is cut to a length, and the page escapes
it."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from pantry.templatetags.look import number
from pixie.models import LOCAL, PendingAction, Run, RunMessage, RunStep
from pixie.nlu.outcome import Proposal
from pixie.replies import answers
from pixie.runs.outcomes import unpack
from pixie.tools import TOOLS

LONGEST = 1000  # letters of one text


@dataclass
class Deed:
    """A call of a tool. `state`: done, refused, waits for a yes, failed; empty while it is under way."""

    what: str
    arguments: list[tuple[str, str]]
    state: str = ""
    came: str = ""
    duration_ms: int | None = None

    @property
    def took(self) -> str:
        return duration(self.duration_ms)


@dataclass
class Part:
    """A step. `said` is what a model said beside the answer; `sure`, in per cent, how sure local understanding was."""

    step: RunStep
    said: list[str] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    sure: int | None = None
    is_corrected: bool = False

    @property
    def is_local(self) -> bool:
        return self.step.model == LOCAL

    @property
    def took(self) -> str:
        return duration(self.step.duration_ms)

    @property
    def figures(self) -> list[str]:
        return figures(self.step)


def parts(run: Run, answer: str) -> list[Part]:
    """The run's steps, without the words that are the answer. Two queries, however many they are."""
    return [_part(step, answer) for step in run.steps.prefetch_related("messages")]


def question(action: PendingAction) -> str:
    return cut(answers.describe(Proposal(action.tool, action.arguments, action.confidence)))


def figures(metered: Run | RunStep) -> list[str]:
    """What a run or a step used: tokens, and US$. Nothing where no model was asked."""
    if not metered.input_tokens and not metered.output_tokens:
        return []
    counted = [
        (_("%(count)s tokens in"), metered.input_tokens),
        (_("%(count)s of them from the cache"), metered.cached_tokens),
        (_("%(count)s out"), metered.output_tokens),
        (_("%(count)s of them to think"), metered.reasoning_tokens),
    ]
    cost = _("US$ %(cost)s") % {"cost": formats.number_format(metered.cost_usd, 4)}
    return [*(said % {"count": number(count)} for said, count in counted if count), cost]


def duration(milliseconds: int | None) -> str:
    """As one reads it: “35 ms”, “1.2 s”. Empty where nobody knows."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return _("%(count)d ms") % {"count": milliseconds}
    return _("%(seconds)s s") % {"seconds": formats.number_format(milliseconds / 1000, 1)}


def cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def state_of(outcome: dict[str, Any] | None) -> str:
    """How a call went, in one word."""
    return {"result": "done", "refusal": "refused", "doubt": "waits"}[outcome["is"]] if outcome else "failed"


def _part(step: RunStep, answer: str) -> Part:
    part, kinds = Part(step), RunMessage.Type
    kept = list(step.messages.all())
    returned = [one for one in kept if one.message_type == kinds.TOOL_RETURN]
    for one in kept:
        if one.message_type == kinds.SYSTEM:
            part.is_corrected = True
        elif one.message_type == kinds.TOOL_CALL:
            part.deeds.append(_deed(one, _answer_to(one, returned)))
        elif one.message_type == kinds.ASSISTANT and part.is_local and one.tool_input:
            part.sure = round(100 * one.tool_input.get("confidence", 0))
        elif one.message_type == kinds.ASSISTANT and not part.is_local and one.content != answer:
            part.said.append(cut(one.content))
    return part


def _answer_to(call: RunMessage, returned: list[RunMessage]) -> RunMessage | None:
    """A model's call bears an id; those of local understanding are answered in their order."""
    for one in returned:
        if one.tool_call_id == call.tool_call_id:
            returned.remove(one)
            return one
    return None


def _deed(call: RunMessage, answer: RunMessage | None) -> Deed:
    known, payload = call.tool_name in TOOLS, call.tool_input or {}
    what = answers.describe(Proposal(call.tool_name, payload, 1.0)) if known else call.tool_name
    deed = Deed(cut(what), [(name, cut(_written(value))) for name, value in payload.items() if value not in (None, "")])
    if answer is not None:
        deed.state, deed.duration_ms = state_of(answer.outcome), answer.duration_ms
        deed.came = cut(_told(answer)) if known else _("There is no such tool.")
    return deed


def _told(answer: RunMessage) -> str:
    """In Pixie's words. A tool may tell other facts by now than it did then."""
    if answer.outcome is None:
        return answer.content
    try:
        return answers.tell([unpack(answer.outcome)])
    except (KeyError, TypeError, ValueError, IndexError):
        return answer.content


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

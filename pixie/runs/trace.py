"""The steps of a run for its page. Texts of people and models are truncated; the page escapes them."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from pantry.money import number
from pantry.text import shorten
from pixie.models import LOCAL, PendingAction, Run, RunMessage, RunStep
from pixie.nlu.outcome import Proposal
from pixie.replies import answers
from pixie.replies.calls import describe_call
from pixie.runs.draft import sanitize
from pixie.runs.outcomes import unpack
from pixie.tools import TOOLS

MAX_CHARS = 1000


@dataclass
class ToolCallView:
    """A tool call. `state` is "done", "refused", "waits" (for confirmation), "failed", or empty while in progress."""

    title: str
    arguments: list[tuple[str, str]]
    state: str = ""
    result: str = ""
    duration: str = ""


@dataclass
class StepView:
    """A step. `texts` are what a model wrote besides the answer; the confidence is that of local understanding."""

    step: RunStep
    is_local: bool
    texts: list[str]
    calls: list[ToolCallView]
    confidence_percent: int | None
    duration: str
    usage: list[str]


def step_views(run: Run, answer: str) -> list[StepView]:
    """Return the run's steps, without the text of the answer. Two queries."""
    return [_step_view(step, answer) for step in run.steps.prefetch_related("messages")]


def _is_shown(content: str, answer: str) -> bool:
    """Return whether the answer begins with the model's text, which may have been cut."""
    return answer.startswith(sanitize(content)[:MAX_CHARS])


def question_text(action: PendingAction) -> str:
    return truncate(action.description)


def format_usage(metered: Run | RunStep) -> list[str]:
    """Return the tokens and cost in US$, or nothing if no model was used."""
    if not metered.input_tokens and not metered.output_tokens:
        return []
    counts = [
        (_("%(count)s tokens in"), metered.input_tokens),
        (_("%(count)s of them cached"), metered.cached_tokens),
        (_("%(count)s out"), metered.output_tokens),
        (_("%(count)s of them for reasoning"), metered.reasoning_tokens),
    ]
    cost = _("US$ %(cost)s") % {"cost": formats.number_format(metered.cost_usd, 4)}
    return [*(text % {"count": number(count)} for text, count in counts if count), cost]


def format_duration(milliseconds: int | None) -> str:
    """Format a duration as “35 ms” or “1.2 s”; empty for None."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return _("%(count)d ms") % {"count": milliseconds}
    return _("%(seconds)s s") % {"seconds": formats.number_format(milliseconds / 1000, 1)}


def truncate(text: str) -> str:
    return shorten(text, MAX_CHARS)


def call_state(outcome: dict[str, Any] | None) -> str:
    """Return the state of a finished call, as in ToolCallView."""
    return {"result": "done", "refusal": "refused", "doubt": "waits"}[outcome["is"]] if outcome else "failed"


def _step_view(step: RunStep, answer: str) -> StepView:
    is_local, types = step.model == LOCAL, RunMessage.Type
    texts = step.rows(types.ASSISTANT)
    results = {row.tool_call_id: row for row in step.rows(types.TOOL_RETURN)}
    confidences = [row.tool_input.get("confidence", 0) for row in texts if is_local and row.tool_input]
    return StepView(
        step,
        is_local,
        texts=[truncate(row.content) for row in texts if not is_local and not _is_shown(row.content, answer)],
        calls=[_call_view(row, results.pop(row.tool_call_id, None)) for row in step.rows(types.TOOL_CALL)],
        confidence_percent=round(100 * confidences[-1]) if confidences else None,
        duration=format_duration(step.duration_ms),
        usage=format_usage(step),
    )


def _call_view(call: RunMessage, result: RunMessage | None) -> ToolCallView:
    exists, payload = call.tool_name in TOOLS, call.tool_input or {}
    title = _describe_call(call.tool_name, payload) if exists else call.tool_name
    arguments = [(name, truncate(_format_value(value))) for name, value in payload.items() if value not in (None, "")]
    view = ToolCallView(truncate(title), arguments)
    if result is not None:
        view.state, view.duration = call_state(result.outcome), format_duration(result.duration_ms)
        view.result = truncate(_describe_result(result)) if exists else _("There is no such tool.")
    return view


def _describe_call(tool: str, payload: dict[str, Any]) -> str:
    """Describe a call, or else return the name of its tool: what a model has sent may be of any type."""
    try:
        return describe_call(Proposal(tool, payload, 1.0))
    except (KeyError, TypeError, ValueError):
        return tool


def _describe_result(result: RunMessage) -> str:
    """Describe an outcome in Pixie's words, or else show it as it is: an older version may have stored other facts."""
    if result.outcome is None:
        return result.content
    try:
        return answers.describe_outcomes([unpack(result.outcome)])
    except (KeyError, TypeError, ValueError, IndexError):
        return result.content


def _format_value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

"""Answers in the API's format."""

from typing import Any

from chat.models import Message
from pixie.models import LOCAL, Run


def build_response(run: Run, answer: Message) -> dict[str, Any]:
    """Return the answer with what was understood, done or needs confirmation, and the usage."""
    metadata = answer.metadata
    actions = metadata.get("actions", [])
    return {
        "message_id": answer.pk,
        "run_id": run.pk,
        "thread_id": answer.channel_id,
        "message": answer.body,
        "intent": metadata.get("intent", "unclear"),
        "entities": metadata.get("entities", []),
        **({"action": actions[0]} if actions else {}),
        "actions": actions,
        "confidence": metadata.get("confidence", 0.0),
        "requires_confirmation": bool(metadata.get("requires_confirmation")),
        "usage": {
            "route": LOCAL if run.route in ("", LOCAL) else "model",
            "model": run.route or LOCAL,
            "input_tokens": run.input_tokens,
            "output_tokens": run.output_tokens,
            "cached_tokens": run.cached_tokens,
            "reasoning_tokens": run.reasoning_tokens,
            "cost_usd": float(run.cost_usd),
            "latency_ms": answer.latency_ms,
            "tool_ms": run.tool_ms,
        },
    }

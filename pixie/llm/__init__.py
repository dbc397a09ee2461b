"""Language models. Code outside this package does not depend on a provider."""

from pixie.llm.wire import (
    ErrorKind,
    FinishReason,
    ModelError,
    ModelReply,
    ModelRequest,
    ToolCall,
    ToolResult,
    ToolSchema,
    Turn,
    Usage,
)

__all__ = [
    "ErrorKind",
    "FinishReason",
    "ModelError",
    "ModelReply",
    "ModelRequest",
    "ToolCall",
    "ToolResult",
    "ToolSchema",
    "Turn",
    "Usage",
]

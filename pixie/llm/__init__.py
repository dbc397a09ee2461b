"""Language models. Nothing outside of this package knows whose they are."""

from pixie.llm.wire import Call, Fault, Question, Reply, Stop, ToolSerializer, Trouble, Turn, Usage

__all__ = ["Call", "Fault", "Question", "Reply", "Stop", "ToolSerializer", "Trouble", "Turn", "Usage"]

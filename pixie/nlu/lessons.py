"""What a home has taught about a message changes how sure its reading is."""

import re
from collections.abc import Mapping
from dataclasses import replace

from pixie.nlu.outcome import Understanding, confirmation_question

RIGHT, WRONG = 0.95, 0.8  # confidence of a reading that was right before, at least, and of one that was wrong, at most
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def lesson_key(text: str) -> str:
    """Return what messages have in common that teach the same: case, spaces and numbers do not matter."""
    return _NUMBER.sub("0", " ".join(text.casefold().split()))


def apply_lesson(understood: Understanding, lessons: Mapping[str, tuple[str, bool]]) -> Understanding:
    """Return the understanding, surer or less sure if the home has a lesson about this message and this intent."""
    intent, is_right = lessons.get(lesson_key(understood.text), ("", False)) if lessons else ("", False)
    if not understood.actions or intent != understood.intent:
        return understood
    low, high = (RIGHT, 1.0) if is_right else (0.0, WRONG)
    actions = tuple(replace(each, confidence=min(max(each.confidence, low), high)) for each in understood.actions)
    question = None if is_right else understood.question or confirmation_question(actions)
    confidence = min(max(understood.confidence, low), high)
    return replace(understood, confidence=confidence, actions=actions, question=question)

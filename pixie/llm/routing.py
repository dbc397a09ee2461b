"""Decide whether a message needs a language model, and a model of which size."""

import re
from collections.abc import Collection
from enum import StrEnum

from pixie.nlu.outcome import SURE, Understanding

LONG_WORDS = 60
MANY_SENTENCES = 4  # or lines
LOW_BUDGET = 0.2  # part of the month's budget; below it, a smaller model is used

PLANS = re.compile(
    r"\b(plan\w*|menus?|recipes?|cook\w*|compare|budget for|why|explain|suggest\w*|ideas?|week of|meals?|diet|"
    r"summar\w+|instead of|without going|enough for \d+)\b|สูตร|เมนู|วางแผน|แนะนำ|ทำไม|เปรียบเทียบ",
    re.IGNORECASE,
)
DETAILED = re.compile(
    r"\b(whole week|seven days|7 days|step by step|in detail|for each day)\b|ทั้งสัปดาห์|อย่างละเอียด", re.IGNORECASE
)


class Tier(StrEnum):
    SMALL = "small"
    NORMAL = "normal"
    LARGE = "large"


TIERS = list(Tier)


def needs_model(understood: Understanding, requested: str, tools: Collection[str]) -> bool:
    """Return whether local understanding does not know what to do or ask with the `tools`.

    `requested` is "local" or "model" if the client asks for one of them.
    """
    if requested in ("local", "model"):
        return requested == "model"
    if understood.actions:
        return not all(action.confidence >= SURE and action.type in tools for action in understood.actions)
    return understood.question is None and understood.intent != "help"


def choose_tier(understood: Understanding, budget_left: float | None) -> Tier | None:
    """Choose the size of model from the difficulty of the message and the part of the month's budget that is left.

    Returns None if the budget is spent. `budget_left` is None without a budget.
    """
    if budget_left is not None and budget_left <= 0:
        return None
    size = TIERS.index(estimate_tier(understood))
    if budget_left is not None and budget_left < LOW_BUDGET:
        size -= 1
    return TIERS[max(0, size)]


def estimate_tier(understood: Understanding) -> Tier:
    text = understood.text
    words, parts = len(text.split()), len([part for part in re.split(r"[.!?\n;]+", text) if part.strip()])
    if DETAILED.search(text) or words > LONG_WORDS or (PLANS.search(text) and parts >= MANY_SENTENCES):
        return Tier.LARGE
    if PLANS.search(text) or parts >= MANY_SENTENCES or words > LONG_WORDS // 2 or len(understood.actions) > 1:
        return Tier.NORMAL
    return Tier.SMALL

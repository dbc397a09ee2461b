"""Which model answers a message, if any: decided by what was understood of it, how much it asks, and what is left."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from pixie.nlu.outcome import SURE, Understanding

LONG = 60  # words
SEVERAL = 4  # sentences or lines
LOW = 0.2  # of the month's budget: from here on a size smaller

PLANS = re.compile(
    r"\b(plan\w*|menus?|recipes?|cook\w*|compare|budget for|why|explain|suggest\w*|ideas?|week of|meals?|diet|"
    r"summar\w+|instead of|without going|enough for \d+)\b|สูตร|เมนู|วางแผน|แนะนำ|ทำไม|เปรียบเทียบ",
    re.IGNORECASE,
)
DEEP = re.compile(
    r"\b(whole week|seven days|7 days|step by step|in detail|for each day)\b|ทั้งสัปดาห์|อย่างละเอียด", re.IGNORECASE
)


class Tier(StrEnum):
    SMALL = "small"
    NORMAL = "normal"
    LARGE = "large"


SIZES = list(Tier)


@dataclass(frozen=True)
class Route:
    """`tier` None: local understanding answers. `spent`: it would have been a model, but nothing is left to pay it."""

    tier: Tier | None = None
    spent: bool = False


def route(
    understood: Understanding,
    *,
    has_model: bool,
    tools: Collection[str],
    left: float | None = None,
    wanted: str = "",
) -> Route:
    """`tools`: what can be done at all. `left`: the part of the month's budget that is left, None without a budget.
    `wanted`: "local" or "model" where whoever asks said so."""
    if not has_model or wanted == "local" or (wanted != "model" and is_sure(understood, tools)):
        return Route()
    if left is not None and left <= 0:
        return Route(spent=True)
    size = SIZES.index(complexity(understood))
    if left is not None and left < LOW:
        size -= 1
    return Route(SIZES[max(0, size)])


def is_sure(understood: Understanding, tools: Collection[str]) -> bool:
    """Local understanding knows what to do, or what to ask."""
    if understood.actions:
        return all(action.confidence >= SURE and action.type in tools for action in understood.actions)
    return understood.question is not None


def complexity(understood: Understanding) -> Tier:
    text = understood.text
    words, parts = len(text.split()), len([part for part in re.split(r"[.!?\n;]+", text) if part.strip()])
    if DEEP.search(text) or words > LONG or (PLANS.search(text) and parts >= SEVERAL):
        return Tier.LARGE
    if PLANS.search(text) or parts >= SEVERAL or words > LONG // 2 or len(understood.actions) > 1:
        return Tier.NORMAL
    return Tier.SMALL

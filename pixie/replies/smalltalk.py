"""Kind words when there is nothing to do, and no language model to find better ones."""

import re
from collections.abc import Sequence
from typing import Any
from zlib import crc32

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

JOKES = [
    __("Why did the tomato turn red? It saw the salad dressing. I have been waiting all week to tell somebody."),
    __("I asked the rice how it was. It said: steamed."),
    __("Two eggs sit in a pan. Says one: it is hot in here. Says the other: help, a talking egg."),
    __("My favourite exercise is the walk from the fridge to the list."),
]

TALK: list[tuple[str, Sequence[Any]]] = [
    (r"\bjokes?\b|\bfunny\b|make me laugh|ตลก", JOKES),
    (r"\b(thanks?|thank you|thx|cheers|ty)\b|ขอบคุณ", [__("Any time."), __("Gladly.")]),
    (r"\b(good ?night|bye|see you|see ya)\b|ลาก่อน", [__("Good night. The list stays awake.")]),
    (
        r"\b(how are you|how('s| is) it going|how do you do|what'?s up)\b|สบายดี",
        [__("Well stocked, thank you. And you?")],
    ),
    (
        r"\b(who|what) are you\b|\byour name\b",
        [__("I am Pixie. I keep this home's lists, what comes back each week, and its budget.")],
    ),
    (r"\b(sorry|my bad)\b", [__("Nothing to be sorry for.")]),
    (r"\b(love you|good job|well done|great|awesome|nice|perfect)\b", [__("That is kind. It was a team effort.")]),
    (
        r"^\W*(hi|hello|hey|good (morning|afternoon|evening)|yo|howdy)\b|สวัสดี|หวัดดี",
        [__("Hello. What does the home need?")],
    ),
    (
        r"\b(sad|tired|lonely|bad day|exhausted|stressed)\b",
        [__("I am sorry to hear it. Put something good on the list; say not for whom.")],
    ),
]


def knows(text: str) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for pattern, _sentences in TALK)


def reply(text: str, intent: str) -> str:
    """A sentence for talk; for what Pixie can't do yet, one that says what it can. The same text, the same words."""
    for pattern, sentences in TALK:
        if re.search(pattern, text, re.IGNORECASE):
            return str(sentences[crc32(text.encode("utf-8", "replace")) % len(sentences)])
    if intent == "plan":
        return _(
            "I don't keep tasks or dates yet. With a time I remind you: “remind me tomorrow at 9 to call the landlord”."
        )
    if intent == "chat":
        return _("I am better with shopping than with that. Tell me what the home needs, or ask what is on the list.")
    return _(
        "I am not sure what you would like. I understand “we need eggs”, “I got the milk”, “rice every month”, "
        "“what is on the list?” and “how much did we spend?”"
    )

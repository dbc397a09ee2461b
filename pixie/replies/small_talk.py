"""Small talk for homes without a language model."""

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

TALK: dict[str, Sequence[Any]] = {
    r"\bjokes?\b|\bfunny\b|make me laugh|\b(witz|chiste)\b|ตลก": JOKES,
    r"\b(thanks?|thank you|thx|cheers|ty|danke|gracias)\b|ขอบคุณ": [__("Any time."), __("Gladly.")],
    r"\b(good ?night|bye|see you|see ya|gute nacht|tschüss|buenas noches|adi[oó]s|hasta luego)\b|ลาก่อน": [
        __("Good night. The list stays awake.")
    ],
    r"\b(how are you|how('s| is) it going|how do you do|what'?s up|wie geht'?s|wie geht es dir|cómo estás)\b|สบายดี": [
        __("Well stocked, thank you. And you?")
    ],
    r"\b(who are you|what are you|your name|wer bist du|quién eres)\b": [
        __("I'm Pixie. I look after this home's lists, recurring items and budget.")
    ],
    r"\b(sorry|my bad)\b": [__("Nothing to be sorry for.")],
    r"\b(love you|good job|well done|great|awesome|nice|perfect)\b": [__("That is kind. It was a team effort.")],
    r"^\W*(hi|hello|hey|good (morning|afternoon|evening)|yo|howdy|hallo|guten (morgen|tag|abend)|hola|buenos días|"
    r"buenas tardes)\b|สวัสดี|หวัดดี": [__("Hello. What does the home need?")],
    r"\b(sad|tired|lonely|bad day|exhausted|stressed)\b": [
        __("I'm sorry to hear that. Put something nice on the list: you needn't say who it's for.")
    ],
}


def matches_smalltalk(text: str) -> bool:
    """Return whether `make_smalltalk` has a sentence for the text."""
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in TALK)


def make_smalltalk(text: str, intent: str) -> str:
    """Answer small talk, or else say what Pixie can do. The same text always gets the same answer."""
    for pattern, sentences in TALK.items():
        if re.search(pattern, text, re.IGNORECASE):
            return str(sentences[crc32(text.encode("utf-8", "replace")) % len(sentences)])
    if intent == "plan":
        return _(
            "I don't keep tasks or dates yet. But I can remind you: “remind me tomorrow at 9 to call the landlord”."
        )
    if intent == "chat":
        return _("I'm better with shopping than with that. Tell me what you need, or ask what's on the list.")
    return _(
        "I'm not sure what you mean. I understand “we need eggs”, “I got the milk”, “rice every month”, "
        "“what's on the list?” and “how much did we spend?”"
    )

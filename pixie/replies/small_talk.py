"""Small talk for homes without a language model."""

import re
from collections.abc import Sequence
from typing import Any
from zlib import crc32

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

TALK: dict[str, Sequence[Any]] = {
    r"\bjokes?\b|\bfunny\b|make me laugh|\b(witz|chiste)\b|ตลก": [
        __("I don't know any jokes, but I'm always happy to help with the shopping.")
    ],
    r"\b(thanks?|thank you|thx|cheers|ty|danke|gracias)\b|ขอบคุณ": [__("Any time."), __("Gladly.")],
    r"\b(good ?night|bye|see you|see ya|gute nacht|tschüss|buenas noches|adi[oó]s|hasta luego)\b|ลาก่อน": [
        __("Goodbye, and take care!")
    ],
    r"\b(how are you|how('s| is) it going|how do you do|what'?s up|wie geht'?s|wie geht es dir|cómo estás)\b|สบายดี": [
        __("I'm fine, thank you. What can I do for you?")
    ],
    r"\b(who are you|what are you|your name|wer bist du|quién eres)\b": [
        __("I'm Pixie. I look after this home's lists, recurring items and budget.")
    ],
    r"\b(sorry|my bad)\b": [__("Nothing to be sorry for.")],
    r"\b(love you|good job|well done|great|awesome|nice|perfect)\b": [__("Thank you, that's kind.")],
    r"^\W*(hi|hello|hey|good (morning|afternoon|evening)|yo|howdy|hallo|guten (morgen|tag|abend)|hola|buenos días|"
    r"buenas tardes)\b|สวัสดี|หวัดดี": [__("Hello! What can I do for you?")],
    r"\b(sad|tired|lonely|bad day|exhausted|stressed)\b": [__("I'm sorry to hear that. I hope it gets better soon.")],
}


def matches_smalltalk(text: str) -> bool:
    """Return whether `make_smalltalk` has a sentence for the text."""
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in TALK)


def make_smalltalk(text: str, intent: str) -> str:
    """Answer small talk or a call for help, or say that Pixie did not understand. Deterministic."""
    if intent == "help":
        return _("Tell me what you need, what you got and what to remember, or ask about the list and the spending.")
    for pattern, sentences in TALK.items():
        if re.search(pattern, text, re.IGNORECASE):
            return str(sentences[crc32(text.encode("utf-8", "replace")) % len(sentences)])
    if intent == "plan":
        return _(
            "I don't keep tasks or dates yet. But I can remind you: “remind me tomorrow at 9 to call the landlord”."
        )
    return _("Sorry, I didn't understand that.")

"""An answer while it is being written: streamed to connected clients, and saved for those that connect later.

Markup and links are removed from it: a link or an image could leak data through its address. Pages escape all text;
this protects other clients, too.
"""

import re
import string
import time
from os.path import commonprefix
from uuid import UUID, uuid5

from django.utils.translation import get_language

from chat.actions import save_draft, start_draft
from chat.models import Message, MessageState
from pantry import broadcast
from pantry.text import clean_text
from pixie.llm import without_thoughts
from pixie.models import Run

FRAME_SECONDS = 0.1  # between two frames
SAVE_SECONDS = 1.0  # between two saves
WORD_CHARS = string.ascii_letters + string.digits + string.punctuation

IMAGE = re.compile(r"!\[([^\[\]]*)\]\([^()]*\)")
LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")
REFERENCE = re.compile(r"^[^\S\n]*+\[[^\[\]\n]+\]:\s*\S.*$", re.MULTILINE)
TAG = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|</?[a-z!][^>]*(?:>|\Z)", re.IGNORECASE | re.DOTALL)
URL = re.compile(
    r"(?:(?<![a-z0-9+.-])[a-z0-9+.-]++://|\b(?:www\.|data:|javascript:|mailto:))[^\s)>\]\"'”]+", re.IGNORECASE
)
HOST = re.compile(r"\A(?:[a-z][a-z0-9+.-]*://)?(?:[^\s/@]*@)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
EMPHASIS = re.compile(r"(\*\*|__|`{1,3})(?=\S)((?:(?!\1).)+)(?<=\S)\1", re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+", re.MULTILINE)


class Draft:
    """The streaming message of a run."""

    def __init__(self, run: Run, parent: Message | None) -> None:
        self.run = run
        metadata = {"run": str(run.pk), "language": get_language()}
        self.message = start_draft(run.channel, by=run.actor, pk=answer_id(run), parent=parent, metadata=metadata)
        self.text, self.progress = "", ""
        self.sent_text, self.sent_progress, self.sent_at = "", "", 0.0
        self.saved_at = time.monotonic()

    def write(self, text: str) -> None:
        """Replace and send the text, and save it when due. Call it only when `is_due`."""
        self.text = text
        self._send()
        if time.monotonic() - self.saved_at >= SAVE_SECONDS:
            self._save()

    def is_due(self) -> bool:
        return time.monotonic() - self.sent_at >= FRAME_SECONDS

    def show_progress(self, progress: str) -> None:
        """Show what is being done instead of the text, which starts again."""
        self.text, self.progress = "", progress
        self._send()
        self._save()

    def _send(self) -> None:
        text = self._shown_text()
        if text == self.sent_text and self.progress == self.sent_progress:
            return
        self.sent_at = time.monotonic()
        start = len(commonprefix([self.sent_text, text]))
        frame = {
            "type": "message_delta",
            "channel_id": self.run.channel_id,
            "message_id": self.message.pk,
            "parent_id": self.message.parent_id,
            "agent_id": self.run.agent_id,
            "run_id": self.run.pk,
            "at": start,
            "text": text[start:],
            "doing": self.progress,
        }
        broadcast.send_transient(self.run.home_id, frame, audience=self.run.channel.audience)
        self.sent_text, self.sent_progress = text, self.progress

    def _save(self) -> None:
        """Save the text. The next frame then carries all of it, for clients that connected later or missed a frame."""
        self.sent_text = ""
        save_draft(self.message, self._shown_text(), self.progress)
        self.saved_at = time.monotonic()

    def _shown_text(self) -> str:
        """Leave out a last word in Latin letters, which may become an address or a tag."""
        return sanitize(self.text.rstrip(WORD_CHARS))


def answer_id(run: Run) -> UUID:
    """Return the id of the run's answer, which is derived from the run's."""
    return uuid5(run.pk, "answer")


def has_draft(run: Run) -> bool:
    """Return whether a worker has begun the answer and not finished it."""
    return Message.objects.filter(pk=answer_id(run), state=MessageState.STREAMING).exists()


def sanitize(text: str) -> str:
    """Remove thoughts, tags, images, links and Markdown. Of a URL, the name of the site remains."""
    text = TAG.sub("", without_thoughts(clean_text(text)))
    text = LINK.sub(r"\1", IMAGE.sub(r"\1", text))
    text = URL.sub(_site_name, REFERENCE.sub("", text))
    return HEADING.sub("", EMPHASIS.sub(r"\2", text)).strip()


def _site_name(match: re.Match[str]) -> str:
    """Return the last two labels of the host: subdomains could carry data (`secret.evil.example`)."""
    host = HOST.match(match[0])
    return ".".join(host[1].split(".")[-2:]) if host else ""

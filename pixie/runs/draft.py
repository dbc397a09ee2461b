"""An answer while it is being written: told in pieces to whoever looks on, and kept for who comes later."""

import time
from uuid import UUID, uuid5

from chat.actions import save_draft, start_draft
from chat.models import Message, MessageState
from homes.events.actor import Actor
from homes.events.models import Origin
from pantry import broadcast
from pixie.models import Run
from pixie.runs.sanitize import harmless

TELL_EACH = 0.1  # seconds between two frames
KEEP_EACH = 1.0  # seconds between two times that the words are kept


class Draft:
    """The streaming message of a run. `write` gets all that may be read so far; it may be taken back, too."""

    def __init__(self, run: Run, parent: Message | None) -> None:
        self.run = run
        by = Actor(home=run.home, agent=run.agent, origin=Origin.AGENT)
        known = {"run": str(run.pk)}
        self.message = start_draft(run.channel, by=by, pk=answer_id(run), parent=parent, metadata=known)
        self.text, self.doing = "", ""
        self.told, self.told_doing, self.told_at = "", "", 0.0
        self.kept_at = time.monotonic()

    def write(self, text: str) -> None:
        self.text = text
        self.look()

    def is_due(self) -> bool:
        return time.monotonic() - self.told_at >= TELL_EACH

    def do(self, doing: str) -> None:
        """Say what is being done now; the words begin anew."""
        self.text, self.doing = "", doing
        self._tell(time.monotonic())
        self._keep(time.monotonic())

    def look(self) -> None:
        """Tell and keep what is due by now."""
        now = time.monotonic()
        if now - self.told_at >= TELL_EACH:
            self._tell(now)
        if now - self.kept_at >= KEEP_EACH:
            self._keep(now)

    def _tell(self, now: float) -> None:
        text = harmless(self.text)
        if text == self.told and self.doing == self.told_doing:
            return
        self.told_at = now
        at = _common(self.told, text)
        said = {
            "type": "message_delta",
            "channel_id": self.run.channel_id,
            "message_id": self.message.pk,
            "parent_id": self.message.parent_id,
            "agent_id": self.run.agent_id,
            "run_id": self.run.pk,
            "at": at,
            "text": text[at:],
            "doing": self.doing,
        }
        broadcast.send_transient(self.run.home_id, said, audience=self.run.channel.audience)
        self.told, self.told_doing = text, self.doing

    def _keep(self, now: float) -> None:
        """The next frame brings all of it, to those who came meanwhile or missed one."""
        self.told = ""
        save_draft(self.message, harmless(self.text), self.doing)
        self.kept_at = now


def answer_id(run: Run) -> UUID:
    """The id of the message that answers the run's."""
    return uuid5(run.pk, "answer")


def is_begun(run: Run) -> bool:
    """A worker began to write, and did not finish."""
    return Message.objects.filter(pk=answer_id(run), state=MessageState.STREAMING).exists()


def _common(one: str, other: str) -> int:
    """How many letters both begin with."""
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))

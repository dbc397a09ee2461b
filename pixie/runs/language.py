"""The language in which an agent answers: that of the message, otherwise the locale of its author."""

from chat.models import Message
from pixie.models import Run
from pixie.nlu.language import language_of

MAX_EARLIER = 10  # messages of a talk that may decide


def message_language(message: Message) -> str:
    """Return the language of the message, otherwise of what its author wrote before it in the same talk; empty if
    nothing decides. One query if the message itself does not."""
    if language := language_of(message.body, ""):
        return language
    talk = Message.objects.filter(channel=message.channel_id, parent=message.parent_id, deleted_at=None)
    earlier = talk.filter(author_user=message.author_user_id, seq__lt=message.seq).order_by("-seq")
    bodies = earlier.values_list("body", flat=True)[:MAX_EARLIER]
    return next((language for body in bodies if (language := language_of(body, ""))), "")


def answer_language(run: Run) -> str:
    """Return the language of the answer. A scheduled run has the locale of its author."""
    message = run.request_message
    author = message.author_user if message else None
    decided = message_language(message) if message and run.scheduled_message_id is None else ""
    return decided or (author.locale if author else "") or run.home.locale

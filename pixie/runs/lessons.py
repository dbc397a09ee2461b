"""What the author of a message tells about how it was understood."""

from dataclasses import replace

from homes.events.actor import Actor
from pixie.actions import learn_lesson
from pixie.models import Run, RunMessage


def learn_from(run: Run, *, is_right: bool, by: Actor) -> None:
    """Keep the message of the run as a lesson, if its author acts and local understanding has read it as it stands.

    Must run under the home's lock.
    """
    message = run.trigger_message
    if message is None or by.user is None or message.author_user_id != by.user.pk:
        return
    readings = run.messages.filter(message_type=RunMessage.Type.ASSISTANT, tool_input__isnull=False)
    reading = readings.values_list("tool_input", flat=True).first()
    if reading and reading["actions"] and reading["text"] == message.body:
        learn_lesson(
            message.body,
            reading["intent"],
            by=replace(by, op_id=None),  # an undo of the operation is a lesson of its own
            is_right=is_right,
            calls=reading["actions"],
            message=message,
        )

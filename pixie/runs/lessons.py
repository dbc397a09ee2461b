"""What the author of a message tells about how it was understood."""

from dataclasses import replace

from homes.events.actor import Actor
from pixie.actions import learn_lesson
from pixie.models import PendingAction, Run, RunMessage
from pixie.nlu.outcome import SURE
from pixie.runs.draft import answer_id


def learn_from(run: Run, *, is_right: bool, by: Actor) -> None:
    """Keep the message of the run as a lesson, if its author acts and local understanding has read it as it stands.

    Must run under the home's lock.
    """
    message = run.trigger_message
    if message is None or by.user is None or message.author_user_id != by.user.pk:
        return
    readings = run.messages.filter(message_type=RunMessage.Type.ASSISTANT, tool_input__isnull=False)
    reading = readings.values_list("tool_input", flat=True).first()
    # An amount was in doubt then, not the meaning.
    is_about_amounts = PendingAction.objects.filter(message=answer_id(run), confidence__gte=SURE).exists()
    if not is_about_amounts and reading and reading["actions"] and reading["text"] == message.body:
        learn_lesson(
            message.body,
            reading["intent"],
            by=replace(by, op_id=None),  # an undo of the operation is a lesson of its own
            is_right=is_right,
            calls=reading["actions"],
            message=message,
        )

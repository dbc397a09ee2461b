"""Replay cases of the actions of `chat`."""

from uuid import uuid4

from django.utils import timezone

import chat.actions
import homes.actions
from tests.factories import by
from tests.replay.registry import Cases, offline_actor

CASES = Cases()
case = CASES.register


case("chat.send_offline_message")(
    lambda s: chat.actions.send_offline_message("On my way", by=offline_actor(s), channel=s.general.pk)
)
case("chat.create_channel")(lambda s: chat.actions.create_channel("holidays", by=s.me, topic="Where to?"))
case("chat.update_channel")(lambda s: chat.actions.update_channel(s.surprise, by=s.me, name="party", archived=True))
case("chat.open_dm")(lambda s: chat.actions.open_dm(s.ben.user, by=s.me))
case("chat.open_assistant")(lambda s: chat.actions.open_assistant(s.pixie, by=s.me, title="Party"))
case("chat.join_channel")(lambda s: chat.actions.join_channel(s.surprise, s.ben.user, by=s.me))
case("chat.leave_channel")(lambda s: chat.actions.leave_channel(s.surprise, s.nok.user, by=s.me))
case("chat.mark_read")(lambda s: chat.actions.mark_read(s.general, s.nok.user, 7))
case("chat.edit_message")(lambda s: chat.actions.edit_message(s.message, "Hello all", by=s.me))
case("chat.delete_message")(lambda s: chat.actions.delete_message(s.message, by=s.me))
case("chat.add_reaction")(lambda s: chat.actions.add_reaction(s.message, "🎉", by=s.me.as_agent(s.pixie)))
case("chat.remove_reaction")(lambda s: chat.actions.remove_reaction(s.message, "👍", by=s.me))


@case("chat.send_message")
def _(s):
    chat.actions.send_message(s.general, "In a thread", by=by(s.ben), parent=s.message, pk=uuid4())
    chat.actions.send_message(s.surprise, "Done.", by=s.me.as_agent(s.pixie), metadata={"intent": "add"})


@case("chat.update_message_metadata")
def _(s):
    message = chat.actions.send_message(s.general, "Done.", by=s.me.as_agent(s.pixie))
    chat.actions.update_message_metadata(message, {"undone": timezone.now().isoformat()}, by=s.me)


case("chat.start_draft")(lambda s: start_draft(s))
case("chat.save_draft")(lambda s: chat.actions.save_draft(start_draft(s), "Once upon a time", "Thinking…"))


def start_draft(s):
    return chat.actions.start_draft(s.general, by=s.me.as_agent(s.pixie), pk=uuid4())


@case("chat.leave_private_rooms")
def _(s):
    chat.actions.join_channel(s.surprise, s.ben.user, by=s.me)
    homes.actions.remove_member(s.ben, by=s.me)

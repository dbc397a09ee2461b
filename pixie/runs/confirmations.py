"""Confirmation of tool calls by the member. Each question can be answered once."""

import re
from collections.abc import Sequence
from functools import partial
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chat.actions import send_message, update_message_metadata
from chat.models import Message
from homes.events.actor import Actor
from homes.events.log import action, home_lock
from homes.events.models import Origin
from homes.models import Membership
from pantry.errors import ActionError
from pantry.sweeps import pass_over_errors
from pixie.models import PendingAction, PendingState, Run, RunStep
from pixie.nlu.followups import OpenCall, Question
from pixie.nlu.outcome import Proposal
from pixie.replies import answers
from pixie.runs.lessons import learn_from
from pixie.runs.outcomes import Doubt, Outcome, Refusal
from pixie.runs.tool_calls import call_tool, describe_act
from pixie.runs.undo import get_agent_message
from pixie.tools import TOOLS
from pixie.usage.prometheus import count_tool_calls

YES_WORDS = frozenset(
    """
yes|y|ya|yep|yup|yeah|yea|yeh|yah|aye|sure|ok|okay|fine|correct|confirmed|right|absolutely|definitely|of course|do it|do
|do that|go ahead|go on|you bet|all of it|that's right|thats right|i guess|i guess so|i suppose|i suppose so|i think so
|ja|jo|jup|jep|jawohl|klar|na klar|gern|gerne|genau|passt|stimmt|richtig|mach das|mach es|mach mal|auf jeden fall
|in ordnung|na gut|von mir aus|meinetwegen|freilich|ich denke schon|sí|si|sip|claro|claro que sí|claro que si|vale|dale
|bueno|de acuerdo|correcto|hazlo|adelante|exacto|eso es|está bien|esta bien|supongo|supongo que sí|supongo que si
|creo que sí|creo que si|ใช่|ช่าย|ครับ|ค่ะ|ได้|โอเค|ตกลง|เอา|ถูก|ถูกต้อง|อือ|อืม|เออ|ก็ได้|จัดไป|ยืนยัน|ตามนั้น|แม่นแล้ว|👍
""".replace("\n", "").split("|")
)
NO_WORDS = frozenset(
    """
no|n|nope|nah|naw|neither|cancel|don't|dont|no way|never mind|nevermind|not now|leave it|forget it|not really|better not
|rather not|i don't think so|i guess not|nein|nö|nee|ne|lieber nicht|besser nicht|eher nicht|doch nicht|lass es|lass mal
|abbrechen|auf keinen fall|vergiss es|nicht nötig|ich glaube nicht|para nada|mejor no|déjalo|dejalo|olvídalo|olvidalo
|cancela|cancelar|ahora no|creo que no|no hace falta|ninguno|ninguna|ไม่|ม่าย|ไม่ใช่|ไม่เอา|ไม่ต้อง|ไม่ได้|ไม่ดีกว่า|ไม่เป็นไร
|อย่า|อย่าเพิ่ง|ยกเลิก|ช่างมัน|👎
""".replace("\n", "").split("|")
)
_YES_NO_WORDS = YES_WORDS | NO_WORDS
POLITE_WORDS = {"please", "thanks", "thank", "you", "bitte", "danke", "por", "favor", "porfa", "gracias", "🙂"}
MAX_YES_NO_CHARS = 60
_WORDS = re.compile(r"[\w\u0e31-\u0e4e'👍👎🙂]+")
_THAI_ENDINGS = ("ๆ", "เลย", "แล้ว", "ละ", "นะ", "จ้ะ", "จ้า", "ค่ะ", "คะ", "ครับ", "คับ")


def create_pending_actions(reply: Message, member: Membership, outcomes: Sequence[Outcome]) -> None:
    """Store the calls among the outcomes that `reply` asks the member to confirm."""
    PendingAction.objects.bulk_create(
        PendingAction(
            home_id=reply.home_id,
            message=reply,
            requested_by=member.user,
            tool=outcome.proposal.type,
            arguments=outcome.proposal.payload,
            description=outcome.act,
            confidence=outcome.proposal.confidence,
            expires_at=timezone.now() + PendingAction.LIFETIME,
        )
        for outcome in outcomes
        if isinstance(outcome, Doubt)
    )


def parse_yes_no(text: str) -> bool | None:
    """Return the answer of a message that is only a yes or a no, perhaps a polite or hesitant one; None for others."""
    if len(text) > MAX_YES_NO_CHARS or "?" in text:
        return None
    words = [_plain_word(word) for word in _WORDS.findall(text.casefold().replace("’", "'"))]
    words = [word for word in words if word not in POLITE_WORDS]
    for answer, answer_words in ((True, YES_WORDS), (False, NO_WORDS)):
        if words and (" ".join(words) in answer_words or answer_words.issuperset(words)):
            return answer
    return None


def _plain_word(word: str) -> str:
    """Return the word without a polite ending or stretched letters, if it then is a yes or a no."""
    plain = word
    while plain not in _YES_NO_WORDS and (ending := next(filter(plain.endswith, _THAI_ENDINGS), "")):
        plain = plain.removesuffix(ending)
    if plain not in _YES_NO_WORDS:
        plain = plain.rstrip(plain[-1:]) + plain[-1:]
    return plain if plain in _YES_NO_WORDS else word


def open_question(run: Run, message: Message, member: Membership) -> Message | None:
    """Return the agent's newest open question to the member in this channel."""
    waiting = _waiting(message, member).filter(message__author_agent=run.agent_id, expires_at__gt=timezone.now())
    newest = waiting.select_related("message").order_by("-created_at").first()
    return newest.message if newest else None


def close_open_questions(run: Run, message: Message, member: Membership) -> None:
    """Close the questions to a member in this channel, who has changed the subject."""
    for question in Message.objects.filter(pk__in=[pending.message_id for pending in _waiting(message, member)]):
        _close(question, Actor.of(member).as_agent(run.agent))


def _waiting(message: Message, member: Membership) -> QuerySet[PendingAction]:
    """Return what was asked before the message. A model's late answer may ask after it: the message is no reply."""
    in_channel = PendingAction.objects.filter(message__channel=message.channel_id, message__seq__lt=message.seq)
    return in_channel.filter(requested_by=member.user_id, state=PendingState.WAITING)


def close_expired_questions() -> None:
    """Close the expired questions, each in its own transaction."""
    expired = PendingAction.objects.filter(state=PendingState.WAITING, expires_at__lte=timezone.now())
    for message in Message.objects.filter(pk__in=expired.values("message")).select_related("home", "author_agent"):
        with pass_over_errors("pixie.sweep", message.pk), home_lock(message.home_id):
            _close(message, Actor(home=message.home, agent=message.author_agent, origin=Origin.TASK))


def _close(message: Message, by: Actor) -> None:
    waiting = message.pending_actions.filter(state=PendingState.WAITING)
    if waiting.update(state=PendingState.EXPIRED, decided_at=timezone.now()):
        update_message_metadata(message, {"question": PendingState.EXPIRED}, by=by)


def open_what_question(run: Run, message: Message) -> Question | None:
    """Return the agent's question “What should I add?” or “Which list?” that the message follows and may answer."""
    earlier = Message.objects.filter(channel=run.channel_id, seq__lt=message.seq, parent=message.parent_id)
    last = earlier.order_by("-seq").first()
    if (
        last is None
        or last.author_agent_id != run.agent_id
        or last.metadata.get("asker") != str(message.author_user_id)
    ):
        return None
    metadata = last.metadata
    if not metadata.get("asks_what") and not metadata.get("open_calls"):
        return None
    return Question(
        intent=metadata["intent"],
        entities=metadata["entities"],
        calls=[OpenCall(**call) for call in metadata.get("open_calls", ())],
        replies=[reply["text"] for reply in metadata.get("replies", ())],
    )


def _confirm(pending: PendingAction, by: Actor, step: RunStep, op_id: UUID) -> Outcome:
    """Make the call, unless it would do something else by now than the question says. The active language must be the
    question's."""
    proposal = Proposal(pending.tool, pending.arguments, 1.0)
    act = describe_act(by, proposal, step.run)
    if act and act != pending.description:
        return Refusal(_("This has changed since I asked, so I left it: %(what)s.") % {"what": pending.description})
    return call_tool(by, proposal, step, op_id=op_id, is_confirmed=True)


@action
def decide(message: Message, *, yes: bool, by: Actor, pk: UUID | None = None) -> Message:
    """Answer the question in `message`. Returns the agent's reply, which gets the id `pk`.

    Raises ActionError if the question has been answered or has expired. Raises MissingScope if the actor may not do
    what it asks; then others can still answer it.
    """
    message, agent = get_agent_message(message)
    waiting = list(
        PendingAction.objects.filter(message=message, state=PendingState.WAITING)
        .select_related("requested_by")
        .order_by("created_at", "pk")
    )
    now = timezone.now()
    if not waiting or any(pending.expires_at <= now for pending in waiting):
        raise ActionError(_("This question is closed. Please ask again if you still want it."))
    for pending in waiting if yes else ():
        by.require(TOOLS[pending.tool].scope)
    as_agent, outcomes = by.as_agent(agent), []
    run = Run.objects.get(pk=message.metadata["run"])
    step = run.steps.latest("step_number")
    ops = [uuid5(pending.pk, "yes") for pending in waiting]
    # A question from before answers had a language is in that of the person.
    language = message.metadata.get("language") or waiting[0].requested_by.locale or by.home.locale
    with translation.override(language), timezone.override(by.home.zone):  # the API does not activate them
        for pending, op_id in zip(waiting, ops, strict=True):
            pending.state = PendingState.CONFIRMED if yes else PendingState.DECLINED
            pending.decided_by, pending.decided_at = by.user, now
            pending.save()
            if yes:
                outcomes.append(_confirm(pending, as_agent, step, op_id))
        text = answers.describe_outcomes(outcomes) if yes else _("Nothing changed.")
        receipt = answers.build_receipt(by.home.pk, outcomes, ops)
    step.save(update_fields=["tool_ms"])
    run.tool_ms = sum(run.steps.values_list("tool_ms", flat=True))
    run.save(update_fields=["tool_ms", "updated_at"])
    transaction.on_commit(partial(count_tool_calls, run, [str(op_id) for op_id in ops]), robust=True)
    update_message_metadata(message, {"question": waiting[0].state}, by=as_agent)
    learn_from(run, is_right=yes, by=as_agent)
    metadata = {"receipt": receipt, "run": message.metadata["run"], "language": language}
    return send_message(message.channel, text, by=as_agent, parent=message.parent, pk=pk, metadata=metadata)

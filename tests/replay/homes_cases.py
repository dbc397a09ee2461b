"""Replay cases of the actions of `homes`."""

from decimal import Decimal
from uuid import uuid4

import groceries.actions
import homes.accounts.actions
import homes.actions
import homes.events.undo
import homes.files.actions
import homes.notifications.actions
from homes.events.log import home_lock
from homes.events.models import Event
from homes.notifications.web_push import public_key
from pantry.secret import new_vapid_key
from tests.factories import by, found_home, person
from tests.pictures import picture
from tests.replay.registry import Cases

CASES = Cases()
case = CASES.register


@case("homes.create_home")
@case("groceries.create_default_aisles")
@case("groceries.create_first_list")
@case("chat.create_general_room")
@case("pixie.create_pixie")
def _(s):
    return found_home(person("Som"), "Som's place").home


case("homes.update_home")(
    lambda s: homes.actions.update_home(s.nok.home, by=s.me, monthly_budget=Decimal(9000), timezone="Europe/Berlin")
)
case("homes.invite")(lambda s: homes.actions.invite(by=s.me))
case("homes.revoke_invitation")(lambda s: homes.actions.revoke_invitation(s.invitation, by=s.me))
case("homes.accept_invitation")(lambda s: homes.actions.accept_invitation(s.token, person("Som"), origin="browser"))
case("homes.change_role")(lambda s: homes.actions.change_role(s.ben, "owner", by=s.me))
case("homes.remove_member")(lambda s: homes.actions.remove_member(s.ben, by=s.me))
case("homes.rename_user")(lambda s: homes.actions.rename_user(s.ben.user, name="Benjamin"))
case("homes.sign_up")(lambda s: homes.accounts.actions.sign_up("som@example.com", "correct horse battery", "Som"))
case("homes.create_api_token")(lambda s: homes.accounts.actions.create_api_token(s.nok.user, "Display", ["read"]))


case("homes.end_sign_ins")(lambda s: homes.accounts.actions.end_sign_ins(s.ben.user))


case("homes.deactivate")(lambda s: homes.accounts.actions.deactivate(s.ben.user))


@case("homes.revoke_api_token")
def _(s):
    token, _key = homes.accounts.actions.create_api_token(s.nok.user, "Display", ["read"])
    homes.accounts.actions.revoke_api_token(token)


ENDPOINT = "https://push.example.com/"
PHONE = {"p256dh": public_key(new_vapid_key()), "auth": "A" * 22, "name": "Phone"}  # as a browser makes them
case("homes.add_device")(lambda s: homes.notifications.actions.add_device(s.nok.user, ENDPOINT, **PHONE))
case("homes.stop_notifying")(lambda s: homes.notifications.actions.stop_notifying(s.ben, s.me))
case("homes.remove_devices")(lambda s: homes.notifications.actions.remove_devices(s.nok.user))
case("homes.update_notice_choice")(
    lambda s: homes.notifications.actions.update_notice_choice(s.nok, {"mentioned": False}, None, None)
)


@case("homes.remove_device")
def _(s):
    homes.notifications.actions.remove_device(homes.notifications.actions.add_device(s.nok.user, ENDPOINT, **PHONE))


@case("homes.add_file")
def _(s):
    """Attach a picture, replace it, and undo that."""
    homes.files.actions.add_file("entry", s.milk, "milk.jpg", picture(), by=s.me)
    operation = by(s.nok, op_id=uuid4())
    homes.files.actions.add_file("entry", s.milk, "new.png", picture("PNG"), by=operation)
    homes.events.undo.undo_operation(operation.op_id, by=s.me)


@case("homes.move_files")
def _(s):
    tea, _is_new = groceries.actions.add_entry(s.weekly, "Tea", by=s.me)
    homes.files.actions.add_file("entry", s.milk, "milk.jpg", picture(), by=s.me)
    with home_lock(s.me.home.pk):
        homes.files.actions.move_files("entry", s.milk.pk, tea.pk, by=s.me)


case("homes.remove_file")(lambda s: homes.files.actions.remove_file(s.file, by=s.me))


@case("homes.undo_operation")
def _(s):
    operation = by(s.nok, op_id=uuid4())
    groceries.actions.add_recurring_early(s.recurring, by=operation)
    groceries.actions.stop_recurring(s.recurring, by=operation)
    homes.events.undo.undo_operation(operation.op_id, by=s.me)


@case("homes.undo_event")
def _(s):
    homes.events.undo.undo_event(Event.objects.get(subject_id=s.milk.pk), by=s.me)


@case("homes.undo_operation")
def _(s):
    """Undo removing two entries, a copy and a deletion."""
    removal, copy, deletion = (by(s.nok, op_id=uuid4()) for _each in range(3))
    groceries.actions.clear_list(s.weekly, by=removal)
    homes.events.undo.undo_operation(removal.op_id, by=s.me)
    groceries.actions.copy_list(s.weekly, by=copy)
    homes.events.undo.undo_operation(copy.op_id, by=s.me)
    groceries.actions.change_entry(s.eggs, by=s.me, quantity=Decimal(12))
    groceries.actions.delete_list(s.weekly, by=deletion)
    homes.events.undo.undo_operation(deletion.op_id, by=s.me)
    groceries.actions.rename_list(s.weekly, "Restored", by=s.me)

"""Replay cases of the actions of `groceries`."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

import groceries.actions
import homes.actions
from groceries.actions import (
    add_entry,
    change_list_state,
    create_list,
    current_list,
    pause_recurring,
    purchase_entry,
    set_recurring,
)
from groceries.balances import Part
from groceries.history import list_as_it_was
from groceries.models import Category
from groceries.parsing.entries import parse_lines
from homes.events.undo import undo_event, undo_operation
from tests.factories import by
from tests.replay.registry import Cases, in_an_hour, offline_actor

OPERATION = UUID("01900000-0000-7000-8000-000000000001")
CASES = Cases()
case = CASES.register


case("groceries.archive_list")(lambda s: groceries.actions.archive_list(s.weekly, by=s.me))


@case("groceries.bring_back")
def _(s):
    """Bring back what was removed, what was bought, and what was deleted with its item."""
    purchase_entry(s.rice, by=s.me, price=Decimal(215))
    then = list_as_it_was(s.weekly, at=timezone.now())
    for entry in (s.milk, s.eggs, s.rice):
        groceries.actions.remove_entry(entry, by=s.me)
    groceries.actions.remove_item(s.milk.item, by=s.me)
    groceries.actions.bring_back(s.weekly, then.entries, by=s.me)


case("groceries.create_category")(lambda s: groceries.actions.create_category("Frozen", by=s.me))
case("groceries.create_item")(lambda s: groceries.actions.create_item("Tofu", by=s.me, default_unit="pack"))
case("groceries.change_recurring")(
    lambda s: groceries.actions.change_recurring(s.recurring, by=s.me, frequency="monthly", paused=True)
)
case("groceries.create_list")(lambda s: create_list("Party", by=s.me))
case("groceries.rename_list")(lambda s: groceries.actions.rename_list(s.weekly, "Big shop", by=s.me))
case("groceries.change_list_state")(lambda s: change_list_state(s.weekly, "completed", by=s.me))
case("groceries.assign_entry")(lambda s: groceries.actions.assign_entry(s.milk, s.ben.user, by=s.me))
case("groceries.sort_entries")(lambda s: groceries.actions.sort_entries(s.weekly, [s.milk.pk], by=s.me))
case("groceries.restore_position")(lambda s: groceries.actions.restore_position(s.milk, 7, by=s.me))
case("groceries.remove_entry")(lambda s: groceries.actions.remove_entry(s.milk, by=s.me))
case("groceries.step_entry")(lambda s: groceries.actions.step_entry(s.eggs, 2, by=s.me))
case("groceries.set_recurring")(lambda s: set_recurring("Rice", "monthly", by=s.me, quantity=Decimal(5), unit="kg"))
case("groceries.create_recurring")(
    lambda s: groceries.actions.create_recurring("Coffee", by=s.me, rrule="FREQ=DAILY;COUNT=3")
)
case("groceries.skip_recurring")(lambda s: groceries.actions.skip_recurring(s.recurring, by=s.me))
case("groceries.snooze_recurring")(
    lambda s: groceries.actions.snooze_recurring(s.recurring, (in_an_hour() + timedelta(days=9)).date(), by=s.me)
)
case("groceries.add_recurring_early")(lambda s: groceries.actions.add_recurring_early(s.recurring, by=s.me))
case("groceries.pause_recurring")(lambda s: pause_recurring(s.recurring, by=s.me))
case("groceries.stop_recurring")(lambda s: groceries.actions.stop_recurring(s.recurring, by=s.me))
case("groceries.snooze_forecast")(lambda s: groceries.actions.snooze_forecast(s.milk.item, by=s.me))
case("groceries.refuse_forecasts")(lambda s: groceries.actions.refuse_forecasts(s.milk.item, by=s.me))
case("groceries.fire_due")(lambda s: groceries.actions.fire_due(s.recurring, s.recurring.next_due_at))


case("groceries.add_to_pantry")(
    lambda s: groceries.actions.add_to_pantry("Olive oil", by=s.me, quantity=Decimal(500), unit="ml", place="cupboard")
)
case("groceries.remember_barcode")(lambda s: groceries.actions.remember_barcode("4006381333931", "Olive oil", by=s.me))


@case("groceries.change_batch")
def _(s):
    batch = groceries.actions.add_to_pantry("Milk", by=s.me)
    groceries.actions.change_batch(batch, by=s.me, quantity=Decimal(2), best_before=in_an_hour().date())


@case("groceries.use_batch")
def _(s):
    batch = groceries.actions.add_to_pantry("Milk", by=s.me, quantity=Decimal(2))
    groceries.actions.use_batch(batch, Decimal(1), by=s.me)
    groceries.actions.use_batch(groceries.actions.add_to_pantry("Milk", by=s.me), by=s.me)


@case("groceries.use_from_pantry")
def _(s):
    """With two batches in different units, and a minimum below which the item is put on the list."""
    groceries.actions.remove_entry(s.rice, by=s.me)
    groceries.actions.keep_in_stock(s.rice.item, Decimal(1), "kg", by=s.me)
    groceries.actions.add_to_pantry("Rice", by=s.me, quantity=Decimal(300), unit="g")
    groceries.actions.add_to_pantry("Rice", by=s.me, quantity=Decimal(1), unit="kg")
    groceries.actions.use_from_pantry(s.rice.item, Decimal(500), "g", by=s.me)


@case("groceries.use_up")
def _(s):
    groceries.actions.add_to_pantry("Milk", by=s.me)
    groceries.actions.use_up(s.milk.item, by=s.me)
    groceries.actions.add_to_pantry("Milk", by=s.me)


@case("groceries.keep_in_stock")
def _(s):
    groceries.actions.remove_entry(s.milk, by=s.me)
    groceries.actions.keep_in_stock(s.milk.item, Decimal(2), by=s.me)


case("groceries.add_scanned")(lambda s: groceries.actions.add_scanned("96385074", by=s.me, name="Tofu"))


@case("groceries.use_scanned")
def _(s):
    groceries.actions.add_scanned("96385074", by=s.me, name="Tofu", quantity=Decimal(2), unit="pack")
    groceries.actions.add_scanned("96385074", by=s.me)
    groceries.actions.use_scanned("96385074", by=s.me)


@case("groceries.forget_barcode")
def _(s):
    """Forget a code of an item and, with the item, one of another."""
    barcode = groceries.actions.remember_barcode("4006381333931", "Tofu", by=s.me, quantity=Decimal(1), unit="pack")
    groceries.actions.remember_barcode("96385074", "Tofu", by=s.me)
    groceries.actions.add_to_pantry("Tofu", by=s.me)
    groceries.actions.forget_barcode(barcode, by=s.me)
    groceries.actions.remove_item(barcode.item, by=s.me)
    groceries.actions.remember_barcode("96385074", "Rice", by=s.me)


@case("groceries.purchase_entry")
def _(s):
    """With and without a pantry that purchases are put into."""
    purchase_entry(s.milk, by=by(s.ben), price=Decimal("52.5"))
    homes.actions.update_home(s.nok.home, by=s.me, fills_pantry=True)
    purchase_entry(s.eggs, by=s.me)
    purchase_entry(s.rice, by=s.me)
    groceries.actions.change_entry(s.rice, by=s.me, quantity=Decimal(2), unit="bag")
    groceries.actions.put_back_entry(s.eggs, by=s.me)


@case("groceries.create_guest_link")
def _(s):
    groceries.actions.create_guest_link(s.weekly, "Grandma", by=s.me, lifetime=timedelta(days=7))


@case("groceries.revoke_guest_link")
def _(s):
    link, _token = groceries.actions.create_guest_link(s.weekly, "Grandma", by=s.me, lifetime=timedelta(days=7))
    groceries.actions.revoke_guest_link(link, by=s.me)


case("groceries.create_expense")(lambda s: groceries.actions.create_expense("Pizza", Decimal(450), by=s.me))
case("groceries.settle_up")(
    lambda s: groceries.actions.settle_up(str(s.nok.user_id), str(s.ben.user_id), Decimal(150), by=s.me)
)


@case("groceries.fire_due_expense")
def _(s):
    rent = groceries.actions.create_expense("Rent", Decimal(13000), by=s.me, rrule="FREQ=MONTHLY")
    groceries.actions.fire_due_expense(rent, rent.next_due_at)


@case("groceries.change_expense")
def _(s):
    expense = groceries.actions.create_expense("Pizza", Decimal(450), by=s.me)
    expense = groceries.actions.change_expense(expense, by=s.me, amount=Decimal(500), category="eating out")
    half = [Part(str(member.user_id)) for member in (s.nok, s.ben)]
    groceries.actions.change_expense(expense, by=s.me, shares=half, paid_by=str(s.ben.user_id))


@case("groceries.remove_expense")
def _(s):
    expense = groceries.actions.create_expense("Pizza", Decimal(450), by=s.me)
    groceries.actions.create_expense("Rent", Decimal(13000), by=s.me)
    groceries.actions.remove_expense(expense, by=s.me)


case("groceries.create_store")(lambda s: groceries.actions.create_store("Market", by=s.me))


@case("groceries.rename_store")
def _(s):
    groceries.actions.rename_store(groceries.actions.create_store("Market", by=s.me), "Bazaar", by=s.me)


@case("groceries.sort_store")
def _(s):
    aisles = list(Category.objects.filter(home=s.nok.home).order_by("-position").values_list("pk", flat=True))
    groceries.actions.sort_store(groceries.actions.create_store("Market", by=s.me), aisles, by=s.me)


@case("groceries.learn_store")
def _(s):
    """By the button, and from a trip that ends."""
    store = groceries.actions.create_store("Market", by=s.me)
    groceries.actions.learn_store(store, by=s.me)
    groceries.actions.choose_store(s.weekly, store, by=s.me)
    groceries.actions.start_shopping(s.weekly, by=s.me)
    for entry in (s.eggs, s.milk):
        purchase_entry(entry, by=s.me)
    groceries.actions.end_shopping(s.weekly, by=s.me)


@case("groceries.choose_store")
def _(s):
    groceries.actions.choose_store(s.weekly, groceries.actions.create_store("Market", by=s.me), by=s.me)


@case("groceries.remove_store")
def _(s):
    store = groceries.actions.create_store("Market", by=s.me)
    groceries.actions.choose_store(s.weekly, store, by=s.me)
    groceries.actions.remove_store(store, by=s.me)
    groceries.actions.create_store("Bazaar", by=s.me)


@case("groceries.update_item")
def _(s):
    """With aliases that come, go, and become the name."""
    groceries.actions.update_item(s.milk.item, by=s.me, estimated_price=Decimal(50), aliases=["Moo", "Cow juice"])
    groceries.actions.update_item(s.milk.item, by=s.me, name="Moo", aliases=["Dairy drink"])


@case("groceries.add_forecast")
def _(s):
    groceries.actions.remove_entry(s.milk, by=s.me)
    for _time in range(2):
        groceries.actions.add_forecast(s.milk.item, by=s.me)


@case("groceries.allow_forecasts")
def _(s):
    groceries.actions.refuse_forecasts(s.milk.item, by=s.me)
    groceries.actions.allow_forecasts(s.milk.item, by=s.me)
    groceries.actions.snooze_forecast(s.milk.item, by=s.me)


@case("groceries.add_entry")
def _(s):
    add_entry(s.weekly, "eggs", by=s.me, quantity=Decimal(4), note="large")
    add_entry(s.weekly, "dragon fruit", by=s.me.as_agent(s.pixie), quantity=Decimal("0.5"), unit="kg")


@case("groceries.get_or_create_item")
def _(s):
    item = groceries.actions.get_or_create_item("Dragon fruit", by=s.me)
    add_entry(s.weekly, item, by=s.me)  # an item without an entry has no event


@case("groceries.change_entry")
def _(s):
    """Without and with a merge into another entry, and with a move to another list."""
    groceries.actions.change_entry(s.eggs, by=s.me, quantity=Decimal(12), note="large")
    pieces, _is_new = add_entry(s.weekly, "rice", by=s.me, quantity=Decimal(1), unit="piece")
    groceries.actions.change_entry(pieces, by=s.me, unit="kg")
    groceries.actions.change_entry(s.milk, by=s.me, list=create_list("Party", by=s.me))


@case("groceries.update_category")
def _(s):
    groceries.actions.update_category(Category.objects.filter(home=s.nok.home).first(), by=s.me, name="Greens")


@case("groceries.remove_category")
def _(s):
    groceries.actions.remove_category(groceries.actions.create_category("Frozen", by=s.me), by=s.me)
    groceries.actions.create_category("Garden", by=s.me)


@case("groceries.remove_item")
def _(s):
    """With a removed entry, an alias and a recurring rule."""
    groceries.actions.update_item(s.milk.item, by=s.me, aliases=["Moo"])
    groceries.actions.remove_entry(s.milk, by=s.me)
    set_recurring(s.milk.item, "weekly", by=s.me)
    groceries.actions.remove_item(s.milk.item, by=s.me)


@case("groceries.merge_items")
def _(s):
    """With entries of both on one list, a purchase, a recurring item, and an alias; then undone."""
    groceries.actions.update_item(s.milk.item, by=s.me, aliases=["Moo"])
    set_recurring(s.milk.item, "weekly", by=s.me)
    oat, _is_new = add_entry(s.weekly, "oat milk", by=s.me, quantity=Decimal(2), unit="liter")
    bought, _is_new = add_entry(s.weekly, "milk", by=s.me, quantity=Decimal(1), unit="bottle")
    groceries.actions.add_to_pantry("milk", by=s.me)
    groceries.actions.remember_barcode("96385074", "milk", by=s.me)
    purchase_entry(bought, by=s.me, price=Decimal(40))
    groceries.actions.merge_items(s.milk.item, oat.item, by=by(s.nok, op_id=OPERATION))
    undo_operation(OPERATION, by=s.me)
    groceries.actions.merge_items(oat.item, s.eggs.item, by=s.me)


@case("groceries.merge_categories")
def _(s):
    """With a claim; then undone."""
    dairy, other = (Category.objects.get(home=s.nok.home, name=name) for name in ("dairy", "other"))
    groceries.actions.claim_aisle(s.weekly, dairy, by=s.me)
    groceries.actions.merge_categories(dairy, other, by=by(s.nok, op_id=OPERATION))
    undo_event(s.nok.home.events.get(type="categories_merged"), by=s.me)
    groceries.actions.merge_categories(other, dairy, by=s.me)


@case("groceries.order_categories")
def _(s):
    ids = Category.objects.filter(home=s.nok.home).values_list("pk", flat=True)
    groceries.actions.order_categories(list(ids)[::-1], by=s.me)


@case("groceries.put_back_entry")
def _(s):
    """Without and with a merge into a newer entry."""
    for entry in (s.milk, s.eggs):
        purchase_entry(entry, by=s.me, price=Decimal(10))
    add_entry(s.weekly, "milk", by=by(s.ben), quantity=Decimal(2), unit="liter")
    for entry in (s.milk, s.eggs):
        groceries.actions.put_back_entry(entry, by=s.me)


@case("groceries.start_next_list")
def _(s):
    purchase_entry(s.milk, by=s.me)
    groceries.actions.start_next_list(change_list_state(s.weekly, "completed", by=s.me), by=s.me)


@case("groceries.give_back")
def _(s):
    """By undoing the start of the next list, with an entry that was removed from it."""
    groceries.actions.start_next_list(change_list_state(s.weekly, "completed", by=s.me), by=s.me)
    groceries.actions.remove_entry(s.eggs, by=s.me)
    undo_event(s.nok.home.events.filter(type="list_created").latest("seq"), by=s.me)


@case("groceries.current_list")
def _(s):
    change_list_state(s.weekly, "completed", by=s.me)
    current_list(by=s.me)


@case("groceries.resume_recurring")
def _(s):
    groceries.actions.resume_recurring(pause_recurring(s.recurring, by=s.me), by=s.me)
    set_recurring("Tea", "weekly", by=s.me)


@case("groceries.start_shopping")
def _(s):
    groceries.actions.start_shopping(s.weekly, by=s.me)
    groceries.actions.start_shopping(s.weekly, by=by(s.ben))
    groceries.actions.start_shopping(s.weekly, by=s.me)


@case("groceries.claim_aisle")
def _(s):
    groceries.actions.claim_aisle(s.weekly, s.milk.item.category, by=s.me)
    groceries.actions.claim_aisle(s.weekly, s.milk.item.category, by=s.me)


@case("groceries.release_aisle")
def _(s):
    groceries.actions.claim_aisle(s.weekly, s.milk.item.category, by=s.me)
    groceries.actions.release_aisle(s.weekly, s.milk.item.category, by=by(s.ben))


@case("groceries.end_shopping")
def _(s):
    """With a claimed aisle and a total, and by completing the list."""
    groceries.actions.claim_aisle(s.weekly, s.milk.item.category, by=s.me)
    groceries.actions.end_shopping(s.weekly, by=s.me, total=Decimal("412.50"))
    groceries.actions.start_shopping(s.weekly, by=by(s.ben))
    change_list_state(s.weekly, "completed", by=s.me)


@case("groceries.change_trip_total")
def _(s):
    trip, _is_new = groceries.actions.start_shopping(s.weekly, by=s.me)
    groceries.actions.end_shopping(s.weekly, by=s.me)
    groceries.actions.change_trip_total(trip, Decimal(412), by=by(s.ben))


@case("groceries.resume_shopping")
def _(s):
    trip, _is_new = groceries.actions.start_shopping(s.weekly, by=s.me)
    groceries.actions.end_shopping(s.weekly, by=s.me, total=Decimal(412))
    groceries.actions.resume_shopping(trip, by=s.me)


@case("groceries.end_forgotten_trip")
def _(s):
    groceries.actions.end_forgotten_trip(groceries.actions.start_shopping(s.weekly, by=s.me)[0])


@case("groceries.end_trips_of_member")
def _(s):
    groceries.actions.claim_aisle(s.weekly, s.milk.item.category, by=by(s.ben))
    homes.actions.remove_member(s.ben, by=s.me)


@case("groceries.correct_price")
def _(s):
    """On a completed list."""
    bought = groceries.actions.purchase_entry(s.milk, by=s.me)
    change_list_state(s.weekly, "completed", by=s.me)
    groceries.actions.correct_price(bought, Decimal("45.50"), by=s.me)
    groceries.actions.correct_price(bought, None, by=by(s.ben))


@case("groceries.merge_add")
def _(s):
    """With an overruled note, and for a completed list."""
    groceries.actions.change_entry(s.milk, by=by(s.ben), note="oat")
    groceries.actions.merge_add(s.weekly.pk, parse_lines("2 l milk"), by=offline_actor(s), note="soy")
    change_list_state(s.weekly, "completed", by=s.me)
    groceries.actions.merge_add(s.weekly.pk, parse_lines("ham and tea"), by=offline_actor(s))


@case("groceries.merge_change")
def _(s):
    """Changes that are applied, are overruled, and restore an entry."""
    groceries.actions.change_entry(s.milk, by=by(s.ben), note="oat")
    aisle = Category.objects.filter(home=s.nok.home, name="household").get()
    groceries.actions.merge_change(
        s.milk.pk, by=offline_actor(s), seen=1, note="soy", quantity=Decimal(3), category=aisle
    )
    groceries.actions.merge_remove(s.eggs.pk, by=offline_actor(s, s.ben), seen=1)
    groceries.actions.merge_change(s.eggs.pk, by=offline_actor(s), seen=1, quantity=Decimal(12))


@case("groceries.merge_step")
def _(s):
    for entry in (s.eggs, s.milk):
        groceries.actions.merge_remove(entry.pk, by=offline_actor(s, s.ben), seen=1)
        groceries.actions.merge_step(entry.pk, 1 if entry == s.eggs else -1, by=offline_actor(s), seen=1)


@case("groceries.merge_purchase")
def _(s):
    """Purchase a removed entry, again at another price, and after a put-back."""
    groceries.actions.remove_entry(s.milk, by=by(s.ben))
    for price in ("45", "50"):
        groceries.actions.merge_purchase(s.milk.pk, by=offline_actor(s), seen=1, price=Decimal(price))
    purchase_entry(s.eggs, by=s.me)
    groceries.actions.put_back_entry(s.eggs, by=by(s.ben))
    groceries.actions.merge_purchase(s.eggs.pk, by=offline_actor(s), seen=1)


@case("groceries.merge_put_back")
def _(s):
    groceries.actions.merge_purchase(s.milk.pk, by=offline_actor(s), seen=1)
    groceries.actions.merge_put_back(s.milk.pk, by=offline_actor(s), seen=2)
    purchase_entry(s.eggs, by=by(s.ben))
    groceries.actions.merge_put_back(s.eggs.pk, by=offline_actor(s), seen=1)


@case("groceries.merge_remove")
def _(s):
    """Remove an entry without and with an addition by others."""
    add_entry(s.weekly, "eggs", by=by(s.ben), quantity=Decimal(2))
    for entry in (s.milk, s.eggs):
        groceries.actions.merge_remove(entry.pk, by=offline_actor(s), seen=1)


@case("groceries.restore_list")
def _(s):
    groceries.actions.restore_list(groceries.actions.archive_list(s.weekly, by=s.me), by=s.me)
    groceries.actions.archive_list(create_list("Party", by=s.me), by=s.me)


@case("groceries.delete_list")
def _(s):
    """With entries, one of which was removed, and a trip."""
    groceries.actions.remove_entry(s.milk, by=s.me)
    groceries.actions.claim_aisle(s.weekly, s.eggs.item.category, by=s.me)
    groceries.actions.delete_list(s.weekly, by=s.me)


@case("groceries.copy_list")
def _(s):
    """Copy bought and pending entries, as a list and as a template."""
    purchase_entry(s.milk, by=s.me)
    add_entry(s.weekly, "milk", by=by(s.ben), quantity=Decimal(2), unit="liter")
    groceries.actions.copy_list(s.weekly, by=s.me)
    groceries.actions.copy_list(s.weekly, "Template", by=s.me, is_template=True)


case("groceries.clear_list")(lambda s: groceries.actions.clear_list(s.weekly, by=s.me))
case("groceries.move_entries")(
    lambda s: groceries.actions.move_entries([s.milk, s.eggs], create_list("Party", by=s.me), by=s.me)
)


@case("groceries.set_entry_states")
def _(s):
    groceries.actions.set_entry_states([s.milk, s.eggs], "purchased", by=s.me)
    groceries.actions.set_entry_states([s.eggs], "pending", by=s.me)
    groceries.actions.set_entry_states([s.rice], "removed", by=s.me)


case("groceries.add_lines")(
    lambda s: groceries.actions.add_lines(s.weekly, parse_lines("2 l milk, tofu, tofu"), by=s.me)
)

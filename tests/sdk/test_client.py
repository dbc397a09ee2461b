"""Every resource, once, against a running server."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from pantry_pixie import AsyncClient, Client, Credentials
from pantry_pixie.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, PixieError, Unreachable
from pantry_pixie.groceries import Entries

from tests.pictures import PDF, opened, picture
from tests.sdk.conftest import QUICK
from tests.server import BEN, NOK, PASSWORD
from tests.services import free_port

# Signing in


def test_sign_in_returns_the_user(server):
    with Client(server.url) as client:
        assert client.account.sign_in(NOK, PASSWORD).user.name == "Nok"
        me = client.account.me()
    assert me.user.email == NOK
    assert "Apartment 42" in {home.name for home in me.homes}


def test_new_user_can_create_homes_and_switch_between_them(server):
    with Client(server.url) as client:
        user = client.account.sign_up(f"{uuid4().hex}@example.com", "correct horse battery staple", "Lek").user
        assert client.account.update(user, name="Lek S.").name == "Lek S."
        first, second = client.homes.create("House"), client.homes.create("Boat", currency="EUR")
        assert client.account.switch_home(second).home.name == "Boat"
        active = client.account.me().active_home
        assert active is not None and active.id == second.id
        assert client.homes.update(first, monthly_budget="1200.50").monthly_budget == Decimal("1200.50")
        assert client.homes.update(first, monthly_budget=None).monthly_budget is None
        assert client.homes.get(first).name == "House"


def test_wrong_password_raises_not_signed_in(server):
    with Client(server.url) as client, pytest.raises(NotSignedIn) as refusal:
        client.account.sign_in(NOK, "wrong")
    assert refusal.value.status == 401
    assert refusal.value.message == "Wrong email or password."


def test_sign_out_revokes_both_tokens(server):
    with Client(server.url) as client:
        client.account.sign_in(NOK, PASSWORD)
        before = client.store.read()
        client.sign_out()
        with pytest.raises(NotSignedIn):
            client.homes.list()
    with Client(server.url, token=before.token, refresh=before.refresh) as again, pytest.raises(NotSignedIn):
        again.homes.list()


def test_devices_and_notification_settings(signed_in):
    client = signed_in(BEN)
    here = client.homes.list().results[0]
    # A browser's own key looks like the server's: a point on the same curve.
    keys = {"p256dh": client.devices.key()["public_key"], "auth": "A" * 22}
    device = client.devices.add(f"https://push.example.com/{uuid4().hex}", keys, name="Kitchen display")
    assert [each.name for each in client.iterate(client.devices.list())] == ["Kitchen display"]
    chosen = client.homes.update_notifications(
        here, kinds={"shopping": False}, quiet_from=time(21, 30), quiet_until="06:30"
    )
    assert client.homes.notifications(here) == chosen
    assert (chosen.kinds["shopping"], chosen.kinds["mentioned"], chosen.quiet_until) == (False, True, time(6, 30))
    client.devices.delete(device)
    with pytest.raises(NotFound):
        client.devices.test(device)


def test_expired_token_is_refreshed_and_the_request_repeated(server, signed_in):
    client = signed_in(BEN)
    now = client.store.read()
    client.store.write(Credentials("over", now.refresh))
    assert client.homes.list().results
    renewed = client.store.read()
    assert renewed.token not in (now.token, "over")
    assert renewed.refresh not in (now.refresh, None)


def test_threads_share_one_token_refresh(server, signed_in):
    client = signed_in(BEN)
    client.store.write(Credentials("over", client.store.read().refresh))
    with ThreadPoolExecutor(8) as threads:
        pages = list(threads.map(lambda _n: client.homes.list(), range(8)))
    assert all(page.results for page in pages)


def test_programs_can_share_a_refresh_token(server, signed_in):
    refresh = signed_in(BEN).store.read().refresh
    for _program in range(2):
        with Client(server.url, token="over", refresh=refresh) as client:
            assert client.homes.list().results


def test_personal_token_is_limited_to_its_scopes(server, nok, home, weekly):
    made = nok.tokens.create("Kitchen display", ["read"], PASSWORD, home_id=home)
    with Client(server.url, token=made.key) as display:
        assert display.lists.get(home, weekly).name == "Weekly shop"
        with pytest.raises(Forbidden, match="write"):
            display.entries.add(home, weekly, "Eggs")
        assert made.id in {token.id for token in nok.iterate(nok.tokens.list())}
        nok.tokens.revoke(made)
        with pytest.raises(NotSignedIn):
            display.lists.get(home, weekly)


# Errors


def test_errors_have_the_details_of_the_response(nok, mai, home, weekly):
    with pytest.raises(Forbidden):
        mai.lists.get(home, weekly)
    with pytest.raises(NotFound):
        nok.lists.get(home, uuid4())
    with pytest.raises(Invalid) as invalid:
        nok.entries.add(home, weekly, "Eggs", quantity=-1)
    assert set(invalid.value.fields) == {"quantity"}
    entry = nok.entries.add(home, weekly, "Eggs", quantity=6)
    nok.entries.update(home, weekly, entry, quantity=7, version=entry.version)
    with pytest.raises(Conflict) as conflict:
        nok.entries.update(home, weekly, entry, quantity=8, version=entry.version)
    assert conflict.value.current is not None
    assert conflict.value.current["quantity"] == "7"
    assert issubclass(Conflict, PixieError)


def test_missing_server_raises_unreachable():
    with Client(f"http://localhost:{free_port()}", retry_policy=QUICK) as client, pytest.raises(Unreachable):
        client.homes.list()


# Resources


def test_members(nok, home):
    members = nok.members.list(home).results
    ben = next(member for member in members if member.name == "Ben")
    assert nok.members.update(home, ben.user_id, "member").role == "member"
    with pytest.raises(NotFound):
        nok.members.remove(home, uuid4())
    assert nok.members.invite(home, email="guest@example.com").email == "guest@example.com"


def test_invitations(server, nok, home):
    made = nok.invitations.create(home)
    assert made.id in {each.id for each in nok.invitations.list(home).results}
    with Client(server.url) as guest:
        guest.account.sign_up(f"{uuid4().hex}@example.com", "correct horse battery staple", "Guest")
        assert guest.invitations.accept(made.token).home.id == home.id
        nok.members.remove(home, guest.account.me().user)
        with pytest.raises(Forbidden):
            guest.homes.get(home)
        other = nok.invitations.create(home)
        nok.invitations.revoke(home, other)
        with pytest.raises(PixieError):
            guest.invitations.accept(other.token)


def test_categories_and_items(nok, home):
    aisle = nok.categories.create(home, "Shelf of tests")
    assert nok.categories.update(home, aisle, name="Test shelf", position=90).position == 90
    item = nok.items.create(home, "Saffron", category="Test shelf", quantity="0.5", unit="g")
    assert item.quantity == Decimal("0.5")
    assert nok.items.update(home, item, description="red", estimated_price=250).estimated_price == 250
    assert nok.items.get(home, item).description == "red"
    assert [each.name for each in nok.items.list(home, q="Saff").results] == [item.name]
    nok.items.delete(home, item)
    nok.categories.delete(home, aisle)
    assert aisle.id not in {each.id for each in nok.iterate(nok.categories.list(home))}


def test_lists_and_entries(nok, home, weekly):
    eggs = nok.entries.add(home, weekly, "Eggs", quantity=2, unit="dozen", note="brown")
    more = nok.entries.add(home, weekly, item_id=eggs.item, quantity=1, unit="dozen")
    assert (more.id, more.quantity) == (eggs.id, 3)
    got = nok.entries.update(home, weekly, eggs, state="purchased", price_paid="45")
    assert (got.state, got.price_paid) == ("purchased", Decimal(45))
    milk = nok.entries.add(home, weekly, "Milk")
    nok.entries.remove(home, weekly, milk)
    assert nok.entries.get(home, weekly, milk).state == "removed"
    assert [each.id for each in nok.entries.list(home, weekly, state="removed").results] == [milk.id]
    assert [entry.item.name for entry in nok.lists.get(home, weekly).items] == [eggs.item.name]
    assert nok.lists.update(home, weekly, name="Party", state="approved").state == "approved"
    assert nok.lists.list(home, state="approved").results[0].name == "Party"
    nok.lists.update(home, weekly, archived=True)
    assert weekly.id not in {each.id for each in nok.iterate(nok.lists.list(home))}


def test_pantry_is_filled_used_and_kept(nok, home):
    name = f"Pantry milk {uuid4()}"
    batch = nok.batches.create(home, name, quantity=2, unit="l", best_before="2026-12-24", place="fridge")
    assert (batch.quantity, batch.unit, batch.best_before) == (2, "liter", date(2026, 12, 24))
    assert nok.batches.update(home, batch, best_before=None, place="freezer").place == "freezer"
    assert nok.batches.get(home, batch).best_before is None
    assert nok.pantry.keep(home, batch.item, "1.5", unit="l").minimum.quantity == Decimal("1.5")
    used = nok.batches.use(home, batch, quantity=1)
    assert used.list_item.item.name == name
    assert nok.pantry.use(home, batch.item, quantity=500, unit="ml").amounts[0].quantity == Decimal("0.5")
    assert nok.pantry.get(home, batch.item).is_below_minimum
    assert [row.item.name for row in nok.iterate(nok.pantry.list(home, q=name))] == [name]
    assert batch.id in {row.id for row in nok.iterate(nok.batches.list(home))}
    assert nok.pantry.use(home, batch.item).amounts == []


def test_barcodes_are_remembered(nok, home):
    barcode = nok.barcodes.create(home, "036000291452", "Tissues", quantity=1, unit="box")
    assert barcode.code == "0036000291452"
    assert [each.id for each in nok.barcodes.list(home, code="036000291452").results] == [barcode.id]
    nok.barcodes.delete(home, barcode)
    assert nok.barcodes.list(home, code="036000291452").results == []


def test_forecasts_are_answered(nok, home):
    milk = nok.items.create(home, "Forecast milk")
    assert nok.forecasts.snooze(home, milk).snoozed_until > date.today()
    assert nok.forecasts.refuse(home, milk).has_forecasts is False
    assert "Forecast milk" in [row.name for row in nok.forecasts.list(home).results if row.is_refused]
    assert nok.forecasts.allow(home, milk).has_forecasts is True
    assert nok.forecasts.add(home, milk).item.name == "Forecast milk"


def test_recurring_items_and_spending(nok, home):
    rule = nok.recurring.create(home, "Rice", frequency="monthly", quantity=5, unit="kg")
    assert nok.recurring.update(home, rule, paused=True).paused_at is not None
    assert nok.recurring.get(home, rule).item.name == rule.item.name
    assert nok.recurring.skip(home, rule).next_due_at > rule.next_due_at
    moved = nok.recurring.snooze(home, rule, rule.next_due_at.date() + timedelta(days=40))
    assert nok.recurring.add(home, rule).item.name == "Rice"
    assert nok.recurring.get(home, rule).next_due_at > moved.next_due_at
    assert rule.id in {each.id for each in nok.iterate(nok.recurring.list(home))}
    nok.recurring.stop(home, rule)
    spending = nok.homes.spending(home, from_=date(2020, 1, 1), group_by="member")
    assert spending.first == date(2020, 1, 1)
    assert spending.currency == "THB"


def test_events_undo_and_audit(nok, home, weekly):
    eggs = nok.entries.add(home, weekly, "Eggs", quantity=6)
    newest = nok.events.list(home, after=0, limit=1).seq
    [event] = nok.events.list(home, after=newest - 1).events
    assert event.type == "list_item_added"
    assert nok.events.undo(home, event.seq).events[-1].type == "list_item_removed"
    assert nok.entries.get(home, weekly, eggs).state == "removed"
    assert nok.events.audit(home, limit=1).results[0].origin == "api"
    check = nok.events.check(home)
    assert (check.results, check.next, check.head.partition(":")[0]) == ([], None, str(check.seq))


def test_chat(nok, home):
    room = nok.channels.create(home, f"room-{uuid4().hex[:8]}", topic="Where to?")
    assert nok.channels.update(home, room, topic="There").topic == "There"
    ben = next(member for member in nok.members.list(home).results if member.name == "Ben")
    nok.channels.add_member(home, room, ben.user_id)
    assert {each.name for each in nok.channels.members(home, room).results} >= {"Ben"}
    message = nok.messages.send(home, room, "Who is home?", id=uuid4())
    assert nok.messages.update(home, room, message, "Who is here?", message.version).content == "Who is here?"
    nok.messages.reply(home, room, message, "I am.")
    assert [each.content for each in nok.messages.replies(home, room, message).results] == ["I am."]
    assert nok.messages.react(home, room, message, "❤️").reactions[0].count == 1
    assert nok.messages.unreact(home, room, message, "❤️").reactions == []
    assert nok.messages.get(home, room, message).replies == 1
    assert message.id in {each.id for each in nok.messages.list(home, room).results}
    nok.channels.mark_read(home, room, message.seq)
    nok.messages.delete(home, room, message)
    nok.channels.leave(home, room)
    nok.channels.join(home, room)
    assert nok.channels.get(home, room).id in {each.id for each in nok.iterate(nok.channels.list(home))}


def test_pixie_and_threads(nok, home):
    reply = nok.pixie.send(home, "How much did we spend this month?", wait=25)
    assert reply.response is not None, reply
    assert reply.response.intent == "budget_query"
    assert nok.pixie.run(home, reply.response.run_id).status == "completed"
    assert nok.pixie.cancel(home, reply.response.run_id).status == "completed"  # too late
    thread = nok.threads.create(home, title=f"Chat {uuid4().hex[:8]}")
    assert nok.threads.get(home, thread).title == thread.title
    sent = nok.threads.send(home, thread, "hello")
    assert sent.id in {each.id for each in nok.threads.messages(home, thread).results}
    assert nok.threads.update(home, thread, archived=True).archived_at is not None
    with pytest.raises(PixieError):
        nok.threads.confirm(home, thread, sent, True)
    with pytest.raises(PixieError):
        nok.pixie.confirm(home, sent, True)
    assert thread.id not in {each.id for each in nok.iterate(nok.threads.list(home))}


# Pages and idempotency keys


def test_iterate_returns_the_rows_of_all_pages(nok, home, weekly):
    for number in range(5):
        nok.entries.add(home, weekly, f"Thing {number}")
    pages = nok.entries.list(home, weekly, limit=2)
    assert pages.next is not None
    assert [entry.item.name for entry in nok.iterate(pages)] == [f"Thing {number}" for number in range(5)]


def test_repeating_an_idempotency_key_adds_once(nok, home, weekly):
    call = Entries.add.call(home, weekly, "Eggs", quantity=6)
    first, second = (nok.run(call, key="breakfast-1") for _time in range(2))
    assert first == second
    assert nok.entries.get(home, weekly, first).quantity == 6


def test_import_is_watched_until_it_is_done(nok, home):
    file = nok.homes.export(home)
    first, *_progress, last = nok.watch_import(nok.homes.import_(file))
    assert (first.state, last.state, last.done_rows) == ("waiting", "done", last.total_rows)
    assert nok.homes.get(last.home).name == home.name
    with pytest.raises(Conflict, match="already imported"):
        nok.homes.cancel_import(last)
    nok.homes.update(last.home, name="A copy")


@pytest.mark.anyio
async def test_async_client_makes_the_same_requests(server, home):
    async with AsyncClient(server.url, retry_policy=QUICK) as client:
        await client.account.sign_in(NOK, PASSWORD)
        weekly = await client.lists.create(home, name="Weekly shop")
        for name in ("Eggs", "Milk", "Rice"):
            await client.entries.add(home, weekly, name)
        page = await client.entries.list(home, weekly, limit=2)
        assert [entry.item.name async for entry in client.iterate(page)] == ["Eggs", "Milk", "Rice"]
        with pytest.raises(NotFound):
            await client.lists.get(home, uuid4())
        client.store.write(Credentials("over", client.store.read().refresh))
        assert (await client.lists.get(home, weekly)).name == "Weekly shop"
        await client.sign_out()
        with pytest.raises(NotSignedIn):
            await client.homes.list()


# Files


def test_files_are_sent_from_a_path_and_from_bytes_and_downloaded(signed_in, tmp_path):
    client = signed_in(NOK)
    home = next(each for each in client.homes.list().results if each.name == "Apartment 42")
    pizza = client.expenses.create(home, "Pizza", 450)
    (tmp_path / "receipt.png").write_bytes(picture("PNG"))
    photo = client.files.add(home, "expense", pizza, tmp_path / "receipt.png")
    bill = client.files.add(home, "expense", pizza, ("bill.pdf", PDF))
    assert (photo.name, photo.media_type, photo.target_id) == ("receipt.png", "image/webp", pizza.id)
    assert [each.id for each in client.files.list(home, kind="expense", target_id=pizza).results] == [bill.id, photo.id]
    assert client.files.get(home, bill) == bill
    assert client.files.download(home, bill) == PDF
    assert opened(client.files.thumbnail(home, photo)).size == (64, 48)
    with pytest.raises(Invalid, match="can't read"):
        client.files.add(home, "expense", pizza, ("a.svg", b"<svg></svg>"))
    with pytest.raises(NotFound):
        client.files.thumbnail(home, bill)
    client.files.delete(home, photo)
    with pytest.raises(NotFound):
        client.files.download(home, photo)

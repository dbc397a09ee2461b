"""Responses to a personal token without the scope `read`, over all operations of the API."""

import re
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from chat.actions import add_reaction, create_channel, open_assistant, send_message
from groceries.actions import (
    add_entry,
    add_to_pantry,
    create_category,
    create_expense,
    create_guest_link,
    create_list,
    create_store,
    end_shopping,
    remember_barcode,
    set_recurring,
    start_shopping,
)
from groceries.models import Category
from homes.accounts.actions import create_api_token
from homes.accounts.models import ApiToken, User
from homes.actions import invite
from homes.events.models import Event
from homes.files.actions import add_file
from homes.models import Home, Import
from pixie.actions import (
    cancel_scheduled,
    create_agent,
    learn_lesson,
    remember_passage,
    schedule_message,
    share_block,
    write_block,
)
from pixie.models import MemoryBlock, PendingAction, Run, Suggestion
from pixie.runs import queue
from planner.actions import create_event, create_task
from tests.api.client import ApiClient, schema
from tests.factories import by
from tests.groceries.test_recipes_parsing import MICRODATA
from tests.pictures import picture
from tests.web_pages import WebPages

SINGLE = ["write", "chat", "admin"]
CHANGES = [
    (method, path, operation)
    for path, operations in schema()["paths"].items()
    for method, operation in operations.items()
    if method in ("post", "put", "patch", "delete") and operation.get("security")
]
CLOSED = {
    "/api/homes/{home_id}/lists/{list_id}/guest-links",  # lets somebody read
    "/api/auth/logout", "/api/auth/switch-home", "/api/auth/tokens", "/api/auth/tokens/{token_id}",
    "/api/users/{user_id}", "/api/users/me/devices", "/api/users/me/devices/{device_id}",
    "/api/users/me/devices/{device_id}/test", "/api/homes/import", "/api/homes/import/{import_id}",
    "/api/invitations/{token}/accept",
}  # fmt: skip  # to every token of Nok's with one scope


def shows_secrets(text):
    return "hush" in text.lower() or "8642" in text


class Walk:
    """A home in which whatever only readers know has the word `Hush` in it, or the number 8642."""

    def __init__(self, nok, ben):
        self.nok, me = nok, by(nok)
        Home.objects.filter(pk=nok.home_id).update(name="Hush home", monthly_budget=8642)
        User.objects.filter(pk=ben.user_id).update(name="Hush Ben")
        aisle = create_category("Hush aisle", by=me)
        weekly = create_list("Hush list", by=me)
        store = create_store("Hush shop", by=me)
        link, _token = create_guest_link(weekly, "Hush", by=me, lifetime=timedelta(days=7))
        entry, _new = add_entry(weekly, "Hush milk", by=me, quantity=Decimal(8642), note="Hush")
        entry.item.category = aisle
        entry.item.save()
        trip, _is_new = start_shopping(weekly, by=me)
        end_shopping(weekly, by=me, total=Decimal(8642))
        recurring = set_recurring("Hush rice", "weekly", by=me)
        expense = create_expense("Hush pizza", Decimal(8642), by=me, category="Hush", note="Hush")
        task = create_task("Hush the fridge", by=me, notes="Hush 8642", project="Hush")
        event = create_event("Hush dinner", by=me, starts_on=date(2026, 3, 14), place="Hush", notes="Hush 8642")
        batch = add_to_pantry(entry.item, by=me, quantity=Decimal(8642))
        barcode = remember_barcode("HUSH", entry.item, by=me)
        room = create_channel("hush-room", by=me, topic="Hush 8642")
        message = send_message(room, "Hush 8642", by=me)
        add_reaction(message, "🤫", by=me)
        send_message(room, "Hush, a reply", by=me, parent=message)
        chef = create_agent("Hush chef", by=me, title="Hush", system_prompt="Hush 8642")
        pixie = nok.home.agents.get(slug="pixie")
        write_block(pixie, "household", "Hush 8642", by=me)
        share_block(MemoryBlock.objects.get(agent=pixie, label="household"), chef, by=me)
        passage, _new = remember_passage("The code is Hush 8642", by=me)
        scheduled = schedule_message("Remind us: Hush 8642", timezone.now() + timedelta(days=1), by=me)
        cancelled = schedule_message("Remind us: Hush 8642!", timezone.now() + timedelta(days=1), by=me)
        cancel_scheduled(cancelled, by=me)
        thread = open_assistant(pixie, by=me, title="Hush thread")
        question = send_message(thread, "add 5000 hush lemons", by=me)
        queue.process_home(nok.home_id)
        invitation, token = invite(by=me, email="hush@example.com")
        suggestion = Suggestion.objects.create(
            home=nok.home, kind="restock", subject=str(entry.item.pk), item=recurring.item,
            facts={"days": 8642, "last_on": "2026-01-01"},
        )  # fmt: skip
        pending = PendingAction.objects.get()
        self.seq = Event.objects.filter(home=nok.home, type="list_item_added").latest("seq").seq
        self.ids = {
            "home_id": nok.home_id, "list_id": weekly.pk, "trip_id": trip.pk,
            "entry_id": entry.pk, "item_id": entry.item_id,
            "category_id": aisle.pk, "recurring_id": recurring.pk, "store_id": store.pk, "link_id": link.pk,
            "expense_id": expense.pk, "task_id": task.pk, "event_id": event.pk,
            "batch_id": batch.pk, "barcode_id": barcode.pk,
            "file_id": add_file("expense", expense, "Hush.jpg", picture(), by=me).pk,
            "channel_id": room.pk, "message_id": message.pk,
            "agent_id": pixie.pk, "reader_id": chef.pk, "label": "household", "passage_id": passage.pk,
            "lesson_id": learn_lesson("Hush 8642", "add_item", by=me, is_right=True, calls=[]).pk,
            "run_id": Run.objects.get(trigger_message=question).pk, "scheduled_id": scheduled.pk,
            "suggestion_id": suggestion.pk, "user_id": ben.user_id, "invitation_id": invitation.pk,
            "thread_id": thread.pk, "token": token, "device_id": uuid4(), "token_id": uuid4(),
            "import_id": Import.objects.create(user=nok.user, name="Hush").pk,
        }  # fmt: skip
        other = Category.objects.filter(home=nok.home).exclude(pk=aisle.pk)[0]
        self.others = {"items": recurring.item_id, "categories": other.pk}
        self.question, self.cancelled, self.chef = pending.message_id, cancelled.pk, chef.pk

    def url(self, path):
        ids = {**self.ids}
        if "/confirm" in path:
            ids["message_id"] = self.question
        if path.endswith("/resume"):
            ids["scheduled_id"] = self.cancelled
        path = re.sub(r"{(\w+)}", lambda match: str(ids[match[1]]), path.removeprefix("/api"))
        return path + ("?emoji=🤫" if path.endswith("/reactions") else "?wait=0" if path == "/chat" else "")

    def bodies(self, path, operation):
        """The example of the operation with the ids of this home, then as a stale and as an empty change."""
        if "requestBody" not in operation:
            return [None]
        [content] = operation["requestBody"]["content"].values()
        body = {**content["examples"]["Request"]["value"]}
        if "file" in body:
            body |= {"file": SimpleUploadedFile("new.jpg", picture(colour="blue")), "target_id": self.ids["entry_id"]}
        for name in body.keys() & self.ids.keys():
            body[name] = str(self.ids[name])
        if path.endswith("/confirm"):
            body |= {"message_id": str(self.question)} if "message_id" in body else {}
        if path.endswith("/items/bulk"):
            body["ids"] = [str(self.ids["entry_id"])]
        if path.endswith("/snooze"):
            body["day"] = f"{timezone.localdate() + timedelta(days=20)}"
        if path.endswith("/recipe"):
            body["url"] = self.recipe
        if path.endswith("/readers"):
            body["agent_id"] = str(self.chef)
        if path.endswith("/settlements"):
            body |= {"payer": str(self.nok.user_id), "payee": str(self.ids["user_id"])}
        if path.endswith("/merge"):
            body["into"] = str(self.others["items" if "/items/" in path else "categories"])
        if path.endswith("/categories/order"):
            body["ids"] = [str(pk) for pk in Category.objects.filter(home=self.nok.home).values_list("pk", flat=True)]
        elif "ids" in body:
            body["ids"] = [str(self.ids["entry_id"])]
        if "seq" in body:
            body["seq"] = self.seq
        if path.endswith("/intents"):
            data = {"entry": str(self.ids["entry_id"]), "price": "45"}
            body["intents"] = [{**body["intents"][0], "data": data}]
            more = [{"list": str(self.ids["list_id"]), "text": "hello"}, {"entry": data["entry"], "quantity": "3"}]
            kinds = zip(("add_entry", "change_entry"), more, strict=True)
            body["intents"] += [
                {**body["intents"][0], "op_id": str(uuid4()), "kind": kind, "data": data} for kind, data in kinds
            ]
        bodies = [body, {}]
        if "version" in body:
            bodies += [{**body, "version": number} for number in (0, 2, 3, 77)]
        if path.endswith("/lists/{list_id}"):
            bodies += [{"state": "completed"}, {"state": "draft"}, {"name": "x"}]
        if path.endswith("/confirm"):  # a yes needs the scope of what it does
            bodies += [{**body, "confirm": False}]
        if path.endswith("/channels"):
            bodies += [{"user_id": str(self.ids["user_id"])}]
        return bodies


@pytest.fixture
def walk(nok, ben, settings):
    with WebPages() as web:
        settings.RECIPE_INTRANET_HOSTS = [web.host]
        walk = Walk(nok, ben)
        walk.recipe = web.add("/pancakes", MICRODATA)
        yield walk


def client(nok, *scopes):
    _row, raw = create_api_token(nok.user, "Assistant", list(scopes))
    return ApiClient(nok, token=raw)


def send(me, method, url, body):
    """Send the request and take back what it did."""
    with transaction.atomic():
        answer = getattr(me, method)(url, body)
        transaction.set_rollback(True)
    return answer


def test_answers_to_changes_show_nothing_without_read(nok, walk):
    everything, read_all = ApiClient(nok), {}
    limited = {scope: client(nok, scope) for scope in SINGLE}
    done, revealing = set(), set()
    for method, path, operation in CHANGES:
        for body in walk.bodies(path, operation):
            name, url = f"{method} {path}", walk.url(path)
            full = send(everything, method, url, body)
            revealing |= {name} if shows_secrets(full.text) else set()
            read_all[name] = full.status_code
            for scope, me in limited.items():
                answer = send(me, method, url, body)
                assert not shows_secrets(answer.text), (scope, name, body, answer.text)
                if answer.status_code != 403 and full.status_code < 300:
                    assert answer.status_code in (full.status_code, 202), (scope, name, answer.text)
                    done.add(name)
    assert {name.split()[1] for name in read_all} - {name.split()[1] for name in done} - CLOSED == set()
    assert len(revealing) > 25


def test_reading_needs_read_whatever_else_the_token_may(nok, walk):
    me = client(nok, *SINGLE)
    paths = [path for path, operations in schema()["paths"].items() if "get" in operations and path != "/api/schema"]
    assert len(paths) > 30
    for path in paths:
        answer = me.get(walk.url(path))
        assert answer.status_code == 403, path
        assert not shows_secrets(answer.text)


@pytest.mark.parametrize("path", ["audit", "export"])
def test_what_owners_read_needs_both_scopes(nok, walk, path):
    assert [client(nok, *scopes).get(path).status_code for scopes in (["read"], ["admin"])] == [403, 403]
    assert shows_secrets(client(nok, "read", "admin").get(path).text)


def test_accepted_invitation_shows_nothing_of_the_home(walk, mai):
    me = client(mai, "admin")
    answer = me.post(walk.url("/invitations/{token}/accept"))
    assert answer.status_code == 200
    assert not shows_secrets(answer.text)


def test_import_needs_all_scopes(nok):
    home = {"format": 1, "home": {"id": str(uuid4()), "name": "Hut", "timezone": "UTC", "currency": "THB"}}
    home["home"] |= {"locale": "en", "monthly_budget": None}
    for left_out in ApiToken.SCOPES:
        scopes = [scope for scope in ApiToken.SCOPES if scope != left_out]
        _row, raw = create_api_token(nok.user, "Assistant", scopes)
        answer = ApiClient(token=raw).post("/homes/import", home)
        assert (answer.status_code, left_out in answer.text) == (403, True)
    _row, raw = create_api_token(nok.user, "Assistant", list(ApiToken.SCOPES))
    assert ApiClient(token=raw).post("/homes/import", home).status_code == 202


def test_response_stored_for_a_key_is_not_repeated_to_another_token(nok, weekly, milk):
    url, body = f"lists/{weekly.pk}/items", {"name": "milk"}
    assert "Milk" in ApiClient(nok).post(url, body, Idempotency_Key="one").text
    answer = client(nok, "write").post(url, body, Idempotency_Key="one")
    assert answer.status_code == 409
    assert "Milk" not in answer.text
    fresh, repeated = (client(nok, "write").post(url, body, Idempotency_Key="two") for _ in range(2))
    assert fresh.json() == repeated.json()
    assert fresh.json().keys() == {"id"}


def test_result_of_an_intent_is_not_repeated_to_another_token(nok, weekly, milk):
    intent = {
        "op_id": str(uuid4()), "kind": "change_entry", "seen": 1, "data": {"entry": str(milk.pk), "quantity": "3"},
        "meant_at": (timezone.now() - timedelta(minutes=1)).isoformat(),
    }  # fmt: skip
    ApiClient(nok).patch(f"lists/{weekly.pk}/items/{milk.pk}", {"quantity": "8642", "version": 1})
    body = {"now": timezone.now().isoformat(), "intents": [intent]}
    (blind,) = send(client(nok, "write"), "post", "intents", body).json()["results"]
    (full,) = ApiClient(nok).post("intents", body).json()["results"]
    (again,) = client(nok, "write").post("intents", body).json()["results"]
    assert "Milk" in full["message"]
    assert (blind["outcome"], blind["message"]) == (full["outcome"], "")
    assert (again["outcome"], again["message"]) == ("refused", "This change was already sent with different content.")

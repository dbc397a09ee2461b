"""The admin: every page opens, records are read-only, and members have no access."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from chat.models import Message
from groceries.actions import (
    add_to_pantry,
    create_expense,
    create_guest_link,
    remember_barcode,
    start_shopping,
)
from groceries.models import GroceryList, Item, ListEntry, Store
from homes.accounts import demo_accounts
from homes.accounts.actions import create_api_token
from homes.accounts.models import User
from homes.events.models import Event
from homes.files.actions import add_file
from homes.models import Agent, Home, Import, Membership
from homes.notifications.models import Delivery, NoticeChoice, PushSubscription
from pantry.admin import ReadOnlyAdmin
from pantry.models import Operation
from pixie.actions import schedule_message
from pixie.models import Lesson, ModelAccess, ModelPrice, PendingAction, Suggestion, SummaryChoice
from planner.actions import create_event, create_task
from planner.feeds import renew_feed
from tests.counting import queries_of, written_statements
from tests.factories import by
from tests.pictures import picture

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
READ_ONLY = [model for model in MODELS if isinstance(admin.site._registry[model], ReadOnlyAdmin)]


def label(model):
    return model._meta.label


def url(model, page="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def demo_home(demo_household):
    User.objects.filter(email="nok@apartment42.example").update(is_staff=True, is_superuser=True)
    return demo_household


@pytest.fixture
def admin_client(demo_home):
    """A client signed in as Nok, a superuser with two-step verification."""
    nok = User.objects.get(email="nok@apartment42.example")
    TOTP.activate(nok, generate_totp_secret())
    return signed_in(nok)


@pytest.fixture
def rows_of_every_model(demo_home, admin_client):
    """Create a row of each model of which the demo household has none."""
    nok = Membership.objects.get(home=demo_home, user__email="nok@apartment42.example")
    EmailAddress.objects.create(user=nok.user, email=nok.user.email)
    create_api_token(nok.user, "Display", ["read"])
    UserSession.objects.create(user=nok.user, ip="127.0.0.1", session_key="a" * 32)
    Group.objects.create(name="Staff")
    start_shopping(GroceryList.objects.visible_to(nok).current(), by=by(nok))
    device = PushSubscription.objects.create(user=nok.user, endpoint="https://push.example.com/1", name="Phone")
    Delivery.objects.create(home=demo_home, device=device, seq=1, due_at=timezone.now())
    NoticeChoice.objects.create(home=demo_home, member=nok)
    Operation.objects.create(user=nok.user, key="1", fingerprint="1")
    ModelAccess.objects.create(home=demo_home)
    ModelPrice.objects.get_or_create(model="claude-sonnet-5")  # tests that commit clear the rows of migrations
    message = Message.objects.filter(home=demo_home).first()
    PendingAction.objects.create(
        home=demo_home, message=message, requested_by=nok.user, tool="add_item", confidence=1, expires_at=timezone.now()
    )
    schedule_message("add eggs", timezone.now() + timedelta(days=1), by=by(nok))
    Lesson.objects.create(home=demo_home, author=nok.user, text="hm", key="hm", intent="add_item", is_right=True)
    facts = {"days": 7, "last_on": "2026-03-14"}
    Suggestion.objects.create(home=demo_home, kind="restock", subject="x", item=Item.objects.first(), facts=facts)
    Store.objects.create(home=demo_home, name="Market")
    current = GroceryList.objects.filter(home=demo_home).current()
    create_guest_link(current, "Grandma", by=by(nok), lifetime=timedelta(days=7))
    create_expense("Pizza", Decimal(450), by=by(nok))
    create_task("Clean the fridge", by=by(nok), assignee_ids=[nok.user_id])
    create_event("Dinner", by=by(nok), starts_on=date(2026, 3, 14), guest_ids=[nok.user_id])
    renew_feed(nok)
    add_to_pantry("Rice", by=by(nok))
    remember_barcode("4006381333931", "Rice", by=by(nok))
    add_file("entry", ListEntry.objects.filter(home=demo_home).first(), "milk.jpg", picture(), by=by(nok))
    SummaryChoice.objects.create(home=demo_home, hour=7)
    Import.objects.create(user=nok.user, name="Hut")
    BlacklistedToken.objects.create(token=OutstandingToken.objects.create(jti="1", token="", expires_at=timezone.now()))
    assert [label(model) for model in MODELS if not model._default_manager.exists()] == []


def test_admin_registers_the_models():
    assert len(MODELS) > 15
    assert {"events.Event", "pixie.Run", "chat.Message", "groceries.ListEntry"} <= {label(model) for model in READ_ONLY}


def test_front_page_opens(admin_client):
    page = admin_client.get("/admin/").text
    assert "Pantry Pixie" in page
    assert "Administration" in page


@pytest.mark.both_databases
def test_every_list_opens_without_a_query_a_row(admin_client):
    for model in MODELS:
        assert admin_client.get(url(model)).status_code == 200, label(model)
        assert queries_of(partial(admin_client.get, url(model))) < 25, label(model)


def test_every_row_opens(admin_client, rows_of_every_model):
    for model in MODELS:
        for row in model._default_manager.all()[:2]:
            assert admin_client.get(url(model, "change", row.pk)).status_code == 200, label(model)
            assert admin_client.get(url(model, "history", row.pk)).status_code == 200, label(model)


def test_get_and_head_of_every_page_write_no_rows(admin_client, rows_of_every_model):
    urls = ["/admin/", "/admin/jsi18n/"]
    urls += [f"/admin/{app}/" for app in {model._meta.app_label for model in MODELS}]
    for model in MODELS:
        row = model._default_manager.first()
        urls += [url(model), f"{url(model)}?q=rice", url(model, "add")]
        urls += [url(model, page, row.pk) for page in ("change", "history", "delete")]
    unknown = ["/admin/nonexistent/", *(url(model, "change", uuid4()) for model in MODELS)]

    def visit(request, address):
        response = request(address)
        place = (response.status_code, response.headers.get("Location"))
        expected = [(404, None), (302, "/admin/")] if address in unknown else [(200, None), (403, None)]
        assert place in expected, address

    statements = []
    for address in urls + unknown:
        for request in (admin_client.get, admin_client.head):
            statements += [(address, sql) for sql in written_statements(partial(visit, request, address))]
    assert not statements, statements


@pytest.mark.both_databases
@pytest.mark.parametrize("text", ["rice", "nok@apartment42.example", "ผักชี", "' OR 1=1 --", "%", "01a1f97a", "x" * 500])
def test_every_search_works(admin_client, text):
    for model in MODELS:
        if admin.site._registry[model].search_fields:
            assert admin_client.get(url(model), {"q": text}).status_code == 200, label(model)


@pytest.mark.both_databases
def test_every_filter_works(admin_client):
    for model in MODELS:
        for name in admin.site._registry[model].list_filter:
            for value in model._default_manager.exclude(**{name: None}).values_list(name, flat=True).distinct()[:2]:
                assert admin_client.get(url(model), {f"{name}__exact": value}).status_code == 200, label(model)


def test_search_finds_rows(admin_client, demo_home):
    page = admin_client.get(url(Message), {"q": "lift"}).text
    assert "Stairs until then." in page
    assert "Halves?" not in page
    event = Event.objects.filter(home=demo_home, type="list_item_added").first()
    assert str(event.pk) in admin_client.get(url(Event), {"q": str(event.subject_id)}).text


def test_read_only_models_cannot_be_added_changed_or_deleted(admin_client):
    for model in READ_ONLY:
        before = list(model._default_manager.order_by("pk").values())
        assert admin_client.get(url(model, "add")).status_code == 403, label(model)
        assert admin_client.post(url(model, "add"), {"name": "x"}).status_code == 403, label(model)
        for row in model._default_manager.all()[:1]:
            assert admin_client.post(url(model, "change", row.pk), {"name": "x"}).status_code == 403, label(model)
            assert admin_client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403, label(model)
            action = {"action": "delete_selected", "_selected_action": [str(row.pk)], "post": "yes"}
            admin_client.post(url(model), action)
        assert list(model._default_manager.order_by("pk").values()) == before, label(model)


@pytest.mark.parametrize("model", [Home, Agent, User], ids=label)
def test_homes_users_and_agents_cannot_be_deleted(admin_client, model):
    row = model._default_manager.first()
    assert admin_client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", [Home, Agent], ids=label)
def test_homes_and_agents_cannot_be_added(admin_client, model):
    assert admin_client.get(url(model, "add")).status_code == 403


def form_of(page):
    """Return the form data of an admin page, unchanged."""
    form = page.context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    for formset in page.context["inline_admin_formsets"]:
        management = formset.formset.management_form
        data |= {management.add_prefix(name): management[name].value() for name in management.fields}
    return {name: "" if value is None else value for name, value in data.items()}


def test_changing_a_home_records_an_event(admin_client, demo_home):
    change_url = url(Home, "change", demo_home.pk)
    before = demo_home.events.count()
    data = {**form_of(admin_client.get(change_url)), "name": "Apartment 43", "monthly_budget": "14000"}
    assert admin_client.post(change_url, data).status_code == 302
    demo_home.refresh_from_db()
    assert (demo_home.name, demo_home.monthly_budget) == ("Apartment 43", Decimal(14000))
    event = demo_home.events.order_by("seq").last()
    assert demo_home.events.count() == before + 1
    assert (event.type, event.origin, event.actor_user.name) == ("home_updated", "admin", "Nok")
    assert event.changes == {"name": ["Apartment 42", "Apartment 43"], "monthly_budget": ["13000", "14000"]}
    assert event.seq == demo_home.last_seq


def test_saving_an_unchanged_home_records_nothing(admin_client, demo_home):
    change_url = url(Home, "change", demo_home.pk)
    before = demo_home.events.count()
    assert admin_client.post(change_url, form_of(admin_client.get(change_url))).status_code == 302
    assert demo_home.events.count() == before


def test_invalid_home_is_rejected(admin_client, demo_home):
    change_url = url(Home, "change", demo_home.pk)
    for invalid in ({"name": ""}, {"timezone": "Mars"}, {"currency": "baht"}, {"monthly_budget": "-1"}):
        assert admin_client.post(change_url, {**form_of(admin_client.get(change_url)), **invalid}).status_code == 200
    demo_home.refresh_from_db()
    assert (demo_home.name, demo_home.currency) == ("Apartment 42", "THB")


def test_deactivating_an_agent_records_an_event(admin_client, demo_home):
    pixie = Agent.objects.get(home=demo_home)
    change_url = url(Agent, "change", pixie.pk)
    data = {name: value for name, value in form_of(admin_client.get(change_url)).items() if name != "is_active"}
    assert admin_client.post(change_url, data).status_code == 302
    pixie.refresh_from_db()
    assert not pixie.is_active
    event = demo_home.events.order_by("seq").last()
    assert (event.type, event.origin, event.changes) == ("agent_updated", "admin", {"is_active": [True, False]})


def test_user_can_be_added(admin_client):
    data = {"email": "som@example.com", "name": "Som", "usable_password": "true"}
    data |= dict.fromkeys(("password1", "password2"), "correct horse battery staple")
    assert admin_client.post(url(User, "add"), data).status_code == 302
    assert User.objects.get(email="som@example.com").check_password("correct horse battery staple")


def test_user_content_is_escaped(admin_client, demo_home):
    message = Message.objects.filter(home=demo_home).first()
    Message.objects.filter(pk=message.pk).update(
        body="<script>alert(1)</script>", metadata={"x": "<script>alert(1)</script>"}
    )
    for page in (url(Message), url(Message, "change", message.pk)):
        assert "<script>alert" not in admin_client.get(page).text


def test_member_without_staff_status_has_no_access(demo_home):
    ben = signed_in(User.objects.get(email="ben@apartment42.example"))
    for client in (ben, Client()):
        for model in MODELS:
            answer = client.get(url(model))
            assert (answer.status_code, answer.url) == (302, f"/admin/login/?next={url(model)}")


def make_staff(email):
    user = User.objects.get(email=email)
    user.is_staff = user.is_superuser = True
    user.save()
    return user


def test_admin_has_no_sign_in_form_of_its_own(demo_home, admin_client):
    """Not even for staff: it would sign in as somebody else without their second step."""
    ploy = make_staff("ploy@apartment42.example")
    form = {"username": ploy.email, "password": demo_accounts.PASSWORD}
    for client in (Client(), admin_client):
        before = client.session.get("_auth_user_id")
        for answer in (client.get("/admin/login/"), client.post("/admin/login/?next=/admin/", form)):
            assert (answer.status_code, answer.url.split("?")[0]) in [(302, "/accounts/login/"), (302, "/admin/")]
        assert client.session.get("_auth_user_id") == before


def test_signing_in_for_the_admin_requires_the_second_step(demo_home):
    ploy = make_staff("ploy@apartment42.example")
    TOTP.activate(ploy, generate_totp_secret())
    client = Client()
    address = client.get("/admin/login/?next=/admin/").url
    answer = client.post(address, {"login": ploy.email, "password": demo_accounts.PASSWORD})
    assert answer.url.startswith("/accounts/2fa/authenticate/")
    assert client.get("/admin/").status_code == 302


def test_staff_without_two_step_verification_is_asked_to_turn_it_on(demo_home, settings):
    client = signed_in(make_staff("ploy@apartment42.example"))
    for model in MODELS:
        assert client.get(url(model)).url.startswith("/admin/login/"), label(model)
    answer = client.get("/admin/login/?next=/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/2fa/"
    assert "Turn on two-step verification" in answer.text
    settings.ADMIN_TWO_STEP = False
    assert client.get("/admin/").status_code == 200


def test_password_is_changed_on_the_page_for_everybody(admin_client):
    assert admin_client.get("/admin/password_change/").url == "/accounts/password/change/"


def test_member_is_refused_by_the_sign_in_of_the_admin(demo_home):
    ben = signed_in(User.objects.get(email="ben@apartment42.example"))
    assert ben.get("/admin/login/").status_code == 403


def test_staff_without_permissions_sees_nothing(demo_home):
    ben = User.objects.get(email="ben@apartment42.example")
    ben.is_staff = True
    ben.save()
    TOTP.activate(ben, generate_totp_secret())
    assert signed_in(ben).get(url(ListEntry)).status_code == 403

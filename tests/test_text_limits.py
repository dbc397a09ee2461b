"""Every text from outside has a maximum. More is refused with the number named, and never cut."""

import re
from importlib import import_module
from types import SimpleNamespace

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.urls import get_resolver
from pydantic import ValidationError as ArgumentError
from rest_framework import serializers

from chat.actions import create_channel, edit_message, open_assistant, send_message, update_channel
from groceries.actions import add_entry, create_category, create_list, rename_list
from homes.accounts.actions import create_api_token, revoke_api_token, sign_up
from homes.accounts.models import ApiToken
from homes.actions import create_home
from homes.events import offline
from homes.events.models import Origin
from homes.live import hooks as live_hooks
from homes.models import Agent, Home
from pantry.api.fields import Email, Line, Secret, Text
from pantry.errors import ActionError
from pixie.actions import create_agent, remember_passage
from pixie.tools import TOOLS
from tests.factories import by, person, sign_in
from tests.limits import limit

GROWING = "\u0958"  # becomes two characters when it is normalized
FORM_MODULES = [
    "homes.forms",
    "homes.accounts.forms",
    "groceries.forms",
    "groceries.expense_forms",
    "chat.forms",
    "pixie.forms",
]


# The API, WebSockets and offline changes


def views(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from views(pattern.url_patterns)
        elif actions := getattr(pattern.callback, "actions", None):
            yield from ((pattern.callback.cls, name) for name in actions.values())


def request_serializers():
    for view, name in views(get_resolver().url_patterns):
        endpoint = getattr(getattr(view, name, None), "endpoint", None)
        yield from filter(None, [endpoint.request, endpoint.query] if endpoint else [])
    yield from (command.serializer for command in [*live_hooks.commands.values(), *offline.commands.values()])


def fields_of(field, name):
    if isinstance(field, serializers.ListSerializer | serializers.ListField | serializers.DictField):
        yield from fields_of(field.child, name)
    elif isinstance(field, serializers.Serializer):
        for child_name, child in field.fields.items():
            yield from fields_of(child, f"{name}.{child_name}")
    else:
        yield name, field


def request_fields():
    return {
        name: field
        for serializer in request_serializers()
        if serializer.__name__ != "ImportFile"  # pydantic checks the rest of the file
        for name, field in fields_of(serializer(context={"home": Home()}), serializer.__name__)
        if name != "Intents.intents.data"  # which is checked by the serializer of its kind
    }


def maximum(field):
    if isinstance(field, Email):
        return 254
    return getattr(field, "max_chars", None) or getattr(field, "max_length", None)


@pytest.mark.parametrize(("name", "field"), request_fields().items())
def test_request_field_refuses_long_text(name, field):
    most = maximum(field)
    with pytest.raises((serializers.ValidationError, ValidationError)) as error:
        field.run_validation("9" * (300_000 if most is None else most + 1))
    if most is not None:
        assert f"{most}" in str(error.value)


@pytest.mark.parametrize(("name", "field"), request_fields().items())
def test_request_field_does_not_cut_text_that_grows(name, field):
    if isinstance(field, Line) and field.max_chars > 3:
        with pytest.raises(serializers.ValidationError) as error:
            field.run_validation(GROWING * field.max_chars)
        assert f"{field.max_chars}" in str(error.value.detail[0])


def test_text_fields_have_a_maximum():
    texts = [field for field in request_fields().values() if type(field) in (Text, Line, Secret, serializers.CharField)]
    assert len(texts) > 20
    assert all(map(maximum, texts))


# Forms


def form_fields():
    """Return our own fields of all forms; those of allauth get their limits when a form is created."""
    return [
        (f"{form.__name__}.{name}", field)
        for module in map(import_module, FORM_MODULES)
        for form in vars(module).values()
        if isinstance(form, type) and issubclass(form, forms.BaseForm) and form.__module__ == module.__name__
        for name, field in form.base_fields.items()
        if not type(field).__module__.startswith("allauth") and name != "username"
        if f"{form.__name__}.{name}" != "NewHomeForm.timezone"  # a guess of the browser, which is ignored if wrong
    ]


@pytest.mark.parametrize(("name", "field"), form_fields())
def test_form_field_refuses_long_text(name, field):
    if hasattr(field, "choices") or isinstance(field, forms.BooleanField):
        return
    most = getattr(field, "max_length", None)
    assert most or type(field) is not forms.CharField, "it has no maximum"
    with pytest.raises(ValidationError) as error:
        field.clean("9" * (200_000 if most is None else most + 1))
    if most is not None:
        assert f"{most}" in " ".join(error.value.messages)
    if not isinstance(field, forms.EmailField):
        assert "maxlength" not in field.widget.attrs  # a browser would cut what is pasted


@pytest.mark.parametrize("url", ["/accounts/login/", "/accounts/signup/"])
@pytest.mark.django_db
def test_long_password_is_refused(client, url):
    most = limit("Password")
    form = {"login": "nok@example.com", "email": "new@example.com", "name": "Nok"}
    for field in ("password", "password1"):
        form[field] = "a" * (most + 1)
    response = client.post(url, form)
    assert f"at most {most} characters" in response.text
    assert f"you have {most + 1}" in response.text


# MCP


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_tool_refuses_long_text(tool):
    assert limit("Other arguments of an MCP tool") == 200
    for name in tool.arguments.model_fields:
        for value in ("a" * 1_000_000, ["a" * 1_000_000]):
            with pytest.raises(ArgumentError) as error:
                tool.arguments.model_validate({name: value})
            errors = [each["msg"] for each in error.value.errors() if each["loc"][0] == name]
            assert errors, name
        if any(word in errors[0] for word in ("at most", "should have")):
            assert re.search(r"\d", errors[0])


# Actions


NAMES = limit("Name of a person, a home or a list")
SHORT_NAMES = limit("Name of a room, an agent, an aisle or a store")
TITLES = limit("Topic of a room, title of a chat")
ITEMS, NOTES = limit("Name of an item"), limit("Note on an entry or an expense")
MESSAGES, PASSAGES = limit("Message"), limit("Passage in the memory")
ACTIONS = {
    "list": (NAMES, lambda s, text: create_list(text, by=by(s.nok))),
    "renamed list": (NAMES, lambda s, text: rename_list(s.weekly, text, by=by(s.nok))),
    "person": (NAMES, lambda s, text: sign_up("a@example.com", "correct horse battery", text)),
    "token": (NAMES, lambda s, text: create_api_token(s.nok.user, text, ["read"])),
    "room": (SHORT_NAMES, lambda s, text: create_channel(text, by=by(s.nok))),
    "agent": (SHORT_NAMES, lambda s, text: create_agent(text, by=by(s.nok))),
    "aisle": (SHORT_NAMES, lambda s, text: create_category(text, by=by(s.nok))),
    "topic": (TITLES, lambda s, text: create_channel("x", topic=text, by=by(s.nok))),
    "new topic": (TITLES, lambda s, text: update_channel(s.holidays, topic=text, by=by(s.nok))),
    "title": (TITLES, lambda s, text: open_assistant(s.pixie, title=text, by=by(s.nok))),
    "item": (ITEMS, lambda s, text: add_entry(s.weekly, text, by=by(s.nok))),
    "note": (NOTES, lambda s, text: add_entry(s.weekly, "eggs", note=text, by=by(s.nok))),
    "second note": (NOTES, lambda s, text: [add_entry(s.weekly, "eggs", note=n, by=by(s.nok)) for n in ("", text)]),
    "message": (MESSAGES, lambda s, text: send_message(s.general, text, by=by(s.nok))),
    "edited message": (MESSAGES, lambda s, text: edit_message(s.message, text, by=by(s.nok))),
    "passage": (PASSAGES, lambda s, text: remember_passage(text, by=by(s.nok))),
}


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("letter", ["a", GROWING])
@pytest.mark.django_db
def test_action_refuses_long_text(name, letter, nok, weekly, general):
    most, act = ACTIONS[name]
    scene = SimpleNamespace(
        nok=nok, weekly=weekly, general=general, pixie=Agent.objects.get(home=nok.home),
        holidays=create_channel("holidays", by=by(nok)), message=send_message(general, "Hello", by=by(nok)),
    )  # fmt: skip
    with pytest.raises((ActionError, ValidationError)) as error:
        act(scene, letter * (most if letter == GROWING else most + 1))
    assert f"{most}" in str(error.value)
    act(scene, "a" * most)


@pytest.mark.parametrize("tags", [["a" * 41], [f"tag {number}" for number in range(9)]])
@pytest.mark.django_db
def test_tags_are_not_cut(nok, tags):
    with pytest.raises(ActionError, match="at most"):
        remember_passage("The rent is due on the 5th", tags=tags, by=by(nok))


# Pages


@pytest.mark.django_db
def test_long_search_is_refused(nok):
    most = limit("Search")
    browser = sign_in(nok)
    page = browser.get(f"/h/{nok.home_id}/memory/", {"q": "a" * (most + 1)})
    assert f"at most {most} characters" in page.text
    response = browser.get(f"/api/homes/{nok.home_id}/search", {"q": "a" * (most + 1)})
    assert (response.status_code, f"{most}" in response.text) == (400, True)


# How many


@pytest.mark.django_db
def test_homes_of_a_user_are_limited(nok, monkeypatch):
    assert limit("Homes that a user creates") == Home.MAX_PER_FOUNDER
    monkeypatch.setattr(Home, "MAX_PER_FOUNDER", 2)
    pk = create_home(nok.user, origin=Origin.API, name="Second").home_id
    with pytest.raises(ActionError, match="at most 2 homes"):
        create_home(nok.user, origin=Origin.API, name="Third")
    assert create_home(nok.user, origin=Origin.API, name="Second", pk=pk).home_id == pk
    browser = sign_in(nok)
    response = browser.post("/homes/new/", {"name": "Third"})
    assert (response.status_code, "at most 2 homes" in response.text) == (422, True)
    assert Home.objects.filter(created_by=nok.user).count() == 2
    create_home(person("Kai"), origin=Origin.API, name="Another person's")


@pytest.mark.django_db
def test_personal_tokens_of_a_user_are_limited(nok, monkeypatch):
    assert limit("Personal tokens of a user") == ApiToken.MAX_PER_USER
    monkeypatch.setattr(ApiToken, "MAX_PER_USER", 2)
    token, _key = create_api_token(nok.user, "First", ["read"])
    create_api_token(nok.user, "Second", ["read"])
    with pytest.raises(ActionError, match="2 personal tokens"):
        create_api_token(nok.user, "Third", ["read"])
    revoke_api_token(token)
    create_api_token(nok.user, "Third", ["read"])

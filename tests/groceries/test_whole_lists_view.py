"""Pages that copy, clear, archive, restore and delete lists, and undo that."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from groceries.actions import add_entry, archive_list, change_list_state, copy_list, create_list, purchase_entry
from groceries.list_presenter import MAX_SWITCHABLE
from groceries.models import GroceryList
from tests.counting import queries_of
from tests.factories import by

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lists_url(nok):
    return f"/h/{nok.home_id}/lists/"


@pytest.fixture
def url(lists_url, weekly):
    return f"{lists_url}{weekly.pk}/"


@pytest.fixture
def client(nok, sign_in):
    return sign_in(nok)


def post(client, url, **fields):
    return client.post(url, {"op_id": str(uuid4()), **fields})


def undo(client, response):
    """Press Undo in the toast of the page that the response leads to."""
    page = client.get(response.url).text
    [target] = re.findall(r'action="(/h/[^"]*/operations/[^"]*/undo)"', page)
    return client.post(target)


# The switcher


def test_other_open_lists_are_one_tap_away(client, nok, url, milk):
    assert "switcher" not in client.get(url).text
    party = create_list("Party", by=by(nok))
    create_list("Basics", by=by(nok), is_template=True)
    switcher = client.get(url).text.split('<nav class="switcher"')[1].split("</nav>")[0]
    assert f"lists/{party.pk}/" in switcher
    assert switcher.index("Party") < switcher.index("Weekly shop")
    assert re.search(rf'{url}"\s+aria-current="page"', switcher)
    assert "1 to buy" in switcher
    assert "Basics" not in switcher


def test_lists_of_one_name_are_told_apart(client, nok, url):
    create_list("Weekly shop", by=by(nok))
    switcher = client.get(url).text.split('<nav class="switcher"')[1].split("</nav>")[0]
    assert switcher.count("Weekly shop of ") == 2


def test_lists_beyond_the_switcher_are_counted(client, nok, url):
    for number in range(MAX_SWITCHABLE + 2):
        create_list(f"List {number}", by=by(nok))
    assert "3 more" in client.get(url).text


def test_field_of_an_empty_list_has_the_focus(client, nok, weekly, url):
    field = re.compile("<textarea[^>]*autofocus")
    assert field.search(client.get(url).text)
    add_entry(weekly, "Milk", by=by(nok))
    assert not field.search(client.get(url).text)


# Copies


def test_completed_list_is_shopped_again(client, nok, weekly, url, milk):
    purchase_entry(milk, by=by(nok))
    change_list_state(weekly, "completed", by=by(nok))
    assert "Shop this again" in client.get(url).text
    response = post(client, f"{url}copy")
    copy = GroceryList.objects.exclude(pk=weekly.pk).get()
    assert response.url.endswith(f"/lists/{copy.pk}/")
    assert copy.entries.pending().count() == 1
    assert undo(client, response).url.endswith("/lists/")
    assert GroceryList.objects.get() == weekly


def test_template_is_saved_and_starts_a_list(client, nok, weekly, url, milk, lists_url):
    template_url = post(client, f"{url}copy", template="1").url
    page = client.get(template_url).text
    assert "New list from this" in page
    assert "Go shopping" not in page
    assert "Templates" in client.get(lists_url).text
    post(client, f"{template_url}copy")
    assert GroceryList.objects.filter(is_template=False).count() == 2


def test_copying_over_htmx_redirects_by_header(client, url, milk):
    response = client.post(f"{url}copy", {"op_id": str(uuid4())}, headers=HTMX)
    assert "/lists/" in response.headers["HX-Redirect"]


# Clear, archive and delete


def test_cleared_list_is_restored_by_undo(client, weekly, url, milk, eggs):
    response = post(client, f"{url}clear")
    assert not weekly.entries.pending().exists()
    assert undo(client, response).url == url
    assert weekly.entries.pending().count() == 2


def test_completed_list_has_a_toast_with_undo(client, weekly, url, milk):
    response = post(client, f"{url}state", state="completed")
    undo(client, response)
    weekly.refresh_from_db()
    assert weekly.is_open


def test_archived_list_is_on_its_own_page_and_can_be_restored(client, lists_url, weekly, url, milk):
    response = post(client, f"{url}archive")
    assert response.url == lists_url
    assert "1 archived list" in client.get(lists_url).text
    assert "Weekly shop" in client.get(f"{lists_url}archived/").text
    assert post(client, f"{url}restore").url == url
    assert "No archived lists." in client.get(f"{lists_url}archived/").text


def test_undo_of_archiving_shows_the_list_again(client, weekly, url):
    assert undo(client, post(client, f"{url}archive")).url == url


def test_delete_asks_and_can_be_undone(client, lists_url, weekly, url, milk, events, nok):
    assert "“Weekly shop” and the item on it will be deleted." in client.get(f"{url}delete").text
    assert events(nok.home) == []
    response = post(client, f"{url}delete")
    assert response.url == lists_url
    assert not GroceryList.objects.exists()
    assert undo(client, response).url == url
    assert GroceryList.objects.get().entries.get() == milk


def test_list_with_purchases_offers_the_archive_instead(client, nok, weekly, url, milk):
    purchase_entry(milk, by=by(nok))
    page = client.get(f"{url}delete").text
    assert "Archive list" in page
    assert "button--danger" not in page
    assert post(client, f"{url}delete").status_code == 422
    assert GroceryList.objects.get() == weekly


def test_undo_that_is_refused_says_why(client, nok, ben, weekly, url, milk):
    response = post(client, f"{url}copy")
    page = client.get(response.url).text
    [target] = re.findall(r'action="(/h/[^"]*/operations/[^"]*/undo)"', page)
    add_entry(GroceryList.objects.exclude(pk=weekly.pk).get(), "Beer", by=by(ben))
    assert "There are things on" in client.post(target, follow=True).text


# After "start next list"


def test_completed_list_leads_to_the_next_one(client, nok, weekly, url, milk, eggs):
    purchase_entry(milk, by=by(nok))
    change_list_state(weekly, "completed", by=by(nok))
    post(client, f"{url}next")
    page = client.get(url).text
    assert "What was not bought is on the next list." in page
    assert "Open next list" in page
    assert "Everything is in the basket" not in page


# All lists


def test_all_completed_lists_can_be_shown(client, nok, lists_url):
    for number in range(22):
        change_list_state(create_list(f"List number {number}.", by=by(nok)), "completed", by=by(nok))
    assert "Show all 22" in client.get(lists_url).text
    assert client.get(f"{lists_url}?all=1").text.count("List number ") == 22


@pytest.mark.parametrize("page", ["archived/", ""])
def test_query_count_is_constant(client, nok, lists_url, weekly, milk, page):
    def fill(count):
        for number in range(count):
            archive_list(create_list(f"List {number}", by=by(nok)), by=by(nok))
            copy_list(weekly, by=by(nok), is_template=True)

    fill(2)
    query_counts = queries_of(lambda: client.get(f"{lists_url}{page}"))
    fill(10)
    assert queries_of(lambda: client.get(f"{lists_url}{page}")) == query_counts


# Access

ENDPOINTS = ["copy", "clear", "archive", "restore", "delete"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_list_of_another_home_is_not_found(client, lists_url, mai, endpoint, events):
    theirs = create_list("Mine", by=by(mai))
    if endpoint == "restore":
        archive_list(theirs, by=by(mai))
    assert client.post(f"{lists_url}{theirs.pk}/{endpoint}").status_code == 404


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_non_member_gets_404(url, nok, mai, sign_in, events, endpoint):
    assert sign_in(mai).post(url + endpoint).status_code == 404
    assert Client().post(url + endpoint).url.startswith("/accounts/login/")
    assert events(nok.home) == []


def test_operation_of_another_member_or_home_is_not_found(client, nok, ben, mai, sign_in, weekly):
    op_id = uuid4()
    add_entry(GroceryList.objects.get(), "Tea", by=by(ben, op_id=op_id))
    assert client.post(f"/h/{nok.home_id}/operations/{op_id}/undo").status_code == 404
    assert sign_in(mai).post(f"/h/{nok.home_id}/operations/{op_id}/undo").status_code == 404
    assert client.post(f"/h/{nok.home_id}/operations/{uuid4()}/undo").status_code == 404
    assert client.get(f"/h/{nok.home_id}/operations/{op_id}/undo").status_code == 405

import pytest

from groceries.actions import create_category
from groceries.models import Category
from tests.counting import queries_of
from tests.factories import by
from tests.groceries.test_items_view import undo_in_toast


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/aisles/"


@pytest.fixture
def frozen(nok):
    return create_category("Frozen", by=by(nok))


def names(member):
    return [each.label for each in Category.objects.filter(home=member.home)]


def pks(member):
    return [str(pk) for pk in Category.objects.filter(home=member.home).values_list("pk", flat=True)]


def test_page_shows_the_aisles_in_order_with_their_items(url, nok, milk, frozen, mai, sign_in):
    create_category("Zorkmids", by=by(mai))
    page = sign_in(nok).get(url).text
    assert page.index("Produce") < page.index("Dairy") < page.index("Frozen")
    assert "1 item<" in page
    assert "Zorkmids" not in page


def test_query_count_does_not_grow_with_aisles(url, nok, sign_in):
    client = sign_in(nok)
    client.get(url)
    few = queries_of(lambda: client.get(url))
    for number in range(20):
        create_category(f"Aisle {number}", by=by(nok))
    assert queries_of(lambda: client.get(url)) == few


def test_aisle_is_created_and_undone(url, nok, sign_in):
    client, before = sign_in(nok), names(nok)
    answer = client.post(url, {"name": "Frozen"})
    assert names(nok) == [*before, "Frozen"]
    assert undo_in_toast(client, answer).url == url
    assert names(nok) == before
    assert "already an aisle" in client.post(url, {"name": "dairy"}).text
    assert client.post(url, {"name": " "}).status_code == 422


def test_default_aisle_is_renamed_and_undone(url, nok, milk, sign_in):
    client, before = sign_in(nok), names(nok)
    page_url = f"{url}{milk.item.category_id}/"
    assert 'value="Dairy"' in client.get(page_url).text
    answer = client.post(page_url, {"name": "Fridge"})
    assert names(nok) == ["Fridge" if name == "Dairy" else name for name in before]
    undo_in_toast(client, answer)
    assert names(nok) == before


def test_aisle_is_merged_and_undone(url, nok, milk, frozen, sign_in):
    client, before = sign_in(nok), names(nok)
    merge_url = f"{url}{milk.item.category_id}/merge"
    assert "1 item moves, and Dairy is gone." in client.get(f"{url}{milk.item.category_id}/").text
    answer = client.post(merge_url, {"into": str(frozen.pk)})
    milk.item.refresh_from_db()
    assert (milk.item.category, "Dairy" in names(nok)) == (frozen, False)
    undo_in_toast(client, answer)
    milk.item.refresh_from_db()
    assert (milk.item.category.name, names(nok)) == ("dairy", before)


def test_merging_into_nothing_itself_or_a_foreign_aisle_is_refused(url, nok, mai, frozen, sign_in, events):
    for into in ("", str(frozen.pk), pks(mai)[0]):
        assert sign_in(nok).post(f"{url}{frozen.pk}/merge", {"into": into}).status_code == 422
    assert events(nok.home) == []


def test_empty_aisle_is_deleted_and_undone(url, nok, milk, frozen, sign_in):
    client, before = sign_in(nok), names(nok)
    assert "Delete aisle" in client.get(f"{url}{frozen.pk}/").text
    answer = client.post(f"{url}{frozen.pk}/delete")
    assert "Frozen" not in names(nok)
    undo_in_toast(client, answer)
    assert names(nok) == before
    assert "Delete aisle" not in client.get(f"{url}{milk.item.category_id}/").text
    client.post(f"{url}{milk.item.category_id}/delete")
    assert "Dairy" in names(nok)


def test_button_moves_an_aisle_and_keeps_the_focus(url, nok, sign_in):
    client, before = sign_in(nok), pks(nok)
    answer = client.post(f"{url}order", {"move": f"{before[2]}:up"})
    assert answer.url == f"{url}#up-{before[2]}"
    assert pks(nok) == [before[0], before[2], before[1], *before[3:]]
    assert client.post(f"{url}order", {"move": f"{before[2]}:up"}).url == f"{url}#down-{before[2]}"  # it is the first
    assert pks(nok)[0] == before[2]
    undo_in_toast(client, client.post(f"{url}order", {"move": f"{before[0]}:down"}))
    assert pks(nok)[:2] == [before[2], before[0]]


def test_dragged_order_is_set_and_undone(url, nok, sign_in):
    client, before = sign_in(nok), pks(nok)
    answer = client.post(f"{url}order", {"order": ",".join(before[::-1])})
    assert pks(nok) == before[::-1]
    undo_in_toast(client, answer)
    assert pks(nok) == before


@pytest.mark.parametrize("text", ["", "nonsense", "nonsense:up", "{pk}:sideways", "{foreign}:up"])
def test_invalid_move_changes_nothing(url, nok, mai, sign_in, events, text):
    move = text.format(pk=pks(nok)[0], foreign=pks(mai)[0])
    for data in ({"move": move}, {"order": move}):
        assert sign_in(nok).post(f"{url}order", data).url == url
    assert events(nok.home) == []

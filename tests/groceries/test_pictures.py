"""Pictures of entries on the pages of a list."""

import pytest

from groceries.actions import create_guest_link, purchase_entry
from groceries.models import GuestLink
from homes.files.actions import add_file, remove_file
from homes.files.models import StoredFile
from tests.factories import by
from tests.pictures import picture


@pytest.fixture
def photo(nok, milk):
    return add_file("entry", milk, "milk.jpg", picture(), by=by(nok))


@pytest.fixture
def pages(nok, weekly, sign_in):
    """`pages()`: the list and the page for shopping, as they are now."""
    url = f"/h/{nok.home_id}/lists/{weekly.pk}/"
    return lambda: [sign_in(nok).get(url + page).text for page in ("", "shop")]


def thumbnail(file):
    return f'src="/h/{file.home_id}/files/{file.pk}/thumbnail"'


def test_row_shows_the_picture_that_a_tap_opens(nok, milk, eggs, pages):
    assert not any("thumbnail" in page for page in pages())
    photo = add_file("entry", milk, "milk.jpg", picture(), by=by(nok))
    for page in pages():
        assert page.count(thumbnail(photo)) == 1
        assert f'href="/h/{nok.home_id}/files/{photo.pk}/"' in page
        assert 'aria-label="Picture of Milk"' in page


def test_row_follows_when_the_picture_is_replaced_and_removed(nok, milk, photo, pages):
    assert all(thumbnail(photo) in page for page in pages())
    new = add_file("entry", milk, "new.jpg", picture(colour="blue"), by=by(nok))
    assert all(thumbnail(new) in page and thumbnail(photo) not in page for page in pages())
    remove_file(new, by=by(nok))
    assert not any("thumbnail" in page for page in pages())


def test_row_in_the_basket_shows_the_picture(nok, milk, photo, pages):
    purchase_entry(milk, by=by(nok))
    assert all(thumbnail(photo) in page for page in pages())


def test_guests_see_no_pictures(nok, milk, photo, client):
    _link, token = create_guest_link(milk.list, "Al", by=by(nok), lifetime=GuestLink.LIFETIMES[0])
    page = client.get(f"/shared/{token}/").text
    assert "Milk" in page and "/files/" not in page


def test_form_of_an_entry_takes_a_picture(nok, milk, sign_in):
    url = f"/h/{nok.home_id}/lists/{milk.list_id}/{milk.pk}/edit"
    page = sign_in(nok).get(url).text
    assert f'action="/h/{nok.home_id}/files/entry/{milk.pk}/add"' in page
    assert 'accept="image/jpeg,image/png,image/webp,image/gif"' in page
    photo = add_file("entry", milk, "milk.jpg", picture(), by=by(nok))
    assert thumbnail(photo) in sign_in(nok).get(url).text
    assert StoredFile.objects.count() == 1

"""Tests of the memory pages."""

import pytest
from django.urls import reverse

from chat.actions import create_channel, send_message
from homes.events.models import Event
from pixie.actions import create_agent, remember_passage, write_block
from pixie.memory import ingest
from pixie.models import MemoryBlock, Passage
from tests.counting import queries_of
from tests.factories import by


@pytest.fixture
def page(nok, sign_in):
    """Get the memory page as Nok, or as `who`: `page()`, `page(ben, q="rent")`."""

    def read(who=nok, **query):
        return sign_in(who).get(reverse("pixie:memory", args=[nok.home_id], query=query))

    return read


def test_empty_page_says_how_memory_fills(page):
    assert "Nothing yet. Decisions, preferences" in page().content.decode()


def test_passage_is_shown_with_a_link_to_its_room(nok, ben, general, page):
    send_message(general, "My allergy is peanuts", by=by(ben))
    ingest.collect(nok.home_id)
    html = page().content.decode()
    assert "My allergy is peanuts" in html
    assert f'href="/h/{nok.home_id}/chat/{general.pk}/"' in html


def test_search_filters_the_passages(nok, page):
    remember_passage("The rent is due on the 5th", by=by(nok))
    remember_passage("The plumber is Mr. Somchai", by=by(nok))
    html = page(q="rent").content.decode()
    assert "due on the 5th" in html
    assert "Somchai" not in html
    assert "Nothing found for that." in page(q="<script>").content.decode()
    assert "<script>alert" not in page(q="<script>alert").content.decode()


def test_note_is_private_or_for_the_home(nok, ben, page, sign_in):
    url = reverse("pixie:memory", args=[nok.home_id])
    sign_in(nok).post(url, {"content": "My shoe size is 38"})
    sign_in(nok).post(url, {"content": "The code is 4711", "for_home": "on"})
    assert "shoe size" in page().content.decode()
    html = page(ben).content.decode()
    assert "4711" in html
    assert "shoe size" not in html
    assert sign_in(nok).post(url, {"content": " "}).status_code == 422


def test_passages_are_escaped(nok, page):
    remember_passage('<img src=x onerror="alert(1)"> & "quotes"', by=by(nok))
    assert "<img src=x" not in page().content.decode()


def test_any_member_forgets_a_passage_of_the_home(nok, ben, sign_in):
    passage, _new = remember_passage("The rent is due on the 5th", by=by(nok))
    answer = sign_in(ben).post(reverse("pixie:forget", args=[nok.home_id, passage.pk]))
    assert answer.status_code == 302
    assert not Passage.objects.exists()


def test_hidden_passage_cannot_be_forgotten(nok, ben, page, sign_in):
    room = create_channel("presents", by=by(nok), is_private=True)
    passage, _new = remember_passage("Ben gets a bicycle", by=by(nok), channel=room)
    assert "bicycle" not in page(ben).content.decode()
    assert sign_in(ben).post(reverse("pixie:forget", args=[nok.home_id, passage.pk])).status_code == 404
    assert Passage.objects.exists()


def test_page_is_paginated_with_constant_queries(nok, page):
    def add(count):
        for number in range(count):
            remember_passage(f"Fact number {number}, told {count}", by=by(nok))

    add(2)
    page()
    few = queries_of(page)
    add(30)
    assert queries_of(page) == few
    assert "Older" in page().content.decode()
    assert "Newer" in page(page=2).content.decode()
    assert page(page="nonsense").status_code == 200


def test_block_page_shows_content_and_history(nok, ben, pixie, sign_in):
    url = reverse("pixie:block", args=[nok.home_id, pixie.pk, "household"])
    assert sign_in(ben).post(url, {"content": "Two cats", "version": 1}).status_code == 302
    html = sign_in(nok).get(url).content.decode()
    assert "Two cats" in html
    assert "Ben, " in html


def test_editing_an_older_version_of_a_block_conflicts(nok, ben, pixie, sign_in):
    url = reverse("pixie:block", args=[nok.home_id, pixie.pk, "household"])
    write_block(pixie, "household", "Two cats", by=by(ben))
    answer = sign_in(nok).post(url, {"content": "A dog", "version": 1})
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "A dog" in html
    assert "Two cats" in html
    assert MemoryBlock.objects.get(agent=pixie, label="household").content == "Two cats"
    assert sign_in(nok).post(url, {"content": "A dog", "version": 2}).status_code == 302


def test_member_block_is_visible_only_to_that_member(nok, ben, pixie, sign_in, page):
    url = reverse("pixie:block", args=[nok.home_id, pixie.pk, "member"])
    assert sign_in(ben).post(url, {"content": "Eats no fish", "version": 0}).status_code == 302
    assert "Eats no fish" in page(ben).content.decode()
    assert "Only you can read and edit this." in sign_in(ben).get(url).text
    assert "Eats no fish" not in page().content.decode()
    assert "Eats no fish" not in sign_in(nok).get(url).content.decode()


def test_unknown_label_is_not_found(nok, pixie, sign_in):
    assert sign_in(nok).get(reverse("pixie:block", args=[nok.home_id, pixie.pk, "secrets"])).status_code == 404


# Versions and sharing of a block


@pytest.fixture
def household(nok, pixie):
    """Return a URL of Pixie's household block: `household("share_block")`."""
    return lambda name="block": reverse(f"pixie:{name}", args=[nok.home_id, pixie.pk, "household"])


def test_earlier_version_of_a_block_is_restored(nok, ben, pixie, household, sign_in):
    for content in ("Two cats", "A dog"):
        write_block(pixie, "household", content, by=by(ben))
    html = sign_in(nok).get(household()).text
    seq = Event.objects.get(home=nok.home, data__block__content="Two cats").seq
    assert f'name="seq" value="{seq}"' in html
    answer = sign_in(nok).post(household("put_back_block"), {"seq": seq, "version": 3}, follow=True)
    assert "The earlier text has been restored." in answer.text
    block = MemoryBlock.objects.get(agent=pixie, label="household")
    assert (block.content, block.version) == ("Two cats", 4)
    stale = sign_in(nok).post(household("put_back_block"), {"seq": seq, "version": 3}, follow=True)
    assert "changed meanwhile" in stale.text


def test_only_versions_of_the_same_block_are_restored(nok, pixie, household, sign_in):
    other = Event.objects.get(home=nok.home, type="memory_block_created", data__block__label="personality").seq
    for data in ({"seq": other, "version": 1}, {"seq": "x", "version": 1}, {"seq": 1}, {}, {"seq": "9" * 40}):
        assert sign_in(nok).post(household("put_back_block"), data).status_code == 404
    assert MemoryBlock.objects.get(agent=pixie, label="household").version == 1


def test_block_is_shared_with_the_chosen_agents(nok, ben, pixie, household, sign_in):
    chef, imp = (create_agent(name, by=by(nok)) for name in ("Chef", "Imp"))
    client = sign_in(ben)
    client.post(household("share_block"), {"agents": [chef.pk, imp.pk]})
    assert MemoryBlock.objects.get(agent=pixie, label="household").shared_with == [chef.pk, imp.pk]
    theirs = client.get(reverse("pixie:block", args=[nok.home_id, chef.pk, "household"])).text
    assert "Chef uses what Pixie keeps here." in theirs
    assert "Who else reads this" not in theirs
    client.post(household("share_block"), {"agents": [imp.pk]})
    assert MemoryBlock.objects.get(agent=pixie, label="household").shared_with == [imp.pk]
    reshare = reverse("pixie:share_block", args=[nok.home_id, imp.pk, "household"])
    assert client.post(reshare, {"agents": [chef.pk]}).status_code == 404


def test_sharing_is_not_offered_with_one_agent(nok, household, sign_in):
    assert "Who else reads this" not in sign_in(nok).get(household()).text


# Correcting a passage


def test_passage_is_corrected(nok, ben, page, sign_in):
    passage, _new = remember_passage("The rent is due on the 5th", by=by(nok))
    url = reverse("pixie:correct", args=[nok.home_id, passage.pk])
    assert url in page().text
    assert "It will become a note of yours." in sign_in(ben).get(url).text
    assert "It will become a note of yours." not in sign_in(nok).get(url).text
    answer = sign_in(ben).post(url, {"content": "The rent is due on the 6th", "version": 1}, follow=True)
    assert "Corrected." in answer.text and "due on the 6th" in answer.text
    stale = sign_in(nok).post(url, {"content": "The rent is due on the 7th", "version": 1})
    assert (stale.status_code, "changed this to" in stale.text) == (409, True)
    assert 'name="version" value="2"' in stale.text
    assert sign_in(nok).post(url, {"content": " ", "version": 2}).status_code == 422
    passage.refresh_from_db()
    assert (passage.content, passage.user) == ("The rent is due on the 6th", ben.user)


def test_hidden_passage_cannot_be_corrected(nok, ben, sign_in):
    room = create_channel("presents", by=by(nok), is_private=True)
    passage, _new = remember_passage("Ben gets a bicycle", by=by(nok), channel=room)
    url = reverse("pixie:correct", args=[nok.home_id, passage.pk])
    assert sign_in(ben).get(url).status_code == 404
    assert sign_in(ben).post(url, {"content": "Ben gets nothing", "version": 1}).status_code == 404
    assert "#presents can see it" in sign_in(nok).get(url).text

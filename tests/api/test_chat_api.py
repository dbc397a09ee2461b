from uuid import uuid4

import pytest

from chat.actions import create_channel, open_assistant, open_dm, send_message, start_draft
from chat.models import Message
from pixie import tasks
from pixie.models import Run
from pixie.runs import queue, wait
from pixie.runs.draft import answer_id
from tests.factories import by, run_concurrently

# Rooms


def test_room_can_be_created_renamed_and_archived(api_client, nok, events):
    me = api_client(nok)
    made = me.post("channels", {"name": "Holidays", "topic": "Where to?"}).json()
    assert (made["name"], made["kind"], made["topic"], made["unread"]) == ("holidays", "public", "Where to?", 0)
    url = f"channels/{made['id']}"
    assert me.patch(url, {"name": "trips", "topic": ""}).json()["name"] == "trips"
    assert me.patch(url, {"archived": True}).json()["archived_at"]
    assert made["id"] not in [room["id"] for room in me.get("channels").json()["results"]]
    assert me.get(url).status_code == 200
    assert me.patch(url, {"archived": False}).json()["archived_at"] is None
    assert events(nok.home) == ["channel_created", *["channel_updated"] * 3]


def test_direct_chat_between_two_members_is_unique(api_client, nok, ben):
    first = api_client(nok).post("channels", {"user_id": str(ben.user_id)}).json()
    second = api_client(ben).post("channels", {"user_id": str(nok.user_id)}).json()
    assert (first["id"], first["kind"]) == (second["id"], "dm")


@pytest.mark.parametrize("invalid", [{}, {"name": "general"}, {"name": "!!"}, {"name": "x", "user_id": str(uuid4())}])
def test_creating_a_room_with_invalid_values_is_rejected(api_client, nok, events, invalid):
    assert api_client(nok).post("channels", invalid).status_code == 400
    assert events(nok.home) == []


def test_first_room_cannot_be_renamed_or_archived(api_client, nok, general):
    me, url = api_client(nok), f"channels/{general.pk}"
    assert me.patch(url, {"name": "hall"}).status_code == 400
    assert me.patch(url, {"archived": True}).status_code == 400
    assert me.patch(url, {"topic": "Everything"}).status_code == 200


def test_members_can_join_leave_and_be_added(api_client, nok, ben, general):
    me = api_client(nok)
    room = me.post("channels", {"name": "surprise", "is_private": True}).json()
    url = f"channels/{room['id']}"
    assert api_client(ben).get(url).status_code == 404
    assert me.post(f"{url}/members", {"user_id": str(ben.user_id)}).status_code == 204
    assert [person["name"] for person in api_client(ben).get(f"{url}/members").json()["results"]] == ["Nok", "Ben"]
    assert api_client(ben).post(f"{url}/leave").status_code == 204
    assert api_client(ben).get(url).status_code == 404
    assert api_client(ben).post(f"channels/{general.pk}/join").status_code == 204


def test_direct_chat_is_private(api_client, nok, ben, ploy):
    dm = open_dm(ben.user, by=by(nok))
    url = f"channels/{dm.pk}"
    assert api_client(nok).post(f"{url}/members", {"user_id": str(ploy.user_id)}).status_code == 403
    assert api_client(nok).post(f"{url}/leave").status_code == 403
    assert api_client(nok).patch(url, {"name": "us"}).status_code == 400
    assert api_client(ploy).get(f"{url}/messages").status_code == 404


def test_reading_a_room_resets_its_unread_count(api_client, nok, ben, general):
    message = send_message(general, "Hello", by=by(ben))
    me = api_client(nok)
    assert me.get(f"channels/{general.pk}").json()["unread"] == 1
    assert me.post(f"channels/{general.pk}/read", {"seq": message.seq}).status_code == 204
    assert me.get(f"channels/{general.pk}").json()["unread"] == 0


# Messages


@pytest.fixture
def url(general):
    return f"channels/{general.pk}/messages"


def test_message_can_be_sent_edited_and_deleted(api_client, nok, url, events):
    me = api_client(nok)
    message = me.post(url, {"content": "Hello"}).json()
    assert (message["content"], message["author"], message["author_id"]) == ("Hello", "user", str(nok.user_id))
    assert me.patch(f"{url}/{message['id']}", {"content": "Hello all", "version": 1}).json()["edited_at"]
    assert me.delete(f"{url}/{message['id']}").status_code == 204
    deleted = me.get(f"{url}/{message['id']}").json()
    assert (deleted["content"], bool(deleted["deleted_at"])) == ("", True)
    assert events(nok.home) == ["chat_message", "message_edited", "message_deleted"]


def test_client_can_choose_the_message_id(api_client, nok, url, events):
    body = {"content": "Hello", "id": str(uuid4())}
    answers = [api_client(nok).post(url, body).json()["id"] for _twice in range(2)]
    assert answers == [body["id"]] * 2
    assert events(nok.home) == ["chat_message"]


def test_messages_are_listed_newest_first_with_threads_and_reactions(api_client, nok, ben, general, url):
    me = api_client(nok)
    first = me.post(url, {"content": "Dinner?"}).json()
    me.post(url, {"content": "At eight"})
    assert api_client(ben).post(f"{url}/{first['id']}/replies", {"content": "Yes"}).json()["parent_id"] == first["id"]
    assert api_client(ben).post(f"{url}/{first['id']}/reactions", {"emoji": "❤️"}).status_code == 200
    newest, oldest = me.get(url).json()["results"]
    assert (newest["content"], oldest["content"], oldest["replies"]) == ("At eight", "Dinner?", 1)
    assert oldest["reactions"] == [{"emoji": "❤️", "count": 1, "by": [str(ben.user_id)], "names": []}]
    assert [reply["content"] for reply in me.get(f"{url}/{first['id']}/replies").json()["results"]] == ["Yes"]
    assert api_client(ben).delete(f"{url}/{first['id']}/reactions?emoji=❤️").json()["reactions"] == []


def test_only_the_author_can_edit_a_message(api_client, nok, ben, general, url):
    message = send_message(general, "Hello", by=by(nok))
    assert api_client(ben).patch(f"{url}/{message.pk}", {"content": "Goodbye", "version": 1}).status_code == 403
    assert api_client(ben).delete(f"{url}/{message.pk}").status_code == 403


@pytest.mark.parametrize("content", ["", " ", "\u0007", "x" * 4001, None, [], 7.5, {"a": 1}])
def test_empty_message_is_rejected(api_client, nok, url, events, content):
    if content == 7.5:
        content = True
    assert api_client(nok).post(url, {"content": content}).status_code == 400
    assert events(nok.home) == []


# Pixie


@pytest.fixture
def run_pixie_inline(monkeypatch):
    monkeypatch.setattr(tasks.perform_runs, "delay", lambda home_id: queue.process_home(home_id))


def test_answer_that_is_finished_while_it_is_looked_for_is_read_completely(nok, pixie, monkeypatch):
    """Let a worker finish the run after its state was read, and before the answer is: neither may be half of it."""
    chat = open_assistant(pixie, by=by(nok))
    message = send_message(chat, "We need eggs", by=by(nok))
    run = wait.get_run(message, pixie.pk)
    start_draft(chat, by=run.actor, pk=answer_id(run))
    real = Run.refresh_from_db
    monkeypatch.setattr(Run, "refresh_from_db", lambda row: [queue.process_home(nok.home_id), real(row)])
    answer = wait.get_answer(run)
    assert answer is not None and answer.body.startswith("Added Eggs to")
    monkeypatch.setattr(Run, "refresh_from_db", real)


@pytest.mark.parametrize("finishes", ["before the run is read", "before the answer is read"])
def test_answer_of_a_run_is_whole_or_missing(nok, pixie, monkeypatch, finishes):
    chat = open_assistant(pixie, by=by(nok))
    run = wait.get_run(send_message(chat, "We need eggs", by=by(nok)), pixie.pk)
    start_draft(chat, by=run.actor, pk=answer_id(run))
    real = Message.objects.filter
    if finishes == "before the run is read":
        queue.process_home(nok.home_id)
    else:
        monkeypatch.setattr(
            Message.objects, "filter", lambda **query: [queue.process_home(nok.home_id), real(**query)][1]
        )
    answer = wait.get_answer(run)
    assert answer is None or answer.body.startswith("Added Eggs to")


def test_chat_with_pixie_can_be_created_renamed_and_archived(api_client, nok):
    me = api_client(nok)
    made = me.post("threads", {"title": "Party"}).json()
    assert me.post("threads", {"title": "Party"}).json()["id"] == made["id"]
    assert me.patch(f"threads/{made['id']}", {"title": "Big party"}).json()["title"] == "Big party"
    assert [thread["title"] for thread in me.get("threads").json()["results"]] == ["Big party", ""]
    assert me.patch(f"threads/{made['id']}", {"archived": True}).status_code == 200
    assert [thread["title"] for thread in me.get("threads").json()["results"]] == [""]
    assert me.get(f"threads/{made['id']}").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_pixie_answers_and_asks_in_its_chat(api_client, nok, run_pixie_inline):
    me = api_client(nok)
    url = f"threads/{me.post('threads', {'title': 'Party'}).json()['id']}/messages"
    assert me.post(url, {"content": "add 500 eggs"}).status_code == 201
    question, message = me.get(url).json()["results"]
    assert (message["author"], question["author"]) == ("user", "pixie")
    assert question["metadata"]["requires_confirmation"] is True
    answer = me.post(f"{url}/{question['id']}/confirm", {"confirm": False})
    assert (answer.status_code, answer.json()["list_items"]) == (200, [])
    assert me.post(f"{url}/{question['id']}/confirm", {"confirm": True}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_chat_offers_replies_to_send_as_ones_own(api_client, nok, weekly, milk, run_pixie_inline):
    me = api_client(nok)
    question = me.post("/chat", {"home_id": str(nok.home_id), "message": "I got it"}).json()
    assert (question["message"], question["replies"]) == ("What did you get?", [{"text": "Milk"}])
    answer = me.post("/chat", {"home_id": str(nok.home_id), "message": question["replies"][0]["text"]}).json()
    assert (answer["message"], answer["replies"]) == ("In the basket: Milk.", [])
    messages = me.get(f"channels/{question['thread_id']}/messages").json()["results"]
    metadata = next(message["metadata"] for message in messages if message["id"] == question["message_id"])
    assert (metadata["replies"], metadata["asker"]) == ([{"text": "Milk"}], str(nok.user_id))


def test_chat_without_waiting_returns_the_run(api_client, nok):
    me = api_client(nok)
    answer = me.post("/chat?wait=0", {"home_id": str(nok.home_id), "message": "We need eggs"})
    assert (answer.status_code, answer.json()["run"]["status"]) == (202, "created")
    run = answer.json()["run"]["id"]
    assert me.get(f"runs/{run}").json()["response"] is None
    queue.process_home(nok.home_id)
    run_data = me.get(f"runs/{run}").json()
    assert (run_data["status"], run_data["response"]["intent"]) == ("completed", "add_item")


@pytest.mark.django_db(transaction=True)
def test_chat_returns_an_answer_that_arrives_while_waiting(api_client, nok, monkeypatch):
    body = {"home_id": str(nok.home_id), "message": "We need eggs"}

    def work():
        while not Run.objects.exists():
            pass
        queue.process_home(nok.home_id)

    monkeypatch.setattr(tasks.perform_runs, "delay", lambda home_id: None)
    answer, _ = run_concurrently(lambda: api_client(nok).post("/chat?wait=20", body), work)
    assert (answer.status_code, answer.json()["intent"]) == (200, "add_item")


def test_chat_does_not_wait_when_too_many_requests_wait(api_client, nok, monkeypatch):
    seats = wait.BoundedSemaphore(1)
    monkeypatch.setattr(wait, "WAIT_SLOTS", seats)
    seats.acquire()
    answer = api_client(nok).post("/chat?wait=20", {"home_id": str(nok.home_id), "message": "We need eggs"})
    assert answer.status_code == 202


@pytest.mark.django_db(transaction=True)
def test_chat_posts_in_the_given_thread(api_client, nok, run_pixie_inline):
    me = api_client(nok)
    thread = me.post("threads", {"title": "Party"}).json()["id"]
    answer = me.post("/chat", {"home_id": str(nok.home_id), "message": "add eggs", "thread_id": thread}).json()
    assert answer["thread_id"] == thread
    assert Message.objects.filter(channel=thread).count() == 2


@pytest.mark.parametrize("query", ["wait=26", "wait=-1", "wait=x", "wait=NaN", "wait=1e400"])
def test_invalid_wait_is_rejected(api_client, nok, query, events):
    answer = api_client(nok).post(f"/chat?{query}", {"home_id": str(nok.home_id), "message": "We need eggs"})
    assert answer.status_code == 400
    assert events(nok.home) == []


# Access


def test_rooms_and_chats_of_others_return_404(api_client, nok, ben, mai, pixie, general, events):
    chat = open_assistant(pixie, by=by(nok))
    message = send_message(chat, "add eggs", by=by(nok))
    room = create_channel("surprise", by=by(nok), is_private=True)
    run = Run.objects.create(home=nok.home, agent=pixie, channel=chat)
    hello = send_message(general, "Hello", by=by(nok))
    before = events(nok.home)
    for who in (ben, mai):
        client = api_client(who)
        for url in (f"threads/{chat.pk}", f"threads/{chat.pk}/messages", f"channels/{room.pk}", f"runs/{run.pk}"):
            assert client.get(url).status_code == 404, url
        assert client.post(f"threads/{chat.pk}/messages", {"content": "add eggs"}).status_code == 404
        assert client.post(f"threads/{chat.pk}/messages/{message.pk}/confirm", {"confirm": True}).status_code == 404
        assert client.post(f"channels/{room.pk}/join").status_code == 404
        here = {"home_id": str(who.home_id)}
        assert client.post("/chat/confirm", {**here, "message_id": str(message.pk), "confirm": True}).status_code == 404
        assert client.post("/chat", {**here, "message": "x", "thread_id": str(chat.pk)}).status_code == 404
    stranger = api_client(mai)
    assert stranger.post("/chat", {"home_id": str(nok.home_id), "message": "We need eggs"}).status_code == 403
    for url in (f"channels/{general.pk}", f"channels/{general.pk}/messages/{hello.pk}"):
        assert stranger.get(url).status_code == 404
    assert stranger.post(f"channels/{general.pk}/messages/{hello.pk}/replies", {"content": "x"}).status_code == 404
    assert events(nok.home) == before

"""Live, with several web processes, through the death of one and of Redis."""

import json
import random
import threading
import time
from contextlib import closing, contextmanager
from uuid import uuid4

import pytest
from websockets import Origin
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from homes.live.home_channel import LIFETIME_SECONDS
from tests.server import BEN, NOK, Visitor

PATIENCE = 60  # seconds until what should come is missed
SOON = 8  # seconds: well under a heartbeat


@pytest.fixture(scope="module")
def nok(cluster):
    with closing(Visitor(cluster.web[0], NOK)) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def ben(cluster):
    with closing(Visitor(cluster.web[1], BEN)) as visitor:
        yield visitor


@pytest.fixture
def weekly(nok):
    return (
        nok.post(f"/api/homes/{nok.home}/lists", json={"name": f"List {uuid4().hex}"}).raise_for_status().json()["id"]
    )


@contextmanager
def listening(server, visitor, since=None):
    query = "" if since is None else f"?since={since}"
    url = f"{server.url.replace('http', 'ws')}/ws/{visitor.home}{query}"
    headers = {"Cookie": visitor.cookie}
    with connect(url, origin=Origin(server.url), additional_headers=headers, max_size=None, close_timeout=1) as socket:
        yield socket


def told(socket, kind, patience=PATIENCE, **fields):
    until = time.monotonic() + patience
    while True:
        frame = json.loads(socket.recv(until - time.monotonic()))
        if frame.get("type") == kind and all(frame.get(name) == value for name, value in fields.items()):
            return frame


def add(visitor, to, name="Eggs"):
    answer = visitor.post(f"/api/homes/{visitor.home}/lists/{to}/items", json={"name": name})
    assert answer.is_success, answer.text


def me(visitor):
    return visitor.get("/api/auth/me").json()["user"]["id"]


def test_what_one_process_writes_the_other_brings_at_once(cluster, nok, ben, weekly):
    with listening(cluster.web[1], ben) as socket:
        told(socket, "welcome")
        for name in ("Eggs", "Milk", "Rice"):
            add(nok, weekly, name)
            assert told(socket, "list_item_added", SOON)["data"]["entry"]["item"]["name"] == name


def test_people_at_two_processes_see_each_other(cluster, nok, ben, weekly):
    one, two = cluster.web
    with listening(one, nok) as first:
        told(first, "welcome")
        first.send(json.dumps({"type": "looking", "at": weekly}))
        with listening(two, ben) as second:
            here = set(told(second, "welcome")["members_online"])
            while here != {me(nok), me(ben)}:  # who came a moment ago is told of a moment later
                here.add(told(second, "user_joined", SOON)["user_id"])
            told(first, "user_joined", SOON, user_id=me(ben))
            second.send(json.dumps({"type": "looking", "at": weekly}))
            for socket in (first, second):
                told(socket, "looking", SOON, user_ids=sorted([me(nok), me(ben)]))
            channel = nok.get(f"/api/homes/{nok.home}/channels").json()["results"][0]["id"]
            second.send(json.dumps({"type": "typing", "channel_id": channel}))
            told(first, "typing", SOON, user_id=me(ben))
        told(first, "looking", SOON, user_ids=[me(nok)])
        told(first, "user_left", SOON, user_id=me(ben))


def test_reading_here_is_known_there(cluster, nok, ben):
    channel = nok.get(f"/api/homes/{nok.home}/channels").json()["results"][0]["id"]
    with listening(cluster.web[0], ben) as phone, listening(cluster.web[1], ben) as desk:
        for socket in (phone, desk):
            told(socket, "welcome")
        nok.post(f"/api/homes/{nok.home}/channels/{channel}/messages", json={"content": "Hello"}).raise_for_status()
        for socket in (phone, desk):
            seq = told(socket, "chat_message", SOON)["seq"]
            assert told(socket, "unread_count", SOON, channel_id=channel)["count"] > 0
        phone.send(json.dumps({"type": "read", "channel_id": channel, "seq": seq}))
        for socket in (phone, desk):
            told(socket, "unread_count", SOON, channel_id=channel, count=0)


@pytest.mark.slow
def test_who_was_at_a_process_that_was_killed_is_gone_after_a_while(cluster, nok, ben):
    (one, two), bens_id = cluster.web, me(ben)
    with listening(one, nok) as watching:
        told(watching, "welcome")
        with listening(two, ben):
            told(watching, "user_joined", SOON, user_id=bens_id)
            two.kill()
        told(watching, "user_left", PATIENCE + LIFETIME_SECONDS, user_id=bens_id)


def test_without_redis_requests_are_answered_and_nothing_is_missed(cluster, nok, ben, weekly):
    with listening(cluster.web[1], ben) as socket:
        seq, since = told(socket, "welcome")["seq"], None
        cluster.redis.kill()
        for name in ("Eggs", "Milk", "Rice"):
            began = time.monotonic()
            add(nok, weekly, name)
            nok.get(f"/h/{nok.home}/lists/{weekly}/").raise_for_status()
            assert time.monotonic() - began < SOON
            since = told(socket, "list_item_added")["seq"]
        cluster.redis.start()
        add(nok, weekly, "Tea")
        last = told(socket, "list_item_added")["seq"]
        assert since is not None
        with listening(cluster.web[0], ben, since=seq) as again:
            seen = [json.loads(again.recv(SOON))["seq"] for _frame in range(last - seq + 1)][1:]
        assert seen == list(range(seq + 1, last + 1))


class Wanderer(threading.Thread):
    """Somebody whose connection breaks again and again, and who comes back to whichever process answers."""

    def __init__(self, cluster, visitor, since, until, seed):
        super().__init__(daemon=True)
        self.site, self.visitor, self.seen, self.until = cluster, visitor, [since], until
        self.luck = random.Random(seed)  # noqa: S311 (no secret)

    def run(self):
        while self.seen[-1] < self.until:
            try:
                with listening(self.luck.choice(self.site.web), self.visitor, self.seen[-1]) as socket:
                    for _frame in range(self.luck.randrange(1, 40)):
                        frame = json.loads(socket.recv(PATIENCE))
                        if "seq" in frame and frame.get("type") != "welcome":
                            self.seen.append(frame["seq"])
            except (OSError, WebSocketException):
                time.sleep(0.1)


@pytest.mark.slow
def test_whatever_breaks_everybody_hears_everything_once_and_in_order(cluster, nok, ben, weekly):
    with listening(cluster.web[0], nok) as socket:
        since = told(socket, "welcome")["seq"]
    count = 150
    people = [Wanderer(cluster, (nok, ben)[seed % 2], since, since + count, seed) for seed in range(10)]
    for each in people:
        each.start()
    for number in range(count):
        if number == 40:
            cluster.redis.kill()
        elif number == 60:
            cluster.web[1].kill()
        elif number == 80:
            cluster.redis.start()
        elif number == 100:
            cluster.web[1].start()
        visitor = nok if number % 2 or cluster.web[1].process is None else ben
        answer = visitor.post(f"/api/homes/{visitor.home}/lists", json={"name": f"List {number}"})
        assert answer.is_success, answer.text
    for each in people:
        each.join(PATIENCE)
        assert each.seen == list(range(since, since + count + 1))

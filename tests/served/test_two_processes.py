"""Live connections at two web processes, also while one of them or Redis is stopped."""

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

TIMEOUT_SECONDS = 60  # until an expected frame
DELIVERY_SECONDS = 8  # well below a heartbeat


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
def connect_socket(server, visitor, since=None):
    query = "" if since is None else f"?since={since}"
    url = f"{server.url.replace('http', 'ws')}/ws/{visitor.home}{query}"
    headers = {"Cookie": visitor.cookie}
    with connect(url, origin=Origin(server.url), additional_headers=headers, max_size=None, close_timeout=1) as socket:
        yield socket


def wait_for_frame(socket, frame_type, timeout=TIMEOUT_SECONDS, **fields):
    """Return the next frame with this type and these fields."""
    deadline = time.monotonic() + timeout
    while True:
        frame = json.loads(socket.recv(deadline - time.monotonic()))
        if frame.get("type") == frame_type and all(frame.get(name) == value for name, value in fields.items()):
            return frame


def add_item(visitor, list_id, name="Eggs"):
    response = visitor.post(f"/api/homes/{visitor.home}/lists/{list_id}/items", json={"name": name})
    assert response.is_success, response.text


def user_id_of(visitor):
    return visitor.get("/api/auth/me").json()["user"]["id"]


def test_event_of_one_process_is_delivered_by_the_other(cluster, nok, ben, weekly):
    with connect_socket(cluster.web[1], ben) as socket:
        wait_for_frame(socket, "welcome")
        for name in ("Eggs", "Milk", "Rice"):
            add_item(nok, weekly, name)
            assert wait_for_frame(socket, "list_item_added", DELIVERY_SECONDS)["data"]["entry"]["item"]["name"] == name


@pytest.mark.slow
def test_presence_is_shared_between_processes(cluster, nok, ben, weekly):
    one, two = cluster.web
    with connect_socket(one, nok) as first:
        wait_for_frame(first, "welcome")
        first.send(json.dumps({"type": "looking", "at": weekly}))
        with connect_socket(two, ben) as second:
            present = set(wait_for_frame(second, "welcome")["members_online"])
            while present != {user_id_of(nok), user_id_of(ben)}:  # presence of the other process may arrive later
                present.add(wait_for_frame(second, "user_joined", DELIVERY_SECONDS)["user_id"])
            wait_for_frame(first, "user_joined", DELIVERY_SECONDS, user_id=user_id_of(ben))
            second.send(json.dumps({"type": "looking", "at": weekly}))
            for socket in (first, second):
                wait_for_frame(socket, "looking", DELIVERY_SECONDS, user_ids=sorted([user_id_of(nok), user_id_of(ben)]))
            channel = nok.get(f"/api/homes/{nok.home}/channels").json()["results"][0]["id"]
            second.send(json.dumps({"type": "typing", "channel_id": channel}))
            wait_for_frame(first, "typing", DELIVERY_SECONDS, user_id=user_id_of(ben))
        wait_for_frame(first, "looking", DELIVERY_SECONDS, user_ids=[user_id_of(nok)])
        wait_for_frame(first, "user_left", DELIVERY_SECONDS, user_id=user_id_of(ben))


def test_read_position_is_shared_between_processes(cluster, nok, ben):
    channel = nok.get(f"/api/homes/{nok.home}/channels").json()["results"][0]["id"]
    with connect_socket(cluster.web[0], ben) as phone, connect_socket(cluster.web[1], ben) as desktop:
        for socket in (phone, desktop):
            wait_for_frame(socket, "welcome")
        nok.post(f"/api/homes/{nok.home}/channels/{channel}/messages", json={"content": "Hello"}).raise_for_status()
        for socket in (phone, desktop):
            seq = wait_for_frame(socket, "chat_message", DELIVERY_SECONDS)["seq"]
            assert wait_for_frame(socket, "unread_count", DELIVERY_SECONDS, channel_id=channel)["count"] > 0
        phone.send(json.dumps({"type": "read", "channel_id": channel, "seq": seq}))
        for socket in (phone, desktop):
            wait_for_frame(socket, "unread_count", DELIVERY_SECONDS, channel_id=channel, count=0)


@pytest.mark.slow
def test_presence_of_a_killed_process_expires(cluster, nok, ben):
    (one, two), bens_id = cluster.web, user_id_of(ben)
    with connect_socket(one, nok) as watcher:
        wait_for_frame(watcher, "welcome")
        with connect_socket(two, ben):
            wait_for_frame(watcher, "user_joined", DELIVERY_SECONDS, user_id=bens_id)
            two.kill()
        wait_for_frame(watcher, "user_left", TIMEOUT_SECONDS + LIFETIME_SECONDS, user_id=bens_id)


@pytest.mark.slow
def test_requests_and_events_without_redis_succeed(cluster, nok, ben, weekly):
    with connect_socket(cluster.web[1], ben) as socket:
        seq, since = wait_for_frame(socket, "welcome")["seq"], None
        cluster.redis.kill()
        for name in ("Eggs", "Milk", "Rice"):
            start = time.monotonic()
            add_item(nok, weekly, name)
            nok.get(f"/h/{nok.home}/lists/{weekly}/").raise_for_status()
            assert time.monotonic() - start < DELIVERY_SECONDS
            since = wait_for_frame(socket, "list_item_added")["seq"]
        cluster.redis.start()
        add_item(nok, weekly, "Tea")
        last = wait_for_frame(socket, "list_item_added")["seq"]
        assert since is not None
        with connect_socket(cluster.web[0], ben, since=seq) as reconnected:
            seqs = [json.loads(reconnected.recv(DELIVERY_SECONDS))["seq"] for _frame in range(last - seq + 1)][1:]
        assert seqs == list(range(seq + 1, last + 1))


class ReconnectingClient(threading.Thread):
    """Client that closes its connection again and again, and reconnects to either process."""

    def __init__(self, cluster, visitor, since, last_seq, seed):
        super().__init__(daemon=True)
        self.cluster, self.visitor, self.seqs, self.last_seq = cluster, visitor, [since], last_seq
        self.rng = random.Random(seed)  # noqa: S311 (no secret)

    def run(self):
        while self.seqs[-1] < self.last_seq:
            try:
                with connect_socket(self.rng.choice(self.cluster.web), self.visitor, self.seqs[-1]) as socket:
                    for _frame in range(self.rng.randrange(1, 40)):
                        frame = json.loads(socket.recv(TIMEOUT_SECONDS))
                        if "seq" in frame and frame.get("type") != "welcome":
                            self.seqs.append(frame["seq"])
            except (OSError, WebSocketException):
                time.sleep(0.1)


@pytest.mark.slow
def test_reconnecting_clients_receive_every_event_once_and_in_order(cluster, nok, ben, weekly):
    with connect_socket(cluster.web[0], nok) as socket:
        since = wait_for_frame(socket, "welcome")["seq"]
    count = 150
    clients = [ReconnectingClient(cluster, (nok, ben)[seed % 2], since, since + count, seed) for seed in range(10)]
    for each in clients:
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
        response = visitor.post(f"/api/homes/{visitor.home}/lists", json={"name": f"List {number}"})
        assert response.is_success, response.text
    for each in clients:
        each.join(TIMEOUT_SECONDS)
        assert each.seqs == list(range(since, since + count + 1))

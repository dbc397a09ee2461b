import json
import logging

import pytest

from homes.actions import invite
from pantry.celery import attach_request_id, begin_task, end_task
from pantry.request_log import RequestFilter, RequestFormatter, request_id
from tests.api.client import ApiClient
from tests.factories import by, sign_in


@pytest.fixture
def lines(caplog, monkeypatch):
    """Return the lines of the request log."""
    monkeypatch.setattr(logging.getLogger("pantry.request_log"), "propagate", True)
    caplog.set_level(logging.INFO, "pantry.request_log")

    def written():
        records = [record for record in caplog.records if record.name == "pantry.request_log"]
        return [json.loads(RequestFormatter().format(record)) for record in records]

    return written


def test_request_is_logged_as_one_line(lines, nok):
    answer = ApiClient(nok).get("lists")
    (line,) = lines()
    assert (line["user"], line["home"]) == (str(nok.user_id), str(nok.home_id))
    assert (line["method"], line["route"]) == ("GET", "api/homes/<uuid:home_id>/lists")
    assert (line["status"], line["queries"]) == (200, 4)
    assert line["ms"] > 0
    assert answer.headers["X-Request-ID"]


def test_request_log_contains_no_secrets(lines, nok, caplog):
    _invitation, token = invite(by=by(nok))
    me = ApiClient(nok)
    me.post(f"/invitations/{token}/accept")
    me.get(f"lists?token={token}")
    me.post("/auth/login", {"email": "nok@example.com", "password": "correct horse battery staple"})
    written = json.dumps(lines())
    assert len(lines()) == 3
    for secret in (token, "correct horse", "nok@example.com", me.token):
        assert secret not in written


def test_page_request_is_logged(lines, nok):
    sign_in(nok).get(f"/h/{nok.home_id}/")
    assert (lines()[-1]["route"], lines()[-1]["user"]) == ("h/<uuid:home_id>/", str(nok.user_id))


def test_logging_the_user_costs_no_query(lines, nok):
    sign_in(nok).get("/api/nothing")
    assert (lines()[-1]["queries"], lines()[-1]["user"]) == (0, None)


def test_valid_request_id_of_the_client_is_used(nok):
    me = ApiClient(nok)
    assert me.get("lists", X_Request_ID="kitchen-display-7").headers["X-Request-ID"] == "kitchen-display-7"
    for odd in ("x", "a b c d e f g", "é" * 10, "x" * 65, "a\tbcdefgh"):
        assert me.get("lists", X_Request_ID=odd).headers["X-Request-ID"] != odd


def test_log_records_of_a_request_have_its_id(nok):
    record = logging.LogRecord("x", logging.INFO, "", 0, "Hello", None, None)
    token = request_id.set("abc")
    try:
        assert RequestFilter().filter(record)
    finally:
        request_id.reset(token)
    assert record.request_id == "abc"


def test_task_has_the_id_of_the_request_that_caused_it():
    class Task:
        class request:
            headers, is_eager = {}, True

    token = request_id.set("abc")
    try:
        attach_request_id(Task.request.headers)
        end_task()
        assert request_id.get() == "-"
        begin_task(Task)
        assert request_id.get() == "abc"
    finally:
        request_id.reset(token)

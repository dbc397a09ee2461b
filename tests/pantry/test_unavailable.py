"""An unavailable or busy database is answered with 503, other errors with 500."""

import sqlite3

import psycopg
import pytest
from django.db import InterfaceError, InternalError, OperationalError, connection, transaction
from django.test import Client
from mcp import Client as McpClient
from mcp import MCPError

from homes.actions import update_home
from homes.api.export import EXAMPLE
from pantry.api.errors import RETRY_AFTER_SECONDS
from pantry.db import is_temporary
from pixie.mcp.server import create_server
from tests.factories import by, person


def sqlite_error(code):
    error = sqlite3.OperationalError("of SQLite")
    error.sqlite_errorcode = code
    return error


AWAY = {
    "refused": psycopg.OperationalError("connection refused"),
    "closed": psycopg.InterfaceError("the connection is closed"),
    "deadlock": psycopg.errors.DeadlockDetected("deadlock detected"),
    "locked": sqlite_error(sqlite3.SQLITE_BUSY),
    "locked by a snapshot": sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT),
}
BROKEN = {
    "no table": sqlite_error(sqlite3.SQLITE_ERROR),
    "disk full": sqlite_error(sqlite3.SQLITE_FULL),
}


@pytest.fixture
def failing(nok):
    """`failing(cause)`: an API client and a browser of Nok's; every query raises the cause."""
    client = Client(raise_request_exception=False)
    client.force_login(nok.user)

    def fail(cause):
        def raise_cause(*_args):
            kind = InterfaceError if isinstance(cause, psycopg.InterfaceError) else OperationalError
            raise kind(str(cause)) from cause

        return connection.execute_wrapper(raise_cause)

    client.addresses = [f"/h/{nok.home_id}/lists/", f"/api/homes/{nok.home_id}/lists"]
    client.failing = fail
    return client


@pytest.mark.parametrize("cause", AWAY.values(), ids=AWAY)
def test_unavailable_database_is_answered_with_503(failing, cause):
    with failing.failing(cause):
        page, api = [failing.get(address) for address in failing.addresses]
    for answer in (page, api):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(RETRY_AFTER_SECONDS))
    assert api.json()["error"]["code"] == "unavailable"
    assert "try again in a moment" in page.text


@pytest.mark.parametrize("cause", BROKEN.values(), ids=BROKEN)
def test_other_database_errors_are_answered_with_500(failing, cause):
    with failing.failing(cause):
        answers = [failing.get(address) for address in failing.addresses]
    assert [(answer.status_code, "Retry-After" in answer.headers) for answer in answers] == [(500, False)] * 2


@pytest.mark.parametrize(
    ("url", "fields", "kind"),
    [
        ("/api/homes", {"name": "Home"}, "application/json"),
        ("/api/homes/import", EXAMPLE, "application/json"),
        ("/homes/new/", "name=Home", "application/x-www-form-urlencoded"),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_locked_sqlite_database_is_answered_with_503(url, fields, kind):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL locks rows")
    client = Client(raise_request_exception=False)
    client.force_login(person("Nok"))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = client.post(url, fields, content_type=kind)
    finally:
        other.close()
        connection.close()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(RETRY_AFTER_SECONDS))
    assert "ry again in a moment" in answer.text


@pytest.mark.anyio
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("cause", AWAY.values(), ids=AWAY)
async def test_unavailable_database_is_an_error_with_the_time_to_wait_over_mcp(cause):
    def fail(_context):
        kind = InterfaceError if isinstance(cause, psycopg.InterfaceError) else OperationalError
        raise kind(str(cause)) from cause

    async with McpClient(create_server(fail)) as client:
        with pytest.raises(MCPError, match="Try again in a moment") as error:
            await client.call_tool("show_list", {})
    assert error.value.error.data == {"retry_after": RETRY_AFTER_SECONDS}


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_standby_is_unavailable_for_writes(nok):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no standby")
    with pytest.raises(InternalError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        update_home(nok.home, by=by(nok), name="Elsewhere")
    assert is_temporary(error.value)

"""Hooks of Schemathesis, which it loads as schemathesis.toml says: formats, expected refusals and credentials."""

import itertools
import os
import re
from collections import Counter
from datetime import date
from typing import Any

import httpx
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

from pantry.text import is_visible
from tests.server import NOK, PASSWORD

LATIN_LETTERS_PATTERN = (
    r"not matching the '^[^\u0000]*[a-zA-Z\u00C0-\u00D6"  # as Schemathesis translates the pattern of visible text
)
UNKNOWN_USER = "00000000-0000-4000-8000-000000000000"
numbers = itertools.count()

# No extreme years and no leap seconds: RFC 3339 allows dates that the libraries do not support.
years = {"min_value": date(1900, 1, 1), "max_value": date(9000, 1, 1)}
schemathesis.openapi.format("date", st.dates(**years).map(str))
schemathesis.openapi.format("date-time", st.dates(**years).map("{}T08:00:00Z".format))
schemathesis.openapi.format("time-zone", st.sampled_from(["Asia/Bangkok", "Europe/Berlin", "UTC"]))
schemathesis.openapi.format("password", st.from_regex("[a-z]{8,20} [0-9]{4}", fullmatch=True))
schemathesis.openapi.format("rrule", st.sampled_from(["FREQ=WEEKLY;BYDAY=MO", "FREQ=DAILY", "FREQ=MONTHLY;INTERVAL=2"]))

# Operations that refuse some valid requests because of the state of the home. Their error code is then `refused`,
# never `invalid`.
REFUSING_OPERATIONS = {
    "DELETE /api/homes/{home_id}/agents/{agent_id}",  # the agent has been used
    "DELETE /api/homes/{home_id}/categories/{category_id}",  # the aisle has items
    "DELETE /api/homes/{home_id}/channels/{channel_id}/messages/{message_id}",  # the message is deleted already
    "DELETE /api/homes/{home_id}/items/{item_id}",  # the item was bought
    "DELETE /api/homes/{home_id}/lists/{list_id}",  # something was bought
    "DELETE /api/homes/{home_id}/lists/{list_id}/items/{entry_id}",  # the list is completed
    "DELETE /api/homes/{home_id}/lists/{list_id}/shopping",  # a total without a trip
    "PATCH /api/homes/{home_id}/lists/{list_id}/trips/{trip_id}",  # the trip has not ended
    "DELETE /api/homes/{home_id}/members/{user_id}",  # the last owner
    "GET /api/homes/{home_id}/expenses/totals",  # the end is before the start
    "GET /api/homes/{home_id}/expenses/csv",  # the end is before the start
    "GET /api/homes/{home_id}/spending/csv",  # the end is before the start
    "GET /api/homes/{home_id}/spending",  # the end is before the start
    "GET /api/homes/{home_id}/usage",  # the end is before the start
    "PATCH /api/homes/{home_id}/agents/{agent_id}",  # the name is taken; the last active agent
    "PATCH /api/homes/{home_id}/channels/{channel_id}",  # the name is taken; the first room
    "PATCH /api/homes/{home_id}/channels/{channel_id}/messages/{message_id}",  # the message is deleted
    "PATCH /api/homes/{home_id}/items/{item_id}",  # the name is taken; an unknown aisle
    "PATCH /api/homes/{home_id}/lists/{list_id}",  # an illegal transition
    "PATCH /api/homes/{home_id}/lists/{list_id}/items/{entry_id}",  # the list is completed
    "PATCH /api/homes/{home_id}/members/{user_id}",  # the last owner
    "PATCH /api/homes/{home_id}/notices",  # only one end of the quiet hours; an unknown kind
    "PATCH /api/homes/{home_id}/recurring/{recurring_id}",  # a rule without occurrences
    "POST /api/auth/signup",  # the email is in use
    "POST /api/chat",  # the agent is inactive
    "POST /api/chat/confirm",  # there is no question
    "POST /api/homes",  # too many homes
    "POST /api/homes/import",  # inconsistent groceries
    "POST /api/homes/{home_id}/categories",  # too many aisles
    "POST /api/homes/{home_id}/forecasts/{item_id}/add",  # the maximum amount
    "POST /api/homes/{home_id}/lists/{list_id}/clear",  # the list is completed
    "POST /api/homes/{home_id}/lists/{list_id}/import",  # the list is completed; the file makes no sense
    "POST /api/homes/{home_id}/lists/{list_id}/recipe",  # the page cannot be reached
    "POST /api/homes/{home_id}/lists/{list_id}/past",  # the list is completed
    "POST /api/homes/{home_id}/lists/{list_id}/shopping",  # the list is completed
    "PUT /api/homes/{home_id}/lists/{list_id}/aisles/{category_id}",  # the list is completed
    "POST /api/homes/{home_id}/lists/{list_id}/items/bulk",  # the list is completed
    "POST /api/homes/{home_id}/lists/{list_id}/items/order",  # the list is completed; items of several aisles
    "POST /api/homes/{home_id}/agents",  # the name is taken; too many agents
    "POST /api/homes/{home_id}/agents/{agent_id}/memory/{label}/readers",  # the own agent; another block is shared
    "POST /api/homes/{home_id}/channels",  # the name is taken
    "POST /api/homes/{home_id}/channels/{channel_id}/members",  # a user of another home
    "POST /api/homes/{home_id}/channels/{channel_id}/messages",  # the id is taken
    "POST /api/homes/{home_id}/channels/{channel_id}/messages/{message_id}/reactions",  # the text is not an emoji
    "POST /api/homes/{home_id}/channels/{channel_id}/messages/{message_id}/replies",  # the id is taken
    "POST /api/homes/{home_id}/categories/order",  # not all aisles
    "POST /api/homes/{home_id}/categories/{category_id}/merge",  # one and the same aisle
    "POST /api/homes/{home_id}/items/{item_id}/merge",  # one and the same item
    "POST /api/homes/{home_id}/forecasts/{item_id}/snooze",  # a day that is past
    "POST /api/homes/{home_id}/items",  # an unknown aisle; a name of punctuation only
    "POST /api/homes/{home_id}/lists/{list_id}/items",  # the list is completed; the maximum amount
    "POST /api/homes/{home_id}/recurring",  # a rule without occurrences
    "POST /api/homes/{home_id}/recurring/{recurring_id}/add",  # the maximum amount
    "POST /api/homes/{home_id}/recurring/{recurring_id}/snooze",  # a day in the past, or before the next one
    "POST /api/homes/{home_id}/scheduled",  # a time in the past, or too far in the future
    "POST /api/homes/{home_id}/scheduled/{scheduled_id}/resume",  # the time has passed
    "POST /api/homes/{home_id}/suggestions/{suggestion_id}/take",  # the suggestion is closed
    "POST /api/homes/{home_id}/threads/{thread_id}/messages",  # the id is taken
    "POST /api/homes/{home_id}/threads/{thread_id}/messages/{message_id}/confirm",  # there is no question
    "PATCH /api/homes/{home_id}/stores/{store_id}",  # an order without some aisle; the name is taken
    "POST /api/homes/{home_id}/lists/{list_id}/guest-links",  # a completed list; too many links
    "POST /api/homes/{home_id}/stores",  # too many stores
    "POST /api/homes/{home_id}/tasks",  # a time without a day; an assignee who is no member
    "PATCH /api/homes/{home_id}/tasks/{task_id}",  # the same
    "GET /api/homes/{home_id}/calendar",  # the last day before the first; too many days
    "POST /api/homes/{home_id}/calendar",  # an end before the start; a guest who is no member
    "PATCH /api/homes/{home_id}/calendar/{event_id}",  # the same; a day on which it does not come
    "DELETE /api/homes/{home_id}/calendar/{event_id}",  # a day on which it does not come
    "POST /api/homes/{home_id}/pantry/batches",  # a year that is too far away; too many batches
    "PATCH /api/homes/{home_id}/pantry/batches/{batch_id}",  # a year that is too far away
    "POST /api/homes/{home_id}/pantry/batches/{batch_id}/use",  # more than there is
    "POST /api/homes/{home_id}/pantry/{item_id}/use",  # more than there is
    "GET /api/homes/{home_id}/barcodes",  # a wrong check digit
    "POST /api/homes/{home_id}/barcodes",  # a wrong check digit; a name of punctuation only
    "POST /api/homes/{home_id}/files",  # it is neither a picture nor a PDF
    "POST /api/homes/{home_id}/expenses",  # an unknown person; shares that do not add up
    "PATCH /api/homes/{home_id}/expenses/{expense_id}",  # an unknown person; shares that do not add up
    "POST /api/homes/{home_id}/settlements",  # an unknown person
    "POST /api/homes/{home_id}/undo",  # the event cannot be undone
    "POST /api/invitations/{token}/accept",  # an unknown invitation
    "POST /api/users/me/devices",  # invalid keys
    "POST /api/users/signup",  # the email is in use
}


INVALID_EVERY = int(os.environ.get("PANTRY_INVALID_EVERY", "1"))
invalid_counts: Counter[str] = Counter()


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """Return whether to send the request: of the invalid ones of the coverage phase, every n-th of an operation."""
    if case.meta.phase.name.value != "coverage" or case.meta.generation.mode.is_positive:
        return True
    invalid_counts[case.operation.label] += 1
    return invalid_counts[case.operation.label] % INVALID_EVERY == 1 % INVALID_EVERY


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Return False for a failure that is none."""
    if isinstance(failure, AcceptedNegativeData) and is_visible_text(failure, case):
        return False
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 400:
        return True
    error = response.json()["error"]
    if error["code"] == "invalid" and set(error.get("fields", ())) == {"cursor"}:
        return False  # cursors are signed, so a generated one is never valid
    return not (error["code"] == "refused" and case.operation.label in REFUSING_OPERATIONS)


def is_visible_text(failure: AcceptedNegativeData, case: Any) -> bool:
    """Return whether all texts are visible: Schemathesis reads `\\p{L}` as Latin letters and takes others for blank."""
    sources = [case.query, case.body] if isinstance(case.body, dict) else [case.query]
    values = [value for each in sources for value in (each or {}).values() if isinstance(value, str)]
    return LATIN_LETTERS_PATTERN in failure.message and all(map(is_visible, values))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Make requests independent of each other: sign out with a separate token, make valid Idempotency-Keys unique, keep
    Nok the owner of the home, and send Nok's password where it is asked for again."""
    key = case.headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,200}", key):
        case.headers["Idempotency-Key"] = f"{key[:150]}{next(numbers)}"
    if case.path == "/api/auth/logout" and "Authorization" in case.headers and case._has_explicit_auth:
        response = httpx.post(f"{os.environ['PANTRY_URL']}/api/auth/login", json={"email": NOK, "password": PASSWORD})
        case.headers["Authorization"] = f"Bearer {response.json()['token']}"
    if case.path == "/api/auth/tokens" and isinstance(case.body, dict):
        password = case.body.get("password")
        if isinstance(password, str) and 0 < len(password) <= 200:
            case.body["password"] = PASSWORD
        # Neither in the past nor centuries away.
        if re.match(r"\d{4}-\d\d-\d\d[Tt ]", str(case.body.get("expires_at"))):
            case.body["expires_at"] = "2100-01-01T08:00:00Z"
    if case.path.endswith("/members/{user_id}") and case.path_parameters.get("user_id") == os.environ["PANTRY_NOK"]:
        case.path_parameters["user_id"] = UNKNOWN_USER

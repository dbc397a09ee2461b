"""What Schemathesis can't know of HTTP or of a household. It loads this file itself, as schemathesis.toml says."""

import itertools
import os
import re
from datetime import date
from typing import Any

import httpx
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

from pantry.text import is_visible
from tests.server import NOK, PASSWORD

NOT_LATIN = r"not matching the '^[^\u0000]*[a-zA-Z\u00C0-\u00D6"  # how it translates the pattern of visible text
NOBODY = "00000000-0000-4000-8000-000000000000"
number = itertools.count()

# Years that every calendar knows, and no second that leaps: RFC 3339 allows what no library of dates can keep.
years = {"min_value": date(1900, 1, 1), "max_value": date(9000, 1, 1)}
schemathesis.openapi.format("date", st.dates(**years).map(str))
schemathesis.openapi.format("date-time", st.dates(**years).map("{}T08:00:00Z".format))
schemathesis.openapi.format("time-zone", st.sampled_from(["Asia/Bangkok", "Europe/Berlin", "UTC"]))
schemathesis.openapi.format("password", st.from_regex("[a-z]{8,20} [0-9]{4}", fullmatch=True))
schemathesis.openapi.format("rrule", st.sampled_from(["FREQ=WEEKLY;BYDAY=MO", "FREQ=DAILY", "FREQ=MONTHLY;INTERVAL=2"]))

# A schema says which requests are well formed, not what the home is like. These refuse, with a sentence, what is
# well formed and can't be done as things stand; the code is then `refused`, and never `invalid`.
REFUSING = {
    "DELETE /api/homes/{home_id}/agents/{agent_id}",  # it took part in the home
    "DELETE /api/homes/{home_id}/categories/{category_id}",  # something stands in it
    "DELETE /api/homes/{home_id}/channels/{channel_id}/messages/{message_id}",  # it is deleted already
    "DELETE /api/homes/{home_id}/items/{item_id}",  # it was bought, and stays in the books
    "DELETE /api/homes/{home_id}/lists/{list_id}/items/{entry_id}",  # the list is done
    "DELETE /api/homes/{home_id}/members/{user_id}",  # the last owner
    "GET /api/homes/{home_id}/spending",  # from a day to an earlier one
    "GET /api/homes/{home_id}/usage",  # from a day to an earlier one
    "PATCH /api/homes/{home_id}/agents/{agent_id}",  # a name that is taken; the only one awake
    "PATCH /api/homes/{home_id}/channels/{channel_id}",  # a name that is taken; the first room
    "PATCH /api/homes/{home_id}/channels/{channel_id}/messages/{message_id}",  # it is deleted
    "PATCH /api/homes/{home_id}/items/{item_id}",  # a name that is taken; an aisle that is none
    "PATCH /api/homes/{home_id}/lists/{list_id}",  # from this state there is no way to that one
    "PATCH /api/homes/{home_id}/lists/{list_id}/items/{entry_id}",  # the list is done
    "PATCH /api/homes/{home_id}/members/{user_id}",  # the last owner
    "PATCH /api/homes/{home_id}/notices",  # half of the quiet hours; a kind that is none
    "PATCH /api/homes/{home_id}/recurring/{recurring_id}",  # a rule that never comes round
    "POST /api/auth/signup",  # somebody has this e-mail
    "POST /api/chat",  # its agent sleeps
    "POST /api/chat/confirm",  # nothing was asked
    "POST /api/homes/import",  # groceries that do not fit together
    "POST /api/homes/{home_id}/agents",  # a name that is taken; as many as there is room for
    "POST /api/homes/{home_id}/agents/{agent_id}/memory/{label}/readers",  # its own agent; one that reads another
    "POST /api/homes/{home_id}/channels",  # a name that is taken
    "POST /api/homes/{home_id}/channels/{channel_id}/members",  # somebody of another home
    "POST /api/homes/{home_id}/channels/{channel_id}/messages",  # an id that is taken
    "POST /api/homes/{home_id}/channels/{channel_id}/messages/{message_id}/reactions",  # a word is no sign
    "POST /api/homes/{home_id}/channels/{channel_id}/messages/{message_id}/replies",  # an id that is taken
    "POST /api/homes/{home_id}/items",  # an aisle that is none; nothing but punctuation is no name
    "POST /api/homes/{home_id}/lists/{list_id}/items",  # the list is done; more than a list can hold
    "POST /api/homes/{home_id}/recurring",  # a rule that never comes round
    "POST /api/homes/{home_id}/scheduled",  # a time that has passed, or is too far away
    "POST /api/homes/{home_id}/scheduled/{scheduled_id}/resume",  # its time has passed
    "POST /api/homes/{home_id}/suggestions/{suggestion_id}/take",  # it is over
    "POST /api/homes/{home_id}/threads/{thread_id}/messages",  # an id that is taken
    "POST /api/homes/{home_id}/threads/{thread_id}/messages/{message_id}/confirm",  # nothing was asked
    "POST /api/homes/{home_id}/undo",  # what can't be undone
    "POST /api/invitations/{token}/accept",  # a link that is no invitation
    "POST /api/users/me/devices",  # keys that no browser made
    "POST /api/users/signup",  # somebody has this e-mail
}


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Return False for what is none."""
    if isinstance(failure, AcceptedNegativeData) and is_visible_after_all(failure, case):
        return False
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 400:
        return True
    error = response.json()["error"]
    if error["code"] == "invalid" and set(error.get("fields", ())) == {"cursor"}:
        return False  # a cursor is signed: there is no other than those that the server gave
    return not (error["code"] == "refused" and case.operation.label in REFUSING)


def is_visible_after_all(failure: AcceptedNegativeData, case: Any) -> bool:
    """Tell whether a text was only taken for blank: of `\\p{L}` Schemathesis knows the Latin letters alone."""
    texts = [case.query, case.body] if isinstance(case.body, dict) else [case.query]
    values = [value for each in texts for value in (each or {}).values() if isinstance(value, str)]
    return NOT_LATIN in failure.message and all(map(is_visible, values))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Each request stands for itself: signing out ends another token than the others bear, an Idempotency-Key that
    is valid is new, and Nok stays the owner of the home."""
    key = case.headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,200}", key):
        case.headers["Idempotency-Key"] = f"{key[:150]}{next(number)}"
    if case.path == "/api/auth/logout" and "Authorization" in case.headers and case._has_explicit_auth:
        answer = httpx.post(f"{os.environ['PANTRY_URL']}/api/auth/login", json={"email": NOK, "password": PASSWORD})
        case.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    if case.path.endswith("/members/{user_id}") and case.path_parameters.get("user_id") == os.environ["PANTRY_NOK"]:
        case.path_parameters["user_id"] = NOBODY

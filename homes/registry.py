"""Where the apps above `homes` plug in. `homes` imports none of them: each registers itself when it is ready.

- founding: what a new home is given (aisles, rooms, Pixie), inside the transaction that founds it.
- parting: what somebody who leaves a home gives up, inside the transaction in which they leave.
- audiences: who is in which private channel of a home, for the stream.
- exports: what of theirs a home takes along, as JSON, and how it is read back, inside one transaction. Iterators stand
  for lists that may be long. What points at other rows goes first, so that all it points at is in the file, too,
  whatever happens while it is written.
- intents: what a device may bring in later that was done without a signal, by kind (docs/offline.md).
- listeners: who wants to know, after the commit, that an event of a type was written (mailboxes, push).
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from homes.actors import Actor
    from homes.intents import IntentKind
    from homes.models import Membership

Audiences = Mapping[UUID, set[UUID]]

founding: list[Callable[["Actor"], None]] = []
parting: list[Callable[["Membership", "Actor"], None]] = []
audiences: list[Callable[..., Audiences]] = []  # of a home; with a person's id, of them alone
exports: dict[str, tuple[Callable[["Membership"], Any], Callable[["Actor", Any], None]]] = {}
intents: dict[str, "IntentKind"] = {}
listeners: dict[str, list[Callable[[UUID, int], None]]] = {}


def listen(event_type: str, listener: Callable[[UUID, int], None]) -> None:
    """Call `listener(home id, seq)` after the commit of each event of the type, in the process that wrote it.

    A listener only nudges: what it sets going must also be found by a sweep, for the process may die first.
    """
    listeners.setdefault(event_type, []).append(listener)

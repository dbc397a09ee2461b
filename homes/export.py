"""A home as one file, and a home made from one."""

from typing import Any

import pydantic
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from homes import registry
from homes.actions import create_home
from homes.actors import Actor
from homes.errors import Refused
from homes.models import Membership, User
from homes.schemas import HomeSnapshot, MemberSnapshot
from homes.texts import visible_line

FORMAT = 1


def export_home(member: Membership) -> dict[str, Any]:
    """All that the member may see, as JSON."""
    members = Membership.objects.visible_to(member)
    return {
        "format": FORMAT,
        "exported_at": timezone.now().isoformat(),
        "home": HomeSnapshot.model_validate(member.home).model_dump(mode="json"),
        "members": [MemberSnapshot.model_validate(each).model_dump(mode="json") for each in members],
        **{name: write(member) for name, (write, _read) in registry.exports.items()},
    }


@transaction.atomic
def import_home(file: Any, user: User, *, door: str) -> Membership:
    """A new home of `user` like the one in the file. Other people come in by invitation, and what they said stays
    with them: talk is in the file, and is not read back. Raises Refused for what is no such file."""
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise Refused(_("This is not the export of a home."))
    try:
        told = HomeSnapshot.model_validate(file.get("home")).model_dump(exclude={"id"})
        told["name"] = visible_line(told["name"])
        owner = create_home(user, door=door, **told)
        for name, (_write, read) in registry.exports.items():
            if read is not None and name in file:
                read(Actor.of(owner, door), file[name])
    except pydantic.ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Refused(_("This is not the export of a home: see %(where)s.") % {"where": where}) from error
    except (IntegrityError, DataError) as error:
        raise Refused(_("This export does not fit together.")) from error
    return owner

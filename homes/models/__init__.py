from homes.models.agent import Agent
from homes.models.event import Door, Event, Operation
from homes.models.home import Home, Invitation, Membership, Role
from homes.models.token import ApiToken
from homes.models.user import User

__all__ = ["Agent", "ApiToken", "Door", "Event", "Home", "Invitation", "Membership", "Operation", "Role", "User"]

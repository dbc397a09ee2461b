from homes.models.agent import Agent, AgentColour, named_in
from homes.models.home import Home, Invitation, Membership, Role

__all__ = [
    "Agent",
    "AgentColour",
    "Home",
    "Invitation",
    "Membership",
    "Role",
    "named_in",
]

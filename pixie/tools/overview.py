"""How the home stands."""

from homes.events.actor import Actor
from pixie.suggestions import summary
from pixie.tools.registry import Arguments, Result, tool


class SumUp(Arguments):
    pass


@tool("sum_up", "Say how the home stands today: what to get, what comes back, what was spent.", SumUp, scope="read")
def sum_up(actor: Actor, call: SumUp) -> Result:
    return Result("sum_up", {"news": summary.news(actor.home)})

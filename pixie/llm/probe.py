"""Trying out whether a home's models answer."""

from pixie.llm.access import Access
from pixie.llm.wire import Fault, Question, Turn

SECONDS = 15.0


def probe(access: Access) -> tuple[list[str], Fault | None]:
    """Say hello to each of the models. Returns those that answered and, where one did not, why."""
    answered: list[str] = []
    try:
        with access.model() as model:
            for name in dict.fromkeys(access.models.values()):
                hello = Question(name, "Answer with one word.", "", (Turn("Hello"),), most_tokens=64)
                for _piece in model.ask(hello, SECONDS):
                    pass
                answered.append(name)
    except Fault as fault:
        return answered, fault
    return answered, None

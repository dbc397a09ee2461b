"""One declaration an operation, from which both clients are made.

A noun's method is its signature alone: what stands in the path goes there, what `query` names goes behind the
question mark (with GET and DELETE all that is left), the rest is the body. On a `Noun[Sync]` it answers, on a
`Noun[Async]` it is awaited; type checkers see the difference, and the same arguments.
"""

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from string import Formatter
from typing import Any, Concatenate, Final, Generic, Literal, ParamSpec, Protocol, TypeVar, overload
from urllib.parse import quote
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Unset(Enum):
    """What is not said, and stays as it is. None is said: it empties a field."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


class HasId(Protocol):
    @property
    def id(self) -> UUID: ...


Id = UUID | str | HasId
"""An id, or what has one: `client.lists.get(home, list)` takes the rows themselves."""


@dataclass(frozen=True)
class Call(Generic[R]):
    """One request to make, and how to read its answer."""

    method: str
    path: str
    query: Mapping[str, Any]
    body: Mapping[str, Any] | None
    gives: TypeAdapter[R] | None
    is_open: bool = False


class Sync(Protocol):
    def run(self, call: Call[R]) -> R: ...


class Async(Protocol):
    def run(self, call: Call[R]) -> Coroutine[Any, Any, R]: ...


Way = TypeVar("Way")


class Noun(Generic[Way]):
    """What the API can do with one kind of thing."""

    def __init__(self, way: Way) -> None:
        self._way = way


class Operation(Generic[P, R]):
    def __init__(
        self,
        signature: Callable[Concatenate[Any, P], None],
        method: str,
        path: str,
        gives: type[R] | None,
        query: Sequence[str],
        also: Sequence[str],
        is_open: bool,
        whole: str | None,
    ) -> None:
        self.method, self.path, self.also, self.is_open, self.whole = method, path, also, is_open, whole
        self.gives = gives
        self.adapter: TypeAdapter[R] | None = TypeAdapter(gives) if gives else None
        self.__doc__ = signature.__doc__
        self.__name__ = signature.__name__
        self.signature = inspect.signature(signature)
        self.in_path = [name for _text, name, _spec, _how in Formatter().parse(path) if name]
        others = [name for name in list(self.signature.parameters)[1:] if name not in self.in_path]
        self.in_query = others if method in ("GET", "DELETE") else list(query)
        self.in_body = [name for name in others if name not in self.in_query]

    def __set_name__(self, owner: type, name: str) -> None:
        self.__qualname__ = f"{owner.__name__}.{name}"

    @overload
    def __get__(self, noun: Noun[Sync], owner: type) -> Callable[P, R]: ...
    @overload
    def __get__(self, noun: Noun[Async], owner: type) -> Callable[P, Coroutine[Any, Any, R]]: ...
    @overload
    def __get__(self, noun: None, owner: type) -> "Operation[P, R]": ...
    def __get__(self, noun: Noun[Any] | None, owner: type) -> Any:
        if noun is None:
            return self

        def bound(*args: P.args, **kwargs: P.kwargs) -> Any:
            return noun._way.run(self.call(*args, **kwargs))

        bound.__name__, bound.__qualname__, bound.__doc__ = self.__name__, self.__qualname__, self.__doc__
        parameters = list(self.signature.parameters.values())[1:]
        bound.__signature__ = self.signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        return bound

    def call(self, *args: P.args, **kwargs: P.kwargs) -> Call[R]:
        said = self.signature.bind(None, *args, **kwargs).arguments
        where = {name: quote(id_of(said[name]), safe="") for name in self.in_path}
        query = {wire_name(name): _text(said[name]) for name in self.in_query if said.get(name, UNSET) is not UNSET}
        return Call(self.method, self.path.format(**where), query, self._body(said), self.adapter, self.is_open)

    def _body(self, said: Mapping[str, Any]) -> dict[str, Any] | None:
        if self.whole is not None:
            fields: dict[str, Any] = said[self.whole].model_dump(mode="json", by_alias=True, exclude_unset=True)
            return fields
        if self.method in ("GET", "DELETE"):
            return None
        return {wire_name(name): _json(said[name]) for name in self.in_body if said.get(name, UNSET) is not UNSET}


@overload
def operation(
    method: Literal["POST", "DELETE"], path: str, *, query: Sequence[str] = ()
) -> Callable[[Callable[Concatenate[Any, P], None]], Operation[P, None]]: ...
@overload
def operation(
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"],
    path: str,
    gives: type[R],
    *,
    query: Sequence[str] = (),
    also: Sequence[str] = (),
    is_open: bool = False,
    whole: str | None = None,
) -> Callable[[Callable[Concatenate[Any, P], None]], Operation[P, R]]: ...
def operation(
    method: str,
    path: str,
    gives: type[Any] | None = None,
    *,
    query: Sequence[str] = (),
    also: Sequence[str] = (),
    is_open: bool = False,
    whole: str | None = None,
) -> Any:
    """Declare one operation of the API. `gives` is what it answers, `also` names other paths to the same door,
    `whole` the argument that is the body as a whole."""

    def declare(signature: Callable[..., None]) -> Operation[Any, Any]:
        return Operation(signature, method, path, gives, query, also, is_open, whole)

    return declare


def wire_name(name: str) -> str:
    """`from_` is `from`, a word that Python keeps for itself."""
    return name.rstrip("_")


def id_of(value: Any) -> str:
    return str(value if isinstance(value, UUID | str) else value.id)


def _json(value: Any) -> Any:
    return str(value.id) if hasattr(value, "id") else to_jsonable_python(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(_json(value))

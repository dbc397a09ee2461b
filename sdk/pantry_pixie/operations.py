"""Declarations of the API's operations and responses, from which both clients are made.

The method of a `Resource` is a signature alone. Arguments named in the path go there, those in `query` (with GET and
DELETE all others) go into the query string, the rest into the body, which is a form if one of them is a `file`; an
argument that is not given is not sent. A response of `bytes` is the file that the server sends. A
resource of `Client` returns the response, one of `AsyncClient` a coroutine, and type checkers see the difference.
An operation that takes a `version` raises Conflict if it is not the current one of the row.
"""

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any, Concatenate, Generic, Literal, ParamSpec, Protocol, TypedDict, TypeVar, get_type_hints, overload
from urllib.parse import quote
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic_core import to_jsonable_python

P = ParamSpec("P")
R = TypeVar("R")
ClientT = TypeVar("ClientT", covariant=True)

HOME = "/api/homes/{home}"


class Paging(TypedDict, total=False):
    limit: int
    cursor: str


class PeriodQuery(TypedDict, total=False):
    from_: date | str
    to: date | str


class CsvQuery(PeriodQuery, total=False):
    """`utf-8-sig` begins with a mark by which spreadsheets know UTF-8."""

    encoding: Literal["utf-8", "utf-8-sig"]


class Model(BaseModel):
    """A response. Fields that a newer server adds are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Row(Model):
    id: UUID


class NamedRow(Row):
    name: str


Upload = Path | tuple[str, bytes]
"""A file to send: its path, or a name and the contents."""

Id = UUID | str | Row
"""An id, or the row that has it: `client.lists.get(home, weekly)`."""


class Page(Model, Generic[R]):
    """Some rows of a list; `client.iterate(page)` returns all of them."""

    results: list[R]
    next: str | None
    previous: str | None = None


class Period(Model):
    model_config = ConfigDict(populate_by_name=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")


@dataclass(frozen=True)
class Call(Generic[R]):
    """A request to make, and the type of its response."""

    method: str
    path: str
    query: Mapping[str, Any]
    body: Mapping[str, Any] | None
    response: TypeAdapter[R] | None
    anonymous: bool = False
    file: "tuple[str, bytes] | None" = None
    """The name and the contents of a file, to be sent in a form with the fields of the body."""
    is_download: bool = False
    """The response is a file instead of JSON."""

    @property
    def content(self) -> Mapping[str, Any]:
        """Return the arguments of httpx for what the request sends."""
        return {"json": self.body} if self.file is None else {"data": self.body, "files": {"file": self.file}}


class SyncRunner(Protocol):
    def run(self, call: Call[R]) -> R: ...


class AsyncRunner(Protocol):
    def run(self, call: Call[R]) -> Coroutine[Any, Any, R]: ...


class Resource(Generic[ClientT]):
    """The operations on one kind of row. Their paths are relative to `path`."""

    def __init__(self, client: ClientT) -> None:
        self._client: Any = client

    def __init_subclass__(cls, path: str) -> None:
        super().__init_subclass__()
        for operation in vars(cls).values():
            if isinstance(operation, Operation):
                operation.set_path(path + operation.path)


@dataclass(eq=False)
class Operation(Generic[P, R]):
    function: Callable[Concatenate[Any, P], None]
    method: str
    path: str
    response: type[R] | None = None
    query: Sequence[str] = ()
    aliases: Sequence[str] = ()
    anonymous: bool = False
    body: str = ""

    def set_path(self, path: str) -> None:
        self.path = path
        self.__doc__ = f"{self.method} {self.path}"
        self.is_download = self.response is bytes
        self.adapter: TypeAdapter[R] | None = None
        if self.response and not self.is_download:
            self.adapter = TypeAdapter(self.response)
        self.signature = _signature(self.function)
        self.in_path = [name for _text, name, _spec, _conversion in Formatter().parse(self.path) if name]
        others = [name for name in self.signature.parameters if name not in self.in_path]
        self.in_query = others if self.method in ("GET", "DELETE") else self.query
        self.in_body = [name for name in others if name not in self.in_query]

    @overload
    def __get__(self, resource: Resource[SyncRunner], owner: type) -> Callable[P, R]: ...
    @overload
    def __get__(self, resource: Resource[AsyncRunner], owner: type) -> Callable[P, Coroutine[Any, Any, R]]: ...
    @overload
    def __get__(self, resource: None, owner: type) -> "Operation[P, R]": ...
    def __get__(self, resource: Resource[Any] | None, owner: type) -> Any:
        if resource is None:
            return self

        def bound(*args: P.args, **kwargs: P.kwargs) -> Any:
            return resource._client.run(self.call(*args, **kwargs))

        bound.__signature__ = self.signature  # type: ignore[attr-defined]
        bound.__name__, bound.__doc__ = self.function.__name__, self.__doc__
        return bound

    def call(self, *args: P.args, **kwargs: P.kwargs) -> Call[R]:
        """Return the request that these arguments stand for, without making it."""
        arguments = self.signature.bind(*args, **kwargs).arguments
        path = self.path.format_map({name: quote(str(encode(arguments[name])), safe="") for name in self.in_path})
        query = {wire_name(name): str(encode(arguments[name])) for name in self.in_query if name in arguments}
        body: dict[str, Any] | None = None
        if self.body:
            body = arguments[self.body].model_dump(mode="json", by_alias=True, exclude_unset=True)
        elif self.method not in ("GET", "DELETE"):
            body = {name: encode(arguments[name]) for name in self.in_body if name in arguments and name != "file"}
        file = read_upload(arguments["file"]) if "file" in self.in_body and not self.body else None
        return Call(self.method, path, query, body, self.adapter, self.anonymous, file, self.is_download)


@overload
def operation(method: str, path: str = "") -> Callable[[Callable[Concatenate[Any, P], None]], Operation[P, None]]: ...
@overload
def operation(
    method: str, path: str, response: type[R], **options: Any
) -> Callable[[Callable[Concatenate[Any, P], None]], Operation[P, R]]: ...
def operation(method: str, path: str = "", response: Any = None, **options: Any) -> Any:
    """Declare an operation.

    `query` names arguments for the query string of a POST, `aliases` are other paths to the same operation, an
    `anonymous` one is sent without a token, and `body` names the one argument that is the whole body.
    """
    return lambda function: Operation(function, method, path, response, **options)


def _signature(function: Callable[..., None]) -> inspect.Signature:
    """Leave `self` out, and replace `**fields: Unpack[Fields]` by a keyword for each field."""
    signature = inspect.signature(function)
    parameters: list[inspect.Parameter] = []
    for parameter in list(signature.parameters.values())[1:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            [fields] = parameter.annotation.__args__
            for name, hint in get_type_hints(fields).items():
                parameters.append(inspect.Parameter(name, parameter.KEYWORD_ONLY, default=..., annotation=hint))
        else:
            parameters.append(parameter)
    return signature.replace(parameters=parameters)


def wire_name(name: str) -> str:
    """Return the API's name of an argument: `from_` is `from`, which Python reserves."""
    return name.rstrip("_")


def read_upload(upload: Upload) -> tuple[str, bytes]:
    return (upload.name, upload.read_bytes()) if isinstance(upload, Path) else upload


def encode(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [encode(each) for each in value]
    return str(value.id) if isinstance(value, Row) else to_jsonable_python(value)

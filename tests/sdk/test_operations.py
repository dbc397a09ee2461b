"""Whatever the API's schema says, both clients can say."""

import inspect

import pytest
from drf_spectacular.generators import SchemaGenerator
from pantry_pixie import AsyncClient, Client
from pantry_pixie.operations import Operation, Resource, wire_name

VERBS = {"get", "post", "put", "patch", "delete"}


def declared():
    """(method, path with nameless holes) → the declarations of it."""
    found = {}
    for resource in Resource.__subclasses__():
        for name, operation in vars(resource).items():
            if isinstance(operation, Operation):
                for path in (operation.path, *operation.aliases):
                    found.setdefault((operation.method, nameless(path)), []).append(
                        (f"{resource.__name__}.{name}", operation)
                    )
    return found


def nameless(path):
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(public=True)


@pytest.fixture(scope="module")
def spoken(schema):
    """(method, path) → its part of the schema."""
    return {
        (verb.upper(), nameless(path)): said
        for path, verbs in schema["paths"].items()
        for verb, said in verbs.items()
        if verb in VERBS
    }


def test_nothing_of_the_schema_is_missing(spoken):
    missing = sorted(f"{method} {path}" for method, path in set(spoken) - set(declared()))
    assert not missing, f"the client lacks {', '.join(missing)}"


def test_nothing_is_declared_that_the_api_has_not(spoken):
    gone = sorted(f"{method} {path}" for method, path in set(declared()) - set(spoken))
    assert not gone, f"the API has no {', '.join(gone)}"


def test_nothing_is_declared_twice():
    assert [names for names in declared().values() if len(names) > 1] == []


def test_what_is_asked_behind_the_question_mark_is_what_the_api_knows(spoken):
    wrong = {}
    for endpoint, [(name, operation)] in declared().items():
        known = {each["name"] for each in spoken[endpoint].get("parameters", []) if each["in"] == "query"}
        if known != {wire_name(each) for each in operation.in_query}:
            wrong[name] = known
    assert wrong == {}


def test_what_is_said_in_a_body_is_what_the_api_knows(spoken, schema):
    wrong = {}
    for endpoint, [(name, operation)] in declared().items():
        known, required = body_of(spoken[endpoint], schema)
        if operation.body:
            fields = operation.signature.parameters[operation.body].annotation.model_fields
            assert (set(fields), {key for key, field in fields.items() if field.is_required()}) == (known, required)
            continue
        said = set(operation.in_body)
        must = {each for each in said if operation.signature.parameters[each].default is inspect.Parameter.empty}
        if known != said or not required <= said or (must and not required <= must):
            wrong[name] = known, required
    assert wrong == {}


def body_of(said, schema):
    content = said.get("requestBody", {}).get("content", {})
    if not content:
        return set(), set()
    name = content["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
    shape = schema["components"]["schemas"][name]
    return set(shape["properties"]), set(shape.get("required", ()))


def test_both_clients_have_every_resource():
    resources = set(Resource.__subclasses__())
    for client in (Client("http://localhost:1"), AsyncClient("http://localhost:1")):
        assert {type(each) for each in vars(client).values() if isinstance(each, Resource)} == resources


def test_every_operation_says_what_it_does_and_what_it_takes():
    client = Client("http://localhost:1")
    assert client.lists.get.__doc__ == "GET /api/homes/{home}/lists/{list}"
    assert str(inspect.signature(client.lists.get)).startswith("(home: ")
    assert all(operation.__doc__ for [(_name, operation)] in declared().values())

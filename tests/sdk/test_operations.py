"""The operations of the clients match the API's schema."""

import inspect

import pytest
from drf_spectacular.generators import SchemaGenerator
from pantry_pixie import AsyncClient, Client
from pantry_pixie.operations import Operation, Resource, wire_name

VERBS = {"get", "post", "put", "patch", "delete"}


def declared():
    """Return the declarations by method and path, with unnamed placeholders."""
    declarations = {}
    for resource in Resource.__subclasses__():
        for name, operation in vars(resource).items():
            if isinstance(operation, Operation):
                for path in (operation.path, *operation.aliases):
                    declarations.setdefault((operation.method, unnamed(path)), []).append(
                        (f"{resource.__name__}.{name}", operation)
                    )
    return declarations


def unnamed(path):
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(public=True)


@pytest.fixture(scope="module")
def endpoints(schema):
    """The endpoints of the schema by method and path."""
    return {
        (verb.upper(), unnamed(path)): endpoint
        for path, verbs in schema["paths"].items()
        for verb, endpoint in verbs.items()
        if verb in VERBS
    }


def test_every_endpoint_of_the_schema_has_an_operation(endpoints):
    missing = sorted(f"{method} {path}" for method, path in set(endpoints) - set(declared()))
    assert not missing, f"the client lacks {', '.join(missing)}"


def test_every_operation_is_in_the_schema(endpoints):
    gone = sorted(f"{method} {path}" for method, path in set(declared()) - set(endpoints))
    assert not gone, f"the API has no {', '.join(gone)}"


def test_no_endpoint_is_declared_twice():
    assert [names for names in declared().values() if len(names) > 1] == []


def test_query_parameters_match_the_schema(endpoints):
    wrong = {}
    for endpoint, [(name, operation)] in declared().items():
        expected = {each["name"] for each in endpoints[endpoint].get("parameters", []) if each["in"] == "query"}
        if expected != {wire_name(each) for each in operation.in_query}:
            wrong[name] = expected
    assert wrong == {}


def test_body_fields_match_the_schema(endpoints, schema):
    wrong = {}
    for endpoint, [(name, operation)] in declared().items():
        expected, required = body_of(endpoints[endpoint], schema)
        if operation.body:
            fields = operation.signature.parameters[operation.body].annotation.model_fields
            assert (set(fields), {key for key, field in fields.items() if field.is_required()}) == (expected, required)
            continue
        fields = set(operation.in_body)
        mandatory = {each for each in fields if operation.signature.parameters[each].default is inspect.Parameter.empty}
        if expected != fields or not required <= fields or (mandatory and not required <= mandatory):
            wrong[name] = expected, required
    assert wrong == {}


def body_of(endpoint, schema):
    content = endpoint.get("requestBody", {}).get("content", {})
    if not content:
        return set(), set()
    [form_or_json] = content.values()
    name = form_or_json["schema"]["$ref"].rsplit("/", 1)[-1]
    shape = schema["components"]["schemas"][name]
    return set(shape["properties"]), set(shape.get("required", ()))


def test_both_clients_have_every_resource():
    resources = set(Resource.__subclasses__())
    for client in (Client("http://localhost:1"), AsyncClient("http://localhost:1")):
        assert {type(each) for each in vars(client).values() if isinstance(each, Resource)} == resources


def test_operations_have_a_docstring_and_a_signature():
    client = Client("http://localhost:1")
    assert client.lists.get.__doc__ == "GET /api/homes/{home}/lists/{list}"
    assert str(inspect.signature(client.lists.get)).startswith("(home: ")
    assert all(operation.__doc__ for [(_name, operation)] in declared().values())

"""Import cycles between modules. Layers are checked by import-linter."""

from collections.abc import Iterable

import grimp

PACKAGES = ("pantry", "homes", "groceries", "chat", "planner", "pixie")


def import_cycles(graph: grimp.ImportGraph) -> list[list[str]]:
    """Return the modules of each cycle, by Tarjan's algorithm for strongly connected components."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    cycles: list[list[str]] = []

    def visit(module: str, imported: Iterable[str]) -> None:
        number[module] = lowest[module] = len(number)
        path.append(module)
        for other in imported:
            if other not in number:
                visit(other, graph.find_modules_directly_imported_by(other))
            if other in path:
                lowest[module] = min(lowest[module], lowest[other])
        if lowest[module] == number[module]:
            component = path[path.index(module) :]
            del path[path.index(module) :]
            if len(component) > 1:
                cycles.append(sorted(component))

    for module in sorted(graph.modules):
        if module not in number:
            visit(module, graph.find_modules_directly_imported_by(module))
    return cycles


def test_modules_that_import_each_other_are_reported():
    graph = grimp.ImportGraph()
    for importer, imported in (("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")):
        graph.add_import(importer=importer, imported=imported)
    assert import_cycles(graph) == [["b", "c"]]


def test_product_modules_have_no_import_cycle():
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    assert import_cycles(graph) == []

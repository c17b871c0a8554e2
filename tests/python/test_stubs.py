# SPDX-License-Identifier: Apache-2.0
"""The stubs (.pyi) say what the module has: names, parameters, their kinds and
defaults."""
import ast
import inspect
import pathlib

import pytest

import pt2
from pt2 import _pt2, _pytree, torch_compat

FOLDER = pathlib.Path(pt2.__file__).parent
MODULES = {"__init__": pt2, "_pt2": _pt2, "_pytree": _pytree,
           "torch_compat": torch_compat}
# Of every class, and what a metaclass or C base brings.
COMMON = {"__doc__", "__module__", "__dict__", "__weakref__", "__new__",
          "__repr__", "__reduce__", "__qualname__", "__slots__"}


def tree(name):
    return ast.parse((FOLDER / f"{name}.pyi").read_text())


def parameters_of_stub(function):
    """[(name, kind, default or None)] without self."""
    arguments, found = function.args, []
    positional = arguments.posonlyargs + arguments.args
    defaults = ([None] * (len(positional) - len(arguments.defaults)) +
                arguments.defaults)
    for argument, default in zip(positional, defaults):
        kind = ("positional" if argument in arguments.posonlyargs else "any")
        found.append((argument.arg, kind, default))
    if arguments.vararg:
        found.append((arguments.vararg.arg, "rest", None))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        found.append((argument.arg, "keyword", default))
    if arguments.kwarg:
        found.append((arguments.kwarg.arg, "keywords", None))
    return [(name, kind, default if default is None
             else ast.literal_eval(default))
            for name, kind, default in found if name != "self"]


KINDS = {inspect.Parameter.POSITIONAL_ONLY: "positional",
         inspect.Parameter.POSITIONAL_OR_KEYWORD: "any",
         inspect.Parameter.VAR_POSITIONAL: "rest",
         inspect.Parameter.KEYWORD_ONLY: "keyword",
         inspect.Parameter.VAR_KEYWORD: "keywords"}


def parameters_of(function):
    return [(p.name, KINDS[p.kind],
             None if p.default is inspect.Parameter.empty else p.default)
            for p in inspect.signature(function).parameters.values()
            if p.name not in ("self", "module")]


def functions_and_classes(name):
    nodes = tree(name).body
    return ([n for n in nodes if isinstance(n, ast.FunctionDef)],
            [n for n in nodes if isinstance(n, ast.ClassDef)])


@pytest.mark.parametrize("name", MODULES)
def test_functions(name):
    for function in functions_and_classes(name)[0]:
        real = getattr(MODULES[name], function.name)
        if function.name == "_wait_for_runs":
            continue  # internal, without a signature
        assert parameters_of(real) == parameters_of_stub(function), function.name
        assert real.__doc__, function.name


def test_classes():
    classes = functions_and_classes("_pt2")[1]
    for node in classes:
        if node.name.startswith("_"):
            continue  # of the stub only
        real = getattr(_pt2, node.name)
        assert real.__doc__, node.name
        told = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}
        fields = {n.target.id for n in node.body if isinstance(n, ast.AnnAssign)}
        present = {n for n in vars(real) if n not in COMMON}
        if issubclass(real, tuple):
            assert len(told) == real.n_fields
            assert list(real.__match_args__) == list(told)
            continue
        if issubclass(real, BaseException):
            assert fields <= {"status"}
            continue
        for name, function in told.items():
            if name == "__buffer__":  # visible from Python 3.12 on
                continue
            member = getattr(real, name)
            decorators = {d.id for d in function.decorator_list
                          if isinstance(d, ast.Name)}
            if "property" in decorators:
                assert not callable(member), (node.name, name)
            elif name == "__init__":
                assert parameters_of(real) == parameters_of_stub(function), name
            elif name not in ("__call__", "__len__"):
                assert parameters_of(member) == parameters_of_stub(function), (
                    node.name, name)
        missing = {n for n in present
                   if n not in told and n not in fields and
                   not n.startswith("__") and not n == "_is_created"}
        assert not missing, (node.name, missing)


def test_names():
    """__all__, the stub and the module agree."""
    imported = {alias.asname for node in tree("__init__").body
                if isinstance(node, ast.ImportFrom) for alias in node.names
                if alias.asname}
    functions = {f.name for f in functions_and_classes("__init__")[0]}
    assert imported | functions == set(pt2.__all__)
    for name in pt2.__all__:
        assert hasattr(pt2, name), name
    assert (FOLDER / "py.typed").exists()
    public = {n for n in vars(_pt2) if not n.startswith("_")}
    told = {n.name for kind in functions_and_classes("_pt2") for n in kind}
    assert public == {n for n in told if not n.startswith("_")}


def test_bases_of_exceptions():
    for node in functions_and_classes("_pt2")[1]:
        real = getattr(_pt2, node.name, None)
        if isinstance(real, type) and issubclass(real, BaseException):
            assert [b.id for b in node.bases] == [
                b.__name__ for b in real.__bases__], node.name

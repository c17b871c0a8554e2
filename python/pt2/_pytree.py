# SPDX-License-Identifier: Apache-2.0
"""Containers that C does not take apart: named tuples, deques, dataclasses and
others that the program registers, here or with torch.utils._pytree."""
import sys

# PT2_SPEC_* and PT2_KEY_* of include/pt2/call_spec.h.
_ORDERED_DICT, _DEFAULTDICT, _NAMEDTUPLE, _DEQUE, _CUSTOM = 4, 5, 6, 7, 8
_KEY_ENUM = 6


class _Entry:
    """How objects of one class become children and a context, and back."""

    def __init__(self, cls, flatten, unflatten, load_context=None):
        self.cls = cls
        self.flatten = flatten
        self.unflatten = unflatten
        self.load_context = load_context


_registered = {}


def _name_of(cls, serialized_type_name):
    return serialized_type_name or f"{cls.__module__}.{cls.__qualname__}"


def register_namedtuple(cls, *, serialized_type_name=None):
    """Makes a namedtuple known under the name that it was exported with."""
    if not hasattr(cls, "_fields"):
        raise TypeError(f"{cls!r} is no namedtuple")
    _registered[_name_of(cls, serialized_type_name)] = _namedtuple(cls)


def register_dataclass(cls, *, serialized_type_name=None):
    """Makes a dataclass known under the name that it was exported with."""
    if not hasattr(cls, "__dataclass_fields__"):
        raise TypeError(f"{cls!r} is no dataclass")
    _registered[_name_of(cls, serialized_type_name)] = _dataclass(cls)


def register_pytree_node(cls, flatten_fn, unflatten_fn, *,
                         serialized_type_name=None,
                         from_dumpable_context=None):
    """Makes a class known. flatten_fn(object) -> (children, context);
    unflatten_fn(children, context) -> object; from_dumpable_context turns what
    the package holds of the context, parsed JSON if it is left out, into one."""
    _registered[_name_of(cls, serialized_type_name)] = _Entry(
        cls, flatten_fn, unflatten_fn, from_dumpable_context)


def _namedtuple(cls):
    return _Entry(cls, lambda value: (list(value), cls),
                  lambda children, context: cls(*children))


def _dataclass(cls):
    names = [field.name for field in cls.__dataclass_fields__.values()
             if field.init]

    def flatten(value):
        given = [n for n in names if getattr(value, n) is not None]
        absent = [n for n in names if getattr(value, n) is None]
        return [getattr(value, n) for n in given], [given, absent]

    def unflatten(children, context):
        given, absent = context
        return cls(**dict(zip(given, children)), **dict.fromkeys(absent))

    return _Entry(cls, flatten, unflatten)


def _from_torch(name):
    """What the program registered with torch, if it uses torch."""
    pytree = sys.modules.get("torch.utils._pytree")
    types = getattr(pytree, "SERIALIZED_TYPE_TO_PYTHON_TYPE", {})
    cls = types.get(name)
    node = getattr(pytree, "SUPPORTED_NODES", {}).get(cls)
    if node is None:
        return None
    serializers = getattr(pytree, "SUPPORTED_SERIALIZED_TYPES", {}).get(cls)
    load = getattr(serializers, "from_dumpable_context", None)
    return _Entry(cls, node.flatten_fn, node.unflatten_fn, load)


def _from_modules(name):
    """A named tuple or dataclass of a module that the program has imported."""
    module, _, attribute = name.rpartition(".")
    cls = getattr(sys.modules.get(module), attribute, None)
    if not isinstance(cls, type):
        return None
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return _namedtuple(cls)
    return _dataclass(cls) if hasattr(cls, "__dataclass_fields__") else None


def _entry(name, where):
    """Raises Error if nothing is known of the type."""
    found = _registered.get(name) or _from_torch(name) or _from_modules(name)
    if found is None:
        from ._pt2 import NotFoundError
        error = NotFoundError(
            f"{where}: the type '{name}' is not known here: "
            "pt2.register_dataclass, register_namedtuple or "
            "register_pytree_node tells of it")
        error.status = "NOT_FOUND"
        raise error
    return found


def _wrong(message):
    from ._pt2 import StructureError
    error = StructureError(message)
    error.status = "INVALID_ARGUMENT"
    return error


def key(kind, text):
    """The object of a key that is no string, number, bool or None; None if it
    is not known here, or cannot be a key."""
    if kind != _KEY_ENUM:
        return None
    module, _, path = text.partition(":")
    value = sys.modules.get(module)
    for part in path.split("."):
        value = getattr(value, part, None)
    return value


def _flatten_namedtuple(name, where, value):
    if not isinstance(value, tuple):
        raise _wrong(f"{where}: expected namedtuple {name}, "
                     f"got {type(value)!r}")
    if type(value) is tuple:
        return list(value)  # by position
    entry = _registered.get(name) or _from_torch(name) or _from_modules(name)
    if entry is not None:
        same = isinstance(value, entry.cls)
    else:
        same = type(value).__name__ == name.rpartition(".")[2]
    if not same:
        raise _wrong(f"{where}: expected namedtuple {name}, "
                     f"got {type(value)!r}")
    return list(value)


def _flatten_custom(name, context, where, value):
    import json
    entry = _entry(name, where)
    if not isinstance(value, entry.cls):
        raise _wrong(f"{where}: expected {name}, got {type(value)!r}")
    children, found = entry.flatten(value)[:2]
    # A dataclass has its fields in the context: which are None is part of it.
    wanted = json.loads(context) if context else None
    if (hasattr(entry.cls, "__dataclass_fields__") and
            isinstance(wanted, list) and list(found) != wanted):
        raise _wrong(f"{where}: expected the fields {wanted[0]}, "
                     f"got {list(found)[0]}")
    return list(children)


def flatten(kind, name, context, where, keys, value):
    """The children of |value| in the order of the call spec."""
    if kind == _NAMEDTUPLE:
        return _flatten_namedtuple(name, where, value)
    if kind == _CUSTOM:
        return _flatten_custom(name, context, where, value)
    import collections
    if not isinstance(value, (collections.deque, list, tuple)):
        raise _wrong(f"{where}: expected a deque, got {type(value)!r}")
    return list(value)


def _factory(context):
    """The type that a defaultdict calls; its JSON names module and class."""
    import json
    told = json.loads(context) if context else {}
    module = sys.modules.get(told.get("default_factory_module") or "builtins")
    return getattr(module, told.get("default_factory_name") or "", None)


def unflatten(kind, name, context, where, keys, children):
    """The container of |children|."""
    import collections
    if kind == _ORDERED_DICT:
        return collections.OrderedDict(zip(keys, children))
    if kind == _DEFAULTDICT:
        made = collections.defaultdict(_factory(context))
        made.update(zip(keys, children))
        return made
    if kind == _DEQUE:
        import json
        longest = json.loads(context) if context else None
        return collections.deque(
            children, longest if isinstance(longest, int) else None)
    entry = _entry(name, where)
    if kind == _NAMEDTUPLE:
        return entry.cls(*children)
    if entry.load_context is not None:
        loaded = entry.load_context(context)
    else:
        import json
        loaded = json.loads(context) if context else None
    return entry.unflatten(children, loaded)

# SPDX-License-Identifier: Apache-2.0
"""Calls functions of PyTorch's C interface in libpt2 through ctypes, from one
Python value for each of PyTorch's arguments. Needs no PyTorch: what a tensor is,
the caller says.
"""
import ctypes
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Device:
    """A Device? argument, which is two of C's: type and index."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"device({self.name})"


NO_DEVICE = Device(None)
CPU = Device("cpu")


class Floats(list):
    """A float[]? argument: one list. A plain list of numbers is a Scalar?[]."""


# ---- The library -------------------------------------------------------------


def library_path():
    named = os.environ.get("PT2_LIBRARY")
    if named:
        return named
    for path in ("build/libpt2.so", "build/release/libpt2.so"):
        if (ROOT / path).exists():
            return str(ROOT / path)
    raise RuntimeError("no libpt2.so: build it, or name it in PT2_LIBRARY")


class Library:
    """libpt2 through ctypes; call(name, ...) runs any function of the C ABI."""

    def __init__(self, path=None):
        self.dll = ctypes.CDLL(path or library_path())
        self.dll.pt2_shim_symbol.restype = ctypes.c_void_p
        self.dll.pt2_shim_symbol.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        self.dll.pt2_error_message.restype = ctypes.c_char_p
        self.dll.pt2_error_status.restype = ctypes.c_int32
        self.functions = {}

    def address(self, name):
        return self.dll.pt2_shim_symbol(b"cpu", name.encode())

    def function(self, name):
        if name not in self.functions:
            address = self.address(name)
            if not address:
                raise NotImplementedError(f"{name} is not in the library")
            result, types = signature(name)
            prototype = ctypes.CFUNCTYPE(ctype_of(result),
                                         *[ctype_of(t) for t in types])
            self.functions[name] = prototype(address)
        return self.functions[name]

    def call(self, name, *args):
        self.dll.pt2_error_clear()
        return self.function(name)(*args)

    def hidden(self, name, prototype):
        """A function that the library does not export, by its symbol table."""
        if name not in self.functions:
            path = self.dll._name
            table = subprocess.run(["nm", path], check=True, text=True,
                                   capture_output=True).stdout
            found = re.search(rf"^(\w+) [tT] {name}$", table, re.MULTILINE)
            if found is None:
                raise RuntimeError(f"{path} has no symbol {name}")
            maps = pathlib.Path("/proc/self/maps").read_text()
            real = re.escape(str(pathlib.Path(path).resolve()))
            base = re.search(rf"^(\w+)-\w+ \S+ 0+ .*{real}$", maps,
                             re.MULTILINE)
            self.functions[name] = prototype(int(base.group(1), 16)
                                             + int(found.group(1), 16))
        return self.functions[name]

    def check(self, name, *args):
        """call, for functions that return 0 or 1; raises with the message."""
        if self.call(name, *args) != 0:
            raise RuntimeError(self.message())

    def message(self):
        return self.dll.pt2_error_message().decode()


_library = None


def library():
    global _library
    if _library is None:
        _library = Library()
    return _library


# ---- Signatures --------------------------------------------------------------

_signatures = {}


def _split_types(text):
    """Splits at the commas that are outside of parentheses."""
    parts, depth, start = [], 0, 0
    for at, letter in enumerate(text + ","):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    return [part for part in parts if part]


def signature(name):
    """The result and argument types of a function, as C writes them."""
    if not _signatures:
        for line in (ROOT / "abi/symbols.tsv").read_text().splitlines()[1:]:
            fields = line.split("\t")
            found = re.fullmatch(r"a=(.*?)\((.*)\)", fields[-1])
            _signatures[fields[1]] = (found.group(1),
                                      _split_types(found.group(2)))
    return _signatures[name]


class _Complex64(ctypes.Structure):
    _fields_ = [("real", ctypes.c_float), ("imag", ctypes.c_float)]


class _Complex128(ctypes.Structure):
    _fields_ = [("real", ctypes.c_double), ("imag", ctypes.c_double)]


_SCALARS = {
    "void": None, "bool": ctypes.c_bool, "float": ctypes.c_float,
    "double": ctypes.c_double, "int": ctypes.c_int, "unsigned": ctypes.c_uint,
    "int8_t": ctypes.c_int8, "uint8_t": ctypes.c_uint8,
    "int16_t": ctypes.c_int16, "uint16_t": ctypes.c_uint16,
    "int32_t": ctypes.c_int32, "uint32_t": ctypes.c_uint32,
    "int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64,
    "size_t": ctypes.c_size_t, "AOTITorchError": ctypes.c_int32,
    "char*": ctypes.c_char_p, "c10::complex<float>": _Complex64,
    "c10::complex<double>": _Complex128,
}


def plain_type(ctype):
    return re.sub(r"\bconst\b", "", ctype).replace(" ", "")


def ctype_of(ctype):
    """Handles and pointers are addresses."""
    return _SCALARS.get(plain_type(ctype), ctypes.c_void_p)


# ---- Tensors -----------------------------------------------------------------


def i64_array(values):
    return (ctypes.c_int64 * max(len(values), 1))(*values)


def handle_over(address, dtype_code, sizes, strides, offset):
    """A handle over memory that must outlive it."""
    handle = ctypes.c_void_p()
    library().check("aoti_torch_create_tensor_from_blob", address, len(sizes),
                    i64_array(sizes), i64_array(strides), offset, dtype_code, 0,
                    0, ctypes.byref(handle))
    return handle


def get(handle, name, ctype):
    """A property, by its shim's name without aoti_torch_."""
    value = ctype()
    library().check(f"aoti_torch_{name}", handle, ctypes.byref(value))
    return value.value


def contents(handle):
    """(dtype code, sizes, strides, bytes from the first element to the last) of
    a handle; None for an undefined one."""
    if not get(handle, "is_defined", ctypes.c_bool):
        return None
    rank = get(handle, "get_dim", ctypes.c_int64)
    sizes, strides = [], []
    if rank > 0:
        at = ctypes.c_int64 * rank
        sizes = list(at.from_address(get(handle, "get_sizes",
                                         ctypes.c_void_p)))
        strides = list(at.from_address(get(handle, "get_strides",
                                           ctypes.c_void_p)))
    code = get(handle, "get_dtype", ctypes.c_int32)
    if 0 in sizes:
        return code, sizes, strides, b""
    extent = 1 + sum((n - 1) * s for n, s in zip(sizes, strides))
    library().dll.pt2_dtype_size_bytes.restype = ctypes.c_size_t
    size = library().dll.pt2_dtype_size_bytes(code) * extent
    data = get(handle, "get_data_ptr", ctypes.c_void_p)
    return code, sizes, strides, ctypes.string_at(data, size)


def delete(handle):
    library().call("aoti_torch_delete_tensor_object", handle)


# ---- Arguments ---------------------------------------------------------------


class Arguments:
    """Turns a sample's values into C arguments and owns what they point to."""

    def __init__(self, types, values, to_handle, number=lambda value: value):
        """|to_handle| makes a handle of a tensor, |number| the integer that
        stands for a dtype, layout or memory format."""
        self.types, self.to_handle, self.number = types, to_handle, number
        self.kept, self.handles, self.c = [], [], []
        for value in values:
            if len(self.c) >= len(types):
                raise TypeError(f"{len(values)} values for {types}")
            self._add(value, types[len(self.c)])
        if len(self.c) != len(types):
            raise TypeError(f"{len(values)} values fill {len(self.c)} of "
                            f"{len(types)} arguments {types}")

    def _array(self, ctype, values):
        array = (ctype * max(len(values), 1))(*values)
        self.kept.append((array, values))
        return ctypes.addressof(array)

    def _handle(self, tensor):
        if tensor is None:
            return None
        handle = self.to_handle(tensor)
        self.handles.append(handle)
        return handle.value

    def _pointers(self, ctype, values):
        """Addresses of one element each, NULL for None."""
        return self._array(ctypes.c_void_p, [
            None if v is None else self._array(ctype, [v]) for v in values])

    def _with_length(self, address, value):
        self.c += [address, len(value) if value is not None else 0]

    def _add(self, value, ctype):
        plain = plain_type(ctype)
        following = self.types[len(self.c) + 1:len(self.c) + 2]
        is_list = (isinstance(value, (list, tuple))
                   or (ctype.startswith("const ") and "*" in ctype
                       and [plain_type(t) for t in following] == ["int64_t"]))
        if isinstance(value, Device):
            self.c += [None if value.name is None
                       else self._array(ctypes.c_int32, [0]), 0]
        elif plain == "AtenTensorHandle":
            self.c.append(self._handle(value))
        elif plain.startswith("AtenTensorHandle*"):
            self._add_tensors(value, plain, is_list)
        elif plain in ("char*", "char**"):
            text = None if value is None else value.encode()
            self.c.append(text if plain == "char*" or text is None else
                          self._array(ctypes.c_char_p, [text]))
        elif plain == "AtenGeneratorHandle*":
            self.c.append(None)
        elif plain.endswith("**"):
            self._add_pointers(value, _SCALARS[plain[:-2]])
        elif plain.endswith("*"):
            element = _SCALARS[plain[:-1]]
            if is_list:
                self._with_length(
                    None if value is None else
                    self._array(element, [self.number(v) for v in value]), value)
            else:
                self.c.append(None if value is None else
                              self._array(element, [self.number(value)]))
        else:
            self.c.append(self.number(value))

    def _add_tensors(self, value, plain, is_list):
        if not is_list:
            self.c.append(None if value is None else
                          self._array(ctypes.c_void_p, [self._handle(value)]))
            return
        handles = [self._handle(t) for t in value or []]
        if plain.endswith("**"):
            self._with_length(self._pointers(ctypes.c_void_p, handles), value)
        else:
            self._with_length(self._array(ctypes.c_void_p, handles), value)

    def _add_pointers(self, value, element):
        """A pointer to pointers is an optional list of integers, a list of
        optional numbers, or a list of lists."""
        if value is None:
            address = None
        elif element is not ctypes.c_double or isinstance(value, Floats):
            address = self._array(ctypes.c_void_p,
                                  [self._array(element, list(value))])
        elif value and isinstance(value[0], (list, tuple)):
            address = self._array(ctypes.c_void_p,
                                  [self._array(element, list(v))
                                   for v in value])
        else:
            address = self._pointers(element, list(value))
        self._with_length(address, value)

    def release(self):
        for handle in self.handles:
            delete(handle)
        self.handles = []


# ---- Operators by name ---------------------------------------------------------

# Kinds of values, as pt2/op.h has them.
DTYPE, LAYOUT, MEMORY_FORMAT = 7, 8, 9


class Enum:
    """A dtype, layout or memory format: its kind and PyTorch's number."""

    def __init__(self, kind, number):
        self.kind, self.number = kind, number


class _ValueUnion(ctypes.Union):
    _fields_ = [("pointer", ctypes.c_void_p), ("integer", ctypes.c_int64),
                ("number", ctypes.c_double), ("boolean", ctypes.c_bool),
                ("string", ctypes.c_char_p),
                ("parts", ctypes.c_double * 2)]


class _Value(ctypes.Structure):
    """pt2_value_t of pt2/op.h."""
    _fields_ = [("name", ctypes.c_char_p), ("kind", ctypes.c_int32),
                ("index", ctypes.c_int32), ("value", _ValueUnion),
                ("count", ctypes.c_size_t)]


class BoxedArguments(Arguments):
    """Values as the proxy executor hands them over."""

    def __init__(self, values, to_handle, is_tensor):
        """|is_tensor| says of which values |to_handle| makes a handle."""
        self.kept, self.handles = [], []
        self.to_handle, self.is_tensor = to_handle, is_tensor
        self.c = (_Value * max(len(values), 1))()
        self.count = len(values)
        for slot, value in zip(self.c, values):
            slot.name = b""
            self._set(slot, value)

    def _set(self, slot, value):
        if value is None:
            slot.kind = 0
        elif self.is_tensor(value):
            slot.kind, slot.value.pointer = 1, self._handle(value)
        elif isinstance(value, bool):
            slot.kind, slot.value.boolean = 4, value
        elif isinstance(value, int):
            slot.kind, slot.value.integer = 2, value
        elif isinstance(value, float):
            slot.kind, slot.value.number = 3, value
        elif isinstance(value, complex):
            slot.kind = 6
            slot.value.parts[:] = value.real, value.imag
        elif isinstance(value, str):
            slot.kind, slot.value.string = 5, value.encode()
        elif isinstance(value, Enum):
            slot.kind, slot.value.integer = value.kind, value.number
        elif isinstance(value, Device):
            slot.kind, slot.value.integer, slot.index = 10, 0, -1
        elif isinstance(value, (list, tuple)):
            self._set_list(slot, value)
        else:
            raise TypeError(f"no value for {value!r}")

    def _set_list(self, slot, value):
        slot.count = len(value)
        if value and (value[0] is None or self.is_tensor(value[0])):
            slot.kind = 11
            slot.value.pointer = self._array(
                ctypes.c_void_p, [self._handle(t) for t in value])
        elif value and isinstance(value[0], float):
            slot.kind = 13
            slot.value.pointer = self._array(ctypes.c_double, list(value))
        elif value and isinstance(value[0], bool):
            slot.kind = 14
            slot.value.pointer = self._array(ctypes.c_bool, list(value))
        else:
            slot.kind = 12
            slot.value.pointer = self._array(ctypes.c_int64, list(value))


def is_boxed(symbol):
    return "::" in symbol


def boxed_function(symbol):
    """An operator of the registry and the first of its arguments."""
    lookup = library().hidden("pt2__op_lookup", ctypes.CFUNCTYPE(
        ctypes.c_bool, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p))
    function, user = ctypes.c_void_p(), ctypes.c_void_p()
    if not lookup(symbol.encode(), ctypes.addressof(function),
                  ctypes.addressof(user)):
        raise NotImplementedError(f"{symbol} is not in the library")
    return ctypes.CFUNCTYPE(
        ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t,
        ctypes.c_void_p, ctypes.c_size_t)(function.value), user


def call_boxed(symbol, arguments, slots):
    """Calls an operator of the registry as the proxy executor does."""
    run, user = boxed_function(symbol)
    library().dll.pt2_error_clear()
    results = (ctypes.c_void_p * max(len(slots), 1))()
    code = run(user, arguments.c, arguments.count, results, len(slots))
    for slot, result in zip(slots, results):
        if code == 0 or result:
            slot.value = result
    return min(code, 1)

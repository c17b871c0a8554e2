# SPDX-License-Identifier: Apache-2.0
"""The C API through ctypes, with torch tensors going in and out without a copy.

Only what tests and benchmarks need; the library is build/release/libpt2.so or
$PT2_LIBRARY.
"""
import ctypes
import os
import pathlib

import torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
_P = ctypes.c_void_p
_S = ctypes.c_size_t
_I64P = ctypes.POINTER(ctypes.c_int64)

DTYPES = {
    0: torch.uint8, 1: torch.int8, 2: torch.int16, 3: torch.int32,
    4: torch.int64, 5: torch.float16, 6: torch.float32, 7: torch.float64,
    8: torch.complex32, 9: torch.complex64, 10: torch.complex128,
    11: torch.bool, 15: torch.bfloat16, 23: torch.float8_e5m2,
    24: torch.float8_e4m3fn, 27: torch.uint16, 28: torch.uint32,
    29: torch.uint64,
}
CODES = {dtype: code for code, dtype in DTYPES.items()}


class Error(RuntimeError):
    """A call that failed: its status and message."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class RunnerOptions(ctypes.Structure):
    _fields_ = [("struct_bytes", _S), ("model_name", ctypes.c_char_p),
                ("num_runners", _S), ("run_single_threaded", ctypes.c_bool),
                ("device_index", ctypes.c_int32),
                ("input_checks", ctypes.c_int32),
                ("debug_copy_path", ctypes.c_char_p),
                ("temp_folder", ctypes.c_char_p),
                ("constants_later", ctypes.c_bool),
                ("constants", _P), ("constant_count", _S),
                ("use_stream_affinity", ctypes.c_bool)]


class NamedTensor(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("tensor", _P)]


class ConstantsOptions(ctypes.Structure):
    _fields_ = [("struct_bytes", _S), ("use_inactive", ctypes.c_bool),
                ("check_full_update", ctypes.c_bool),
                ("user_managed", ctypes.c_bool)]


class LoadOptions(ctypes.Structure):
    _fields_ = [("struct_bytes", _S), ("format", ctypes.c_int32),
                ("use_inactive", ctypes.c_bool),
                ("check_full_update", ctypes.c_bool), ("copy", ctypes.c_bool),
                ("ignore_unknown", ctypes.c_bool)]


NotShared = ctypes.CFUNCTYPE(None, _P, ctypes.c_char_p, ctypes.c_char_p)


class ShareOptions(ctypes.Structure):
    _fields_ = [("struct_bytes", _S), ("use_inactive", ctypes.c_bool),
                ("require_all", ctypes.c_bool), ("not_shared", NotShared),
                ("user", _P)]


FORMATS = {"auto": 0, "safetensors": 1, "torch": 2, "blob": 3}


def library_path():
    return os.environ.get("PT2_LIBRARY",
                          str(ROOT / "build/release/libpt2.so"))


def _load():
    lib = ctypes.CDLL(library_path())
    status = ctypes.c_int32
    for name, result, arguments in [
        ("pt2_error_message", ctypes.c_char_p, []),
        ("pt2_status_name", ctypes.c_char_p, [status]),
        ("pt2_package_open", status, [ctypes.c_char_p, _P, _P]),
        ("pt2_package_release", None, [_P]),
        ("pt2_runner_options_init_sized", None, [_P, _S]),
        ("pt2_runner_create", status, [_P, _P, _P]),
        ("pt2_runner_release", None, [_P]),
        ("pt2_runner_input_count", _S, [_P]),
        ("pt2_runner_output_count", _S, [_P]),
        ("pt2_runner_run", status, [_P, _P, _S, _P, _S]),
        ("pt2_runner_run_boxed", status, [_P, _P, _S, _P, _S]),
        ("pt2_runner_update_constants", status, [_P, _P, _S, _P]),
        ("pt2_runner_swap_constants", status, [_P]),
        ("pt2_runner_fold_constants", status, [_P, ctypes.c_bool]),
        ("pt2_runner_free_inactive_constants", status, [_P]),
        ("pt2_runner_extract_constant", status,
         [_P, ctypes.c_char_p, ctypes.c_bool, _P]),
        ("pt2_runner_load_constants", status, [_P, ctypes.c_char_p, _P]),
        ("pt2_runner_share_constants", status, [_P, _P, _P, _P]),
        ("pt2_tensor_from_blob", status,
         [_P, ctypes.c_int32, _S, _I64P, _I64P, _P, _P, _P]),
        ("pt2_tensor_release", None, [_P]),
        ("pt2_tensor_dtype", ctypes.c_int32, [_P]),
        ("pt2_tensor_rank", _S, [_P]),
        ("pt2_tensor_peek_sizes", _I64P, [_P]),
        ("pt2_tensor_peek_strides", _I64P, [_P]),
        ("pt2_tensor_peek_data", _P, [_P]),
        ("pt2_set_num_threads", status, [ctypes.c_int32]),
        ("pt2_manual_seed", None, [ctypes.c_uint64]),
    ]:
        function = getattr(lib, name)
        function.restype = result
        function.argtypes = arguments
    return lib


lib = _load()


def check(status):
    if status != 0:
        raise Error(lib.pt2_status_name(status).decode(),
                    lib.pt2_error_message().decode())


def to_handle(tensor):
    """A handle over |tensor|'s memory, which must outlive it."""
    rank = tensor.dim()
    sizes = (ctypes.c_int64 * max(rank, 1))(*tensor.shape)
    strides = (ctypes.c_int64 * max(rank, 1))(*tensor.stride())
    handle = _P()
    check(lib.pt2_tensor_from_blob(tensor.data_ptr(), CODES[tensor.dtype], rank,
                                   sizes, strides, None, None,
                                   ctypes.byref(handle)))
    return handle


def extent(sizes, strides):
    """Elements from the first to the last one reached."""
    if any(size == 0 for size in sizes):
        return 0
    return 1 + sum((n - 1) * s for n, s in zip(sizes, strides))


def from_handle(handle):
    """A torch tensor with the same bytes, sizes and strides (copied)."""
    rank = lib.pt2_tensor_rank(handle)
    sizes = lib.pt2_tensor_peek_sizes(handle)[:rank]
    strides = lib.pt2_tensor_peek_strides(handle)[:rank]
    dtype = DTYPES[lib.pt2_tensor_dtype(handle)]
    flat = torch.empty(extent(sizes, strides), dtype=dtype)
    data = lib.pt2_tensor_peek_data(handle)
    if flat.numel():
        ctypes.memmove(flat.data_ptr(), data, flat.numel() * flat.itemsize)
    return flat.as_strided(sizes, strides)


class Model:
    """A package's model, loaded."""

    def __init__(self, path, constants=None, **options):
        """|constants| by FQN are what it is created with."""
        package = _P()
        check(lib.pt2_package_open(str(path).encode(), None,
                                   ctypes.byref(package)))
        given = RunnerOptions()
        lib.pt2_runner_options_init_sized(ctypes.byref(given),
                                          ctypes.sizeof(given))
        for name, value in options.items():
            setattr(given, name, value)
        handles = []
        if constants is not None:
            handles = self.handles(list(constants.values()))
            rows = self.rows(constants, handles)
            given.constants = ctypes.addressof(rows)
            given.constant_count = len(constants)
        self._runner = _P()
        try:
            check(lib.pt2_runner_create(package, ctypes.byref(given),
                                        ctypes.byref(self._runner)))
        finally:
            lib.pt2_package_release(package)
            for handle in handles[:len(constants or ())]:
                lib.pt2_tensor_release(handle)
        self.output_count = lib.pt2_runner_output_count(self._runner)
        self.input_count = lib.pt2_runner_input_count(self._runner)

    def handles(self, tensors):
        return (_P * max(len(tensors), 1))(*[to_handle(t) for t in tensors])

    def run_handles(self, handles, count, boxed=False):
        """Raw output handles, for the caller to release."""
        outputs = (_P * max(self.output_count, 1))()
        call = lib.pt2_runner_run_boxed if boxed else lib.pt2_runner_run
        check(call(self._runner, handles, count, outputs, self.output_count))
        return outputs

    def run(self, tensors, boxed=False):
        handles = self.handles(tensors)
        try:
            outputs = self.run_handles(handles, len(tensors), boxed)
        finally:
            if not boxed:
                for handle in handles[:len(tensors)]:
                    lib.pt2_tensor_release(handle)
        results = []
        for handle in outputs[:self.output_count]:
            results.append(from_handle(handle) if handle else None)
            lib.pt2_tensor_release(handle)
        return results

    @staticmethod
    def rows(tensors, handles):
        return (NamedTensor * max(len(tensors), 1))(
            *[NamedTensor(name.encode(), handle)
              for name, handle in zip(tensors, handles)])

    def load_constants(self, path, format="auto", **options):
        given = LoadOptions(ctypes.sizeof(LoadOptions), FORMATS[format])
        for name, value in options.items():
            setattr(given, name, value)
        check(lib.pt2_runner_load_constants(self._runner, str(path).encode(),
                                            ctypes.byref(given)))

    def share_constants(self, source, **options):
        """The number of constants shared with |source| and, by name, why others
        are not."""
        reasons = {}

        def not_shared(_, fqn, reason):
            reasons[fqn.decode()] = reason.decode()

        given = ShareOptions(ctypes.sizeof(ShareOptions))
        given.not_shared = NotShared(not_shared)
        for name, value in options.items():
            setattr(given, name, value)
        count = _S()
        check(lib.pt2_runner_share_constants(self._runner, source._runner,
                                             ctypes.byref(given),
                                             ctypes.byref(count)))
        return count.value, reasons

    def constant_address(self, name):
        handle = _P()
        check(lib.pt2_runner_extract_constant(self._runner, name.encode(),
                                              False, ctypes.byref(handle)))
        address = lib.pt2_tensor_peek_data(handle)
        lib.pt2_tensor_release(handle)
        return address

    def update_constants(self, tensors, use_inactive=False, full=False,
                         user_managed=False):
        """|tensors| by FQN; user-managed ones must outlive the model."""
        handles = self.handles(list(tensors.values()))
        rows = self.rows(tensors, handles)
        options = ConstantsOptions(ctypes.sizeof(ConstantsOptions),
                                   use_inactive, full, user_managed)
        try:
            check(lib.pt2_runner_update_constants(
                self._runner, rows, len(tensors), ctypes.byref(options)))
        finally:
            for handle in handles[:len(tensors)]:
                lib.pt2_tensor_release(handle)

    def swap_constants(self):
        check(lib.pt2_runner_swap_constants(self._runner))

    def fold_constants(self, use_inactive=False):
        check(lib.pt2_runner_fold_constants(self._runner, use_inactive))

    def free_inactive_constants(self):
        check(lib.pt2_runner_free_inactive_constants(self._runner))

    def extract_constant(self, name, use_inactive=False):
        handle = _P()
        check(lib.pt2_runner_extract_constant(self._runner, name.encode(),
                                              use_inactive,
                                              ctypes.byref(handle)))
        result = from_handle(handle)
        lib.pt2_tensor_release(handle)
        return result

    def close(self):
        if self._runner:
            lib.pt2_runner_release(self._runner)
            self._runner = None

    __del__ = close

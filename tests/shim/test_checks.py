# SPDX-License-Identifier: Apache-2.0
"""Checks, warnings, printed tensors; gradient mode, guards, streams."""
import ctypes
import pathlib
import subprocess
import threading

import pytest
import torch

from harness import Make, delete, library, to_handle

HERE = pathlib.Path(__file__).resolve().parent
LOG_FN = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int32,
                          ctypes.c_char_p)


@pytest.fixture
def log():
    lines = []
    callback = LOG_FN(lambda user, level, text: lines.append(
        (level, text.decode())))
    library().dll.pt2_log_set_callback(callback, None)
    yield lines
    library().dll.pt2_log_set_callback(LOG_FN(), None)


# ---- aoti_torch_check --------------------------------------------------------


@pytest.fixture(scope="module")
def catch_check(tmp_path_factory):
    path = tmp_path_factory.mktemp("catch") / "catch_check.so"
    subprocess.run(["c++", "-shared", "-fPIC", "-o", path,
                    HERE / "catch_check.cpp"], check=True)
    function = ctypes.CDLL(str(path)).catch_check
    function.argtypes = [ctypes.c_void_p, ctypes.c_bool, ctypes.c_char_p,
                         ctypes.c_char_p, ctypes.c_size_t]
    address = library().address("aoti_torch_check")

    def run(condition, message):
        text = ctypes.create_string_buffer(200)
        library().dll.pt2_error_clear()
        code = function(address, condition, message, text, 200)
        return code, text.value.decode()
    return run


def test_check_throws_what_c_plus_plus_catches(catch_check):
    assert catch_check(False, b"sizes differ") == (1, "sizes differ")
    assert "sizes differ (forward, model.cpp:7)" in library().message()
    code, text = catch_check(False, None)
    assert code == 1 and "check failed" in text


def test_check_that_holds(catch_check):
    assert catch_check(True, b"never") == (0, "")
    assert library().message() == ""


# ---- Warnings and printed tensors --------------------------------------------


def test_warn(log):
    library().call("aoti_torch_warn", b"forward", b"model.cpp", 9, b"odd input")
    assert log == [(2, "odd input (forward, model.cpp:9)")]
    library().call("aoti_torch_warn", None, None, 0, None)
    assert len(log) == 2


def test_nobody_listens(capfd):
    t = torch.ones(3)
    h = to_handle(t)
    library().call("aoti_torch_warn", b"f", b"m", 1, b"text")
    library().call("aoti_torch_print_tensor_handle", h, b"text")
    delete(h)
    captured = capfd.readouterr()
    assert captured.out == "" and captured.err == ""


def printed(log, tensor, message=b"buf0"):
    h = to_handle(tensor)
    library().call("aoti_torch_print_tensor_handle", h, message)
    delete(h)
    level, text = log.pop()
    assert level == 1 and not log
    return text


def test_print_tensor(log):
    t = torch.tensor([[1.5, -2.0, 0.25], [8.0, float("inf"), 3.0]]).t()
    text = printed(log, t)
    for part in ("[  buf0  ]:", "Values: 1.5 8 -2 inf 0.25 3",
                 "Number of elements: 6", "Dtype: f32", "Min value: -2",
                 "Max value: inf", "Device: cpu", "Size: [3, 2]",
                 "Stride: [1, 3]", "Is contiguous: 0"):
        assert part in text
    text = printed(log, torch.full((9, 9), 2, dtype=torch.int32), None)
    assert "Values" not in text and "Mean value: 2" in text
    text = printed(log, torch.tensor([2**64 - 1], dtype=torch.uint64))
    assert "18446744073709551615" in text
    text = printed(log, torch.tensor([1 + 2j]))
    assert "(1,2)" in text and "Min" not in text
    assert "Number of elements: 0" in printed(log, torch.zeros(0))
    text = printed(log, torch.zeros(2, dtype=torch.uint8).view(
        torch.float4_e2m1fn_x2))
    assert "Dtype: f4e2m1fnx2" in text and "Mean" not in text
    library().call("aoti_torch_print_tensor_handle", None, b"x")
    assert "undefined" in log.pop()[1]


# ---- check_inf_and_nan -------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16,
                                   torch.bfloat16, torch.float8_e5m2,
                                   torch.complex64])
@pytest.mark.parametrize("layout", ["contiguous", "transposed", "sliced"])
def test_check_inf_and_nan(dtype, layout):
    def run(tensor):
        h = to_handle(tensor)
        code = library().call("aoti_torch_check_inf_and_nan", b"buf3", h)
        message = library().message()
        delete(h)
        return code, message

    t = Make(dtype, 1)(4, 5, layout=layout)
    assert run(t)[0] == 0
    t[3, 4] = float("inf")
    code, message = run(t)
    assert code == 1 and "At least one INF in buf3" in message
    t[0, 0] = float("nan")
    code, message = run(t)
    assert code == 1 and "At least one NaN in buf3" in message


def test_check_inf_and_nan_of_others():
    for t in (torch.ones(3, dtype=torch.int64), torch.zeros(0),
              torch.ones((), dtype=torch.bool)):
        h = to_handle(t)
        library().check("aoti_torch_check_inf_and_nan", b"x", h)
        delete(h)
    with pytest.raises(RuntimeError, match="NULL handle"):
        library().check("aoti_torch_check_inf_and_nan", b"x", None)


# ---- Gradient mode, guards, streams ------------------------------------------


def test_grad_mode_is_each_thread_s_own():
    assert library().call("aoti_torch_grad_mode_is_enabled") is True
    library().call("aoti_torch_grad_mode_set_enabled", False)
    assert library().call("aoti_torch_grad_mode_is_enabled") is False
    seen = []
    thread = threading.Thread(target=lambda: seen.append(
        library().call("aoti_torch_grad_mode_is_enabled")))
    thread.start()
    thread.join()
    assert seen == [True]
    library().call("aoti_torch_grad_mode_set_enabled", True)
    assert library().call("aoti_torch_grad_mode_is_enabled") is True


def new(name, *args):
    handle = ctypes.c_void_p()
    library().check(name, *args, ctypes.byref(handle))
    assert handle.value
    return handle


@pytest.mark.parametrize("index", [0, -1])
def test_device_guard(index):
    guard = new("aoti_torch_create_device_guard", index)
    library().check("aoti_torch_device_guard_set_index", guard, 0)
    with pytest.raises(RuntimeError, match="device index 1"):
        library().check("aoti_torch_device_guard_set_index", guard, 1)
    library().check("aoti_torch_delete_device_guard", guard)
    library().check("aoti_torch_delete_device_guard", None)


def test_streams():
    stream = new("aoti_torch_get_current_stream", 0)
    number = ctypes.c_int64(5)
    library().check("aoti_torch_stream_id", stream, ctypes.byref(number))
    assert number.value == 0
    library().check("aoti_torch_delete_stream", stream)
    library().check("aoti_torch_delete_stream", None)
    index = ctypes.c_int32(5)
    library().check("aoti_torch_get_current_device_index", ctypes.byref(index))
    assert index.value == 0


@pytest.mark.parametrize("name,args,match", [
    ("create_device_guard", (3, ctypes.byref(ctypes.c_void_p())), "index 3"),
    ("create_device_guard", (0, None), "result is NULL"),
    ("device_guard_set_index", (None, 0), "guard is a NULL handle"),
    ("get_current_stream", (2, ctypes.byref(ctypes.c_void_p())), "index 2"),
    ("get_current_stream", (0, None), "result is NULL"),
    ("stream_id", (None, ctypes.byref(ctypes.c_int64())), "NULL handle"),
    ("get_current_device_index", (None,), "result is NULL")])
def test_guards_refuse(name, args, match):
    with pytest.raises(RuntimeError, match=match):
        library().check(f"aoti_torch_{name}", *args)


# ---- Profiler hooks ----------------------------------------------------------


def test_values_and_spans():
    t = torch.ones(2)
    h = to_handle(t)
    strings = (ctypes.c_char_p * 2)(b"a", b"b")
    values = [new("aoti_torch_int64_to_ivalue", 7),
              new("aoti_torch_str_to_ivalue", b"text"),
              new("aoti_torch_strlist_to_ivalue", strings, 2),
              new("aoti_torch_strlist_to_ivalue", None, 0),
              new("aoti_torch_tensor_to_ivalue", h)]
    delete(h)  # the value holds the tensor on its own
    inputs = (ctypes.c_void_p * len(values))(*[v.value for v in values])
    span = ctypes.c_void_p()
    library().check("aoti_record_function_start", b"kernel", None, inputs,
                    len(values), ctypes.byref(span))
    library().check("aoti_record_function_end", span)
    library().check("aoti_record_function_end", None)
    for value in values:
        library().check("aoti_torch_delete_c10_value_object", value)
    library().check("aoti_torch_delete_c10_value_object", None)


@pytest.mark.parametrize("name,args,match", [
    ("aoti_torch_int64_to_ivalue", (7, None), "result is NULL"),
    ("aoti_torch_str_to_ivalue", (None, ctypes.byref(ctypes.c_void_p())),
     "string 0 is NULL"),
    ("aoti_torch_strlist_to_ivalue",
     (None, 2, ctypes.byref(ctypes.c_void_p())), "2 strings"),
    ("aoti_torch_strlist_to_ivalue",
     (None, -1, ctypes.byref(ctypes.c_void_p())), "-1 strings"),
    ("aoti_torch_tensor_to_ivalue", (None, ctypes.byref(ctypes.c_void_p())),
     "NULL handle"),
    ("aoti_record_function_start",
     (None, None, None, 0, ctypes.byref(ctypes.c_void_p())), "name is NULL"),
    ("aoti_record_function_start",
     (b"k", None, None, 1, ctypes.byref(ctypes.c_void_p())), "inputs are NULL"),
    ("aoti_record_function_start", (b"k", None, None, 0, None),
     "result is NULL")])
def test_profiler_refuses(name, args, match):
    with pytest.raises(RuntimeError, match=match):
        library().check(name, *args)

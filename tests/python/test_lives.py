# SPDX-License-Identifier: Apache-2.0
"""Threads, the order of imports, reference cycles, the end of the interpreter."""
import concurrent.futures
import gc
import os
import sys
import threading
import weakref

import numpy as np
import pytest

import pt2
from conftest import GOLDEN, arrays, weights


@pytest.mark.parametrize("num_runners", [1, 4])
def test_hundred_threads(golden, num_runners):
    model = pt2.load_package(golden("mlpdyn"), num_runners=num_runners)
    rng = np.random.default_rng(0)
    start = threading.Barrier(100)

    def work(number):
        x = rng.standard_normal((2 + number % 7, 16)).astype(np.float32)
        expected = np.asarray(model(x))
        start.wait()
        for _ in range(20):
            assert np.allclose(np.asarray(model(x)), expected, atol=1e-5)
            with pytest.raises(ValueError):
                model(x[:, :3])
        return number

    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        assert sorted(pool.map(work, range(100))) == list(range(100))


def test_constants_change_under_traffic(golden):
    """Each run sees one version of all constants."""
    model = pt2.load_package(golden("mlp"), num_runners=2)
    mine = weights()
    x, = arrays("mlp")
    versions = []
    for factor in (1, 2):
        model.load_constants({k: v * factor for k, v in mine.items()},
                             check_full_update=True)
        versions.append(np.asarray(model(x)).copy())
    done = threading.Event()

    def run():
        count = 0
        while not done.is_set() or count < 5:
            y = np.asarray(model(x))
            assert any(np.allclose(y, v, atol=1e-4) for v in versions)
            count += 1
        return count

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(run) for _ in range(4)]
        for number in range(60):
            model.loader.update_constant_buffer(
                {k: v * (1 + number % 2) for k, v in mine.items()},
                True, True)
            model.loader.swap_constant_buffer()
            model.loader.extract_constants_map(False)
            model.loader.statistics()
        done.set()
        assert all(r.result() >= 5 for r in runs)


def test_single_threaded_runner_is_not_entered_twice(golden):
    model = pt2.load_package(golden("mlp"), run_single_threaded=True)
    x, = arrays("mlp")
    expected = np.asarray(model(x))
    mine = weights()
    refused = []

    def work():
        for number in range(300):
            try:
                assert np.allclose(np.asarray(model(x)), expected, atol=1e-5)
                if number % 10 == 0:
                    model.load_constants(mine, check_full_update=True)
                    model.loader.extract_constants_map(False)
            except pt2.Error as error:
                assert error.status == "FAILED_PRECONDITION"
                refused.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("run_single_threaded" in text for text in refused)


def test_load_in_threads(golden):
    def work(number):
        name = ("mlp", "add", "math")[number % 3]
        return np.asarray(pt2.load_package(golden(name))(*arrays(name)))

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for number, result in enumerate(pool.map(work, range(24))):
            expected, = arrays(("mlp", "add", "math")[number % 3], "expected")
            assert np.allclose(result, expected, rtol=1e-4, atol=1e-5)


def test_cycles_are_collected(golden):
    model = pt2.load_package(golden("mlp"))
    model.me = model
    model.loader.models = [model]
    model.results = model(*arrays("mlp"))
    gone = weakref.ref(model), weakref.ref(model.loader)
    del model
    gc.collect()
    assert gone[0]() is None and gone[1]() is None


def test_models_that_share_with_each_other_are_collected(golden):
    with open(golden("mlp"), "rb") as file:
        data = file.read()
    first, second = (pt2.load_package(data) for _ in range(2))
    second.loader.share_constants(first.loader)
    first.loader.share_constants(second.loader)
    gone = weakref.ref(first.loader), weakref.ref(second.loader)
    assert np.allclose(np.asarray(first(*arrays("mlp"))),
                       np.asarray(second(*arrays("mlp"))))
    del first, second
    gc.collect()
    assert gone[0]() is None and gone[1]() is None


def test_calls_leave_nothing(golden):
    """Neither of the library's memory nor of Python's, failures included."""
    model = pt2.load_package(golden("kwargs"))
    x, a, b, scale, offset = arrays("kwargs")

    def turn():
        model(x, [a, b], scale=scale, offset=offset)
        model.loader.boxed_run([x, a, b, scale, offset])
        for bad in (lambda: model(x, [a], scale=scale, offset=offset),
                    lambda: model(x, [a, b], scale=scale, ofset=offset),
                    lambda: model(x, [a, 3], scale=scale, offset=offset),
                    lambda: model(x[:, 1:], [a, b], scale=scale,
                                  offset=offset),
                    lambda: model.load_constants({"none": x},
                                                 check_full_update=False)):
            with pytest.raises(pt2.Error):
                bad()
        pt2.load_package(golden("mlp")).loader.extract_constants_map(False)
        pt2.from_dlpack(a).tolist()
        model.inputs, repr(model), model._repr_html_(), model.get_metadata()

    for _ in range(3):
        turn()
    gc.collect()
    before = (pt2.memory_statistics()["in_use_bytes"],
              sys.getallocatedblocks())
    for _ in range(40):
        turn()
    gc.collect()
    assert pt2.memory_statistics()["in_use_bytes"] == before[0]
    assert sys.getallocatedblocks() < before[1] + 200
    pt2.memory_trim()
    assert pt2.memory_statistics()["kept_bytes"] == 0


def test_python_runs_out_of_memory(golden):
    """Each of Python's allocations in the extension fails once: MemoryError, and
    nothing else changes. (Some of CPython's own code crashes.)"""
    testing = pytest.importorskip("_testcapi")
    model = pt2.load_package(golden("kwargs"))
    x, a, b, scale, offset = arrays("kwargs")
    tensor = pt2.from_dlpack(x)
    constants = pt2.load_package(golden("mlp"))

    def refused():
        try:
            model(x, [a, 3], scale=scale, offset=offset)
        except pt2.StructureError:
            return
        raise AssertionError("accepted")

    def refused_keyword():
        try:
            model(x, [a, b], scale=scale, ofset=offset)
        except pt2.StructureError:
            return
        raise AssertionError("accepted")

    calls = [
        lambda: model(x, [a, b], scale=scale, offset=offset),
        lambda: model.loader.boxed_run([x, a, b, scale, offset]),
        lambda: pt2.AOTIModelPackageLoader(golden("mlp")),
        lambda: constants.load_constants(weights_, check_full_update=True),
        lambda: constants.loader.extract_constants_map(False),
        lambda: (model.inputs, constants.constants, model.get_metadata(),
                 model.loader.statistics(), model.loader.get_call_spec()),
        lambda: (tensor.tolist(), tensor.__array_interface__, tensor.shape,
                 memoryview(tensor), tensor.__dlpack__()),
        lambda: pt2.from_dlpack(memoryview(b"abcd")),
        refused, refused_keyword]
    weights_ = weights()
    before = np.asarray(calls[0]()["sum"]).copy()
    for call in calls:
        call()
        failed = 0
        for number in range(1, 150):
            testing.set_nomemory(number, number + 1)
            try:
                call()
            except MemoryError:
                failed += 1
            finally:
                testing.remove_mem_hooks()
        assert failed > 0
        call()
    assert np.array_equal(before, np.asarray(calls[0]()["sum"]))


def test_failed_loads_leave_nothing(golden):
    data = bytes(1000)
    with open(golden("mlp"), "rb") as file:
        broken = file.read()[:-100]
    before = len(os.listdir("/proc/self/fd"))
    for source in (data, broken, golden("customop"), golden("cpponly")):
        for _ in range(3):
            with pytest.raises(pt2.Error):
                pt2.load_package(source)
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


def test_older_torch(golden, python):
    """One whose tensors have __dlpack__ only."""
    program = """
import sys, torch
del torch.Tensor.__dlpack_c_exchange_api__
import pt2
model = pt2.load_package(sys.argv[1])
x = torch.ones(tuple(model.inputs[0].shape))
y = model(x)
assert type(y) is torch.Tensor and torch.equal(y, torch.relu(x + 1))
assert type(pt2.from_dlpack(x).torch()) is torch.Tensor
try:
    model(torch.complex(x, x).conj().real.requires_grad_())
except ValueError as error:
    print(error)
"""
    assert "input 0 (ARGS[0]): " in python(program, golden("add"))


PROGRAM = """
import sys
{first}
import pt2
{last}
import numpy as np
from safetensors.numpy import load_file
model = pt2.load_package(sys.argv[1])
x = load_file(sys.argv[2])["0"]
y = np.asarray(model(x))
assert np.allclose(y, load_file(sys.argv[3])["0"], rtol=1e-4, atol=1e-5)
if "torch" in sys.modules:
    import torch
    t = model(torch.from_numpy(x))
    assert type(t) is torch.Tensor and np.allclose(t.numpy(), y)
    stock = torch.nn.functional.linear(torch.ones(2, 3), torch.ones(4, 3))
    assert stock.sum() == 24
print("torch" in sys.modules)
"""


@pytest.mark.parametrize("first,last,loaded", [
    ("import torch", "", "True"), ("", "import torch", "True"),
    ("", "", "False")])
def test_torch_first_last_never(golden, python, first, last, loaded):
    assert python(PROGRAM.format(first=first, last=last), golden("mlp"),
                  GOLDEN / "mlp.inputs.safetensors",
                  GOLDEN / "mlp.expected.safetensors").strip() == loaded


def test_exit_with_live_models(golden, python):
    """Held by modules, cycles, thread-locals, and by threads that go on."""
    program = """
import sys, threading, time, numpy as np, pt2
keep = pt2.load_package(sys.argv[1], num_runners=2)
sys.keep_too = keep
cycle = [keep, keep(np.zeros((8, 16), np.float32))]
cycle.append(cycle)
local = threading.local()
local.model = keep
class Late:
    def __del__(self):
        try:
            keep(np.zeros((8, 16), np.float32))
        except Exception:
            pass
late = Late()
sys.late = late
def work():
    x = np.zeros((8, 16), np.float32)
    while True:
        keep(x)
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.05)
print("end")
"""
    for _ in range(3):
        assert python(program, golden("mlp")) == "end\n"


def test_exit_by_an_error(golden, python):
    program = """
import sys, numpy as np, pt2
model = pt2.load_package(open(sys.argv[1], "rb").read())
y = model(np.zeros((8, 16), np.float32))
raise SystemExit(3)
"""
    assert python(program, golden("mlp"), code=3) == ""


def test_import_is_light(python):
    """Neither torch nor numpy nor what is slow of Python's own."""
    loaded = python("import sys; before = set(sys.modules); import pt2; "
                    "print(*sorted(set(sys.modules) - before))").split()
    assert "pt2._pt2" in loaded
    assert not {"torch", "numpy", "typing", "inspect", "dataclasses",
                "tempfile", "json"} & set(loaded), loaded


def test_not_in_interpreters_with_their_own_lock(python):
    program = """
import sys
try:
    import _interpreters
except ImportError:
    raise SystemExit(print("none"))
number = _interpreters.create("isolated")
error = _interpreters.run_string(number, "import pt2")
print("refused" if error is not None else "accepted")
"""
    assert python(program).strip() in ("none", "refused")

# SPDX-License-Identifier: Apache-2.0
"""The module by itself: tensors of NumPy and of its own, what is refused and in
which words, descriptions, weights."""
import array
import copy
import ctypes
import gc
import io
import mmap
import pathlib
import pickle
import sys
import tempfile
import weakref

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import pt2
from conftest import GOLDEN, arrays, weights


@pytest.fixture
def mlp(golden):
    return pt2.load_package(golden("mlp"))


def close(result, expected):
    np.testing.assert_allclose(np.asarray(result), expected, rtol=1e-4,
                               atol=1e-5)


# ---- In and out ----


def test_numpy_in_tensor_out(mlp):
    x, = arrays("mlp")
    y = mlp(x)
    assert type(y) is pt2.Tensor
    close(y, arrays("mlp", "expected")[0])
    assert (y.shape, y.dtype, y.device, y.ndim) == ((8, 4), "float32", "cpu", 2)
    assert (y.strides, y.numel, y.nbytes, len(y)) == ((4, 1), 32, 128, 8)
    assert repr(y) == "pt2.Tensor(shape=(8, 4), dtype=float32, device=cpu)"
    close(mlp(pt2.from_dlpack(x)), arrays("mlp", "expected")[0])
    assert type(mlp.loader.run([x])[0]) is pt2.Tensor
    assert type(mlp.loader.run(iter([x]))[0]) is pt2.Tensor


def test_returns(golden):
    x, = arrays("mlp")
    model = pt2.load_package(golden("mlp"), returns="numpy")
    assert type(model(x)) is np.ndarray and model.returns == "numpy"
    model.returns = "pt2"
    assert type(model(x)) is pt2.Tensor
    model.loader.returns = "auto"
    for bad in ("tensorflow", None, 3):
        with pytest.raises(ValueError, match="'auto', 'pt2', 'numpy' or"):
            model.returns = bad
    with pytest.raises(ValueError, match="returns"):
        pt2.load_package(golden("mlp"), returns="list")


def test_memory_is_shared(golden):
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    t = pt2.from_dlpack(x)
    for view in (np.asarray(t), np.from_dlpack(t), t.numpy(), memoryview(t),
                 np.frombuffer(t, np.float32).reshape(2, 3)):
        x[0, 0] += 1
        assert np.asarray(view)[0, 0] == x[0, 0]
    interface = t.__array_interface__
    assert interface["data"] == (x.ctypes.data, False)
    assert interface["typestr"] == "<f4" and interface["strides"] == (12, 4)
    # An output that is a view of an input keeps the input's memory.
    model = pt2.load_package(golden("outputs"))
    inputs = arrays("outputs")
    results = model.loader.run(inputs)
    addresses = {np.asarray(r).ctypes.data for r in results if r is not None}
    assert addresses & {i.ctypes.data for i in inputs}


def test_dlpack_by_version():
    t = pt2.from_dlpack(np.zeros(3, np.float32))
    assert t.__dlpack_device__() == (1, 0)
    assert '"dltensor"' in repr(t.__dlpack__())
    assert '"dltensor_versioned"' in repr(t.__dlpack__(max_version=(1, 1)))
    assert '"dltensor"' in repr(t.__dlpack__(max_version=(0, 8)))
    copied = np.from_dlpack(t, copy=True)
    assert copied.ctypes.data != np.asarray(t).ctypes.data
    for refused in [{"stream": 1}, {"dl_device": (2, 0)}]:
        with pytest.raises(BufferError):
            t.__dlpack__(**refused)
    # A capsule is used once.
    class Twice:
        capsule = t.__dlpack__()

        def __dlpack__(self):
            return self.capsule

    twice = Twice()
    pt2.from_dlpack(twice)
    with pytest.raises(TypeError, match="used"):
        pt2.from_dlpack(twice)


def test_dtypes_and_layouts(golden):
    for dtype in ("bool u1 i1 u2 i2 u4 i4 u8 i8 f2 f4 f8 c8 c16").split():
        x = np.arange(24).reshape(2, 3, 4).astype(dtype if dtype == "bool"
                                                  else f"<{dtype}")
        for view in (x, x.T, x[:, ::2, 1:], x[1:1], x[0, 0, 0:1].reshape(())):
            t = pt2.from_dlpack(view)
            assert t.dtype == view.dtype.name and t.shape == view.shape
            back = np.asarray(t)
            assert back.dtype == view.dtype and np.array_equal(back, view)
            assert t.tolist() == view.tolist()
    stream = io.BytesIO()
    stream.write(pt2.from_dlpack(np.ones((3, 4))))
    assert stream.getvalue() == np.ones((3, 4)).tobytes()
    with pytest.raises(BufferError, match="not contiguous"):
        stream.write(pt2.from_dlpack(np.zeros((3, 4)).T))
    assert pt2.from_dlpack(np.float64(2.5)).item() == 2.5
    assert pt2.from_dlpack(np.array([[True]])).item() is True
    with pytest.raises(ValueError, match="one element"):
        pt2.from_dlpack(np.zeros(2)).item()
    with pytest.raises(TypeError):
        len(pt2.from_dlpack(np.zeros(())))
    with pytest.raises(TypeError, match="from_dlpack"):
        pt2.Tensor()


def test_buffers_without_dlpack(golden):
    values = array.array("f", [1, 2, 3])
    t = pt2.from_dlpack(values)
    values[0] = 7
    assert t.tolist() == [7, 2, 3] and t.dtype == "float32"
    with pytest.raises(BufferError):
        values.append(1)  # lent
    del t
    gc.collect()
    values.append(1)
    assert pt2.from_dlpack(memoryview(b"ab")).tolist() == [97, 98]
    with pytest.raises(TypeError, match="no tensor"):
        pt2.from_dlpack(np.zeros(2, "M8[s]").view("V8").data)


def test_read_only_inputs_are_not_written_to(golden):
    inputs = arrays("outputs")
    changed = [x.copy() for x in inputs]
    model = pt2.load_package(golden("outputs"))
    model.loader.run(changed)
    mutated = load_file(GOLDEN / "outputs.mutated.safetensors")
    assert not np.array_equal(mutated["1"], inputs[1])
    assert np.array_equal(changed[1], mutated["1"])
    kept = [x.copy() for x in inputs]
    for x in kept:
        x.flags.writeable = False
    expected = [r.tolist() for r in model.loader.run(
        [x.copy() for x in inputs]) if r is not None]
    results = model.loader.run(kept)
    assert [r.tolist() for r in results if r is not None] == expected
    assert np.array_equal(kept[1], inputs[1])
    # The user may promise that the model writes to none.
    quick = pt2.load_package(golden("mlp"), copy_read_only=False)
    x, = arrays("mlp")
    x.flags.writeable = False
    close(quick(x), arrays("mlp", "expected")[0])
    t = pt2.from_dlpack(x)
    assert t.read_only and np.asarray(t).ctypes.data == x.ctypes.data
    assert not np.asarray(t).flags.writeable
    with pytest.raises(BufferError):
        t.__dlpack__()  # the old struct cannot say read-only


def test_results_outlive_the_model(golden):
    model = pt2.load_package(pathlib.Path(golden("mlp")).read_bytes())
    y = model(*arrays("mlp"))
    constants = model.loader.extract_constants_map(False)
    gone = weakref.ref(model), weakref.ref(model.loader)
    view = np.asarray(y)
    del model, y
    gc.collect()
    assert gone[0]() is None and gone[1]() is None
    close(view, arrays("mlp", "expected")[0])
    for name, constant in constants.items():
        close(constant, weights()[name])


def test_inputs_are_let_go(mlp):
    x, = arrays("mlp")
    x = x.copy()
    count = sys.getrefcount(x)
    for _ in range(20):
        mlp(x)
        mlp.loader.run([x])
        mlp.loader.boxed_run([x])
        with pytest.raises(ValueError):
            mlp(x[:, :3])
    assert sys.getrefcount(x) == count


# ---- Sources ----


def test_sources(golden, tmp_path):
    path = pathlib.Path(golden("mlp"))
    expected = arrays("mlp", "expected")[0]
    data = path.read_bytes()
    with open(path, "rb") as raw, tempfile.TemporaryFile() as temporary:
        temporary.write(data)
        mapped = mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ)
        wrapped = tempfile.NamedTemporaryFile()
        wrapped.write(data)
        stream = io.BytesIO(data)
        stream.seek(5)
        for source in (path, str(path), data, bytearray(data), memoryview(data), mapped, raw,
                       temporary, wrapped, stream, open(path, "rb", 0)):
            model = pt2.load_package(source)
            close(model(*arrays("mlp")), expected)
        assert stream.tell() == 5
        with pytest.raises(BufferError):
            mapped_model = pt2.load_package(mapped)
            mapped.close()
        del mapped_model
    unpacked = tmp_path / "unpacked"
    import zipfile
    with zipfile.ZipFile(path) as archive:
        archive.extractall(unpacked)
    root, = unpacked.iterdir()
    close(pt2.load_package(root)(*arrays("mlp")), expected)


def test_sources_that_are_none(golden, tmp_path):
    with pytest.raises(FileNotFoundError, match="absent.pt2") as caught:
        pt2.load_package(tmp_path / "absent.pt2")
    assert isinstance(caught.value, pt2.NotFoundError)
    for bad in (b"", b"PK\x03\x04", b"no package", io.BytesIO(b"neither")):
        with pytest.raises(pt2.Error) as caught:
            pt2.load_package(bad)
        assert caught.value.status in ("CORRUPT", "INVALID_ARGUMENT")
    for bad in (None, 3, [golden("mlp")]):
        with pytest.raises(TypeError, match="a path, bytes or a binary file"):
            pt2.load_package(bad)
    with pytest.raises(TypeError, match="not binary"):
        pt2.load_package(io.StringIO("text"))
    closed = open(golden("mlp"), "rb")
    closed.close()
    with pytest.raises(ValueError, match="closed"):
        pt2.load_package(closed)
    with pytest.raises(ValueError, match="null"):
        pt2.load_package("a\0b")
    with pytest.raises(LookupError, match='"model"; there is|no model "other"'):
        pt2.load_package(golden("mlp"), "other")


def test_options_that_are_none(golden):
    for options, words in [({"num_runners": 0}, "at least 1"),
                           ({"num_runners": -1}, "at least 1"),
                           ({"num_runners": 2, "run_single_threaded": True},
                            "single-threaded"),
                           ({"device_index": 7}, "device"),
                           ({"constants": {"x.y": np.zeros(1)}}, "x.y")]:
        with pytest.raises(pt2.Error, match=words):
            pt2.load_package(golden("mlp"), **options)
    with pytest.raises(TypeError):
        pt2.load_package(golden("mlp"), unknown=1)


# ---- What is refused ----


@pytest.mark.parametrize("wrong,kinds,words", [
    (lambda x: [x[:, :15]], (ValueError,),
     r"^input 0 \(ARGS\[0\]\) dim 1: expected 16, got 15$"),
    (lambda x: [x.astype("f8")], (ValueError,),
     r"^input 0 \(ARGS\[0\]\): expected dtype f32, got f64$"),
    (lambda x: [x[0]], (ValueError,),
     r"^input 0 \(ARGS\[0\]\): expected rank 2, got 1$"),
    (lambda x: [x, x], (ValueError, TypeError), "ARGS: expected a tuple of 1"),
    (lambda x: [], (ValueError, TypeError), "ARGS: expected a tuple of 1"),
    (lambda x: [x.tolist()], (TypeError,),
     r"^input 0 \(ARGS\[0\]\): expected a tensor, got <class 'list'>"),
    (lambda x: [None], (TypeError,), "expected a tensor, got <class 'None"),
    (lambda x: ["x"], (TypeError,), "expected a tensor, got <class 'str'"),
    (lambda x: [x[::-1]], (ValueError,), "negative"),
    (lambda x: [x.astype(">f4")], (ValueError,), "byte order"),
    (lambda x: [x.astype(object)], (ValueError,), "ARGS.*dtypes"),
])
def test_wrong_arguments(mlp, wrong, kinds, words):
    x, = arrays("mlp")
    with pytest.raises(pt2.Error, match=words) as caught:
        mlp(*wrong(x))
    for kind in kinds:
        assert isinstance(caught.value, kind)
    assert isinstance(caught.value.status, str)
    close(mlp(x), arrays("mlp", "expected")[0])  # nothing is lost


def test_wrong_keywords(golden):
    model = pt2.load_package(golden("kwargs"))
    x, a, b, scale, offset = arrays("kwargs")
    good = {"scale": scale, "offset": offset}
    model(x, [a, b], **good)
    for args, kwargs, words in [
        ((x, [a, b]), {"scale": scale}, "KWARGS: 'offset' is missing"),
        ((x, [a, b]), {"scale": scale, "ofset": offset},
         "'offset' is missing, 'ofset' is unexpected"),
        ((x, [a, b]), {**good, "more": 1}, "'more' is unexpected"),
        ((x, [a]), good, r"ARGS\[1\]: expected a tuple of 2, got a list of 1"),
        ((x, a), good, r"ARGS\[1\]: expected builtins.tuple of 2, got"),
        ((x, {"a": a, "b": b}), good, r"ARGS\[1\]: expected a tuple of 2"),
    ]:
        with pytest.raises(TypeError, match=words) as caught:
            model(*args, **kwargs)
        assert isinstance(caught.value, ValueError)
    with pytest.raises(ValueError, match="the model has 5 inputs, got 1"):
        model.loader.run([x])
    with pytest.raises(ValueError, match="the model has 5 inputs, got 30"):
        model.loader.boxed_run([x] * 30)
    for call in (lambda: model.loader.run(), lambda: model.loader.run([x], 1, 2),
                 lambda: model.loader.run([x], wrong=1),
                 lambda: model.loader.run(stream_handle=None),
                 lambda: model.loader.run([x], inputs=[x]),
                 lambda: model.loader.run(3),
                 lambda: model.loader.run([x], stream_handle="0")):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(ValueError, match="stream"):
        model.loader.run([x, a, b, scale, offset], 1)
    assert len(model.loader.run(inputs=[x, a, b, scale, offset],
                                stream_handle=None)) == 3


class OnDevice:
    """A tensor that says it is on a GPU; its capsule is made by hand."""

    def __init__(self, array):
        self.array = array

    def __dlpack_device__(self):
        return 2, 0

    def __dlpack__(self, *, max_version=None, **unused):
        capsule = self.array.__dlpack__(max_version=max_version)
        get = ctypes.pythonapi.PyCapsule_GetPointer
        get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object,
                                                      ctypes.c_char_p]
        address = get(capsule, b"dltensor_versioned")
        # version, context, deleter, flags; then data and the device's type.
        ctypes.c_int32.from_address(address + 8 + 8 + 8 + 8 + 8).value = 2
        return capsule


def test_other_devices_are_refused(mlp):
    x, = arrays("mlp")
    with pytest.raises(ValueError, match=r"^input 0 \(ARGS\[0\]\): .*device"):
        mlp(OnDevice(x))


def test_producers_that_fail(mlp):
    class Raises:
        def __dlpack__(self, **unused):
            raise RuntimeError("out of luck")

    class Lies:
        def __dlpack__(self, **unused):
            return 7

    class Interrupts:
        def __dlpack__(self, **unused):
            raise KeyboardInterrupt

    class Changes(list):
        """Empties the list that it lies in."""

        def __init__(self, array, where):
            self.array, self.where = array, where

        def __dlpack__(self, **unused):
            self.where.clear()
            return self.array.__dlpack__()

    with pytest.raises(ValueError, match="^input 0 .*: out of luck") as caught:
        mlp(Raises())
    assert isinstance(caught.value.__cause__, RuntimeError)
    with pytest.raises(TypeError, match="no DLPack capsule"):
        mlp(Lies())
    with pytest.raises(KeyboardInterrupt):
        mlp(Interrupts())
    x, = arrays("mlp")
    inputs = []
    inputs += [Changes(x, inputs), x]
    with pytest.raises(IndexError):
        mlp.loader.run(inputs)


def test_devices_that_are_absent(golden):
    for name in ("Cuda", "Xpu", "Mps"):
        create = getattr(pt2, f"AOTIModelContainerRunner{name}")
        device = name.lower()
        with pytest.raises(pt2.Error, match=device) as caught:
            create(golden("mlp"), 1)
        assert caught.value.status == "INCOMPATIBLE"
        with pytest.raises(pt2.Error, match=device):
            create(golden("mlp"), 1, f"{device}:0", "", False)
        with pytest.raises(ValueError, match=f"device_str is 'cpu', not"):
            create(golden("mlp"), 1, "cpu")
    with pytest.raises(TypeError, match="AOTIModelPackageLoader"):
        pt2.Runner()


def test_what_was_not_created(golden):
    runner = pt2.AOTIModelPackageLoader.__new__(pt2.AOTIModelPackageLoader)
    assert "not created" in repr(runner)
    for call in (lambda: runner.run([]), lambda: runner.get_inputs(),
                 lambda: runner.get_metadata(), lambda: runner.statistics(),
                 lambda: runner.swap_constant_buffer(),
                 lambda: runner.extract_constants_map(False),
                 lambda: runner.load_weights("x"),
                 lambda: pt2.AOTICompiledModel(runner)):
        with pytest.raises(pt2.Error, match="not created"):
            call()
    model = pt2.AOTICompiledModel.__new__(pt2.AOTICompiledModel)
    for call in (model, model.get_metadata, lambda: model.inputs):
        with pytest.raises(pt2.Error, match="no loader"):
            call()
    with pytest.raises(TypeError):
        pt2.AOTICompiledModel(3)
    loaded = pt2.load_package(golden("mlp")).loader
    with pytest.raises(pt2.Error, match="created already"):
        loaded.__init__(golden("mlp"))


# ---- Containers ----


def test_registered_types(containers, python):
    """Without torch: the types are told to pt2."""
    program = """
import sys, collections, dataclasses, numpy as np, pt2
model = pt2.load_package(sys.argv[1], returns="numpy")
Point = collections.namedtuple("Point", "x y")
@dataclasses.dataclass
class Box:
    low: object
    high: object
    label: object = None
def make(number):
    return np.full(2, number, np.float32)
args = (make(1), [make(2), {"k": make(3)}])
def kwargs(box, point):
    return dict(mask=None, factor=10, point=point, box=box,
                table={"three": make(9), 3: make(8)})
try:
    model(*args, **kwargs(Box(make(4), make(5)), Point(make(6), make(7))))
except LookupError as error:
    print(error, error.status)
pt2.register_dataclass(Box, serialized_type_name="container_package.Box")
pt2.register_namedtuple(Point, serialized_type_name="container_package.Point")
result = model(*args, **kwargs(Box(make(4), make(5)), Point(make(6), make(7))))
print(list(result), result["box"].low.tolist(), result["point"].x.tolist(),
      type(result["ordered"]).__name__, result["queue"].maxlen,
      result["row"][1][1], result[7].tolist())
Other = collections.namedtuple("Other", "y x")
for box, point in [(Box(make(4), None), Point(make(6), make(7))),
                   (Box(make(4), make(5)), Other(make(6), make(7))),
                   (Box(make(4), make(5)), [make(6), make(7)]),
                   (Box(make(4), make(5)), (make(6),)),
                   ([make(4), make(5)], Point(make(6), make(7)))]:
    try:
        print("accepted", model(*args, **kwargs(box, point)))
    except TypeError as error:
        print(error)
wrong = kwargs(Box(make(4), make(5)), Point(make(6), make(7)))
for change in [dict(mask=make(1)), dict(factor=make(1), mask=make(1))]:
    try:
        print("accepted", model(*args, **{**wrong, **change}))
    except TypeError as error:
        print(error)
wrong["table"] = {3: make(8), "four": make(9)}
try:
    model(*args, **wrong)
except TypeError as error:
    print(error)
print("torch" in sys.modules)
"""
    lines = python(program, containers).splitlines()
    assert lines[0].startswith(
        "KWARGS[box]: the type 'container_package.Box' is not known here")
    assert lines[0].endswith("NOT_FOUND")
    assert lines[1] == ("['box', 'point', 'row', 'ordered', 'queue', 7] "
                        "[15.0, 15.0] [7.0, 7.0] OrderedDict 5 None "
                        "[6.0, 6.0]")
    assert "KWARGS[box]: expected the fields ['low', 'high']" in lines[2]
    assert "KWARGS[point]: expected namedtuple" in lines[3]
    assert "KWARGS[point]: expected namedtuple" in lines[4]
    assert "KWARGS[point]" in lines[5]
    assert "KWARGS[box]: expected container_package.Box" in lines[6]
    assert "one more" in lines[7] and "one more" in lines[8]
    assert "'three' is missing, 'four' is unexpected" in lines[9]
    assert lines[10:] == ["False"]


# ---- Descriptions ----


def test_descriptions(golden):
    model = pt2.load_package(golden("mlpdyn"))
    given, = model.inputs
    assert (given.name, given.dtype, given.device) == ("ARGS[0]", "float32",
                                                       "cpu")
    batch, width = given.shape
    assert isinstance(batch, pt2.Dim) and width == 16
    assert (batch.min, batch.max) == (2, 1024)
    assert model.outputs[0].name == "RESULT"
    constants = {c.fqn: c for c in model.constants}
    assert constants["a.weight"].shape == (32, 16)
    assert constants["a.weight"].kind == "parameter"
    assert model.device == "cpu"
    text = repr(model)
    assert "ARGS[0] float32[" in text and "2..1024, 16]" in text
    assert len(repr(pt2.load_package(golden("dtypes")))) < 300
    assert repr(model.loader) == "<pt2.AOTIModelPackageLoader 'model' on cpu>"
    html = model._repr_html_()
    assert html.startswith("<table>") and html.endswith("</table>")
    for part in ("<td style=\"text-align:left\">ARGS[0]</td>", "2..1024, 16]",
                 "RESULT", "3 constants"):
        assert part in html
    facts = model.loader.statistics()
    assert facts["instance_count"] == 1 and facts["code_bytes"] > 0


def test_threads_and_seed(golden):
    before = pt2.get_num_threads()
    pt2.set_num_threads(1)
    assert pt2.get_num_threads() == 1
    pt2.set_num_threads(before)
    for bad in (0, -1, 2 ** 40):
        with pytest.raises(ValueError):
            pt2.set_num_threads(bad)
    pt2.manual_seed(3)
    with pytest.raises(TypeError):
        pt2.manual_seed("3")


def test_attributes_copies_and_pickles(mlp):
    mlp.note = "mine"
    assert mlp.note == "mine" and mlp.__dict__ == {"note": "mine"}
    assert copy.copy(mlp).loader is mlp.loader
    assert copy.deepcopy(mlp).loader is mlp.loader
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(mlp)

    class Mine(pt2.AOTICompiledModel):
        def __call__(self, x):
            return super().__call__(x).numpy()

    assert type(Mine(mlp.loader)(*arrays("mlp"))) is np.ndarray


# ---- Weights ----


def test_weight_files(golden, tmp_path, mlp):
    expected = np.asarray(mlp(*arrays("mlp")))
    path = tmp_path / "other.safetensors"
    save_file({k: v * 2 for k, v in weights().items()}, path)
    mlp.loader.load_weights(path, use_inactive=True, check_full_update=True)
    close(mlp(*arrays("mlp")), expected)
    mlp.loader.swap_constant_buffer()
    assert not np.allclose(np.asarray(mlp(*arrays("mlp"))), expected)
    mlp.loader.swap_constant_buffer()
    close(mlp(*arrays("mlp")), expected)
    mlp.loader.free_inactive_constant_buffer()
    with pytest.raises(pt2.Error, match="inactive"):
        mlp.loader.swap_constant_buffer()
    with pytest.raises(LookupError, match="absent"):
        mlp.loader.load_weights(tmp_path / "absent.safetensors")
    with pytest.raises(ValueError, match="format"):
        mlp.loader.load_weights(path, format="npz")
    mlp.loader.run_const_fold(False)


def test_wrong_constants(mlp):
    before = np.asarray(mlp(*arrays("mlp")))
    for given, kind, words in [
        ({"a.wait": weights()["a.weight"]}, LookupError, "a.wait"),
        ({"a.weight": weights()["a.bias"]}, ValueError, "a.weight"),
        ({"a.weight": 3}, TypeError, "constant a.weight: expected a tensor"),
        ({3: weights()["a.weight"]}, TypeError, "names of constants"),
        ({"a.weight": weights()["a.weight"].astype("f8")}, ValueError,
         "a.weight"),
        ([1, 2], TypeError, "mapping"),
        ({"a.weight": weights()["a.weight"]}, ValueError, "a.bias|b.weight"),
    ]:
        with pytest.raises(kind, match=words):
            mlp.load_constants(given, check_full_update=True)
    with pytest.raises(TypeError, match="check_full_update"):
        mlp.load_constants(weights())
    with pytest.raises(ValueError, match="exclude each other"):
        mlp.load_constants(weights(), check_full_update=True, user_managed=True,
                           allow_h2d_copy=True)
    close(mlp(*arrays("mlp")), before)


def test_constants_of_the_users_memory(golden):
    mine = {k: v.copy() for k, v in weights().items()}
    model = pt2.load_package(golden("mlp"), constants=mine)
    close(model(*arrays("mlp")), arrays("mlp", "expected")[0])
    held = model.loader.extract_constants_map(False)
    assert np.asarray(held["b.weight"]).ctypes.data == (
        mine["b.weight"].ctypes.data)
    assert pt2.load_package(golden("mlp")).loader.extract_constants_map(False)[
        "b.weight"].read_only
    assert model.loader.extract_constants_map(True) == {}


def test_constants_shared_with_bytes(golden):
    data = pathlib.Path(golden("mlp")).read_bytes()
    first = pt2.load_package(data)
    second = pt2.load_package(golden("mlp"))
    assert second.loader.share_constants(first.loader, require_all=True) == 3
    del first, data
    gc.collect()
    close(second(*arrays("mlp")), arrays("mlp", "expected")[0])
    with pytest.raises(ValueError):
        second.loader.share_constants(second.loader)
    with pytest.raises(TypeError):
        second.loader.share_constants(3)

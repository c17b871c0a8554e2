# SPDX-License-Identifier: Apache-2.0
"""pt2 run: inputs, outputs, comparison, exit codes and messages."""
import math
import shutil
import subprocess

import numpy
import pytest
import safetensors.numpy
import safetensors.torch
import torch

from conftest import TOOL
from packages import DTYPES


@pytest.fixture
def pair(packages):
    return packages / "pair.pt2"


X = "--input=2x4xf32=1 2 3 4 5 6 7 8"


def test_elements(pt2, pair):
    result = pt2("run", pair, X, "--input=f32=10")
    assert result.code == 0
    assert result.err == ""
    lines = result.out.splitlines()
    assert lines[:6] == [
        "output 0 (RESULT[scaled])  f32[2, 4]  min 10  max 80  mean 45",
        "  [[10 20 30 40]",
        "   [50 60 70 80]]",
        "output 1 (RESULT[nothing])  None",
        "output 2 (RESULT[row])  f32[4]  min 2  max 5  mean 3.5",
        "  [2 3 4 5]",
    ]
    assert lines[6].startswith("load ") and " ms, run " in lines[6]


def test_json(pt2, pair):
    report = pt2("run", pair, X, "--input=f32=10", "--json").json()
    assert report["random_inputs"] is False
    assert [i["name"] for i in report["inputs"]] == ["ARGS[0]",
                                                     "KWARGS[scale]"]
    scaled, nothing, row = report["outputs"]
    assert scaled["dtype"] == "f32" and scaled["shape"] == [2, 4]
    assert scaled["strides"] == [4, 1]
    assert scaled["data"] == [10, 20, 30, 40, 50, 60, 70, 80]
    assert scaled["statistics"] == {"finite": 8, "nan": 0, "inf": 0, "min": 10,
                                    "max": 80, "mean": 45}
    assert nothing["none"] is True and "data" not in nothing
    assert row["data"] == [2, 3, 4, 5]
    assert "equal" not in report


def test_large_outputs(pt2, packages):
    package = packages / "constant.pt2"
    text = pt2("run", package, "--input=2xf32=1").out.splitlines()
    assert text[0] == "output 0 (RESULT[0])  f32[100, 100]  nan 10000"
    assert text[1] == "  [[nan nan nan ... nan nan nan]"
    assert text[4] == "   ..."
    assert text[8:10] == ["output 1 (RESULT[1])  f32[2]  inf 2",
                          "  [inf inf]"]
    full = pt2("run", package, "--input=2xf32=1", "--full").out
    assert full.count("nan") == 10001
    report = pt2("run", package, "--input=2xf32=1", "--json").json()
    assert "data" not in report["outputs"][0]
    assert report["outputs"][1]["data"] == ["inf", "inf"]
    assert report["outputs"][0]["statistics"]["min"] is None
    full = pt2("run", package, "--input=2xf32=1", "--json", "--full").json()
    assert len(full["outputs"][0]["data"]) == 10000


# ---- Inputs ----------------------------------------------------------------


def test_random_inputs_are_announced_and_repeatable(pt2, pair):
    first = pt2("run", pair, "--json")
    assert first.err == ("pt2: note: no --input: random inputs (floats in "
                         "[-1, 1), integers in 0..1, seed 0)\n")
    report = first.json()
    assert report["random_inputs"] is True
    assert report["inputs"][0]["shape"] == [2, 4]
    again = pt2("run", pair, "--json").json()
    assert report["outputs"] == again["outputs"]
    other = pt2("run", pair, "--json", "--seed=1").json()
    assert report["outputs"] != other["outputs"]


def test_random_shapes(pt2, packages):
    lookup = packages / "lookup.pt2"

    def shape(*options):
        report = pt2("run", lookup, "--json", *options).json()
        return report["inputs"][0]["shape"]

    info = pt2("info", lookup, "--json").json()
    rows, columns = [d["symbol"]
                     for d in info["models"][0]["inputs"][0]["dims"]]
    assert shape() == [2, 2]
    assert shape(f"--dim={columns}:7") == [2, 7]
    assert shape(f"--dim={rows}:3,{columns}:7") == [3, 7]
    assert shape(f"--dim={rows}:3", f"--dim={columns}:7") == [3, 7]
    assert shape("--shapes=ARGS[0]:5x6") == [5, 6]
    assert shape("--shapes=0:5x6") == [5, 6]


def test_integers_fit_look_ups(pt2, packages):
    """Rows 0 and 1 by default; larger ones only on demand."""
    def outputs(*options):
        report = pt2("run", packages / "lookup.pt2", "--json",
                     "--shapes=ARGS[0]:30x30", "--full", *options)
        assert report.code == 0
        return set(report.json()["outputs"][0]["data"][::4])

    assert outputs() == {0, 8}
    assert outputs("--input-max=2") == {0, 8, 16}
    assert outputs("--input-max=0") == {0}
    too_large = pt2("run", packages / "lookup.pt2", "--input-max=50",
                    "--shapes=ARGS[0]:30x30")
    assert too_large.code == 1
    assert "index out of bounds" in too_large.err


@pytest.mark.parametrize("options, message", [
    (["--dim=zz:3"], "--dim=zz:3: no input has a dimension of that name"),
    (["--dim=zz"], "--dim=zz: NAME:VALUE is expected"),
    (["--dim=s77:x"], "--dim=s77:x: 'x' is no size"),
    (["--shapes=ARGS[7]:2x4"], "--shapes: no input is called 'ARGS[7]'; "
     "inputs: ARGS[0], KWARGS[scale]"),
    (["--shapes=ARGS[0]:2"], "--shapes=ARGS[0]:2: the input has 2 dimensions"),
    (["--shapes=ARGS[0]:2x"], "--shapes=ARGS[0]:2x: a shape is written as"),
    (["--shapes=ARGS[0]:2x4", X], "--shapes and --dim are for random inputs"),
    ([X], "the model takes 2 inputs, 1 given: input 1 (KWARGS[scale]) is "
     "missing"),
    ([X, X, X], "the model takes 2 inputs, 3 given"),
    (["--input=2x4xg32=1"], "'g32' is no dtype"),
    (["--input=2x4xf32=1 2"], "2 values for 8 elements"),
    (["--input=@x.txt"], "x.txt: the name ends in none of"),
    (["--input=@x.bin"], "raw bytes want a type in front"),
])
def test_wrong_inputs_are_usage(pt2, pair, options, message):
    result = pt2("run", pair, *options)
    assert result.code == 2
    assert message in result.err
    assert result.out == ""


def test_two_sizes_for_one_dimension(pt2, pair):
    info = pt2("info", pair, "--json").json()
    symbol = info["models"][0]["inputs"][0]["dims"][0]["symbol"]
    result = pt2("run", pair, f"--dim={symbol}:3", "--shapes=ARGS[0]:4x4")
    assert result.code == 2
    assert f"dimension {symbol} is given two sizes: 3 and 4" in result.err


@pytest.mark.parametrize("spec, message", [
    ("2x5xf32", "input 0 (ARGS[0]) dim 1: expected 4, got 5"),
    ("65x4xf32", "input 0 (ARGS[0]) dim 0"),
    ("2x4xf64", "input 0 (ARGS[0])"),
    ("8xf32", "input 0 (ARGS[0])"),
])
def test_inputs_that_the_model_refuses(pt2, pair, spec, message):
    result = pt2("run", pair, f"--input={spec}", "--input=f32=1")
    assert result.code == 1
    assert message in result.err


def test_inputs_from_files(pt2, pair, tmp_path):
    x = numpy.arange(12, dtype="f4").reshape(3, 4)
    scale = numpy.float32(2)
    numpy.save(tmp_path / "x.npy", numpy.asfortranarray(x))
    numpy.save(tmp_path / "s.npy", scale)
    numpy.savez(tmp_path / "in.npz", x, scale)
    named = {"KWARGS[scale]": numpy.array(scale), "ARGS[0]": x}
    safetensors.numpy.save_file(named, tmp_path / "named.safetensors")
    safetensors.numpy.save_file({"1": numpy.array(scale), "0": x},
                                tmp_path / "in.safetensors")
    x.tofile(tmp_path / "x.bin")
    for inputs in (["@x.npy", "@s.npy"], ["@in.npz"], ["@in.safetensors"],
                   ["@named.safetensors"], ["3x4xf32=@x.bin", "f32=2"]):
        options = [f"--input={i.replace('@', f'@{tmp_path}/')}"
                   for i in inputs]
        report = pt2("run", pair, *options, "--json").json()
        assert report["outputs"][0]["data"] == (x * 2).ravel().tolist()


def test_a_key_that_is_missing(pt2, pair, tmp_path):
    safetensors.numpy.save_file({"0": numpy.zeros((2, 4), "f4"),
                                 "2": numpy.zeros((), "f4")},
                                tmp_path / "in.safetensors")
    result = pt2("run", pair, f"--input=@{tmp_path}/in.safetensors")
    assert result.code == 1
    assert "in.safetensors: it has a key '2' but no key '1'" in result.err


def test_ten_inputs_in_the_order_of_numbers(pt2, packages, tmp_path):
    """Every dtype in and out of every format that holds it."""
    tensors = {str(i): torch.arange(6).reshape(2, 3).to(d)
               for i, d in enumerate(DTYPES.values())}
    safetensors.torch.save_file(tensors, tmp_path / "in.safetensors")
    result = pt2("run", packages / "echo.pt2",
                 f"--input=@{tmp_path}/in.safetensors",
                 f"--output=@{tmp_path}/out.safetensors")
    assert result.code == 0, result.err
    again = safetensors.torch.load_file(tmp_path / "out.safetensors")
    assert list(again) == list(tensors) or set(again) == set(tensors)
    for key, tensor in tensors.items():
        wanted = (tensor.logical_not() if tensor.dtype == torch.bool
                  else tensor + tensor)
        assert again[key].dtype == tensor.dtype
        assert torch.equal(again[key], wanted)


def test_inputs_are_laid_out_as_compiled(pt2, packages, tmp_path):
    """Files have no strides; the model wants channels-last."""
    x = numpy.arange(120, dtype="f4").reshape(2, 3, 4, 5)
    numpy.save(tmp_path / "x.npy", x)
    result = pt2("run", packages / "image.pt2", f"--input=@{tmp_path}/x.npy",
                 f"--output=@{tmp_path}/y.npy", "--json")
    assert result.code == 0, result.err
    assert result.json()["inputs"][0]["strides"] == [60, 1, 15, 3]
    assert result.json()["outputs"][0]["strides"] == [60, 1, 15, 3]
    assert numpy.array_equal(numpy.load(tmp_path / "y.npy"), x * 2 + 1)


# ---- Outputs ---------------------------------------------------------------


def test_outputs_to_files(pt2, pair, tmp_path):
    result = pt2("run", pair, X, "--input=f32=10",
                 f"--output=@{tmp_path}/0.npy", f"--output=@{tmp_path}/2.npy",
                 f"--output=@{tmp_path}/all.npz",
                 f"--output=@{tmp_path}/all.safetensors")
    assert result.code == 0, result.err
    # Statistics, no elements.
    assert "[[" not in result.out
    x = numpy.arange(1, 9, dtype="f4").reshape(2, 4)
    assert numpy.array_equal(numpy.load(tmp_path / "0.npy"), x * 10)
    # The second .npy passes the output that is None over.
    assert numpy.array_equal(numpy.load(tmp_path / "2.npy"), x[0] + 1)
    for loaded in (numpy.load(tmp_path / "all.npz"),
                   safetensors.numpy.load_file(
                       tmp_path / "all.safetensors")):
        assert sorted(loaded) == ["0", "2"]
        assert numpy.array_equal(loaded["0"], x * 10)
        assert numpy.array_equal(loaded["2"], x[0] + 1)


@pytest.mark.parametrize("options, code, message", [
    (["--output=y.npy"], 2, "--output=y.npy: write --output=@y.npy"),
    (["--output=@y.txt"], 2, "the name ends in none of"),
    (["--output=@/no/such/folder/y.npy"], 1, "cannot create"),
    (["--output=@{0}/1.npy"] * 4, 2, "the model has 3 outputs"),
    (["--output=@{0}/1.npy"] * 3, 1, "no output is left for it"),
])
def test_wrong_outputs(pt2, pair, tmp_path, options, code, message):
    options = [o.format(tmp_path) for o in options]
    result = pt2("run", pair, *options)
    assert result.code == code
    assert message in result.err


def test_bf16_is_refused_before_the_run(pt2, packages, tmp_path):
    result = pt2("run", packages / "echo.pt2", f"--output=@{tmp_path}/y.npz")
    assert result.code == 2
    assert ("cannot hold bf16 of output 7 (RESULT[7]): write a .safetensors "
            "file") in result.err
    assert list(tmp_path.iterdir()) == []


# ---- Comparison ------------------------------------------------------------


def expect(pt2, pair, path, *options):
    return pt2("run", pair, X, "--input=f32=10", f"--expected-output=@{path}",
               *options)


@pytest.fixture
def right():
    x = numpy.arange(1, 9, dtype="f4").reshape(2, 4)
    return {"0": x * 10, "2": x[0] + 1}


def test_equal(pt2, pair, tmp_path, right):
    numpy.savez(tmp_path / "e.npz", **right)
    safetensors.numpy.save_file(right, tmp_path / "e.safetensors")
    numpy.save(tmp_path / "e.npy", right["0"])
    for name, count in (("e.npz", 2), ("e.safetensors", 2), ("e.npy", 1)):
        result = expect(pt2, pair, tmp_path / name)
        assert result.code == 0, result.err
        assert result.out.count("  good: equal (rtol 1.3e-06, atol 1e-05)"
                                ) == count
        report = expect(pt2, pair, tmp_path / name, "--json").json()
        assert report["equal"] is True
    two = pt2("run", pair, X, "--input=f32=10",
              f"--expected-output=@{tmp_path}/e.npy",
              f"--expected-output=@{tmp_path}/e.npy")
    # The second .npy belongs to output 2, whose shape is another.
    assert two.code == 1
    assert "differs: shape [4], expected [2, 4]" in two.out


def test_different_values(pt2, pair, tmp_path, right):
    right["0"][1, 2] += 0.5
    right["0"][0, 0] += 0.25
    numpy.savez(tmp_path / "e.npz", **right)
    result = expect(pt2, pair, tmp_path / "e.npz")
    assert result.code == 1
    assert ("differs: 2 of 8 elements differ (25%); largest difference at "
            "[1, 2]: got 70, expected 70.5, abs 0.5, rel 0.00709 (rtol "
            "1.3e-06, atol 1e-05)") in result.out
    assert result.err == ("pt2: error: 1 of 2 compared outputs are not as "
                          "expected\n")
    assert expect(pt2, pair, tmp_path / "e.npz", "--atol=0.5").code == 0
    assert expect(pt2, pair, tmp_path / "e.npz", "--rtol=0.03").code == 0
    assert expect(pt2, pair, tmp_path / "e.npz", "--rtol=0.01").code == 1
    report = expect(pt2, pair, tmp_path / "e.npz", "--json")
    assert report.code == 1
    assert report.json()["equal"] is False
    comparison = report.json()["outputs"][0]["comparison"]
    assert comparison["differing"] == 2 and comparison["elements"] == 8
    assert comparison["worst"]["index"] == [1, 2]
    assert math.isclose(comparison["worst"]["abs"], 0.5)


def test_nan_counts(pt2, pair, tmp_path, right):
    right["2"][3] = numpy.nan
    numpy.savez(tmp_path / "e.npz", **right)
    result = expect(pt2, pair, tmp_path / "e.npz", "--atol=1e9")
    assert result.code == 1
    assert "1 of 4 elements differ (25%), 1 of them NaN in one only" \
        in result.out


def test_other_mismatches(pt2, pair, tmp_path, right):
    cases = [
        ({"0": right["0"].astype("f8"), "2": right["2"]}, 1,
         "differs: dtype f32, expected f64"),
        ({"0": right["0"]}, 1, "differs: no tensor is expected for it"),
        ({**right, "1": right["2"]}, 1,
         "differs: it is None, a tensor is expected"),
    ]
    for arrays, code, message in cases:
        numpy.savez(tmp_path / "e.npz", **arrays)
        result = expect(pt2, pair, tmp_path / "e.npz")
        assert result.code == code
        assert message in result.out
    for arrays, message in (({"5": right["2"]}, "key '5', but the model has "
                             "3 outputs"),
                            ({"y": right["2"]}, "key 'y' is no index")):
        numpy.savez(tmp_path / "e.npz", **arrays)
        result = expect(pt2, pair, tmp_path / "e.npz")
        assert result.code == 1
        assert message in result.err


def expect_named(pt2, pair, *targets):
    return pt2("run", pair, X, "--input=f32=10",
               *(f"--expected-output={target}" for target in targets))


def test_one_output_by_name(pt2, pair, tmp_path, right):
    numpy.save(tmp_path / "first.npy", right["0"])
    numpy.save(tmp_path / "last.npy", right["2"])
    numpy.savez(tmp_path / "all.npz", **right)
    numpy.savez(tmp_path / "alone.npz", whatever=right["2"])
    for name in ("last.npy", "all.npz", "alone.npz"):
        result = expect_named(pt2, pair, f"RESULT[row]=@{tmp_path}/{name}")
        assert result.code == 0, result.err
        assert result.out.count("good: equal") == 1
    # Those without a name take what is left, whatever the order.
    result = expect_named(pt2, pair, f"RESULT[row]=@{tmp_path}/last.npy",
                          f"@{tmp_path}/first.npy")
    assert result.code == 0 and result.out.count("good: equal") == 2
    result = expect_named(pt2, pair, f"RESULT[scaled]=@{tmp_path}/last.npy")
    assert result.code == 1
    assert "differs: shape [2, 4], expected [4]" in result.out
    result = expect_named(pt2, pair, f"RESULT[nothing]=@{tmp_path}/last.npy")
    assert result.code == 1
    assert "differs: it is None, a tensor is expected" in result.out
    for targets, code, message in (
            ([f"RESULT[9]=@{tmp_path}/last.npy"], 2,
             "--expected-output: no output is called 'RESULT[9]'; outputs: "
             "RESULT[scaled], "
             "RESULT[nothing], RESULT[row]"),
            ([f"RESULT[nothing]=@{tmp_path}/all.npz"], 1,
             "2 tensors, none has the key '1'"),
            ([f"RESULT[row]=@{tmp_path}/last.npy"] * 2, 2,
             "output 2 is expected from another file too")):
        result = expect_named(pt2, pair, *targets)
        assert result.code == code
        assert message in result.err


@pytest.mark.parametrize("options, message", [
    (["--rtol=1"], "--rtol and --atol go with --expected-output"),
    (["--expected-output=@e.npy", "--rtol=x"], "--rtol=x: a number from 0"),
    (["--expected-output=@e.npy", "--atol=-1"], "--atol=-1: a number from 0"),
    (["--expected-output=@e.npy", "--atol=nan"], "--atol=nan: a number from"),
    (["--expected-output=e.npy"], "write --expected-output=@e.npy"),
    (["--expected-output=@e.bin"], "raw bytes tell no dtype"),
])
def test_wrong_expectations(pt2, pair, options, message):
    result = pt2("run", pair, *options)
    assert result.code == 2
    assert message in result.err


# ---- Models ----------------------------------------------------------------


def test_models(pt2, packages):
    two = packages / "two.pt2"
    result = pt2("run", two, "--model=scalar", "--input=f32=41")
    assert result.code == 0
    assert result.out.startswith("output 0 (RESULT)  f32[]\n  42\n")
    for options in ([], ["--model=scalr"]):
        result = pt2("run", two, *options)
        assert result.code == 2
        assert '"image", "scalar"' in result.err
        assert result.err.count("two.pt2") == 1


def test_what_cannot_run_here(pt2, packages):
    result = pt2("run", packages / "custom.pt2", "--json")
    assert result.code == 3
    assert "pt2cli::scale_add" in result.err
    assert result.json()["error"] == {
        "exit_code": 3, "status": "UNSUPPORTED",
        "message": result.err[len("pt2: error: "):-1]}


def test_packages_that_are_none(pt2, tmp_path, pair):
    assert pt2("run", tmp_path / "no.pt2").code == 1
    (tmp_path / "bad.pt2").write_bytes(b"no zip")
    result = pt2("run", tmp_path / "bad.pt2")
    assert result.code in (1, 3)
    assert "bad.pt2" in result.err
    data = pair.read_bytes()
    (tmp_path / "cut.pt2").write_bytes(data[:len(data) // 2])
    result = pt2("run", tmp_path / "cut.pt2")
    assert result.code == 1
    assert "cut.pt2" in result.err


def test_settings(pt2, pair):
    assert pt2("run", pair, "--threads=1", "--verify", "--no-input-checks",
               "--seed=3").code == 0
    for option in ("--threads=0", "--threads=x", "--seed=-1",
                   "--input-max=-1"):
        result = pt2("run", pair, option)
        assert result.code == 2
        assert f"{option}: a whole number from" in result.err


def without_proc(command):
    """The command where /proc is mounted over; None if that is not allowed."""
    empty = ["unshare", "-rm", "sh", "-c",
             'mount -t tmpfs none /proc && exec "$@"', "sh"]
    if shutil.which("unshare") is None or subprocess.run(
            [*empty, "true"], capture_output=True).returncode:
        return None
    return [*empty, *map(str, command)]


def test_without_proc(pair):
    command = without_proc([TOOL, "run", pair, X])
    if command is None:
        pytest.skip("may not mount over /proc here")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    assert "/proc is not mounted here" in done.stderr

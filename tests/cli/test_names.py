# SPDX-License-Identifier: Apache-2.0
"""Inputs and outputs that the command line gives by name."""
import pathlib

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
KWARGS = ROOT / "build/golden/avx2/2.15.0/kwargs.pt2"
KNOWN = "ARGS[0], ARGS[1][0], ARGS[1][1], KWARGS[scale], KWARGS[offset]"


@pytest.fixture
def inputs(tmp_path):
    """One .npy for each input, told apart by their values."""
    if not KWARGS.exists():
        pytest.skip("tests/golden/unpack.sh was not run")
    arrays = {
        "ARGS[0]": np.arange(128, dtype=np.float32).reshape(8, 16),
        "ARGS[1][0]": np.full(16, 2, np.float32),
        "ARGS[1][1]": np.arange(8, dtype=np.float32).reshape(8, 1),
        "KWARGS[scale]": np.float32(3).reshape(()),
        "KWARGS[offset]": np.arange(16, dtype=np.float32) / 8,
    }
    files = {}
    for number, (name, array) in enumerate(arrays.items()):
        files[name] = tmp_path / f"{number}.npy"
        np.save(files[name], array)
    return arrays, files


def named(files, *names):
    return [f"--input={name}=@{files[name]}" for name in names]


def test_any_order_and_mixed(pt2, inputs, tmp_path):
    arrays, files = inputs
    in_order = pt2("run", KWARGS, *[f"--input=@{f}" for f in files.values()],
                   "--full", "--json")
    assert in_order.code == 0, in_order.err
    wanted = [o.get("data") for o in in_order.json()["outputs"]]
    assert any(v for v in wanted[0])
    turned = pt2("run", KWARGS, *named(files, *reversed(list(files))),
                 "--full", "--json")
    assert [o.get("data") for o in turned.json()["outputs"]] == wanted
    # Without a name: the places that are left, in call order.
    mixed = pt2("run", KWARGS, *named(files, "KWARGS[scale]", "ARGS[0]"),
                *[f"--input=@{files[n]}" for n in
                  ("ARGS[1][0]", "ARGS[1][1]", "KWARGS[offset]")],
                "--full", "--json")
    assert [o.get("data") for o in mixed.json()["outputs"]] == wanted
    # Names in a file, and one beside it.
    bundle = tmp_path / "some.npz"
    np.savez(bundle, **{n: arrays[n] for n in ("KWARGS[offset]", "ARGS[1][1]",
                                               "ARGS[0]", "ARGS[1][0]")})
    both = pt2("run", KWARGS, f"--input=@{bundle}",
               "--input=KWARGS[scale]=f32=3", "--full", "--json")
    assert [o.get("data") for o in both.json()["outputs"]] == wanted


def test_unknown_name_lists_the_known(pt2, inputs):
    _, files = inputs
    result = pt2("run", KWARGS, "--input=KWARGS[maks]=f32=1")
    assert result.code == 2
    assert result.err == ("pt2: error: --input: no input is called "
                          f"'KWARGS[maks]'; inputs: {KNOWN}\n")


def test_unknown_key_of_a_file(pt2, inputs, tmp_path):
    arrays, _ = inputs
    path = tmp_path / "bad.npz"
    arrays["KWARGS[maks]"] = arrays.pop("KWARGS[scale]")
    np.savez(path, **arrays)
    result = pt2("run", KWARGS, f"--input=@{path}")
    assert result.code == 2
    assert (f"{path}: no input is called 'KWARGS[maks]'; inputs: {KNOWN}"
            in result.err)


def test_twice_missing_and_too_many(pt2, inputs, tmp_path):
    arrays, files = inputs
    twice = pt2("run", KWARGS, *named(files, "ARGS[0]", "ARGS[0]"))
    assert twice.code == 2
    assert "input 0 (ARGS[0]) is given twice" in twice.err
    missing = pt2("run", KWARGS,
                  *named(files, *[n for n in files if n != "ARGS[1][1]"]))
    assert missing.code == 2
    assert ("the model takes 5 inputs, 4 given: input 2 (ARGS[1][1]) is "
            "missing") in missing.err
    many = pt2("run", KWARGS, *named(files, *files), "--input=f32=1")
    assert many.code == 2
    assert "the model takes 5 inputs, 6 given" in many.err
    bundle = tmp_path / "two.npz"
    np.savez(bundle, a=arrays["ARGS[0]"], b=arrays["ARGS[0]"])
    two = pt2("run", KWARGS, f"--input=ARGS[0]=@{bundle}")
    assert two.code == 2
    assert "one tensor is wanted for the name, the file holds 2" in two.err
    bare = pt2("run", KWARGS, "--input=ARGS[0]")
    assert bare.code == 2
    assert "a named input is written NAME=SPEC" in bare.err


def test_bench_takes_names(pt2, inputs):
    _, files = inputs
    good = pt2("bench", KWARGS, *named(files, *files), "--duration=0.05")
    assert good.code == 0, good.err
    bad = pt2("bench", KWARGS, "--input=ARGS[7]=f32=1", "--duration=0.05")
    assert bad.code == 2
    assert KNOWN in bad.err


def test_outputs_by_name(pt2, inputs, tmp_path):
    _, files = inputs
    y, rest, everything = (tmp_path / n for n in ("y.npy", "r.npy", "all.npz"))
    result = pt2("run", KWARGS, *named(files, *files),
                 f"--output=RESULT[y]=@{y}", f"--output=@{rest}",
                 f"--output=@{everything}")
    assert result.code == 0, result.err
    saved = np.load(everything)
    assert sorted(saved.files) == ["0", "2"]
    assert np.array_equal(np.load(y), saved["2"])
    assert np.array_equal(np.load(rest), saved["0"])
    assert not np.array_equal(saved["0"], saved["2"])
    unknown = pt2("run", KWARGS, f"--output=RESULT[z]=@{y}")
    assert unknown.code == 2
    assert ("--output: no output is called 'RESULT[z]'; outputs: RESULT[sum], "
            "RESULT[none], RESULT[y]") in unknown.err
    none = pt2("run", KWARGS, *named(files, *files),
               f"--output=RESULT[none]=@{y}")
    assert none.code == 1
    assert f"{y}: output 1 is None" in none.err


def test_info_tells_all_there_is_to_know(pt2, inputs):
    package = KWARGS.with_name("mlpfreeze.pt2")
    text = pt2("info", package).out
    assert ("  constants  3, 0.01 MB (in the .so): 1 parameter, 2 buffers\n"
            in text)
    model, = pt2("info", package, "--json").json()["models"]
    assert model["isa"] == "AVX2" and model["device"] == "cpu"
    assert model["torch"].startswith("2.15")
    assert model["constants"]["kinds"] == {
        "unknown": 0, "parameter": 1, "buffer": 2, "constant": 0, "folded": 0}
    assert model["constants"]["place"] == "so"
    names = [o["name"] for o in model["operators"]]
    assert names and names == sorted(set(names))
    assert all(o["here"] and o["symbol"] for o in model["operators"])
    for name in names:
        assert f"    {name}\n" in text
    assert f"  operators  {len(names)}, all here\n" in text
    spec = pt2("info", KWARGS, "--json").json()["models"][0]
    assert spec["in_spec"].startswith('[1, {"type": "builtins.tuple"')
    assert '"builtins.dict"' in spec["out_spec"]


def test_info_names_operators_that_are_not_here(pt2, inputs):
    package = KWARGS.with_name("customop.pt2")
    text = pt2("info", package).out
    model, = pt2("info", package, "--json").json()["models"]
    missing = [o for o in model["operators"] if not o["here"]]
    assert len(missing) == 1 and missing[0]["symbol"] is None
    assert f"    {missing[0]['name']}  by name  not here\n" in text
    assert f"  operators  {len(model['operators'])}, 1 not here\n" in text
    wanted = [f["subject"] for f in model["preflight"]["findings"]
              if f["kind"] == "custom-op"]
    assert wanted == [missing[0]["name"]]

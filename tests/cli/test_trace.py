# SPDX-License-Identifier: Apache-2.0
"""pt2 run|bench --trace, pt2 bench --operators."""
import csv
import json
import re

import pytest


def read(path):
    """The events of a trace, checked for what viewers rely on."""
    trace = json.loads(path.read_text())
    events = [e for e in trace["traceEvents"] if e["ph"] != "M"]
    for event in events:
        assert event["ph"] == "X"
        assert event["dur"] >= 0 and event["ts"] > 0
        assert event["pid"] > 0 and event["tid"] > 0
        assert event["args"]["runner"] == 1
    return events, trace["otherData"]["dropped"]


def names(events, category):
    return [e["name"] for e in sorted(events, key=lambda e: e["ts"])
            if e["cat"] == category]


def inside(inner, outer):
    # Nanoseconds, which the text has whole.
    def nanoseconds(event):
        begin = round(1e3 * event["ts"])
        return begin, begin + round(1e3 * event["dur"])

    begin, end = nanoseconds(outer)
    return begin <= nanoseconds(inner)[0] and nanoseconds(inner)[1] <= end


def test_run(pt2, packages, tmp_path):
    """A model that stock PyTorch compiled with profiling of its kernels."""
    file = tmp_path / "t.json"
    result = pt2("run", packages / "profiled.pt2", f"--trace={file}")
    assert result.code == 0
    events, dropped = read(file)
    assert dropped == 0
    assert names(events, "load") == ["load model"]
    assert names(events, "run") == ["run model"]
    assert names(events, "operator") == ["aten::addmm_out", "aten::cumsum"]
    kernels = names(events, "kernel")
    assert [k for k in kernels if k.startswith("aoti_torch_")] == [
        "aoti_torch_cpu_addmm_out", "aoti_torch_cpu_cumsum"]
    assert len([k for k in kernels if "cpp_fused" in k]) == 2
    by_name = {e["name"]: e for e in events}
    for event in events:
        if event["cat"] in ("operator", "kernel"):
            assert inside(event, by_name["run model"])
    for kernel, operator in (("addmm_out",) * 2, ("cumsum",) * 2):
        assert inside(by_name[f"aten::{operator}"],
                      by_name[f"aoti_torch_cpu_{kernel}"])
    assert by_name["aten::addmm_out"]["args"]["tensors"] == [
        "f32 [4, 8]", "f32 [8]", "f32 [4, 16]", "f32 [16, 8]"]
    assert by_name["aten::cumsum"]["args"]["tensors"] == ["f32 [4, 8]"] * 2


def test_run_without_it_writes_nothing(pt2, packages, tmp_path):
    assert pt2("run", packages / "scalar.pt2").code == 0
    assert list(tmp_path.iterdir()) == []


def test_run_that_fails(pt2, packages, tmp_path):
    file = tmp_path / "t.json"
    result = pt2("run", packages / "profiled.pt2", "--input=4x15xf32",
                 f"--trace={file}")
    assert result.code != 0 and "expected 16, got 15" in result.err
    events, _ = read(file)
    assert names(events, "operator") == []
    run, = [e for e in events if e["cat"] == "run"]
    assert run["args"]["status"] == "INVALID_ARGUMENT"
    assert "expected 16, got 15" in run["args"]["error"]


def test_bad_files(pt2, packages, tmp_path):
    result = pt2("run", packages / "scalar.pt2",
                 f"--trace={tmp_path}/none/t.json")
    assert result.code == 1
    assert "none/t.json: cannot be written: No such file" in result.err
    result = pt2("run", packages / "scalar.pt2", "--trace=")
    assert result.code == 2 and "--trace" in result.err
    result = pt2("bench", packages / "scalar.pt2", "--duration=0.01", "-o",
                 "json", "--trace=/dev/full")
    assert result.code == 1 and "No space left" in result.err
    assert pt2("run", packages / "scalar.pt2", "--operators").code == 2


def test_bench(pt2, packages, tmp_path):
    file = tmp_path / "t.json"
    report = pt2("bench", packages / "profiled.pt2", "--duration=0.05",
                 "--warmup=7", "--concurrency=1,3", "--runners=2",
                 "--operators", f"--trace={file}", "-o", "json").json()
    calls = sum(row["calls"] for row in report["rows"]) + 7 * (1 + 3)
    operators = {(o["kind"], o["name"]): o for o in report["operators"]}
    assert {o["calls"] for o in report["operators"]} == {calls}
    assert {o["failures"] for o in report["operators"]} == {0}
    assert ("operator", "aten::cumsum") in operators
    assert ("kernel", "aoti_torch_cpu_cumsum") in operators
    assert sum(o["share_percent"] for o in report["operators"]) \
        == pytest.approx(100)
    shares = [o["share_percent"] for o in report["operators"]]
    assert shares == sorted(shares, reverse=True)
    for operator in report["operators"]:
        assert operator["self_us"] <= operator["total_us"]
        assert operator["max_us"] <= operator["total_us"]
    # The trace has the first call too.
    events, dropped = read(file)
    assert len(names(events, "run")) == calls + 1 or dropped > 0
    assert len({e["tid"] for e in events}) >= 3


def test_bench_tables(pt2, packages):
    arguments = ("bench", packages / "profiled.pt2", "--duration=0.02",
                 "--operators")
    first, second = pt2(*arguments).out.split("\n\n")
    assert first.startswith("| model ") and second.startswith("| operator ")
    assert re.search(r"^\| aten::cumsum +\| +\d+ \| +1 \|", second, re.M)
    assert "| (the model's own code) " in second
    lines = second.splitlines()
    assert len({len(line) for line in lines}) == 1
    _, second = pt2(*arguments, "-o", "csv").out.split("\n\n")
    rows = list(csv.DictReader(second.splitlines()))
    assert {"aten::addmm_out", "aten::cumsum"} <= {r["operator"] for r in rows}
    report = pt2("bench", packages / "scalar.pt2", "--duration=0.02", "-o",
                 "json").json()
    assert "operators" not in report


def test_what_does_not_fit(pt2, packages, tmp_path):
    file = tmp_path / "t.json"
    result = pt2("bench", packages / "scalar.pt2", "--duration=0",
                 "--warmup=400000", f"--trace={file}", "-o", "json")
    assert result.code == 0
    note, = [l for l in result.err.splitlines() if "did not fit" in l]
    kept, more = map(int, re.search(r"first (\d+) records; (\d+)",
                                    note).groups())
    calls = sum(row["calls"] for row in result.json()["rows"])
    assert kept + more == 400000 + calls + 2  # the load and the first run
    assert more > 0
    events, dropped = read(file)
    assert (len(events), dropped) == (kept, more)

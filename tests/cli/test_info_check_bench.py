# SPDX-License-Identifier: Apache-2.0
"""pt2 info, check and bench, and the command line itself."""
import csv
import os
import pty
import re
import subprocess

import pytest

from conftest import TOOL, call


def test_info(pt2, packages):
    result = pt2("info", packages / "pair.pt2")
    assert result.code == 0 and result.err == ""
    lines = result.out.splitlines()
    assert re.search(r"pair\.pt2  \d+\.\d+ MB, 1 model$", lines[0])
    assert lines[2].startswith('model "model"  device cpu  torch ')
    assert re.fullmatch(r"  input 0   ARGS\[0\] +f32 +\[s\d+:2\.\.64, 4\]",
                        lines[3])
    assert re.fullmatch(r"  input 1   KWARGS\[scale\] +f32 +\[\]", lines[4])
    assert re.fullmatch(r"  output 1  RESULT\[nothing\] +\? +\[\?\]", lines[6])
    assert "  constants  0" in lines
    assert any(l.startswith("  runs here  yes (PyTorch functions: ")
               for l in lines)
    assert "    AOTI_DEVICE_KEY          cpu" in lines


def test_info_json(pt2, packages):
    report = pt2("info", packages / "lookup.pt2", "--json").json()
    assert report["bytes"] == os.path.getsize(packages / "lookup.pt2")
    model, = report["models"]
    assert model["name"] == "model" and model["device"] == "cpu"
    ids, = model["inputs"]
    assert ids["name"] == "ARGS[0]" and ids["dtype"] == "i64"
    assert [(d["min"], d["max"]) for d in ids["dims"]] == [(2, 64), (2, 1024)]
    assert model["constants"]["count"] == 1
    entry, = model["constants"]["entries"]
    assert entry["fqn"] == "table.weight"
    assert entry["shape"] == [3, 4] and entry["dtype"] == "f32"
    assert model["metadata"]["AOTI_DEVICE_KEY"] == "cpu"
    assert model["preflight"]["runs"] is True


def test_info_constants(pt2, packages):
    text = pt2("info", packages / "lookup.pt2", "--constants").out
    assert re.search(r"    table\.weight  f32  \[3, 4\]  64 bytes  parameter",
                     text)


def test_info_of_one_model(pt2, packages):
    text = pt2("info", packages / "two.pt2").out
    assert 'model "image"' in text and 'model "scalar"' in text
    text = pt2("info", packages / "two.pt2", "--model=scalar").out
    assert 'model "image"' not in text and 'model "scalar"' in text
    result = pt2("info", packages / "two.pt2", "--model=none")
    assert result.code == 2


def test_info_of_what_is_none(pt2, tmp_path):
    result = pt2("info", tmp_path / "no.pt2", "--json")
    assert result.code == 1
    assert "no.pt2" in result.err
    assert result.json()["error"]["status"] in ("NOT_FOUND", "IO")


def test_check(pt2, packages):
    result = pt2("check", packages / "pair.pt2")
    assert result.code == 0
    assert re.match(r'model "model": runs here; PyTorch functions: (\d+) of '
                    r"\1\n", result.out)
    report = pt2("check", packages / "two.pt2", "--json")
    assert report.code == 0
    assert report.json()["runs"] is True
    assert [m["name"] for m in report.json()["models"]] == ["image", "scalar"]


def test_check_of_what_cannot_run(pt2, packages):
    result = pt2("check", packages / "custom.pt2")
    assert result.code == 3
    assert "cannot run here" in result.out
    assert re.search(r"  error  custom-op  pt2cli::scale_add  ", result.out)
    report = pt2("check", packages / "custom.pt2", "--json")
    assert report.code == 3
    assert report.json()["runs"] is False
    finding = [f for f in report.json()["models"][0]["findings"]
               if f["severity"] == "error"]
    assert finding[0]["subject"] == "pt2cli::scale_add"
    assert finding[0]["status"] == "UNSUPPORTED"


COLUMNS = ["model", "device", "runners", "threads", "conc", "p50 us",
           "p90 us", "p99 us", "mean us", "max us", "req/s", "first ms",
           "load ms", "peak RSS MB"]


def bench(pt2, package, *options):
    result = pt2("bench", package, "--duration=0.1", "--warmup=2", *options)
    assert result.code == 0, result.err
    return result


def test_bench_markdown(pt2, packages):
    result = bench(pt2, packages / "pair.pt2", "--concurrency=1,2",
                   "--threads=1")
    rows = [[c.strip() for c in line.strip("|").split("|")]
            for line in result.out.splitlines()]
    assert rows[0] == COLUMNS
    assert len({len(line) for line in result.out.splitlines()}) == 1
    assert [row[:5] for row in rows[2:]] == [
        ["pair.pt2", "cpu", "2", "1", "1"], ["pair.pt2", "cpu", "2", "1", "2"]]
    for row in rows[2:]:
        p50, p90, p99 = map(float, row[5:8])
        assert 0 < p50 <= p90 <= p99 <= float(row[9])
        assert float(row[10]) > 0 and float(row[13]) > 0


def test_bench_csv(pt2, packages):
    result = bench(pt2, packages / "two.pt2", "--model=scalar", "-o", "csv",
                   "--runners=3")
    header, row = csv.reader(result.out.splitlines())
    assert header == COLUMNS
    assert row[0] == "two.pt2:scalar" and row[2] == "3"


def test_bench_json(pt2, packages):
    report = bench(pt2, packages / "image.pt2", "-ojson",
                   "--concurrency=2").json()
    row, = report["rows"]
    assert report["runners"] == 2 and row["concurrency"] == 2
    assert row["calls"] > 0
    assert row["p50_us"] <= row["p99_us"] <= row["max_us"]
    assert report["load_ms"] > 0 and report["first_ms"] > 0


def test_bench_that_fails(pt2, packages):
    result = pt2("bench", packages / "lookup.pt2", "--input=2x2xi64=99")
    assert result.code == 1
    assert "index out of bounds" in result.err


@pytest.mark.parametrize("options, message", [
    (["--concurrency=0"], "--concurrency=0: up to 32 numbers"),
    (["--concurrency=1,"], "--concurrency=1,: up to 32 numbers"),
    (["--concurrency=x"], "--concurrency=x: up to 32 numbers"),
    (["--duration=-1"], "--duration=-1: a number from 0"),
    (["--runners=0"], "--runners=0: a whole number from 1"),
    (["-o", "xml"], "-o xml: md, csv or json is expected"),
])
def test_wrong_bench(pt2, packages, options, message):
    result = pt2("bench", packages / "pair.pt2", *options)
    assert result.code == 2
    assert message in result.err


# ---- The command line ------------------------------------------------------


def test_version_and_help(pt2):
    assert re.fullmatch(r"pt2 \d+\.\d+\.\d+\n", pt2("--version").out)
    for arguments in (["--help"], ["-h"], ["help"]):
        result = pt2(*arguments)
        assert result.code == 0
        for verb in ("info", "check", "run", "bench"):
            assert f"\n  {verb} " in result.out
    nothing = call()
    assert nothing.code == 2 and nothing.out == ""
    assert nothing.err == pt2("--help").out


@pytest.mark.parametrize("verb, options", [
    ("info", ["model", "constants", "verify", "json"]),
    ("check", ["model", "verify", "json"]),
    ("run", ["model", "input", "output", "expected-output", "rtol", "atol",
             "threads", "seed", "verify", "no-input-checks", "weights",
             "extra-weights-ok", "json"]),
    ("bench", ["model", "input", "duration", "warmup", "concurrency",
               "runners", "threads"]),
])
def test_help_of_verbs(pt2, verb, options):
    for arguments in ([verb, "--help"], [verb, "-h"], ["help", verb],
                      ["--help", verb]):
        result = pt2(*arguments)
        assert result.code == 0 and result.err == ""
        assert result.out.startswith(f"usage: pt2 {verb} FILE [options]\n")
        for option in options:
            assert f"--{option}" in result.out
        assert max(map(len, result.out.splitlines())) <= 80


@pytest.mark.parametrize("arguments, message", [
    (["rnu", "x"], "unknown verb 'rnu': did you mean pt2 run?"),
    (["benhc"], "unknown verb 'benhc': did you mean pt2 bench?"),
    (["frobnicate"], "unknown verb 'frobnicate': pt2 --help lists"),
    (["--frob"], "unknown option '--frob': pt2 --help lists"),
    (["run"], "no FILE: pt2 run FILE [options]"),
    (["run", "a", "b"], "one FILE is expected, not 'a' and 'b'"),
    (["run", "a", "--imput=1"], "unknown option --imput: did you mean "
     "--input?"),
    (["run", "a", "--expected=1"], "did you mean --expected-output?"),
    (["run", "a", "--zzz"], "unknown option --zzz: pt2 run --help lists them"),
    (["run", "a", "-z"], "unknown option -z: pt2 run --help lists them"),
    (["run", "a", "--json=1"], "--json takes no value"),
    (["run", "a", "--input"], "--input wants a value: --input=SPEC"),
    (["bench", "a", "--json"], "unknown option --json"),
])
def test_wrong_command_lines(pt2, arguments, message):
    result = pt2(*arguments)
    assert result.code == 2
    assert message in result.err
    assert result.out == ""


def test_ways_to_write_options(pt2, packages):
    pair = packages / "pair.pt2"
    x = "2x4xf32=1"
    for arguments in (["--input", x, "--input", "f32=1", pair],
                      [f"--input={x}", "--input=f32=1", "--", pair],
                      ["--input_max=3", pair]):
        result = pt2("run", *arguments)
        assert result.code == 0, result.err


def test_a_full_disk_is_noticed(packages):
    with open("/dev/full", "w") as full:
        done = subprocess.run([str(TOOL), "info",
                               str(packages / "pair.pt2")], stdout=full,
                              stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "cannot write to standard output" in done.stderr


def test_colours_only_on_terminals(pt2, packages):

    def on_terminal(**environment):
        leader, follower = pty.openpty()
        subprocess.run([str(TOOL), "check", str(packages / "pair.pt2")],
                       stdout=follower, check=True,
                       env={**os.environ, "TERM": "xterm", **environment})
        os.close(follower)
        text = os.read(leader, 65536)
        os.close(leader)
        return text

    environment = {k: "" for k in ("NO_COLOR",)}
    assert b"\x1b[32m" in on_terminal(**environment)
    assert b"\x1b[" not in on_terminal(NO_COLOR="1")
    assert b"\x1b[" not in on_terminal(TERM="dumb")
    assert "\x1b[" not in pt2("check", packages / "pair.pt2").out

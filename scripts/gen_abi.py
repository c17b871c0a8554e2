#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes abi/gen/ from abi/symbols.tsv: prototypes of PyTorch's C functions, the
rows of the table that binds a model's imports to them, and those of the
functions that stand before operators in a runner that is traced.

    scripts/gen_abi.py          writes
    scripts/gen_abi.py --check  fails if what is committed differs
"""
import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Names that only a CUDA, XPU or MPS model, or a custom-operator library, can
# import: they come with those back ends.
OTHER_DEVICE = re.compile(r"(^|_)(cuda|xpu|mps|sycl)(_|$)|^torch_")
# What models of mps import: prototypes only, the back end has a table of its
# own (src/backends/mps).
MPS = re.compile(r"^aoti_torch_mps_")
# Constants every model of any device may ask for.
ALWAYS = re.compile(r"^aoti_torch_device_type_")

# What a trace shows besides operators: functions that go over whole tensors.
ALSO_TRACED = {
    "aoti_torch_check_inf_and_nan": "aoti_torch_check_inf_and_nan",
    "aoti_torch_clone": "aten::clone",
    "aoti_torch_clone_preserve_strides": "aten::clone",
    "aoti_torch_copy_": "aten::copy_",
    "aoti_torch_tensor_copy_": "aten::copy_",
    "aoti_torch_zero_": "aten::zero_",
}
# Those whose first arguments say which operator they call have wrappers written
# by hand.
NAMED_BY_ARGUMENTS = ("aoti_torch_call_dispatcher",
                      "aoti_torch_proxy_executor_call_function")

HANDLES = {
    "AtenTensorHandle": "struct pt2_tensor_t*",
    "AtenGeneratorHandle": "struct pt2__generator_t*",
    "AOTIProxyExecutorHandle": "struct pt2__proxy_executor_t*",
    "AtenRecordFunctionHandle": "struct pt2__record_function_t*",
    "IValueMapHandle": "struct pt2__ivalue_map_t*",
    "C10IValueHandle": "struct pt2__ivalue_t*",
    "DeviceGuardHandle": "struct pt2__device_guard_t*",
    "StreamHandle": "struct pt2__stream_t*",
    "TorchLibraryHandle": "struct pt2__torch_library_t*",
}
MPS_HANDLES = {
    "AOTIMetalShaderLibraryHandle": "struct pt2__mps_library_t*",
    "AOTIMetalKernelFunctionHandle": "struct pt2__mps_kernel_t*",
}
TYPES = {
    "c10::complex<float>": "float _Complex",
    "c10::complex<double>": "double _Complex",
    "c10::BFloat16": "uint16_t",
    "c10::Half": "uint16_t",
}


def read_symbols():
    rows = []
    for line in (ROOT / "abi/symbols.tsv").read_text().splitlines()[1:]:
        fields = line.split("\t")
        signatures = fields[-1]
        found = re.fullmatch(r"a=(.*?)\((.*)\)", signatures)
        if not found:
            sys.exit(f"cannot read the signature of {fields[1]}: {signatures}")
        rows.append((fields[0], fields[1], found.group(1), found.group(2)))
    return rows


def c_type(text):
    for theirs, ours in TYPES.items():
        text = text.replace(theirs, ours)
    return text


def split_arguments(text):
    """Splits at the commas that are not inside parentheses."""
    parts, depth, start = [], 0, 0
    for i, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    if text:
        parts.append(text[start:])
    return parts


def aten_name(header, symbol):
    """"aten::cumsum" for an operator's symbol, None for the rest."""
    if symbol.startswith("aoti_torch_cpu_") or symbol.startswith(
            "aoti_torch_aten_"):
        return "aten::" + re.sub(r"^aoti_torch_(cpu|aten)_", "", symbol)
    if "shim_deprecated" in header or symbol in (
            "aoti_torch_index_put_out", "aoti_torch_scatter_out",
            "aoti_torch_scatter_reduce_out", "aoti_torch__mm_plus_mm_out"):
        return "aten::" + symbol[len("aoti_torch_"):]
    return None


def prototype(name, result, arguments):
    arguments = [c_type(a) for a in split_arguments(arguments)]
    return f"{result} {name}({', '.join(arguments) or 'void'});"


# dyld looks a model's imports up by name, see docs/adr/0019-mach-o.md.
VISIBLE = ("#if defined(__APPLE__)\n#pragma GCC visibility push(default)\n"
           "#endif\n")
HIDDEN = "#if defined(__APPLE__)\n#pragma GCC visibility pop\n#endif\n"


def traced_tensors(name, types):
    """How a trace finds the tensors among arguments of |types|: a letter for
    each and the expressions. T a handle, P a pointer to one that may be
    missing or a result, L and O lists of both, of which N is the length."""
    letters, values = "", []
    i = 0
    while i < len(types):
        plain = types[i].replace("const ", "")
        if plain == "AtenTensorHandle":
            letters += "T"
        elif types[i] == "AtenTensorHandle*":
            letters += "P"
        elif types[i] in ("const AtenTensorHandle*",
                          "const AtenTensorHandle**"):
            letters += ("L" if plain == "AtenTensorHandle*" else "O") + "N"
            length = types[i + 1].replace("const ", "")
            if length not in ("int64_t", "uint32_t"):
                sys.exit(f"{name}: a list of tensors without a length")
            values += [f"a{i}", f"PT2_TRACED_COUNT(a{i + 1})"]
            i += 2
            continue
        elif "AtenTensorHandle" in plain:
            sys.exit(f"{name}: a trace does not know {types[i]}")
        else:
            i += 1
            continue
        values.append(f"a{i}")
        i += 1
    return letters, values


def traced_row(name, title, arguments):
    types = split_arguments(arguments)
    for form in types:
        if "(" in form:
            sys.exit(f"{name}: a trace passes on no {form}")
    letters, values = traced_tensors(name, types)
    parameters = ", ".join(f"{c_type(t)} a{i}" for i, t in enumerate(types))
    passed = ", ".join(f"a{i}" for i in range(len(types)))
    return (f'PT2_TRACED({name}, "{title}", ({parameters or "void"}), '
            f'({passed}), "{letters}", ({", ".join(values) or "NULL"}))\n')


def check_devices(rows):
    """An operator of another device is passed on as the cpu's of that name, so
    their arguments must be the same."""
    signatures = {symbol: (result, arguments)
                  for _, symbol, result, arguments in rows}
    for symbol, signature in signatures.items():
        host = re.sub(r"^aoti_torch_(cuda|xpu|mps)_", "aoti_torch_cpu_", symbol)
        if signatures.get(host, signature) != signature:
            sys.exit(f"{symbol} takes other arguments than {host}")


def generate():
    check_devices(read_symbols())
    rows = [r for r in read_symbols()
            if ALWAYS.search(r[1]) or not OTHER_DEVICE.search(r[1])]
    head = ("// SPDX-License-Identifier: Apache-2.0\n"
            "// Generated by scripts/gen_abi.py from abi/symbols.tsv.\n")
    shim = [head, "// The functions that a model of the cpu may import.\n"
            "#ifndef PT2_ABI_GEN_SHIM_H_\n#define PT2_ABI_GEN_SHIM_H_\n\n"
            "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n"
            "typedef int32_t AOTITorchError;\ntypedef uint64_t StableIValue;\n"]
    shim += [f"typedef {c} {name};\n" for name, c in HANDLES.items()]
    shim.append("\n" + VISIBLE)
    table = [head, "// PT2_SHIM_ROW(symbol, operator or NULL), sorted by "
             "symbol.\n"]
    traced = [head, "// PT2_TRACED(symbol, name in traces, parameters, "
              "arguments, letters, tensors), sorted by\n// symbol; "
              "scripts/gen_abi.py says what the letters are.\n"]
    for header, symbol, result, arguments in sorted(rows, key=lambda r: r[1]):
        shim.append(prototype(symbol, result, arguments) + "\n")
        name = aten_name(header, symbol)
        quoted = f'"{name}"' if name else "NULL"
        table.append(f"PT2_SHIM_ROW({symbol}, {quoted})\n")
        title = name or ALSO_TRACED.get(symbol)
        if title and symbol not in NAMED_BY_ARGUMENTS:
            if result != "AOTITorchError":
                sys.exit(f"{symbol}: a trace takes it for an operator")
            traced.append(traced_row(symbol, title, arguments))
    shim.append(HIDDEN + "\n#endif  // PT2_ABI_GEN_SHIM_H_\n")
    return {"abi/gen/shim.h": "".join(shim), "abi/gen/shim_rows.inc":
            "".join(table), "abi/gen/shim_traced.inc": "".join(traced),
            "abi/gen/shim_mps.h": head + generate_mps()}


def generate_mps():
    lines = ["// The functions that a model of mps may import beside those of "
             "gen/shim.h.\n"
             "#ifndef PT2_ABI_GEN_SHIM_MPS_H_\n"
             "#define PT2_ABI_GEN_SHIM_MPS_H_\n\n"
             "#include \"gen/shim.h\"\n\n"
             "#if defined(__cplusplus)\nextern \"C\" {\n#endif\n"]
    lines += [f"typedef {c} {name};\n" for name, c in MPS_HANDLES.items()]
    lines.append("typedef void (*aoti_torch_mps_command_block_callback_t)("
                 "AOTIMetalKernelFunctionHandle, void*);\n\n")
    lines += [prototype(symbol, result, arguments) + "\n"
              for _, symbol, result, arguments in
              sorted(read_symbols(), key=lambda r: r[1])
              if MPS.search(symbol)]
    lines.append("\n#if defined(__cplusplus)\n}\n#endif\n"
                 "\n#endif  // PT2_ABI_GEN_SHIM_MPS_H_\n")
    return "".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = []
    for name, text in generate().items():
        path = ROOT / name
        if check:
            if not path.exists() or path.read_text() != text:
                stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if stale:
        sys.exit("not what scripts/gen_abi.py writes: " + ", ".join(stale))


main()

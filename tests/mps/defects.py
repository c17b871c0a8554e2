#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts one defect at a time into the back end for mps and sees to it that the
tests notice: defects.py [BUILD_FOLDER] [NAME …]

Each is a line of the sources that is changed in a copy; the plug-in is built
from the copy, and one of the test programs runs with it. The last line says
`N passed, N failed, N skipped`; a defect that no test sees is a failure.
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "build/mps/packages"
MPS = "src/backends/mps/"

# name, plug-in, file, text, its replacement, test and its packages
SHIM = ["test_mps_shim"]
CONVOLUTION = ["test_mps_convolution"]
SCAN = ["test_mps_scan"]
SORT = ["test_mps_sort"]
INDEX = ["test_mps_index"]
MATMUL = ["test_mps_matmul"]
MEMORY = ["test_mps_memory"]
DEFECTS = [
    ("no barrier before a tile is read", "soft", MPS + "kernels/matmul.metal",
     "    threadgroup_barrier(mem_flags::mem_threadgroup);\n    for", "    for",
     SHIM),
    ("no barrier before a tile is written", "soft",
     MPS + "kernels/matmul.metal",
     "    }\n    threadgroup_barrier(mem_flags::mem_threadgroup);\n  }",
     "    }\n  }", MATMUL),
    ("writes beyond the last row", "soft", MPS + "kernels/matmul.metal",
     "if (row < g.m && column < g.n) {", "if (column < g.n) {", SHIM),
    ("alpha forgotten", "soft", MPS + "kernels/matmul.metal",
     "g.alpha * sum", "sum", SHIM),
    ("no barrier before matrices are loaded", "soft",
     MPS + "kernels/matmul_simdgroup.metal",
     "    threadgroup_barrier(mem_flags::mem_threadgroup);\n    if (needed)",
     "    if (needed)", MATMUL),
    ("no barrier before a result is read", "soft",
     MPS + "kernels/matmul_simdgroup.metal",
     "  threadgroup_barrier(mem_flags::mem_threadgroup);\n  for (int i = int",
     "  for (int i = int", MATMUL),
    ("a transposed tile loaded as it lies", "soft",
     MPS + "kernels/matmul_simdgroup.metal",
     "DEPTH + PAD, ulong2(0, 0), true", "DEPTH + PAD, ulong2(0, 0), false",
     MATMUL),
    ("a tile read beyond the matrix", "soft",
     MPS + "kernels/matmul_simdgroup.metal",
     "if (x < width && y < lines) {", "if (x < width) {", MATMUL),
    ("matrices where there are none", "soft", MPS + "ops_matmul.c",
     "s->n >= MATRIX && has_simdgroup_matrix();",
     "s->n >= MATRIX;", MATMUL),
    ("another family of GPUs", "apple", MPS + "metal_apple.c",
     "FAMILY_APPLE_7 = 1007", "FAMILY_APPLE_7 = 1006", MATMUL),
    ("a slice of a vector's sum forgotten", "soft",
     MPS + "kernels/matvec.metal", "i < SLICES; ++i", "i < SLICES - 1; ++i",
     MATMUL),
    ("the sum of one lane", "soft", MPS + "kernels/matvec.metal",
     "simd_sum(sum[j])", "sum[j]", MATMUL),
    ("more than 32 KB of a threadgroup", "soft", MPS + "kernels/matmul.metal",
     "tile_a[TILE * PITCH]", "tile_a[TILE * PITCH * 32]", SHIM),
    ("most of a lane for most of all", "soft", MPS + "kernels/attention.metal",
     "most = simd_max(most);", "", SHIM),
    ("mask forgotten", "soft", MPS + "kernels/attention.metal",
     "g.mask_kind == 1 &&", "g.mask_kind == 3 &&", SHIM),
    ("heads not shared", "soft", MPS + "kernels/attention.metal",
     "(head / g.q_per_v)", "head", SHIM),
    ("causal off by one", "soft", MPS + "kernels/attention.metal",
     "j > row", "j >= row", ["test_mps_packages", "transformer"]),
    ("sums written while they are read", "soft", MPS + "kernels/scan.metal",
     "    // The next round writes the sums.\n"
     "    threadgroup_barrier(mem_flags::mem_threadgroup);\n", "", SCAN),
    ("what came before the round forgotten", "soft",
     MPS + "kernels/scan.metal",
     "carry = combine(g.kind, carry, sums[threads - 1]);",
     "carry = sums[threads - 1];", SCAN),
    ("dimensions joined as the result's are", "soft", MPS + "rows.c",
     "for (int i = 0; same && i < count; ++i)",
     "for (int i = 1; same && i < count; ++i)", SCAN),
    ("first of equal extremes", "soft", MPS + "kernels/scan.metal",
     "kind == 3 ? b >= a : b <= a", "kind == 3 ? b > a : b < a", SCAN),
    ("no barrier between steps of a sort", "soft",
     MPS + "kernels/sort.metal",
     "      threadgroup_barrier(mem_flags::mem_threadgroup);\n"
     "      const int a =", "      const int a =", SORT),
    ("equal elements of a block in any order", "soft",
     MPS + "kernels/sort.metal",
     "key_a < key_b || (key_a == key_b && place_a < place_b);",
     "key_a <= key_b;", SORT),
    ("equal elements of two runs in the wrong order", "soft",
     MPS + "kernels/sort.metal", "count, key, (number & 1) != 0)",
     "count, key, (number & 1) == 0)", SORT),
    ("last run as long as the others", "soft", MPS + "kernels/sort.metal",
     "other == g.runs - 1 ? g.last : g.run", "g.run", SORT),
    ("NaN smaller than others", "soft", MPS + "kernels/sort.metal",
     "    return sign | (sign - 1);", "    return 0;", SORT),
    ("index of the size itself taken", "soft", MPS + "kernels/index.metal",
     "index < 0 || index >= size", "index < 0 || index > size", INDEX),
    ("negative index never counts from the end", "soft",
     MPS + "kernels/index.metal", "given < 0 && g.wraps != 0",
     "given < 0 && g.wraps == 7", INDEX),
    ("reduction without self begins with it", "soft", MPS + "ops_index.c",
     ".starts = include_self == 0", ".starts = 0", INDEX),
    ("reports not looked at", "soft", MPS + "reports.c",
     "block->reports[i].hits != 0", "block->reports[i].hits == 77", INDEX),
    ("reports beyond the first block lost", "soft", MPS + "reports.c",
     "  block->next = *list;\n", "", INDEX),
    ("reports of the calls before", "soft", MPS + "reports.c",
     "  memset(block->reports, 0, BLOCK_BYTES);\n", "", INDEX),
    ("reports in new memory each time", "soft", MPS + "reports.c",
     "    block->next = idle;\n    idle = block;\n",
     "    pt2__metal_buffer_release(block->buffer);\n    free(block);\n",
     INDEX),
    ("reports kept for good", "soft", MPS + "mps_backend.c",
     "  pt2__mps_reports_trim();\n", "", INDEX),
    ("writes where it reads", "soft", MPS + "ops_index.c",
     "         is_apart(call, source, out_view);", "         true;", INDEX),
    ("storage offset dropped", "soft", MPS + "encode.c",
     "set_buffer(commands, index, buffer, offset)",
     "set_buffer(commands, index, buffer, 0)", SHIM),
    ("double not made a float", "soft", MPS + "encode.c",
     "if (dtype == PT2_DTYPE_F64) {", "if (dtype == PT2_DTYPE_F16) {", SHIM),
    ("group ignored", "soft", MPS + "encode.c",
     "group != NULL ? group[i] : 1", "1",
     ["test_mps_packages", "layernorm"]),
    ("64-bit number as 32 bits", "soft", MPS + "shim.c",
     "encode_bytes(idx, &val, sizeof(val))", "encode_bytes(idx, &val, 4)",
     SHIM),
    ("range of a copy unchecked", "soft", MPS + "shim.c",
     "bool inside =\n      offset", "bool inside =\n      true || offset", SHIM),
    ("source offset counted twice", "soft", MPS + "shim.c",
     "(char*)dst_buffer + dst_offset,\n                              src_buffer",
     "(char*)dst_buffer + dst_offset,\n                  (char*)src_buffer + 4",
     SHIM),
    ("nobody waits", "soft", MPS + "stream.c",
     "  pt2__mps_stream_finish();\n  statistics", "  statistics", SHIM),
    ("host reads without waiting", "soft", MPS + "mps_backend.c",
     "return pt2__mps_stream_synchronize();", "return PT2_STATUS_OK;", SHIM),
    ("fault of the device forgotten", "soft", MPS + "stream.c",
     "    failed = status;\n", "", SHIM),
    ("failure in a block forgotten", "soft", MPS + "state.c",
     "    failure = status;\n", "", SHIM),
    ("buffer not released", "soft", MPS + "memory.c",
     "  pt2__metal_buffer_release(block->buffer);\n", "", SHIM),
    ("memory in use handed out again", "soft", MPS + "memory.c",
     "(*at)->used_by <= done", "done <= UINT64_MAX", MEMORY),
    ("commands do not mark what they use", "soft", MPS + "memory.c",
     "  block->used_by = pt2__mps_stream_now();\n", "", MEMORY),
    ("nothing is kept", "soft", MPS + "memory.c",
     "  keep(block);\n", "  destroy(block);\n", MEMORY),
    ("any amount is kept", "soft", MPS + "memory.c",
     "  shrink_kept(kept_most);\n", "", MEMORY),
    ("no second try for memory", "apple", MPS + "memory.c",
     "    if (!create_buffer(block, capacity, &error)) {\n      free",
     "    if (true) {\n      free", MEMORY),
    ("second try for memory that is not used again", "soft", MPS + "memory.c",
     "    if (!create_buffer(block, capacity, &error)) {\n      free",
     "    if (!create_buffer(block, bytes, &error)) {\n      free", MEMORY),
    ("a failure lost in a wait for memory", "soft", MPS + "stream.c",
     "    finish_oldest();\n  }\n}\n\n// The lock",
     "    finish_oldest();\n  }\n  failed = false;\n}\n\n// The lock", MEMORY),
    ("address before the block", "soft", MPS + "memory.c",
     "blocks[middle]->data <= (uintptr_t)data", "blocks[middle]->data < "
     "(uintptr_t)data", SHIM),
    ("every load compiles", "soft", MPS + "library.c",
     "library_t* library = unlink_library(source, hash);",
     "library_t* library = NULL; (void)unlink_library;", SHIM),
    ("kernels of a library leak", "soft", MPS + "library.c",
     "    pt2__metal_kernel_release(kernel->metal);\n", "", SHIM),
    ("convolution of the host laid out as it comes", "soft",
     MPS + "ops_convolution.c", "  if (memcmp(y.strides, strides,",
     "  if (true || memcmp(y.strides, strides,", CONVOLUTION),
    ("convolution never channels last", "soft", MPS + "ops_convolution.c",
     "  if (wants_channels_last(x, w)) {",
     "  if (false && wants_channels_last(x, w)) {",
     ["test_mps_packages", "conv_kinds"]),
    ("gradients laid out as they come", "soft", MPS + "ops_convolution.c",
     "for (int i = 0; i < 2 && status", "for (int i = 0; i < 0 && status",
     CONVOLUTION),
    ("slice of channels taken for channels last", "soft",
     MPS + "ops_convolution.c", "  return memcmp(strides, wanted, "
     "sizeof(*strides) * (size_t)rank) == 0 &&", "  return strides[1] == 1 &&",
     SHIM),
    ("result of a failed convolution leaks", "soft", MPS + "ops_convolution.c",
     "    pt2__mps_delete(result);\n    return status;",
     "    return status;", CONVOLUTION),
    ("stride of a bias forgotten", "soft", MPS + "ops_convolution.c",
     "p->b.strides[0] : 0", "1 : 0", CONVOLUTION),
    ("no barrier before terms are summed", "soft",
     MPS + "kernels/convolution.metal",
     "    threadgroup_barrier(mem_flags::mem_threadgroup);\n    for (int k",
     "    for (int k", CONVOLUTION),
    ("no barrier before the next terms", "soft",
     MPS + "kernels/convolution.metal",
     "    threadgroup_barrier(mem_flags::mem_threadgroup);\n    of_w",
     "    of_w", CONVOLUTION),
    ("no barrier after columns are found", "soft",
     MPS + "kernels/convolution.metal",
     "  threadgroup_barrier(mem_flags::mem_threadgroup);\n\n", "",
     CONVOLUTION),
    ("taps of a phase too near", "soft", MPS + "kernels/convolution.metal",
     "v.w_tap = period;", "v.w_tap = 1;", CONVOLUTION),
    ("phase without taps has some", "soft", MPS + "kernels/convolution.metal",
     "at % divisor == 0 && first", "first", CONVOLUTION),
    ("carry of a term lost", "soft", MPS + "kernels/convolution.metal",
     "term.y += by.y + carry;", "term.y += by.y;", CONVOLUTION),
    ("sums in the dtype", "soft", MPS + "kernels/convolution.metal",
     "sum[i][j] = fma(a[i], b[j], sum[i][j]);",
     "sum[i][j] = float(T(fma(a[i], b[j], sum[i][j])));", CONVOLUTION),
    ("writes beyond the last channel", "soft",
     MPS + "kernels/convolution.metal", "if (row < g.channels_out && "
     "first_column", "if (first_column", CONVOLUTION),
    ("columns of no result read", "soft", MPS + "kernels/convolution.metal",
     "      if (row < g.channels_out && first_column + column < columns) {",
     "      if (row < g.channels_out) {", CONVOLUTION),
    ("weights of the first group", "soft", MPS + "kernels/convolution.metal",
     "long(of_group) * g.w_group + weight_at", "weight_at", CONVOLUTION),
    ("direct one reads beside the input", "soft",
     MPS + "kernels/convolution.metal", "column.x + x_ >= g.input[2]",
     "column.x + x_ > g.input[2]", CONVOLUTION),
    ("misspelt selector", "apple", MPS + "metal_apple.c",
     '"setBuffer:offset:atIndex:"', '"setBuffer:offset:index:"', SHIM),
    ("no endEncoding", "apple", MPS + "metal_apple.c",
     "  SEND(void, commands->encoder, end_encoding);\n", "", SHIM),
    ("encoder not retained", "apple", MPS + "metal_apple.c",
     "retain(SEND(id, commands->buffer, encoder))",
     "SEND(id, commands->buffer, encoder)", SHIM),
    ("options leak", "apple", MPS + "metal_apple.c",
     "  release(options);\n", "", SHIM),
    ("function released twice", "apple", MPS + "metal_apple.c",
     "    release(function);\n", "    release(function);\n"
     "    release(function);\n", SHIM),
    ("command buffer leaks", "apple", MPS + "metal_apple.c",
     "  release(commands->buffer);\n  free(commands);\n  metal.pop",
     "  free(commands);\n  metal.pop", SHIM),
    ("no commit", "apple", MPS + "metal_apple.c",
     "  SEND(void, commands->buffer, commit);\n", "", SHIM),
    ("does not wait", "apple", MPS + "metal_apple.c",
     "  SEND(void, commands->buffer, wait);\n", "", SHIM),
    ("status not looked at", "apple", MPS + "metal_apple.c",
     "SEND(NSUInteger, commands->buffer, status) == STATUS_COMPLETED",
     "true", SHIM),
    ("string without a pool", "apple", MPS + "metal_apple.c",
     "  void* pool = metal.push();\n  id options",
     "  void* pool = NULL;\n  id options", SHIM),
    ("wrong language version", "apple", MPS + "metal_apple.c",
     "LANGUAGE_3_1 = 0x30001", "LANGUAGE_3_1 = 0x20004", SHIM),
]

DEVICE = ["soft_compile.c", "soft_device.c"]


def write_kernels(tree):
    """What sources.cmake makes of kernels/*.metal."""
    text = '#include "backends/mps/mps.h"\n'
    for path in sorted((tree / MPS / "kernels").glob("*.metal")):
        source = path.read_text().replace("\\", "\\\\").replace('"', '\\"')
        lines = source.replace("\n", '\\n"\n"')
        text += f'const char pt2__mps_{path.stem}_source[] = "{lines}";\n'
    (tree / "mps_kernels.c").write_text(text)


def flags(tree, fake):
    return ["-O1", "-fPIC", "-w", "-D_GNU_SOURCE", "-fvisibility=hidden",
            f"-I{tree}/src", f"-I{tree}/tests", f"-I{ROOT}/include",
            f"-I{ROOT}/abi",
            f'-DPT2_SOFTMETAL_MSL="{ROOT}/tests/softmetal/msl"',
            f'-DPT2_SOFTMETAL_CACHE="{ROOT}/build/softmetal"',
            *[f'-DPT2_METAL_{name}="{fake}"'
              for name in ("OBJC", "METAL", "GRAPHICS")]]


def compile_source(tree, source, folder, fake):
    """The object file of |source|, in |folder|."""
    target = folder / f"{source.name}.o"
    compiler = (["g++", "-std=c++17"] if source.suffix == ".cpp" else
                ["gcc", "-std=c11"])
    subprocess.run([*compiler, *flags(tree, fake), "-c", str(source), "-o",
                    str(target)], check=True)
    return target


def link(target, objects):
    subprocess.run(["g++", "-shared", *map(str, objects), "-o", str(target),
                    "-ldl", "-lm", "-lpthread"], check=True)


def sources_of(tree, plugin):
    mps, soft = tree / MPS, tree / "tests/softmetal"
    device = [soft / name for name in DEVICE]
    sources = [p for p in sorted(mps.glob("*.c"))
               if p.name not in ("metal_apple.c", "builtin.c")]
    sources += [mps / "callback.cpp", tree / "mps_kernels.c",
                soft / "control.c"]
    return sources + ([soft / "metal_soft.c", *device] if plugin == "soft"
                      else [mps / "metal_apple.c", soft / "apple_device.c"])


def copy_sources(tree):
    for part in ("src/backends/mps", "tests/softmetal"):
        shutil.copytree(ROOT / part, tree / part)
    write_kernels(tree)


class Base:
    """The sources as they are, compiled once."""

    def __init__(self, tree):
        self.tree = tree
        copy_sources(tree)
        self.fake = tree / "fake_objc.so"
        self.objects = {}
        for plugin in ("soft", "apple"):
            for source in sources_of(tree, plugin):
                if source.name not in self.objects:
                    self.objects[source.name] = compile_source(
                        tree, source, tree, self.fake)
        link(self.fake, [compile_source(
            tree, tree / "tests/softmetal/fake_objc.c", tree, self.fake),
            *[self.objects[name] for name in DEVICE]])

    def build(self, tree, plugin, changed):
        """The plug-in with one file as |tree| has it."""
        write_kernels(tree)
        if changed.endswith(".metal"):
            changed = "mps_kernels.c"
        objects = dict(self.objects)
        objects[pathlib.Path(changed).name] = compile_source(
            tree, tree / changed, tree, self.fake)
        target = tree / "plugin.so"
        self.link(target, plugin, objects)
        return target

    def link(self, target, plugin, objects):
        link(target, [objects[s.name] for s in sources_of(self.tree, plugin)])


def run_test(build_folder, plugin, test):
    return subprocess.run(
        [build_folder / "tests" / test[0], plugin, PACKAGES, *test[1:]],
        capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)


def try_sound(base, build_folder, plugin, test):
    """What a test says that fails without a defect; None if it does not."""
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "plugin.so"
        base.link(target, plugin, base.objects)
        done = run_test(build_folder, target, test)
    return done.stdout + done.stderr if done.returncode != 0 else None


def try_defect(base, build_folder, defect):
    """None if the tests notice, otherwise what is wrong."""
    _, plugin, name, old, new, test = defect
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        copy_sources(tree)
        text = (tree / name).read_text()
        if text.count(old) != 1:
            return f"the text is there {text.count(old)} times"
        (tree / name).write_text(text.replace(old, new))
        target = base.build(tree, plugin, name)
        done = run_test(build_folder, target, test)
        return "no test sees it" if done.returncode == 0 else None


def main():
    arguments = sys.argv[1:]
    build_folder = pathlib.Path(arguments[0] if arguments else
                                ROOT / "build/release").absolute()
    chosen = [d for d in DEFECTS
              if not arguments[1:] or d[0] in arguments[1:]]
    unknown = set(arguments[1:]) - {d[0] for d in DEFECTS}
    if unknown:
        sys.exit(f"no defect {', '.join(sorted(unknown))}")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        base = Base(pathlib.Path(folder))
        sound = sorted({(d[1], tuple(d[5])) for d in chosen})
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for which, said in zip(sound, pool.map(
                    lambda pair: try_sound(base, build_folder, *pair), sound)):
                if said is not None:
                    sys.exit(f"{which[0]}: {' '.join(which[1])} fails without "
                             f"a defect:\n{said}")
            results = pool.map(
                lambda defect: try_defect(base, build_folder, defect), chosen)
        for defect, wrong in zip(chosen, results):
            print(f"{'MISSED' if wrong else 'seen  '}  {defect[0]}"
                  f"{': ' + wrong if wrong else ''}", flush=True)
            failed += wrong is not None
    print(f"{len(chosen) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

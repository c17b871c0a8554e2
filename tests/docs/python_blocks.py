# SPDX-License-Identifier: Apache-2.0
"""Runs the Python blocks of one page in one namespace, as a reader would type
them in one session: python_blocks.py BLOCKS.json RESULTS.json.

BLOCKS is a list of {"title", "text"}; RESULTS one of {"printed", "problem"}.
"""
import contextlib
import io
import json
import pathlib
import sys
import traceback


def main():
    blocks = json.loads(pathlib.Path(sys.argv[1]).read_text())
    namespace = {"__name__": "__main__"}
    results = []
    for block in blocks:
        printed, problem = io.StringIO(), None
        try:
            with contextlib.redirect_stdout(printed):
                exec(compile(block["text"], block["title"], "exec"), namespace)
        except SystemExit as stop:
            problem = f"it exits with {stop.code}" if stop.code else None
        except BaseException:
            problem = traceback.format_exc()
        results.append({"printed": printed.getvalue(), "problem": problem})
        # Written each time: a block that crashes is then the first without one.
        pathlib.Path(sys.argv[2]).write_text(json.dumps(results))


main()

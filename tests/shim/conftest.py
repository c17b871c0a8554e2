# SPDX-License-Identifier: Apache-2.0
"""Makes the operators' harness importable: these tests call the same functions
by hand."""
import importlib.util
import pathlib
import sys

if "harness" not in sys.modules:
    path = pathlib.Path(__file__).resolve().parents[1] / "ops/harness.py"
    spec = importlib.util.spec_from_file_location("harness", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["harness"] = module
    spec.loader.exec_module(module)

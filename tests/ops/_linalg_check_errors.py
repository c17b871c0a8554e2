# SPDX-License-Identifier: Apache-2.0
import torch
from harness import op

op("aten::_linalg_check_errors",
   aten=torch.ops.aten._linalg_check_errors.default, dtypes=(torch.int32,))


def samples(make):
    yield torch.zeros((), dtype=torch.int32), "linalg.inv", True
    yield torch.zeros(2, 3, dtype=torch.int32), "linalg.cholesky", False
    yield torch.zeros(0, dtype=torch.int32), "linalg.cholesky", False


def bad(make):
    code = torch.tensor(3, dtype=torch.int32)
    codes = torch.tensor([[0, 0], [2, 1]], dtype=torch.int32)
    yield (code, "linalg.inv", True), "linalg.inv: The diagonal element 3 is zero"
    yield ((codes, "linalg.inv", False),
           "(Batch element 2): The diagonal element 2 is zero")
    yield ((codes.mT, "linalg.inv", False),
           "(Batch element 1): The diagonal element 2 is zero")
    yield (code, "torch.linalg.solve", True), "is singular"
    yield (code, "linalg.cholesky", True), "leading minor of order 3"
    yield (code, "linalg.eigh", True), "(error code: 3)"
    yield (code, "linalg.svd", True), "(error code: 3)"
    yield (-code, "linalg.eigh", True), "Argument 3"
    yield (None, "linalg.inv", True), "info: expected a tensor, got None"

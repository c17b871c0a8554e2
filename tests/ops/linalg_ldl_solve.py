# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, Bad, op

# As for linalg_ldl_factor_ex, of matrices that are far from singular.
TOLERANCE = {torch.float32: 5e-5, torch.complex64: 5e-5, torch.float64: 1e-11,
             torch.complex128: 1e-11}


def compare(actual, expected, args):
    tolerance = TOLERANCE[actual.dtype]
    torch.testing.assert_close(actual, expected, rtol=tolerance,
                               atol=tolerance, check_stride=False)


op("aten::linalg_ldl_solve", aten=torch.ops.aten.linalg_ldl_solve.default,
   dtypes=FLOATS + COMPLEX, compare=compare, recorded=TOLERANCE)


def factors(a, hermitian=False):
    """Of an indefinite matrix, which has blocks of two rows."""
    a = a + (a.mH if hermitian else a.mT)
    diagonal = torch.arange(a.shape[-1]) % 2 * 2 * a.shape[-1]
    a = a + torch.diag_embed(diagonal.to(a.dtype)).flip(-1)
    a = a + (a.mH if hermitian else a.mT)
    return torch.linalg.ldl_factor(a, hermitian=hermitian)


def samples(make):
    for hermitian in (False, True):
        ld, pivots = factors(make(2, 5, 5), hermitian)
        for b in make.layouts(2, 5, 3):
            yield ld, pivots, b, hermitian
        for layout in ("contiguous", "sliced", "offset"):
            b = make(5, 2, layout=layout)
            yield ld.contiguous(), pivots, b, hermitian
        # More batches than LD has make PyTorch read beyond LD.
        yield ld[0], pivots[0], make(5, 1), hermitian
        yield ld[:1], pivots[:1], make(5, 4), hermitian
        yield ld, pivots.long(), make(2, 5, 1), hermitian
        yield ld, pivots.to(torch.int8), make(2, 5, 1), hermitian
        yield *factors(make(40, 40), hermitian), make(40, 33), hermitian
    yield make(0, 0), make(0, dtype=torch.int32), make(0, 2), False
    yield *factors(make(3, 3)), make(3, 0), False
    yield make(0, 3, 3), make(0, 3, dtype=torch.int32), make(0, 3, 2), True


def bad(make):
    ld, pivots = factors(make(3, 3))
    yield (make(3), pivots, make(3, 1), False), "at least 2 dimensions"
    yield (make(4, 3), pivots, make(3, 1), False), "square matrices"
    yield (ld, pivots, make(4, 1), False), "Incompatible shapes"
    yield (ld, pivots, make(3), False), "at least 2 dimensions"
    yield (ld, pivots.float(), make(3, 1), False), "to be integers"
    yield (ld, pivots[:2], make(3, 1), False), "pivots.shape"
    yield (ld, pivots, make(3, 1).double(), False), "same dtype"
    yield (ld.half(), pivots, make(3, 1).half(), False), "'Half'"
    yield (ld, pivots * 0, make(3, 1), False), "between 1 and LD.size(-2) = 3"
    yield (ld, pivots * 0 + 4, make(3, 1), False), "got 4"
    yield (ld, pivots * 0 - 4, make(3, 1), False), "got -4"
    yield ((ld, pivots.long() * 0 + 2**32 + 1, make(3, 1), False),
           "between 1 and")
    # LAPACK reads beyond the pivots.
    yield Bad((ld, torch.tensor([1, 2, -3]).int(), make(3, 1), False),
              "no other one beside it", torch_refuses=False)
    yield (ld, None, make(3, 1), False), "pivots: expected a tensor"

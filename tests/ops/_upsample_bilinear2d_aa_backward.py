# SPDX-License-Identifier: Apache-2.0
import antialiased
import torch
from harness import op

op("aten::_upsample_bilinear2d_aa_backward",
   aten=torch.ops.aten._upsample_bilinear2d_aa_backward.default,
   samples=antialiased.gradients, bad=antialiased.bad_gradients)

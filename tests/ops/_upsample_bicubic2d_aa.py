# SPDX-License-Identifier: Apache-2.0
import antialiased
import torch
from harness import FLOATS, op

OPERATOR = torch.ops.aten._upsample_bicubic2d_aa.default

op("aten::_upsample_bicubic2d_aa", aten=OPERATOR, dtypes=FLOATS,
   samples=antialiased.samples, bad=antialiased.bad)
op("aten::_upsample_bicubic2d_aa", aten=OPERATOR, dtypes=(torch.uint8,),
   samples=antialiased.images, bad=False, exact=True)

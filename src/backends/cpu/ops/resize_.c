// SPDX-License-Identifier: Apache-2.0
//
// aten::resize_ and aten::resize_as_.
#include "ops/resize.h"

static pt2_status_t resize_as(pt2_tensor_t* self,
                              const pt2_tensor_t* the_template,
                              const int32_t* memory_format) {
  PT2_OP_CHECK_TENSOR(the_template, "the_template");
  int32_t format = PT2_MEMORY_FORMAT_CONTIGUOUS;
  if (memory_format != NULL) {
    format = *memory_format == PT2_MEMORY_FORMAT_PRESERVE
                 ? pt2__tensor_suggest_memory_format(the_template)
                 : *memory_format;
  }
  return pt2__resize(self, the_template->rank, the_template->sizes,
                     memory_format != NULL ? &format : NULL);
}

AOTITorchError aoti_torch_cpu_resize_(AtenTensorHandle self,
                                      const int64_t* size, int64_t size_len,
                                      int32_t* memory_format) {
  PT2_OP_RETURN("aten::resize_",
                pt2__resize(self, size_len, size, memory_format));
}

AOTITorchError aoti_torch_cpu_resize_as_(AtenTensorHandle self,
                                         AtenTensorHandle the_template,
                                         int32_t* memory_format) {
  PT2_OP_RETURN("aten::resize_as_",
                resize_as(self, the_template, memory_format));
}

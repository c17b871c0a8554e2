// SPDX-License-Identifier: Apache-2.0
#include "ops/grouped_mm.h"

// Bytes that the rows of operands and results are aligned to.
#define ALIGNMENT 16

static pt2_status_t check_dtype(const pt2_tensor_t* tensor, const char* name) {
  PT2_OP_CHECK(tensor->dtype == PT2_DTYPE_F32 ||
                   tensor->dtype == PT2_DTYPE_BF16 ||
                   tensor->dtype == PT2_DTYPE_F16,
               "Expected %s to be Float32, BFloat16 or Float16 matrix, got %s",
               name, pt2__dtype_torch_name(tensor->dtype));
  return PT2_STATUS_OK;
}

// One of the last two dimensions is contiguous and the other's lines are apart
// and aligned.
static pt2_status_t check_strides(const pt2_tensor_t* tensor) {
  const int64_t* sizes = tensor->sizes + (tensor->rank - 2);
  const int64_t* strides = tensor->strides + (tensor->rank - 2);
  int64_t unit = ALIGNMENT / (int64_t)pt2_dtype_size_bytes(tensor->dtype);
  for (int along = 0; along < 2; ++along) {
    int64_t least = sizes[along] > 1 ? sizes[along] : 1;
    if (strides[along] == 1 && strides[1 - along] >= least) {
      PT2_OP_CHECK(strides[1 - along] % unit == 0,
                   "strides should be multiple of 16 bytes, got %lld elements "
                   "of %s",
                   (long long)strides[1 - along],
                   pt2__dtype_torch_name(tensor->dtype));
      return PT2_STATUS_OK;
    }
  }
  char have[128];
  char have_sizes[128];
  return PT2_FAIL(
      PT2_STATUS_INVALID_ARGUMENT,
      "Invalid strides/sizes, got %s for strides and %s for sizes",
      pt2__sizes_format(tensor->rank, tensor->strides, have, sizeof(have)),
      pt2__sizes_format(tensor->rank, tensor->sizes, have_sizes,
                        sizeof(have_sizes)));
}

static pt2_status_t check_operands(const pt2_tensor_t* a,
                                   const pt2_tensor_t* b) {
  PT2_OP_CHECK_TENSOR(a, "self");
  PT2_OP_CHECK_TENSOR(b, "mat2");
  PT2_TRY(check_dtype(a, "mat_a"));
  PT2_TRY(check_dtype(b, "mat_b"));
  PT2_OP_CHECK(a->dtype == b->dtype,
               "Expected mat_a and mat_b to have the same dtype, got %s and %s",
               pt2__dtype_torch_name(a->dtype),
               pt2__dtype_torch_name(b->dtype));
  PT2_OP_CHECK(a->rank == 2 || a->rank == 3, "mat_a has to be 2 or 3d");
  PT2_OP_CHECK(b->rank == 2 || b->rank == 3, "mat_b has to be 2 or 3d");
  PT2_OP_CHECK((a->rank == 2 && b->rank == 2) ||
                   a->sizes[a->rank - 1] == b->sizes[b->rank - 2],
               "contraction dimension of mat_a and mat_b must match, got %lld "
               "and %lld",
               (long long)a->sizes[a->rank - 1],
               (long long)b->sizes[b->rank - 2]);
  PT2_TRY(check_strides(a));
  return check_strides(b);
}

static pt2_status_t check_offsets(const pt2_tensor_t* offsets, bool wanted) {
  PT2_OP_CHECK((offsets != NULL) == wanted,
               "Have to provide offsets if there is a 2d matrix, or no offset "
               "if both matrices are 3d");
  if (!wanted) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK_TENSOR(offsets, "offs");
  PT2_OP_CHECK(offsets->rank == 1, "offs has to be 1D, got %d dimensions",
               offsets->rank);
  PT2_OP_CHECK(offsets->dtype == PT2_DTYPE_I32,
               "Offsets have to be int32, got %s",
               pt2__dtype_torch_name(offsets->dtype));
  PT2_OP_CHECK(offsets->strides[0] == 1,
               "Offsets must have stride (1,), got %lld",
               (long long)offsets->strides[0]);
  return PT2_STATUS_OK;
}

// Sizes and strides of the result.
static pt2_status_t lay_out(pt2__grouped_mm_t* mm) {
  const pt2_tensor_t* a = mm->a;
  const pt2_tensor_t* b = mm->b;
  bool flat_a = a->rank == 2;
  bool flat_b = b->rank == 2;
  mm->groups = mm->offsets != NULL ? mm->offsets->sizes[0] : a->sizes[0];
  PT2_OP_CHECK(flat_a || a->sizes[0] == mm->groups,
               "matrix batch sizes have to match: mat_a has %lld, offs %lld",
               (long long)a->sizes[0], (long long)mm->groups);
  PT2_OP_CHECK(flat_b || b->sizes[0] == mm->groups,
               "matrix batch sizes have to match: mat_b has %lld, expected "
               "%lld",
               (long long)b->sizes[0], (long long)mm->groups);
  mm->out_rank = flat_a == flat_b ? 3 : 2;
  int64_t* sizes = mm->out_sizes;
  if (mm->out_rank == 3) {
    *sizes++ = mm->groups;
  }
  sizes[0] = a->sizes[a->rank - 2];
  sizes[1] = b->sizes[b->rank - 1];
  int64_t unit = ALIGNMENT / (int64_t)pt2_dtype_size_bytes(a->dtype);
  PT2_OP_CHECK(sizes[1] <= INT64_MAX - unit, "mat_b has %lld columns",
               (long long)sizes[1]);
  int64_t padded[3];
  for (int i = 0; i < mm->out_rank; ++i) {
    padded[i] = mm->out_sizes[i];
  }
  padded[mm->out_rank - 1] = (sizes[1] + unit - 1) / unit * unit;
  int64_t elements;
  PT2_OP_CHECK(pt2__sizes_numel(mm->out_rank, padded, &elements),
               "the result is too large");
  pt2__sizes_contiguous_strides(mm->out_rank, padded, mm->out_strides);
  return PT2_STATUS_OK;
}

// Where the slice before end number |index| begins or ends within |size|: a
// negative one counts from the end.
static int64_t cut(const pt2__grouped_mm_t* mm, int64_t index, int64_t size) {
  if (index < 0) {
    return 0;
  }
  int64_t end = ((const int32_t*)mm->offsets->data)[index];
  if (end < 0) {
    end += size;
  }
  return end < 0 ? 0 : end > size ? size : end;
}

static void slice(const pt2__grouped_mm_t* mm, int64_t group, int64_t size,
                  int64_t* out_from, int64_t* out_count) {
  int64_t from = cut(mm, group - 1, size);
  int64_t until = cut(mm, group, size);
  *out_from = from;
  *out_count = until > from ? until - from : 0;
}

pt2__grouped_mm_product_t pt2__grouped_mm_product(const pt2__grouped_mm_t* mm,
                                                  int64_t group) {
  const pt2_tensor_t* a = mm->a;
  const pt2_tensor_t* b = mm->b;
  pt2__grouped_mm_product_t product = {.m = a->sizes[a->rank - 2],
                                       .n = b->sizes[b->rank - 1],
                                       .k = a->sizes[a->rank - 1]};
  if (a->rank == 3) {
    product.a_at = group * a->strides[0];
  }
  if (b->rank == 3) {
    product.b_at = group * b->strides[0];
  }
  if (mm->out_rank == 3) {
    product.out_at = group * mm->out_strides[0];
  }
  int64_t from = 0;
  if (a->rank == 2 && b->rank == 2) {
    slice(mm, group, a->sizes[1], &from, &product.k);
    product.a_at = from * a->strides[1];
    product.b_at = from * b->strides[0];
  } else if (a->rank == 2) {
    slice(mm, group, a->sizes[0], &from, &product.m);
    product.a_at = from * a->strides[0];
    product.out_at = from * mm->out_strides[0];
  } else if (b->rank == 2) {
    slice(mm, group, b->sizes[1], &from, &product.n);
    product.b_at = from * b->strides[1];
    product.out_at = from * mm->out_strides[1];
  }
  return product;
}

bool pt2__grouped_mm_fills(const pt2__grouped_mm_t* mm) {
  if (mm->out_rank == 3) {
    return true;
  }
  int along = mm->a->rank == 2 ? 0 : 1;
  int64_t size = mm->out_sizes[along];
  int64_t next = 0;
  for (int64_t group = 0; group < mm->groups; ++group) {
    int64_t from, count;
    slice(mm, group, size, &from, &count);
    if (from > next) {
      return false;
    }
    next = from + count > next ? from + count : next;
  }
  return next >= size;
}

pt2_status_t pt2__grouped_mm_check(const pt2_tensor_t* a, const pt2_tensor_t* b,
                                   const pt2_tensor_t* offsets,
                                   const pt2_tensor_t* bias,
                                   const int32_t* out_dtype,
                                   pt2__grouped_mm_t* mm) {
  PT2_TRY(check_operands(a, b));
  PT2_TRY(check_offsets(offsets, a->rank == 2 || b->rank == 2));
  PT2_OP_CHECK(bias == NULL, "Bias not supported yet");
  PT2_OP_CHECK(out_dtype == NULL || *out_dtype == a->dtype,
               "Grouped gemm output dtype must match `mat_a` dtype");
  *mm = (pt2__grouped_mm_t){.a = a, .b = b, .offsets = offsets};
  PT2_TRY(lay_out(mm));
  if (a->rank != 2 || b->rank != 2) {
    return PT2_STATUS_OK;
  }
  for (int64_t group = 0; group < mm->groups; ++group) {
    int64_t a_from, a_count, b_from, b_count;
    slice(mm, group, a->sizes[1], &a_from, &a_count);
    slice(mm, group, b->sizes[0], &b_from, &b_count);
    PT2_OP_CHECK(a_count == b_count && (a_from == b_from || a_count == 0),
                 "mat1 and mat2 shapes cannot be multiplied (%lldx%lld and "
                 "%lldx%lld) in group %lld",
                 (long long)a->sizes[0], (long long)a_count, (long long)b_count,
                 (long long)b->sizes[1], (long long)group);
  }
  return PT2_STATUS_OK;
}

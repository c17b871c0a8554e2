// SPDX-License-Identifier: Apache-2.0
//
// PyTorch writes oneDNN's memory descriptor as it lies in memory, then the
// number of groups. The places of its fields were found by packing weights of
// known sizes with PyTorch 2.15 and by the types that oneDNN documents.
#include "shim/onednn_weight.h"

#include <string.h>

#include "shim/shim.h"

#define MOST_DIMS 12
// Places of the fields.
#define AT_RANK 4
#define AT_DIMS 8
#define AT_TYPE 104
#define AT_PADDED_DIMS 112
#define AT_PADDED_OFFSETS 208
#define AT_OFFSET 304
#define AT_KIND 312
#define AT_STRIDES 320
#define AT_BLOCK_COUNT 416
#define AT_BLOCKS 424
#define AT_BLOCK_DIMS 520
#define AT_FLAGS 640
#define AT_GROUPS 768
#define METADATA_BYTES 772
// A kind of layouts that strides and blocks describe.
#define KIND_BLOCKED 2
// Sums of the weight behind it, for one kind of input or another: they are not
// needed. Other flags change the numbers.
#define FLAGS_ALLOWED (1 | 8)

static int32_t read_i32(const uint8_t* metadata, int at) {
  int32_t value;
  memcpy(&value, metadata + at, sizeof(value));
  return value;
}

static void read_list(const uint8_t* metadata, int at, int64_t* out) {
  memcpy(out, metadata + at, MOST_DIMS * sizeof(*out));
}

// oneDNN's number of a dtype; 0: not known.
static int32_t type_number(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F16:
      return 1;
    case PT2_DTYPE_BF16:
      return 2;
    case PT2_DTYPE_F32:
      return 3;
    case PT2_DTYPE_I8:
      return 5;
    case PT2_DTYPE_U8:
      return 6;
    default:
      return 0;
  }
}

#define UNKNOWN(...) PT2_FAIL(PT2_STATUS_UNSUPPORTED, __VA_ARGS__)

// The sizes are the tensor's, or those with the groups split off in front.
static pt2_status_t check_dims(const pt2__onednn_weight_t* w, int64_t rank,
                               const int64_t* sizes) {
  bool grouped = w->rank == rank + 1;
  bool same = grouped || w->rank == rank;
  for (int64_t i = 0; same && i < rank; ++i) {
    int64_t dim = w->dims[i + grouped];
    int64_t groups = grouped && i == 0 ? w->dims[0] : 1;
    same = dim > 0 && groups > 0 && dim <= INT32_MAX && groups <= INT32_MAX &&
           dim * groups == sizes[i];
  }
  if (!same) {
    return UNKNOWN(
        "the description of a weight packed by oneDNN does not fit its sizes");
  }
  return PT2_STATUS_OK;
}

// Checks the blocks and finds how far the elements reach.
static pt2_status_t check_extent(const uint8_t* metadata,
                                 pt2__onednn_weight_t* w) {
  int64_t padded[MOST_DIMS], offsets[MOST_DIMS], factors[MOST_DIMS];
  read_list(metadata, AT_PADDED_DIMS, padded);
  read_list(metadata, AT_PADDED_OFFSETS, offsets);
  int64_t block = 1;
  for (int i = 0; i < MOST_DIMS; ++i) {
    factors[i] = 1;
  }
  for (int i = 0; i < w->block_count; ++i) {
    int64_t dim = w->block_dims[i];
    if (dim < 0 || dim >= w->rank || w->blocks[i] < 1 || w->blocks[i] > 4096 ||
        block > INT32_MAX) {
      return UNKNOWN("a weight packed by oneDNN has blocks that are not known");
    }
    factors[dim] *= w->blocks[i];
    block *= w->blocks[i];
  }
  int64_t last = block - 1;
  bool fits = w->offset >= 0 && !__builtin_add_overflow(last, w->offset, &last);
  for (int i = 0; fits && i < w->rank; ++i) {
    int64_t reach;
    fits = offsets[i] == 0 && padded[i] >= w->dims[i] && w->strides[i] >= 0 &&
           padded[i] <= INT32_MAX && factors[i] <= INT32_MAX &&
           !__builtin_mul_overflow((padded[i] - 1) / factors[i], w->strides[i],
                                   &reach) &&
           !__builtin_add_overflow(last, reach, &last);
  }
  if (!fits || last >= INT64_MAX / 16) {
    return UNKNOWN("a weight packed by oneDNN has strides that are not known");
  }
  w->elements = (size_t)last + 1;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__onednn_weight_parse(const uint8_t* metadata,
                                      int64_t metadata_bytes, int32_t dtype,
                                      int64_t rank, const int64_t* sizes,
                                      pt2__onednn_weight_t* out_weight) {
  if (metadata == NULL || metadata_bytes != METADATA_BYTES) {
    return UNKNOWN(
        "a weight is packed by a version of oneDNN that is not known (its "
        "description has %lld bytes, not %d); compile with "
        "torch._inductor.config.freezing = False",
        (long long)metadata_bytes, METADATA_BYTES);
  }
  pt2__onednn_weight_t w = {.rank = read_i32(metadata, AT_RANK),
                            .groups = read_i32(metadata, AT_GROUPS),
                            .block_count = read_i32(metadata, AT_BLOCK_COUNT)};
  uint64_t flags;
  memcpy(&flags, metadata + AT_FLAGS, sizeof(flags));
  memcpy(&w.offset, metadata + AT_OFFSET, sizeof(w.offset));
  int32_t kind = read_i32(metadata, AT_KIND);
  if (w.rank < 1 || w.rank > MOST_DIMS || kind != KIND_BLOCKED ||
      w.block_count < 0 || w.block_count > MOST_DIMS ||
      (flags & ~(uint64_t)FLAGS_ALLOWED) != 0 ||
      read_i32(metadata, AT_TYPE) != type_number(dtype)) {
    return UNKNOWN(
        "a weight is packed by oneDNN in a way that is not known (kind %d, "
        "flags %llu, type %d); compile with "
        "torch._inductor.config.freezing = False",
        kind, (unsigned long long)flags, read_i32(metadata, AT_TYPE));
  }
  read_list(metadata, AT_DIMS, w.dims);
  read_list(metadata, AT_STRIDES, w.strides);
  read_list(metadata, AT_BLOCKS, w.blocks);
  read_list(metadata, AT_BLOCK_DIMS, w.block_dims);
  PT2_TRY(check_dims(&w, rank, sizes));
  PT2_TRY(check_extent(metadata, &w));
  *out_weight = w;
  return PT2_STATUS_OK;
}

// Where the element at |index| lies.
static int64_t place(const pt2__onednn_weight_t* w, const int64_t* index) {
  int64_t rest[MOST_DIMS];
  memcpy(rest, index, sizeof(rest));
  int64_t at = w->offset;
  int64_t step = 1;
  for (int i = w->block_count - 1; i >= 0; --i) {
    int64_t dim = w->block_dims[i];
    at += rest[dim] % w->blocks[i] * step;
    rest[dim] /= w->blocks[i];
    step *= w->blocks[i];
  }
  for (int i = 0; i < w->rank; ++i) {
    at += rest[i] * w->strides[i];
  }
  return at;
}

pt2_status_t pt2__onednn_weight_unpack(const pt2__onednn_weight_t* weight,
                                       const void* data, int32_t dtype,
                                       int64_t rank, const int64_t* sizes,
                                       pt2_tensor_t** out_tensor) {
  pt2_tensor_t* tensor = NULL;
  PT2_TRY(pt2__tensor_empty(dtype, rank, sizes, NULL, &tensor));
  size_t bytes = pt2_dtype_size_bytes(dtype);
  int64_t index[MOST_DIMS] = {0};
  char* to = tensor->data;
  for (int64_t i = 0; i < tensor->numel; ++i, to += bytes) {
    memcpy(to, (const char*)data + (size_t)place(weight, index) * bytes, bytes);
    for (int d = weight->rank - 1; d >= 0; --d) {
      if (++index[d] < weight->dims[d]) {
        break;
      }
      index[d] = 0;
    }
  }
  *out_tensor = tensor;
  return PT2_STATUS_OK;
}

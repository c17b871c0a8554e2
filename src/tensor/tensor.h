// SPDX-License-Identifier: Apache-2.0
//
// The tensor as the library and its operators see it. A model's
// AtenTensorHandle is a pt2_tensor_t* that it owns.
#ifndef PT2_SRC_TENSOR_TENSOR_H_
#define PT2_SRC_TENSOR_TENSOR_H_

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/status.h"
#include "pt2/tensor.h"

// torch's layouts and memory formats.
enum { PT2_LAYOUT_STRIDED = 0 };
enum {
  PT2_MEMORY_FORMAT_CONTIGUOUS = 0,
  PT2_MEMORY_FORMAT_PRESERVE = 1,
  PT2_MEMORY_FORMAT_CHANNELS_LAST = 2,
  PT2_MEMORY_FORMAT_CHANNELS_LAST_3D = 3,
};

// Sizes and strides of tensors up to this rank lie inside the tensor.
#define PT2__INLINE_RANK 6
// No tensor has more dimensions than this (torch's kernels have the same
// bound): stack arrays of operators rely on it.
#define PT2__MAX_RANK 64

// A kernel's pre-packed form of a constant; see pt2__storage_packed.
typedef struct pt2__packed_t pt2__packed_t;

// Memory shared by tensors.
typedef struct pt2__storage_t {
  atomic_int references;
  int32_t device_type;
  int32_t device_index;
  // The bytes never change while the storage lives, so that a kernel may keep
  // a packed form of them. Set for a model's constants only.
  bool immutable;
  bool pooled;  // |data| came from the pool (pt2__pool_free)
  bool inside;  // a pt2__tensor_with_storage_t: not a block of its own
  // Nobody may write to it through a tensor; whose it is still may.
  bool read_only;
  bool of_backend;  // |data| came from the device's back end
  void* data;
  size_t bytes;
  // Called with |user| and |data| when the last reference goes; may be NULL.
  void (*deleter)(void* user, void* data);
  void* user;
  _Atomic(pt2__packed_t*) packed;
} pt2__storage_t;

struct pt2_tensor_t {
  atomic_int references;
  int32_t dtype;
  int32_t device_type;
  int32_t device_index;
  int16_t layout;
  bool has_storage;  // begins a pt2__tensor_with_storage_t
  int32_t rank;
  // NULL: an undefined tensor (aoti_torch_new_uninitialized_tensor).
  pt2__storage_t* storage;
  int64_t storage_offset;  // elements
  int64_t numel;
  void* data;        // first element; NULL if there is none
  int64_t* sizes;    // into |inline_dims| or a block of 2 * rank
  int64_t* strides;  // elements
  int64_t inline_dims[2 * PT2__INLINE_RANK];
};

// A new tensor and its storage in one block, which goes when both are gone: the
// tensor holds a reference to this storage until its own end, also while it
// looks at another one (pt2__tensor_assign).
typedef struct {
  pt2_tensor_t tensor;
  pt2__storage_t storage;
} pt2__tensor_with_storage_t;

// ---- Storage ---------------------------------------------------------------

// Host memory from the pool, uninitialised; |bytes| may be 0. While an operator
// runs on the host for another device: memory of that device (device.h).
PT2_MUST_USE pt2_status_t pt2__storage_create(size_t bytes,
                                              pt2__storage_t** out_storage);
// True while that is so for this thread.
bool pt2__storage_goes_to_device(void);
// The storage of |block| in host memory, set up as pt2__storage_create does it.
PT2_MUST_USE pt2_status_t
pt2__storage_create_inside(size_t bytes, pt2__tensor_with_storage_t* block);
// Frees the memory of |storage| if it has no other reference.
void pt2__storage_drop_unshared(pt2__storage_t* storage);
// Memory of somebody else.
PT2_MUST_USE pt2_status_t pt2__storage_from_blob(
    void* data, size_t bytes, int32_t device_type, int32_t device_index,
    void (*deleter)(void* user, void* data), void* user,
    pt2__storage_t** out_storage);
void pt2__storage_retain(pt2__storage_t* storage);
void pt2__storage_release(pt2__storage_t* storage);

// A packed form: made by one kind of kernel for one view of the storage. The
// kernel's struct begins with this one.
struct pt2__packed_t {
  pt2__packed_t* next;
  const void* kind;  // address that only this kernel uses
  int32_t dtype;
  int32_t rank;
  int64_t storage_offset;
  int64_t sizes[4];
  int64_t strides[4];
  int64_t extra[4];  // whatever else it depends on (padding, groups, batch …)
  size_t bytes;      // of the packed data, for statistics
  void (*destroy)(pt2__packed_t* packed);
};

// Finds the packed form of |tensor| (rank <= 4, immutable storage) that |kind|
// made with |extra| (4 values); NULL if there is none yet. Lock-free.
pt2__packed_t* pt2__packed_find(const pt2_tensor_t* tensor, const void* kind,
                                const int64_t* extra);
// Fills in |packed|'s key and puts it into the storage's list, which owns it
// from then on. If another thread was faster, |packed| is destroyed and the
// other's is returned.
pt2__packed_t* pt2__packed_insert(const pt2_tensor_t* tensor, const void* kind,
                                  const int64_t* extra, pt2__packed_t* packed);
// Bytes of all packed forms of |storage|.
size_t pt2__packed_bytes(const pt2__storage_t* storage);
// True if |tensor| may be packed: immutable storage, rank <= 4.
bool pt2__packed_allowed(const pt2_tensor_t* tensor);

// ---- Tensors ---------------------------------------------------------------

// A tensor over |storage| (retained). |strides| NULL: row-major. Checks that
// every element lies inside the storage.
PT2_MUST_USE pt2_status_t pt2__tensor_over(
    pt2__storage_t* storage, int32_t dtype, int64_t rank, const int64_t* sizes,
    const int64_t* strides, int64_t storage_offset, pt2_tensor_t** out_tensor);
// New host memory. |strides| NULL: row-major.
PT2_MUST_USE pt2_status_t pt2__tensor_empty(int32_t dtype, int64_t rank,
                                            const int64_t* sizes,
                                            const int64_t* strides,
                                            pt2_tensor_t** out_tensor);
// New host memory of |like|'s dtype and sizes, laid out as torch's
// empty_like(preserve_format) does: same strides if non-overlapping and dense,
// otherwise the same order of dimensions, packed.
PT2_MUST_USE pt2_status_t pt2__tensor_empty_like(const pt2_tensor_t* like,
                                                 int32_t dtype,
                                                 pt2_tensor_t** out_tensor);
// Only the strides that pt2__tensor_empty_like gives its result.
void pt2__tensor_dense_strides(const pt2_tensor_t* like, int64_t* out_strides);
// The same sizes, strides and storage in a new object.
PT2_MUST_USE pt2_status_t pt2__tensor_alias(const pt2_tensor_t* source,
                                            pt2_tensor_t** out_tensor);
// A view with other sizes and strides over the same storage.
PT2_MUST_USE pt2_status_t pt2__tensor_view(const pt2_tensor_t* source,
                                           int64_t rank, const int64_t* sizes,
                                           const int64_t* strides,
                                           int64_t storage_offset,
                                           pt2_tensor_t** out_tensor);
// An undefined tensor.
PT2_MUST_USE pt2_status_t pt2__tensor_undefined(pt2_tensor_t** out_tensor);
// Makes |target| what |source| is (torch: *target = *source).
PT2_MUST_USE pt2_status_t pt2__tensor_assign(pt2_tensor_t* target,
                                             const pt2_tensor_t* source);
// |source| itself (a new alias) if row-major, else a row-major copy.
PT2_MUST_USE pt2_status_t pt2__tensor_contiguous(const pt2_tensor_t* source,
                                                 pt2_tensor_t** out_tensor);
// |source| converted to |dtype| as a row-major copy, or an alias if it is both
// already.
PT2_MUST_USE pt2_status_t pt2__tensor_to_contiguous(const pt2_tensor_t* source,
                                                    int32_t dtype,
                                                    pt2_tensor_t** out_tensor);
// Copies elements with dtype conversion and broadcasting (torch: copy_).
PT2_MUST_USE pt2_status_t pt2__tensor_copy(pt2_tensor_t* target,
                                           const pt2_tensor_t* source);
void pt2__tensor_release(pt2_tensor_t* tensor);

static inline bool pt2__tensor_is_defined(const pt2_tensor_t* tensor) {
  return tensor != NULL && tensor->storage != NULL;
}

// True if the elements are row-major without gaps (sizes of 1 may have any
// stride; a tensor without elements is contiguous).
bool pt2__tensor_is_contiguous(const pt2_tensor_t* tensor);
// The same for channels-last (NHWC / NDHWC); false for other ranks.
bool pt2__tensor_is_channels_last(const pt2_tensor_t* tensor);
// torch's suggest_memory_format: what an operator gives its result.
int32_t pt2__tensor_suggest_memory_format(const pt2_tensor_t* tensor);
// No two elements share memory and there is no gap.
bool pt2__tensor_is_non_overlapping_and_dense(const pt2_tensor_t* tensor);
// Two elements of |tensor| may lie at the same address (a stride of 0 …).
bool pt2__tensor_has_internal_overlap(const pt2_tensor_t* tensor);

// ---- Sizes, strides, dtypes ------------------------------------------------

// Product of sizes; false on overflow or a negative size.
bool pt2__sizes_numel(int64_t rank, const int64_t* sizes, int64_t* out_numel);
void pt2__sizes_contiguous_strides(int64_t rank, const int64_t* sizes,
                                   int64_t* out_strides);
// Channels-last strides for rank 4 or 5.
void pt2__sizes_channels_last_strides(int64_t rank, const int64_t* sizes,
                                      int64_t* out_strides);
// Bytes of storage that sizes and strides reach, from offset 0 on; false on
// overflow.
bool pt2__sizes_storage_bytes(int64_t rank, const int64_t* sizes,
                              const int64_t* strides, int64_t storage_offset,
                              size_t element_bytes, size_t* out_bytes);
// Writes "[2, 3]" to |text| (cut if it does not fit) and returns it.
const char* pt2__sizes_format(int64_t rank, const int64_t* sizes, char* text,
                              size_t text_bytes);

// pt2_dtype_size_bytes without a call: 0 for what is no dtype.
#define PT2__DTYPE_COUNT (PT2_DTYPE_F4E2M1FNX2 + 1)
extern const uint8_t pt2__dtype_bytes_table[PT2__DTYPE_COUNT];
static inline size_t pt2__dtype_bytes(int32_t dtype) {
  return (uint32_t)dtype < PT2__DTYPE_COUNT ? pt2__dtype_bytes_table[dtype] : 0;
}

bool pt2__dtype_is_floating(int32_t dtype);  // f16 bf16 f32 f64 f8…
bool pt2__dtype_is_complex(int32_t dtype);
bool pt2__dtype_is_integral(int32_t dtype, bool include_bool);
// Of the parts of a complex number (torch: toRealValueType); others are theirs.
int32_t pt2__dtype_real(int32_t dtype);
// torch.promote_types.
int32_t pt2__dtype_promote(int32_t left, int32_t right);
// torch's own name ("Float", "Long", "BFloat16"), as its messages say it.
const char* pt2__dtype_torch_name(int32_t dtype);

// ---- Conversion of single elements -----------------------------------------

float pt2__f16_to_f32(uint16_t bits);
uint16_t pt2__f32_to_f16(float value);
static inline float pt2__bf16_to_f32(uint16_t bits) {
  union {
    uint32_t bits;
    float value;
  } pun = {.bits = (uint32_t)bits << 16};
  return pun.value;
}
// The nearest, of two the even one; here, and in this form, so that loops of it
// become vectors.
static inline uint16_t pt2__f32_to_bf16(float value) {
  union {
    float value;
    uint32_t bits;
  } pun = {.value = value};
  uint32_t rounded = (pun.bits + 0x7fff + (pun.bits >> 16 & 1)) >> 16;
  return (uint16_t)(value != value ? 0x7fc0 : rounded);
}

// Reads the element at |address| as double / int64 / complex, and writes one.
// Integers beyond 2^53 keep their value only through the integer pair.
double pt2__element_get_f64(int32_t dtype, const void* address);
int64_t pt2__element_get_i64(int32_t dtype, const void* address);
void pt2__element_get_complex(int32_t dtype, const void* address,
                              double* out_parts);
void pt2__element_set_f64(int32_t dtype, void* address, double value);
void pt2__element_set_i64(int32_t dtype, void* address, int64_t value);
void pt2__element_set_complex(int32_t dtype, void* address,
                              const double* parts);

#endif  // PT2_SRC_TENSOR_TENSOR_H_

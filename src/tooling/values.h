// SPDX-License-Identifier: Apache-2.0
//
// Tensors as the tool handles them: lists with file keys, and their elements
// as numbers, whatever the dtype.
#ifndef PT2_SRC_TOOLING_VALUES_H_
#define PT2_SRC_TOOLING_VALUES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/tensor.h"
#include "tooling/common.h"

// A growing list of tensors. Entry |i| may be NULL (an output that is None).
typedef struct {
  pt2_tensor_t** items;
  char** keys;  // entries may be NULL: no key
  size_t count;
  size_t capacity;
} pt2__tensor_list_t;

// Takes |tensor| over; |key| is copied and may be NULL.
void pt2__tensor_list_add(pt2__tensor_list_t* list, pt2_tensor_t* tensor,
                          const char* key);
void pt2__tensor_list_free(pt2__tensor_list_t* list);
// Puts the entries in the order of their keys: digits count as numbers ("2"
// before "10", "arr_2" before "arr_10"), keys that are numbers come first.
void pt2__tensor_list_sort(pt2__tensor_list_t* list);

// True and the value if |key| is a plain decimal index ("0", "17", not "01").
bool pt2__key_index(const char* key, size_t* out_index);

// How elements of a dtype are best read.
enum {
  PT2__CLASS_NONE = 0,  // no single elements: f4x2, unknown
  PT2__CLASS_BOOL,
  PT2__CLASS_INT,   // i8 … i64
  PT2__CLASS_UINT,  // u8 … u64
  PT2__CLASS_FLOAT,
  PT2__CLASS_COMPLEX,
};
int pt2__dtype_class(pt2_dtype_t dtype);

// Reads elements of one dtype. |table| holds the values of all bit patterns of
// a small float type; the library's own conversion fills it.
typedef struct {
  pt2_dtype_t dtype;
  int element_class;
  size_t element_bytes;
  const double* table;
} pt2__reader_t;

// Errors: dtypes without single elements.
int pt2__reader_init(pt2_dtype_t dtype, pt2__reader_t* out_reader);
// Frees the tables that readers share.
void pt2__reader_free_tables(void);

double pt2__read_f64(const pt2__reader_t* reader, const void* address);
int64_t pt2__read_i64(const pt2__reader_t* reader, const void* address);
uint64_t pt2__read_u64(const pt2__reader_t* reader, const void* address);
void pt2__read_complex(const pt2__reader_t* reader, const void* address,
                       double* out_parts);

// |tensor| itself, retained, if its elements are row-major; else a copy.
int pt2__tensor_row_major(pt2_tensor_t* tensor, pt2_tensor_t** out_tensor);

// Bytes of all elements.
size_t pt2__tensor_bytes(const pt2_tensor_t* tensor);

// A new row-major tensor; |what| names it in messages.
int pt2__tensor_new(const char* what, pt2_dtype_t dtype, size_t rank,
                    const int64_t* sizes, pt2_tensor_t** out_tensor);

// The same, filled with |bytes| bytes from |data|, which must be as many as
// the elements take. Bytes of a bool other than 0 become 1, which is what
// compiled code expects of a bool.
int pt2__tensor_from_bytes(const char* what, pt2_dtype_t dtype, size_t rank,
                           const int64_t* sizes, const void* data, size_t bytes,
                           pt2_tensor_t** out_tensor);

// Product of |sizes| and of the element's bytes; false if it overflows or a
// size is negative.
bool pt2__sizes_bytes(pt2_dtype_t dtype, size_t rank, const int64_t* sizes,
                      int64_t* out_numel, uint64_t* out_bytes);

// "[2, 3]", appended.
void pt2__text_sizes(pt2__text_t* text, size_t rank, const int64_t* sizes);

// No file, SPEC or package of ours has more dimensions.
#define PT2__TOOL_MAX_RANK 64

#endif  // PT2_SRC_TOOLING_VALUES_H_

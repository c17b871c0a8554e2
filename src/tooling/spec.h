// SPDX-License-Identifier: Apache-2.0
//
// The grammar of --input, which is IREE's:
//
//   2x3xf32=1 2 3 4 5 6     values; blanks, commas and brackets separate them
//   2x3xf32=0.5             one value for all elements
//   2x3xf32                 zeros
//   f32=3                   no dimensions: a 0-d tensor
//   2x3xf32=@raw.bin        the bytes of a file
//   @x.npy @x.npz @x.safetensors   the tensors of a file, in key order
#ifndef PT2_SRC_TOOLING_SPEC_H_
#define PT2_SRC_TOOLING_SPEC_H_

#include "tooling/values.h"

// Appends the tensors that |spec| describes to |list|.
//
// Errors: USAGE  |spec| breaks the grammar, a value does not fit the dtype
//         FAILED a file cannot be read or is damaged
int pt2__spec_load(const char* spec, pt2__tensor_list_t* list);

// Parses "8x256" ("" for no dimensions) to at most |capacity| sizes.
bool pt2__spec_parse_sizes(const char* text, size_t capacity,
                           int64_t* out_sizes, size_t* out_rank);

// Parses one value ("-1", "0.5", "nan", "true", "1+2j") and writes it to
// |address| as an element of |dtype|.
bool pt2__spec_parse_value(const char* text, pt2_dtype_t dtype, void* address);

#endif  // PT2_SRC_TOOLING_SPEC_H_

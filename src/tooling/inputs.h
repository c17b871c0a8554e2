// SPDX-License-Identifier: Apache-2.0
//
// The inputs of a run: from --input, or random ones of the package's shapes.
#ifndef PT2_SRC_TOOLING_INPUTS_H_
#define PT2_SRC_TOOLING_INPUTS_H_

#include "tooling/values.h"

// What the command line said about inputs. Strings are borrowed.
typedef struct {
  const char* const* specs;  // --input, in order
  size_t spec_count;
  const char* const* shapes;  // --shapes: "ARGS[0]:8x256,ARGS[1]:8"
  size_t shape_count;
  const char* const* dims;  // --dim: "s77:8,s12:4"
  size_t dim_count;
  int64_t input_max;  // largest random integer
  uint64_t seed;
} pt2__input_options_t;

// Fills |list| with one tensor for each input of |runner|, in the strides that
// the model was compiled for. Random ones are announced on stderr.
//
// Errors: USAGE  a SPEC is wrong, the count is wrong, --shapes or --dim names
//                nothing, an input's shape is neither given nor in the package
int pt2__inputs_make(const pt2_runner_t* runner,
                     const pt2__input_options_t* options,
                     pt2__tensor_list_t* list);

// A new row-major tensor of random elements: floats in [-1, 1), integers in
// 0..|input_max| as far as the dtype reaches, fair bools. |state| is any
// number and moves on.
int pt2__random_tensor(const char* what, pt2_dtype_t dtype, size_t rank,
                       const int64_t* sizes, int64_t input_max, uint64_t* state,
                       pt2_tensor_t** out_tensor);

#endif  // PT2_SRC_TOOLING_INPUTS_H_

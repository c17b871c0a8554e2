// SPDX-License-Identifier: Apache-2.0
//
// What the C++ text that torch ships beside a model tells about it. The text
// is read, never compiled; a part that is missing, cut or contradicts itself
// gives unknown facts.
#ifndef PT2_SRC_PACKAGE_FACTS_H_
#define PT2_SRC_PACKAGE_FACTS_H_

#include <stdbool.h>
#include <stddef.h>

#include "package/arena.h"
#include "package/text.h"
#include "pt2/package.h"

// Most dimensions that PyTorch itself allows.
#define PT2__MAX_RANK 64

typedef struct {
  // False: there is no text, or not one that can be believed; counts are 0.
  bool is_known;
  size_t input_count;
  size_t output_count;
  size_t constant_count;
  pt2_value_info_t* inputs;
  pt2_value_info_t* outputs;
  pt2_constant_info_t* constants;
  // Constants that are computed at load, not stored.
  bool* constant_is_folded;
  // Elements before a constant's first one in its storage; -1 unknown.
  int64_t* constant_offsets;
  // As the model's constructor says; true where it does not.
  bool includes_weights;
  const char* in_spec;
  const char* out_spec;
} pt2__facts_t;

// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__facts_read(pt2__span_t text, pt2__arena_t* arena,
                                          pt2__facts_t* out_facts);

// Sum of the bytes of the constants that are stored.
uint64_t pt2__facts_constant_bytes(const pt2__facts_t* facts);

// ---- Parts of pt2__facts_read ----------------------------------------------

// Fills dtype, device and dims from the generated input checks in |checks| and
// the names of the dynamic dimensions from the body of run_impl.
PT2_MUST_USE pt2_status_t pt2__facts_read_inputs(pt2__span_t checks,
                                                 pt2__span_t body,
                                                 pt2__arena_t* arena,
                                                 pt2__facts_t* facts);

// Fills what the body of run_impl plainly says of the outputs.
PT2_MUST_USE pt2_status_t pt2__facts_read_outputs(pt2__span_t body,
                                                  pt2__arena_t* arena,
                                                  pt2__facts_t* facts);

// Users' names of inputs and outputs, from the call specs.
PT2_MUST_USE pt2_status_t pt2__facts_name_values(pt2__arena_t* arena,
                                                 pt2__facts_t* facts);

// A dimension from its C++ expression: a number, a symbol of an input, or any
// other expression, which is then its symbol. |size| is trimmed.
PT2_MUST_USE pt2_status_t pt2__facts_dim(const pt2__facts_t* facts,
                                         pt2__span_t size, pt2__arena_t* arena,
                                         pt2_dim_info_t* out_dim);

// The text of a symbol or an expression of symbols, without the suffixes of
// C++'s integers: "7*s20" for "7L*s20".
PT2_MUST_USE pt2_status_t pt2__facts_symbol(pt2__span_t expression,
                                            pt2__arena_t* arena,
                                            const char** out_text);

// Splits "{a, f(b, c)}" at its outer commas; false if it is no such list or has
// more than PT2__MAX_RANK parts.
bool pt2__facts_split(pt2__span_t list, pt2__span_t* out_parts,
                      size_t* out_count);

#endif  // PT2_SRC_PACKAGE_FACTS_H_

// SPDX-License-Identifier: Apache-2.0
//
// What --json prints.
#ifndef PT2_SRC_TOOLING_JSON_OUT_H_
#define PT2_SRC_TOOLING_JSON_OUT_H_

#include <jansson.h>

#include "pt2/package.h"
#include "tooling/compare.h"
#include "tooling/print.h"

// A string; bytes that are not UTF-8 become '?'. NULL becomes null.
json_t* pt2__json_text(const char* text);
// A number; JSON has no NaN and no infinities: they become "nan", "inf",
// "-inf".
json_t* pt2__json_number(double value);

// {"name", "internal_name", "dtype", "device", "dims": [{…}] or null}
json_t* pt2__json_value_info(const pt2_value_info_t* info);
// {"runs", "imports", "bound", "findings": [{…}]}
json_t* pt2__json_preflight(const pt2_preflight_t* report);
// {"finite", "nan", "inf", "min", "max", "mean"}
json_t* pt2__json_statistics(const pt2__statistics_t* statistics);
// Elements in row-major order, one flat array; complex ones as pairs.
json_t* pt2__json_elements(const pt2__reader_t* reader,
                           const pt2_tensor_t* tensor);
// {"equal", "reason", "differing", …}
json_t* pt2__json_comparison(const pt2__comparison_t* comparison,
                             const pt2_tensor_t* got,
                             const pt2_tensor_t* expected);
json_t* pt2__json_sizes(size_t rank, const int64_t* sizes);

// Prints |value| to stdout and drops the reference.
int pt2__json_print(json_t* value);
// Prints {"error": {"exit_code", "status", "message"}} of the recorded error,
// unless a report was printed already.
void pt2__json_print_error(int exit_code);

#endif  // PT2_SRC_TOOLING_JSON_OUT_H_

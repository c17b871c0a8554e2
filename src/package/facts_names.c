// SPDX-License-Identifier: Apache-2.0
//
// Users' names of a model's values, from the call specs.
#include <string.h>

#include "base/status.h"
#include "package/call_spec.h"
#include "package/facts.h"

// The leaf that value |index| is. Leaves that are no tensors (None, numbers)
// are no inputs, so there may be more leaves than inputs; torch numbers its
// placeholders ("arg5_1") over all leaves, which tells the gaps if they make up
// the whole difference.
static bool leaf_of(const pt2_value_info_t* values, size_t count,
                    size_t leaf_count, size_t index, size_t* out_leaf) {
  if (leaf_count == count) {
    *out_leaf = index;
    return true;
  }
  int64_t first = 0;
  int64_t last = -1;
  for (size_t i = 0; i < count; ++i) {
    const char* name = values[i].internal_name;
    pt2__span_t span = {name, name + strlen(name)};
    int64_t number;
    // "arg5_1": the integer must be taken without the "_1" behind it.
    if (!pt2__take(&span, "arg") || pt2__span_length(span) < 3 ||
        memcmp(span.end - 2, "_1", 2) != 0) {
      return false;
    }
    span.end -= 2;
    if (!pt2__take_integer(&span, &number) || span.begin != span.end ||
        (i > 0 && number <= last)) {
      return false;
    }
    first = i == 0 ? number : first;
    last = number;
    if (i == index) {
      *out_leaf = (size_t)(number - first);
    }
  }
  return count > 0 && (uint64_t)(last - first) + 1 == leaf_count;
}

static pt2_status_t name_values(pt2__arena_t* arena, const char* json,
                                int32_t what, pt2_value_info_t* values,
                                size_t count) {
  for (size_t i = 0; i < count; ++i) {
    values[i].name = values[i].internal_name;
  }
  if (json == NULL) {
    return PT2_STATUS_OK;
  }
  pt2_call_spec_t* spec = NULL;
  pt2_status_t status = pt2__call_spec_parse(json, what, &spec);
  if (status == PT2_STATUS_CORRUPT) {
    // The internal names will do.
    pt2_error_clear();
    return PT2_STATUS_OK;
  }
  for (size_t i = 0; i < count && status == PT2_STATUS_OK; ++i) {
    size_t leaf = 0;
    if (leaf_of(values, count, spec->leaf_count, i, &leaf)) {
      const char* name = spec->nodes[spec->leaves[leaf]].name;
      status = pt2__arena_text(arena, name, strlen(name), &values[i].name);
    }
  }
  pt2_call_spec_destroy(spec);
  return status;
}

pt2_status_t pt2__facts_name_values(pt2__arena_t* arena, pt2__facts_t* facts) {
  PT2_TRY(name_values(arena, facts->in_spec, PT2_CALL_SPEC_INPUTS,
                      facts->inputs, facts->input_count));
  return name_values(arena, facts->out_spec, PT2_CALL_SPEC_RESULT,
                     facts->outputs, facts->output_count);
}

// SPDX-License-Identifier: Apache-2.0
//
// What happens to the outputs of a run: see outputs.h.
#include "tooling/outputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tooling/files.h"

// ---- Saving ----------------------------------------------------------------

// Checks "@FILE" and that the name tells a kind.
static int check_target(const char* option, const char* target) {
  if (target[0] != '@') {
    return pt2__tool_fail(PT2__EXIT_USAGE, "--%s=%s: write --%s=@%s", option,
                          target, option, target);
  }
  if (pt2__file_kind(target + 1) == PT2__FILE_UNKNOWN) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "--%s=%s: the name ends in none of .npy .npz "
                          ".safetensors .bin",
                          option, target);
  }
  return PT2__EXIT_OK;
}

// Refuses dtypes that a file of |kind| cannot hold, as far as they are known.
static int check_dtype(const char* path, int kind, const pt2_runner_t* runner,
                       size_t index) {
  pt2_value_info_t info;
  if (pt2_runner_output_info(runner, index, &info) != PT2_STATUS_OK ||
      info.dtype == PT2_DTYPE_UNDEFINED ||
      pt2__file_kind_holds(kind, info.dtype)) {
    return PT2__EXIT_OK;
  }
  return pt2__tool_fail(
      PT2__EXIT_USAGE, "%s cannot hold %s of output %zu (%s)%s", path,
      pt2_dtype_name(info.dtype), index, info.name,
      pt2__safetensors_holds(info.dtype) ? ": write a .safetensors file"
                                         : ": write a .bin file");
}

// One --output or --expected-output: "@FILE" or "NAME=@FILE".
typedef struct {
  size_t index;      // the output that it names; the number of outputs if none
  const char* path;  // with the "@"
} target_t;

static int no_such_output(const char* option, const pt2_runner_t* runner,
                          const char* name) {
  pt2__text_t names = {0};
  for (size_t i = 0; i < pt2_runner_output_count(runner); ++i) {
    pt2_value_info_t info;
    if (pt2_runner_output_info(runner, i, &info) == PT2_STATUS_OK) {
      pt2__text_printf(&names, "%s%s", i > 0 ? ", " : "", info.name);
    }
  }
  int result = pt2__tool_fail(PT2__EXIT_USAGE,
                              "--%s: no output is called '%s'; outputs: %s",
                              option, name, pt2__text_peek(&names));
  pt2__text_free(&names);
  return result;
}

// A key of a dict may contain "=@", so that the names decide.
static int cut_target(const char* option, const pt2_runner_t* runner,
                      const char* text, target_t* out_target) {
  size_t count = pt2_runner_output_count(runner);
  *out_target = (target_t){count, text};
  const char* cut = text[0] != '@' ? strstr(text, "=@") : NULL;
  const char* first = cut;
  for (; cut != NULL; cut = strstr(cut + 1, "=@")) {
    size_t length = (size_t)(cut - text);
    for (size_t i = 0; i < count; ++i) {
      pt2_value_info_t info;
      if (pt2_runner_output_info(runner, i, &info) == PT2_STATUS_OK &&
          strncmp(info.name, text, length) == 0 && info.name[length] == '\0') {
        *out_target = (target_t){i, cut + 1};
        return PT2__EXIT_OK;
      }
    }
  }
  if (first == NULL) {
    return PT2__EXIT_OK;
  }
  char* name = pt2__tool_strndup(text, (size_t)(first - text));
  int result = no_such_output(option, runner, name);
  free(name);
  return result;
}

// The targets of all --output; the caller frees |*out_targets|. |named| gets a
// flag for each output.
static int cut_targets(const pt2__args_t* args, const pt2_runner_t* runner,
                       target_t** out_targets, size_t* out_count, bool* named) {
  const char** texts = pt2__args_values(args, "output", out_count);
  target_t* targets = pt2__tool_alloc((*out_count + 1) * sizeof(*targets));
  int result = PT2__EXIT_OK;
  for (size_t i = 0; i < *out_count && result == PT2__EXIT_OK; ++i) {
    result = cut_target("output", runner, texts[i], &targets[i]);
    if (result == PT2__EXIT_OK &&
        targets[i].index < pt2_runner_output_count(runner)) {
      named[targets[i].index] = true;
    }
  }
  free(texts);
  *out_targets = targets;
  return result;
}

// The first output from |*next| on that has no target of its own.
static size_t next_unnamed(const bool* named, size_t count, size_t next) {
  while (next < count && named[next]) {
    ++next;
  }
  return next;
}

static int check_targets(const target_t* targets, size_t count,
                         const bool* named, const pt2_runner_t* runner) {
  size_t outputs = pt2_runner_output_count(runner);
  size_t next = 0;
  for (size_t i = 0; i < count; ++i) {
    PT2__TOOL_TRY(check_target("output", targets[i].path));
    const char* path = targets[i].path + 1;
    int kind = pt2__file_kind(path);
    size_t first = targets[i].index;
    if (first == outputs && !pt2__file_kind_has_keys(kind)) {
      first = next_unnamed(named, outputs, next);
      next = first + 1;
      if (first == outputs) {
        return pt2__tool_fail(
            PT2__EXIT_USAGE, "--output=%s: the model has %zu output%s",
            targets[i].path, outputs, outputs == 1 ? "" : "s");
      }
    }
    // A file of all outputs, or of one.
    for (size_t j = 0; j < outputs; ++j) {
      if (first == outputs || first == j) {
        PT2__TOOL_TRY(check_dtype(path, kind, runner, j));
      }
    }
  }
  return PT2__EXIT_OK;
}

int pt2__outputs_check_files(const pt2__args_t* args,
                             const pt2_runner_t* runner) {
  size_t count = 0;
  target_t* targets = NULL;
  bool* named = pt2__tool_alloc(pt2_runner_output_count(runner) + 1);
  int result = cut_targets(args, runner, &targets, &count, named);
  if (result == PT2__EXIT_OK) {
    result = check_targets(targets, count, named, runner);
  }
  free(targets);
  free(named);
  return result;
}

static int save_one(const char* path, const pt2__tensor_list_t* outputs,
                    size_t index) {
  if (outputs->items[index] == NULL) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "%s: output %zu is None", path,
                          index);
  }
  pt2__tensor_list_t one = {&outputs->items[index], &outputs->keys[index], 1,
                            1};
  return pt2__file_save(path, &one);
}

// Saves the next output that is not None and has no target of its own.
static int save_next(const char* path, const pt2__tensor_list_t* outputs,
                     const bool* named, size_t* next) {
  while (*next < outputs->count &&
         (outputs->items[*next] == NULL || named[*next])) {
    ++*next;
  }
  if (*next == outputs->count) {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%s: no output is left for it: the others are None",
                          path);
  }
  return save_one(path, outputs, (*next)++);
}

int pt2__outputs_save(const pt2__args_t* args, const pt2_runner_t* runner,
                      const pt2__tensor_list_t* outputs) {
  size_t count = 0;
  size_t next = 0;
  target_t* targets = NULL;
  bool* named = pt2__tool_alloc(outputs->count + 1);
  int result = cut_targets(args, runner, &targets, &count, named);
  for (size_t i = 0; i < count && result == PT2__EXIT_OK; ++i) {
    const char* path = targets[i].path + 1;
    if (targets[i].index < outputs->count) {
      result = save_one(path, outputs, targets[i].index);
    } else if (pt2__file_kind_has_keys(pt2__file_kind(path))) {
      result = pt2__file_save(path, outputs);
    } else {
      result = save_next(path, outputs, named, &next);
    }
  }
  free(targets);
  free(named);
  return result;
}

// ---- Expectations ----------------------------------------------------------

// Takes the tensors of a file with keys over.
static int take_keyed(const char* path, pt2__tensor_list_t* list,
                      pt2__expected_t* expected) {
  for (size_t i = 0; i < list->count; ++i) {
    size_t index = 0;
    if (!pt2__key_index(list->keys[i], &index)) {
      return pt2__tool_fail(PT2__EXIT_FAILED,
                            "%s: key '%s' is no index of an output", path,
                            list->keys[i]);
    }
    if (index >= expected->count) {
      return pt2__tool_fail(PT2__EXIT_FAILED,
                            "%s: key '%s', but the model has %zu output%s",
                            path, list->keys[i], expected->count,
                            expected->count == 1 ? "" : "s");
    }
    if (expected->by_index[index] != NULL) {
      return pt2__tool_fail(PT2__EXIT_FAILED,
                            "%s: output %zu is in another file too", path,
                            index);
    }
    expected->by_index[index] = list->items[i];
    list->items[i] = NULL;
  }
  expected->has_keys = true;
  return PT2__EXIT_OK;
}

// The tensor of |list| that is output |index|: under that key, or the only one.
static int take_one(const char* path, pt2__tensor_list_t* list, size_t index,
                    pt2__expected_t* expected) {
  if (expected->by_index[index] != NULL) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "%s: output %zu is expected from another file too",
                          path, index);
  }
  size_t found = list->count;
  for (size_t i = 0; i < list->count; ++i) {
    size_t key = 0;
    if (list->count == 1 ||
        (pt2__key_index(list->keys[i], &key) && key == index)) {
      found = i;
    }
  }
  if (found == list->count) {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%s: %zu tensors, none has the key '%zu'", path,
                          list->count, index);
  }
  expected->by_index[index] = list->items[found];
  list->items[found] = NULL;
  return PT2__EXIT_OK;
}

static int load_one(const target_t* target, pt2__expected_t* expected) {
  PT2__TOOL_TRY(check_target("expected-output", target->path));
  const char* path = target->path + 1;
  int kind = pt2__file_kind(path);
  if (kind == PT2__FILE_RAW) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "--expected-output=%s: raw bytes tell no dtype",
                          target->path);
  }
  bool named = target->index < expected->count;
  if (!named && !pt2__file_kind_has_keys(kind)) {
    return pt2__file_load(path, &expected->singles);
  }
  pt2__tensor_list_t list = {0};
  int result = pt2__file_load(path, &list);
  if (result == PT2__EXIT_OK) {
    result = named ? take_one(path, &list, target->index, expected)
                   : take_keyed(path, &list, expected);
  }
  pt2__tensor_list_free(&list);
  return result;
}

int pt2__expected_load(const pt2__args_t* args, const pt2_runner_t* runner,
                       pt2__expected_t* out_expected) {
  size_t count = 0;
  size_t output_count = pt2_runner_output_count(runner);
  const char** texts = pt2__args_values(args, "expected-output", &count);
  pt2__expected_t expected = {.count = output_count};
  expected.by_index =
      pt2__tool_alloc(output_count * sizeof(*expected.by_index));
  int result = PT2__EXIT_OK;
  for (size_t i = 0; i < count && result == PT2__EXIT_OK; ++i) {
    target_t target;
    result = cut_target("expected-output", runner, texts[i], &target);
    if (result == PT2__EXIT_OK) {
      result = load_one(&target, &expected);
    }
  }
  if (result == PT2__EXIT_OK && expected.singles.count > output_count) {
    result = pt2__tool_fail(PT2__EXIT_USAGE,
                            "%zu files of expected outputs, the model has %zu",
                            expected.singles.count, output_count);
  }
  free(texts);
  if (result != PT2__EXIT_OK) {
    pt2__expected_free(&expected);
    return result;
  }
  *out_expected = expected;
  return PT2__EXIT_OK;
}

void pt2__expected_free(pt2__expected_t* expected) {
  for (size_t i = 0; i < expected->count; ++i) {
    pt2_tensor_release(expected->by_index[i]);
  }
  free(expected->by_index);
  pt2__tensor_list_free(&expected->singles);
  memset(expected, 0, sizeof(*expected));
}

int pt2__expected_assign(pt2__expected_t* expected,
                         const pt2__tensor_list_t* outputs) {
  size_t next = 0;
  for (size_t i = 0; i < expected->singles.count; ++i) {
    while (next < outputs->count &&
           (outputs->items[next] == NULL || expected->by_index[next] != NULL)) {
      ++next;
    }
    if (next == outputs->count) {
      return pt2__tool_fail(PT2__EXIT_FAILED,
                            "--expected-output: no output is left for .npy "
                            "file %zu of %zu",
                            i + 1, expected->singles.count);
    }
    expected->by_index[next] = expected->singles.items[i];
    expected->singles.items[i] = NULL;
  }
  return PT2__EXIT_OK;
}

int pt2__expected_compare(const pt2__expected_t* expected,
                          const pt2__args_t* args,
                          const pt2__tensor_list_t* outputs, size_t index,
                          bool* out_compared,
                          pt2__comparison_t* out_comparison) {
  pt2_tensor_t* got = outputs->items[index];
  pt2_tensor_t* wanted = expected->by_index[index];
  memset(out_comparison, 0, sizeof(*out_comparison));
  out_comparison->worst = -1;
  *out_compared = wanted != NULL || (expected->has_keys && got != NULL);
  if (!*out_compared) {
    return PT2__EXIT_OK;
  }
  if (got == NULL || wanted == NULL) {
    out_comparison->outcome =
        got == NULL ? PT2__COMPARE_UNEXPECTED : PT2__COMPARE_MISSING;
    return PT2__EXIT_OK;
  }
  pt2__tolerance_t tolerance = pt2__tolerance_default(pt2_tensor_dtype(got));
  PT2__TOOL_TRY(pt2__args_f64(args, "rtol", 0, HUGE_VAL, &tolerance.rtol));
  PT2__TOOL_TRY(pt2__args_f64(args, "atol", 0, HUGE_VAL, &tolerance.atol));
  return pt2__compare(got, wanted, tolerance, out_comparison);
}

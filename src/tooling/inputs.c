// SPDX-License-Identifier: Apache-2.0
//
// The inputs of a run: see inputs.h.
#include "tooling/inputs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tooling/spec.h"

// Facts of all inputs of a runner.
typedef struct {
  pt2_value_info_t* infos;
  size_t count;
} facts_t;

static int read_facts(const pt2_runner_t* runner, facts_t* facts) {
  facts->count = pt2_runner_input_count(runner);
  facts->infos = pt2__tool_alloc(facts->count * sizeof(*facts->infos));
  for (size_t i = 0; i < facts->count; ++i) {
    pt2_status_t status = pt2_runner_input_info(runner, i, &facts->infos[i]);
    if (status != PT2_STATUS_OK) {
      return pt2__tool_fail_status(status, "input %zu", i);
    }
  }
  return PT2__EXIT_OK;
}

// The input whose name is the first |length| characters of |name|, or the
// number of inputs if there is none.
static size_t find_input(const facts_t* facts, const char* name,
                         size_t length) {
  size_t index = 0;
  while (index < facts->count &&
         (strncmp(facts->infos[index].name, name, length) != 0 ||
          facts->infos[index].name[length] != '\0')) {
    ++index;
  }
  return index;
}

// ---- --shapes and --dim ----------------------------------------------------

// Sizes that the command line chose.
typedef struct {
  char* symbol;
  int64_t size;
} chosen_dim_t;

typedef struct {
  bool given;
  size_t rank;
  int64_t sizes[PT2__TOOL_MAX_RANK];
} chosen_shape_t;

typedef struct {
  chosen_dim_t* dims;
  size_t dim_count;
  chosen_shape_t* shapes;  // one for each input
} choices_t;

static void free_choices(choices_t* choices) {
  for (size_t i = 0; i < choices->dim_count; ++i) {
    free(choices->dims[i].symbol);
  }
  free(choices->dims);
  free(choices->shapes);
}

static const chosen_dim_t* find_dim(const choices_t* choices,
                                    const char* symbol) {
  for (size_t i = 0; i < choices->dim_count; ++i) {
    if (strcmp(choices->dims[i].symbol, symbol) == 0) {
      return &choices->dims[i];
    }
  }
  return NULL;
}

// Remembers |symbol| = |size|; a second size for the same symbol is refused.
static int choose_dim(choices_t* choices, const char* symbol, int64_t size) {
  const chosen_dim_t* known = find_dim(choices, symbol);
  if (known != NULL && known->size != size) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "dimension %s is given two sizes: %lld and %lld",
                          symbol, (long long)known->size, (long long)size);
  }
  if (known == NULL) {
    choices->dims = pt2__tool_realloc(
        choices->dims, (choices->dim_count + 1) * sizeof(*choices->dims));
    choices->dims[choices->dim_count++] =
        (chosen_dim_t){pt2__tool_strdup(symbol), size};
  }
  return PT2__EXIT_OK;
}

static bool has_symbol(const facts_t* facts, const char* symbol) {
  for (size_t i = 0; i < facts->count; ++i) {
    for (int32_t d = 0; d < facts->infos[i].rank; ++d) {
      const char* other = facts->infos[i].dims[d].symbol;
      if (other != NULL && strcmp(other, symbol) == 0) {
        return true;
      }
    }
  }
  return false;
}

static int add_dim(const facts_t* facts, const char* name, const char* value,
                   choices_t* choices) {
  int64_t size = 0;
  if (!pt2__parse_i64(value, &size) || size < 0) {
    return pt2__tool_fail(PT2__EXIT_USAGE, "--dim=%s:%s: '%s' is no size", name,
                          value, value);
  }
  if (!has_symbol(facts, name)) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "--dim=%s:%s: no input has a dimension of that name",
                          name, value);
  }
  return choose_dim(choices, name, size);
}

// The names of all inputs, for a message.
static int no_such_input(const facts_t* facts, const char* option,
                         const char* name) {
  pt2__text_t names = {0};
  for (size_t i = 0; i < facts->count; ++i) {
    pt2__text_printf(&names, "%s%s", i > 0 ? ", " : "", facts->infos[i].name);
  }
  int result =
      pt2__tool_fail(PT2__EXIT_USAGE, "%s: no input is called '%s'; inputs: %s",
                     option, name, pt2__text_peek(&names));
  pt2__text_free(&names);
  return result;
}

static int add_shape(const facts_t* facts, const char* name, const char* value,
                     choices_t* choices) {
  size_t index = 0;
  if (!pt2__key_index(name, &index) || index >= facts->count) {
    index = find_input(facts, name, strlen(name));
  }
  if (index == facts->count) {
    return no_such_input(facts, "--shapes", name);
  }
  const pt2_value_info_t* info = &facts->infos[index];
  chosen_shape_t* shape = &choices->shapes[index];
  if (!pt2__spec_parse_sizes(value, PT2__TOOL_MAX_RANK, shape->sizes,
                             &shape->rank)) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "--shapes=%s:%s: a shape is written as 8x256", name,
                          value);
  }
  if (info->rank >= 0 && shape->rank != (size_t)info->rank) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "--shapes=%s:%s: the input has %d dimensions", name,
                          value, info->rank);
  }
  shape->given = true;
  // The same symbol elsewhere follows.
  for (int32_t d = 0; d < info->rank; ++d) {
    if (info->dims[d].symbol != NULL) {
      PT2__TOOL_TRY(choose_dim(choices, info->dims[d].symbol, shape->sizes[d]));
    }
  }
  return PT2__EXIT_OK;
}

// Cuts "NAME:VALUE,NAME:VALUE" and hands each pair on.
static int add_pairs(const facts_t* facts, const char* option, const char* text,
                     int (*add)(const facts_t*, const char*, const char*,
                                choices_t*),
                     choices_t* choices) {
  char* copy = pt2__tool_strdup(text);
  int result = PT2__EXIT_OK;
  char* rest = NULL;
  char* pair = strtok_r(copy, ",", &rest);
  if (pair == NULL) {
    result = pt2__tool_fail(PT2__EXIT_USAGE, "%s wants NAME:VALUE", option);
  }
  while (pair != NULL && result == PT2__EXIT_OK) {
    char* colon = strrchr(pair, ':');
    if (colon == NULL || colon == pair) {
      result = pt2__tool_fail(PT2__EXIT_USAGE, "%s=%s: NAME:VALUE is expected",
                              option, pair);
    } else {
      *colon = '\0';
      result = add(facts, pair, colon + 1, choices);
    }
    pair = strtok_r(NULL, ",", &rest);
  }
  free(copy);
  return result;
}

static int read_choices(const facts_t* facts,
                        const pt2__input_options_t* options,
                        choices_t* choices) {
  choices->shapes = pt2__tool_alloc(facts->count * sizeof(*choices->shapes));
  for (size_t i = 0; i < options->dim_count; ++i) {
    PT2__TOOL_TRY(
        add_pairs(facts, "--dim", options->dims[i], add_dim, choices));
  }
  for (size_t i = 0; i < options->shape_count; ++i) {
    PT2__TOOL_TRY(
        add_pairs(facts, "--shapes", options->shapes[i], add_shape, choices));
  }
  return PT2__EXIT_OK;
}

// ---- Random inputs ---------------------------------------------------------

// The size of a dimension that nobody chose: the smallest that is allowed, but
// not 0 where 1 is allowed too.
static int64_t default_size(const pt2_dim_info_t* dim) {
  return dim->min == 0 && dim->max > 0 ? 1 : dim->min;
}

static int make_random(const facts_t* facts, size_t index,
                       const choices_t* choices, int64_t input_max,
                       uint64_t* state, pt2__tensor_list_t* list) {
  const pt2_value_info_t* info = &facts->infos[index];
  const chosen_shape_t* shape = &choices->shapes[index];
  if (info->dtype == PT2_DTYPE_UNDEFINED || (info->rank < 0 && !shape->given)) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "input %zu (%s): the package does not tell its dtype "
                          "and shape: give an --input for each input",
                          index, info->name);
  }
  int64_t sizes[PT2__TOOL_MAX_RANK];
  size_t rank = shape->given ? shape->rank : (size_t)info->rank;
  for (size_t d = 0; d < rank && d < PT2__TOOL_MAX_RANK; ++d) {
    if (shape->given) {
      sizes[d] = shape->sizes[d];
      continue;
    }
    const pt2_dim_info_t* dim = &info->dims[d];
    const chosen_dim_t* chosen =
        dim->symbol != NULL ? find_dim(choices, dim->symbol) : NULL;
    sizes[d] = chosen != NULL ? chosen->size : default_size(dim);
  }
  pt2_tensor_t* tensor = NULL;
  char* what = pt2__tool_sprintf("input %zu (%s)", index, info->name);
  int result = pt2__random_tensor(what, info->dtype, rank, sizes, input_max,
                                  state, &tensor);
  free(what);
  if (result == PT2__EXIT_OK) {
    pt2__tensor_list_add(list, tensor, NULL);
  }
  return result;
}

static int make_all_random(const facts_t* facts,
                           const pt2__input_options_t* options,
                           pt2__tensor_list_t* list) {
  choices_t choices = {0};
  int result = read_choices(facts, options, &choices);
  uint64_t state = options->seed;
  for (size_t i = 0; i < facts->count && result == PT2__EXIT_OK; ++i) {
    result = make_random(facts, i, &choices, options->input_max, &state, list);
  }
  free_choices(&choices);
  if (result == PT2__EXIT_OK && facts->count > 0) {
    fprintf(stderr,
            "pt2: note: no --input: random inputs (floats in [-1, 1), integers "
            "in 0..%lld, seed %llu)\n",
            (long long)options->input_max, (unsigned long long)options->seed);
  }
  return result;
}

// ---- Given inputs ----------------------------------------------------------

// The keys of a file that are indices must be 0, 1, 2 …: a hole means that an
// input was forgotten.
static int check_keys(const char* spec, const pt2__tensor_list_t* list) {
  size_t index = 0;
  for (size_t i = 0; i < list->count; ++i) {
    const char* key = list->keys[i];
    if (key == NULL || !pt2__key_index(key, &index)) {
      return PT2__EXIT_OK;
    }
  }
  for (size_t i = 0; i < list->count; ++i) {
    pt2__key_index(list->keys[i], &index);
    if (index != i) {
      return pt2__tool_fail(PT2__EXIT_FAILED,
                            "%s: it has a key '%s' but no key '%zu'", spec + 1,
                            list->keys[i], i);
    }
  }
  return PT2__EXIT_OK;
}

// Inputs as they were given: by name in their places, the others in order.
typedef struct {
  const facts_t* facts;
  pt2_tensor_t** named;  // one entry for each input
  pt2__tensor_list_t others;
} given_t;

// True if |text| can only be meant as an input's name.
static bool looks_like_name(const char* text) {
  return strncmp(text, "ARGS[", 5) == 0 || strncmp(text, "KWARGS[", 7) == 0;
}

// Cuts "NAME=SPEC"; |*out_index| is the number of inputs if |spec| has no name.
// A key of a dict may contain a '=', so that the names decide.
static int cut_name(const facts_t* facts, const char* spec, size_t* out_index,
                    const char** out_rest) {
  *out_index = facts->count;
  *out_rest = spec;
  const char* equals = strchr(spec, '=');
  while (equals != NULL && *out_index == facts->count) {
    *out_index = find_input(facts, spec, (size_t)(equals - spec));
    *out_rest = equals + 1;
    equals = strchr(equals + 1, '=');
  }
  if (*out_index < facts->count) {
    return PT2__EXIT_OK;
  }
  *out_rest = spec;
  if (!looks_like_name(spec)) {
    return PT2__EXIT_OK;
  }
  const char* end = strstr(spec, "]=");
  if (end == NULL) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "--input=%s: a named input is written NAME=SPEC",
                          spec);
  }
  char* name = pt2__tool_strndup(spec, (size_t)(end + 1 - spec));
  int result = no_such_input(facts, "--input", name);
  free(name);
  return result;
}

// Takes |*tensor| over as input |index|.
static int put_named(given_t* given, size_t index, pt2_tensor_t** tensor) {
  if (given->named[index] != NULL) {
    return pt2__tool_fail(PT2__EXIT_USAGE, "input %zu (%s) is given twice",
                          index, given->facts->infos[index].name);
  }
  given->named[index] = *tensor;
  *tensor = NULL;
  return PT2__EXIT_OK;
}

// True if every key of |list| is meant as an input's name.
static bool keys_are_names(const facts_t* facts,
                           const pt2__tensor_list_t* list) {
  for (size_t i = 0; i < list->count; ++i) {
    const char* key = list->keys[i];
    if (key == NULL || (find_input(facts, key, strlen(key)) == facts->count &&
                        !looks_like_name(key))) {
      return false;
    }
  }
  return list->count > 0;
}

// Sorts what one --input gave.
static int put(given_t* given, const char* spec, size_t named,
               pt2__tensor_list_t* list) {
  const facts_t* facts = given->facts;
  if (named < facts->count) {
    if (list->count != 1) {
      return pt2__tool_fail(PT2__EXIT_USAGE,
                            "--input=%s: one tensor is wanted for the name, "
                            "the file holds %zu",
                            spec, list->count);
    }
    return put_named(given, named, &list->items[0]);
  }
  bool by_name = keys_are_names(facts, list);
  if (!by_name) {
    PT2__TOOL_TRY(check_keys(spec, list));
  }
  for (size_t i = 0; i < list->count; ++i) {
    if (!by_name) {
      pt2__tensor_list_add(&given->others, list->items[i], NULL);
      list->items[i] = NULL;
      continue;
    }
    size_t index = find_input(facts, list->keys[i], strlen(list->keys[i]));
    if (index == facts->count) {
      return no_such_input(facts, spec + 1, list->keys[i]);
    }
    PT2__TOOL_TRY(put_named(given, index, &list->items[i]));
  }
  return PT2__EXIT_OK;
}

static int load_one(given_t* given, const char* spec) {
  size_t named = 0;
  const char* rest = NULL;
  pt2__tensor_list_t list = {0};
  PT2__TOOL_TRY(cut_name(given->facts, spec, &named, &rest));
  int result = pt2__spec_load(rest, &list);
  if (result == PT2__EXIT_OK) {
    result = put(given, spec, named, &list);
  }
  pt2__tensor_list_free(&list);
  return result;
}

// Moves all inputs to |list|: those without a name fill the places that no name
// took.
static int arrange(given_t* given, pt2__tensor_list_t* list) {
  const facts_t* facts = given->facts;
  size_t total = given->others.count;
  size_t next = 0;
  for (size_t i = 0; i < facts->count; ++i) {
    total += given->named[i] != NULL;
  }
  for (size_t i = 0; i < facts->count; ++i) {
    pt2_tensor_t** from = &given->named[i];
    if (*from == NULL && next < given->others.count) {
      from = &given->others.items[next++];
    }
    if (*from == NULL) {
      return pt2__tool_fail(
          PT2__EXIT_USAGE,
          "the model takes %zu input%s, %zu given: input %zu (%s) is missing",
          facts->count, facts->count == 1 ? "" : "s", total, i,
          facts->infos[i].name);
    }
    pt2__tensor_list_add(list, *from, NULL);
    *from = NULL;
  }
  if (total > facts->count) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "the model takes %zu input%s, %zu given",
                          facts->count, facts->count == 1 ? "" : "s", total);
  }
  return PT2__EXIT_OK;
}

static int load_given(const facts_t* facts, const pt2__input_options_t* options,
                      pt2__tensor_list_t* list) {
  if (options->shape_count > 0 || options->dim_count > 0) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "--shapes and --dim are for random inputs: leave "
                          "them out or leave --input out");
  }
  given_t given = {.facts = facts};
  given.named = pt2__tool_alloc(facts->count * sizeof(*given.named));
  int result = PT2__EXIT_OK;
  for (size_t i = 0; i < options->spec_count && result == PT2__EXIT_OK; ++i) {
    result = load_one(&given, options->specs[i]);
  }
  if (result == PT2__EXIT_OK) {
    result = arrange(&given, list);
  }
  for (size_t i = 0; i < facts->count; ++i) {
    pt2_tensor_release(given.named[i]);
  }
  free(given.named);
  pt2__tensor_list_free(&given.others);
  return result;
}

// ---- Strides ---------------------------------------------------------------

// True if |info| wants strides that |tensor| does not have, all are known and
// no two elements would share memory.
static bool wants_strides(const pt2_value_info_t* info,
                          const pt2_tensor_t* tensor, int64_t* out_strides) {
  if (info->rank < 0 || (size_t)info->rank != pt2_tensor_rank(tensor) ||
      info->rank > PT2__TOOL_MAX_RANK || pt2_tensor_numel(tensor) == 0) {
    return false;
  }
  const int64_t* sizes = pt2_tensor_peek_sizes(tensor);
  const int64_t* strides = pt2_tensor_peek_strides(tensor);
  bool differs = false;
  for (int32_t d = 0; d < info->rank; ++d) {
    const pt2_dim_info_t* dim = &info->dims[d];
    out_strides[d] = strides[d];
    if (sizes[d] == 1) {
      continue;
    }
    if (dim->stride == PT2_STRIDE_ANY || dim->stride <= 0 ||
        sizes[d] < dim->min || sizes[d] > dim->max) {
      return false;
    }
    out_strides[d] = dim->stride;
    differs = differs || dim->stride != strides[d];
  }
  return differs;
}

// Files hold no strides: a model compiled for channels-last inputs gets them
// in that layout.
static int lay_out(const facts_t* facts, pt2__tensor_list_t* list) {
  for (size_t i = 0; i < list->count; ++i) {
    int64_t strides[PT2__TOOL_MAX_RANK];
    pt2_tensor_t* tensor = list->items[i];
    if (!wants_strides(&facts->infos[i], tensor, strides)) {
      continue;
    }
    pt2_tensor_t* laid_out = NULL;
    pt2_status_t status =
        pt2_tensor_create(pt2_tensor_dtype(tensor), pt2_tensor_rank(tensor),
                          pt2_tensor_peek_sizes(tensor), strides, &laid_out);
    if (status == PT2_STATUS_OK) {
      status = pt2_tensor_copy(laid_out, tensor);
    }
    if (status != PT2_STATUS_OK) {
      pt2_tensor_release(laid_out);
      return pt2__tool_fail_status(status, "input %zu (%s)", i,
                                   facts->infos[i].name);
    }
    pt2_tensor_release(tensor);
    list->items[i] = laid_out;
  }
  return PT2__EXIT_OK;
}

int pt2__inputs_make(const pt2_runner_t* runner,
                     const pt2__input_options_t* options,
                     pt2__tensor_list_t* list) {
  facts_t facts = {0};
  int result = read_facts(runner, &facts);
  if (result == PT2__EXIT_OK) {
    result = options->spec_count > 0 ? load_given(&facts, options, list)
                                     : make_all_random(&facts, options, list);
  }
  if (result == PT2__EXIT_OK) {
    result = lay_out(&facts, list);
  }
  free(facts.infos);
  return result;
}

// SPDX-License-Identifier: Apache-2.0
//
// Constants from files: .safetensors, torch.save's, a blob, the package's own.
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/struct_bytes.h"
#include "package/package.h"
#include "runner/constants_state.h"
#include "runner/weights_file.h"
#include "tensor/tensor.h"

// ---- Blobs -----------------------------------------------------------------

// Where one constant lies in a blob.
static pt2_status_t place(const char* name, const pt2__constant_t* item,
                          pt2__bytes_t blob, uint64_t* at,
                          pt2__weight_t* weight) {
  const pt2_constant_info_t* info = &item->info;
  if (info->rank < 0 || info->size_bytes < 0 || item->offset < 0) {
    return PT2_FAIL(
        PT2_STATUS_UNSUPPORTED,
        "%s: constant \"%s\": the package does not tell its layout, "
        "which a blob of weights leaves to it",
        name, info->fqn);
  }
  uint64_t bytes = (uint64_t)info->size_bytes;
  *weight = (pt2__weight_t){.name = info->fqn,
                            .dtype = info->dtype,
                            .rank = info->rank,
                            .sizes = info->sizes,
                            .strides = info->strides,
                            .storage_offset = (uint64_t)item->offset,
                            .storage = blob.data + *at,
                            .storage_bytes = bytes};
  if (!pt2__weight_fits(weight->dtype, weight->rank, weight->sizes,
                        weight->strides, weight->storage_offset, bytes)) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: constant \"%s\" reaches beyond its %llu bytes", name,
                    info->fqn, (unsigned long long)bytes);
  }
  *at += bytes;
  return PT2_STATUS_OK;
}

// The size that a blob of this model has; false if the model does not tell.
static bool blob_bytes(const pt2__constants_t* constants, uint64_t* out_bytes) {
  *out_bytes = 0;
  for (size_t i = 0; i < constants->count; ++i) {
    const pt2__constant_t* item = &constants->items[i];
    if (!item->folded &&
        (item->info.size_bytes < 0 ||
         __builtin_add_overflow(*out_bytes, (uint64_t)item->info.size_bytes,
                                out_bytes))) {
      return false;
    }
  }
  return true;
}

static pt2_status_t read_blob(const pt2__constants_t* constants,
                              const char* name, pt2__bytes_t blob,
                              pt2__weight_set_t* set) {
  uint64_t wanted = 0;
  if (blob_bytes(constants, &wanted) && wanted != blob.size_bytes) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: a blob of %zu bytes, the model's constants take %llu",
                    name, blob.size_bytes, (unsigned long long)wanted);
  }
  PT2_TRY(pt2__arena_array(&set->arena, constants->count, sizeof(*set->items),
                           &set->items));
  uint64_t at = 0;
  for (size_t i = 0; i < constants->count; ++i) {
    if (!constants->items[i].folded) {
      PT2_TRY(place(name, &constants->items[i], blob, &at,
                    &set->items[set->count]));
      ++set->count;
    }
  }
  return PT2_STATUS_OK;
}

// Takes |mapping| over.
static pt2_status_t open_blob(const pt2__constants_t* constants,
                              const char* path, pt2__mapping_t mapping,
                              pt2_weights_t** out_weights) {
  pt2__weight_set_t set = {0};
  pt2__bytes_t blob = {mapping.data, mapping.size_bytes};
  pt2_status_t status = read_blob(constants, path, blob, &set);
  if (status != PT2_STATUS_OK) {
    pt2__weight_set_free(&set);
    pt2__mapping_close(&mapping);
    return status;
  }
  return pt2__weights_create(mapping, NULL, &set, out_weights);
}

// ---- Updating from them ----------------------------------------------------

static pt2_status_t load_weights(pt2__constants_t* constants,
                                 const pt2_weights_t* weights,
                                 const pt2_load_options_t* options) {
  size_t capacity = pt2_weights_count(weights);
  pt2_named_tensor_t* given = pt2__calloc(capacity, sizeof(*given));
  if (given == NULL) {
    return PT2_OUT_OF_MEMORY(capacity * sizeof(*given));
  }
  pt2_status_t status = PT2_STATUS_OK;
  size_t count = 0;
  for (size_t i = 0; status == PT2_STATUS_OK && i < capacity; ++i) {
    const char* name = pt2_weights_peek_name(weights, i);
    if (!options->ignore_unknown || pt2__constants_have(constants, name)) {
      given[count++] = (pt2_named_tensor_t){
          .name = name, .tensor = pt2_weights_peek_tensor(weights, i)};
    }
  }
  pt2__update_t update = {
      .use_inactive = options->use_inactive,
      .check_full_update = options->check_full_update,
      .memory = options->copy ? PT2__MEMORY_COPY : PT2__MEMORY_FITTING};
  status = pt2__constants_update(constants, given, count, &update);
  pt2__free(given);
  return status;
}

pt2_status_t pt2__constants_load_pickles(pt2__constants_t* constants) {
  pt2_runner_t* runner = constants->runner;
  pt2__weight_set_t set = {0};
  pt2_status_t status =
      pt2__package_read_pickles(runner->package, runner->model, &set);
  if (status != PT2_STATUS_OK) {
    pt2__weight_set_free(&set);
    return status;
  }
  pt2_weights_t* weights;
  PT2_TRY(
      pt2__weights_create(PT2__MAPPING_NONE, runner->package, &set, &weights));
  pt2_load_options_t options;
  pt2_load_options_init(&options);
  options.check_full_update = true;
  status = load_weights(constants, weights, &options);
  pt2_weights_release(weights);
  return status;
}

pt2_status_t pt2__constants_load_given(pt2__constants_t* constants,
                                       const pt2_named_tensor_t* given,
                                       size_t count) {
  pt2__update_t update = {.check_full_update = true,
                          .memory = PT2__MEMORY_FITTING};
  PT2_TRY(pt2__constants_update(constants, given, count, &update));
  // A full update may leave out what is no parameter, which then is the
  // package's: here there is to be nothing of it.
  for (size_t i = 0; i < constants->count; ++i) {
    const pt2__constant_t* item = &constants->items[i];
    if (!item->folded && item->held[constants->active] == NULL) {
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "the constants that the model is created with leave out "
                      "\"%s\"",
                      item->info.fqn);
    }
  }
  return PT2_STATUS_OK;
}

// ---- Public ----------------------------------------------------------------

static const pt2_load_options_t default_options = {.struct_bytes =
                                                       sizeof(default_options)};

void pt2_load_options_init_sized(pt2_load_options_t* options,
                                 size_t struct_bytes) {
  pt2__struct_init(options, struct_bytes, &default_options,
                   sizeof(default_options));
}

static pt2_status_t read_options(const pt2_load_options_t* given,
                                 pt2_load_options_t* out_options) {
  *out_options = default_options;
  PT2_TRY(pt2__struct_read(out_options, sizeof(*out_options), given,
                           "pt2_load_options_t"));
  if (out_options->format < PT2_WEIGHTS_FORMAT_AUTO ||
      out_options->format > PT2_WEIGHTS_FORMAT_BLOB) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "pt2_load_options_t: %d is no format", out_options->format);
  }
  return PT2_STATUS_OK;
}

static bool ends_in(const char* text, const char* ending) {
  size_t length = strlen(text);
  size_t ending_length = strlen(ending);
  return length > ending_length &&
         strcmp(text + length - ending_length, ending) == 0;
}

// The format that the file seems to have, if none was asked for.
static pt2_status_t tell_format(const char* path, pt2__bytes_t bytes,
                                int32_t* format) {
  bool is_torch = pt2__is_torch_file(bytes);
  if (*format == PT2_WEIGHTS_FORMAT_AUTO) {
    *format = is_torch                        ? PT2_WEIGHTS_FORMAT_TORCH
              : ends_in(path, ".safetensors") ? PT2_WEIGHTS_FORMAT_SAFETENSORS
              : ends_in(path, ".blob") || ends_in(path, ".bin")
                  ? PT2_WEIGHTS_FORMAT_BLOB
              : pt2__is_safetensors(bytes) ? PT2_WEIGHTS_FORMAT_SAFETENSORS
                                           : PT2_WEIGHTS_FORMAT_AUTO;
  }
  if (*format == PT2_WEIGHTS_FORMAT_AUTO) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s: neither a .safetensors file nor one of torch.save "
                    "(zip format); a blob of weights is called *.blob or *.bin",
                    path);
  }
  if (*format != PT2_WEIGHTS_FORMAT_BLOB &&
      is_torch != (*format == PT2_WEIGHTS_FORMAT_TORCH)) {
    return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: %s a file of torch.save", path,
                    is_torch ? "it is" : "it is not");
  }
  return PT2_STATUS_OK;
}

static pt2_status_t open_file(const pt2__constants_t* constants,
                              const char* path, int32_t format,
                              pt2_weights_t** out_weights) {
  pt2__mapping_t mapping;
  PT2_TRY(pt2__mapping_open(path, &mapping));
  pt2_status_t status = tell_format(
      path, (pt2__bytes_t){mapping.data, mapping.size_bytes}, &format);
  if (status != PT2_STATUS_OK) {
    pt2__mapping_close(&mapping);
    return status;
  }
  return format == PT2_WEIGHTS_FORMAT_BLOB
             ? open_blob(constants, path, mapping, out_weights)
             : pt2__weights_read(path, mapping, out_weights);
}

pt2_status_t pt2_runner_load_constants(pt2_runner_t* runner, const char* path,
                                       const pt2_load_options_t* options) {
  pt2__error_begin();
  pt2_load_options_t all;
  if (runner == NULL || path == NULL || path[0] == '\0') {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "runner and path may not be NULL or empty");
  }
  PT2_TRY(read_options(options, &all));
  pt2_weights_t* weights = NULL;
  PT2_TRY(open_file(runner->constants, path, all.format, &weights));
  pt2_status_t status = load_weights(runner->constants, weights, &all);
  pt2_weights_release(weights);
  if (status != PT2_STATUS_OK && status != PT2_STATUS_OUT_OF_MEMORY) {
    pt2__error_prefix("%s", path);
  }
  return status;
}

pt2_status_t pt2_runner_load_weights(pt2_runner_t* runner,
                                     const pt2_weights_t* weights,
                                     const pt2_load_options_t* options) {
  pt2__error_begin();
  pt2_load_options_t all;
  if (runner == NULL || weights == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "runner and weights may not be NULL");
  }
  PT2_TRY(read_options(options, &all));
  return load_weights(runner->constants, weights, &all);
}

// SPDX-License-Identifier: Apache-2.0
//
// Opens bytes as a package and asks it everything; what is returned is read to
// its last byte, so that a sanitizer sees any pointer that is wrong.
#ifndef PT2_TESTS_FUZZ_EXERCISE_PACKAGE_H_
#define PT2_TESTS_FUZZ_EXERCISE_PACKAGE_H_

#include <stdlib.h>
#include <string.h>

#include "package/package.h"
#include "pt2/package.h"

// What was read ends here, so that no compiler leaves the reading out.
static volatile size_t exercise_sink;

static inline void exercise_text(const char* text) {
  exercise_sink += text != NULL ? strlen(text) : 0;
}

static inline void exercise_bytes(pt2__bytes_t bytes) {
  size_t sum = 0;
  for (size_t i = 0; i < bytes.size_bytes; i += 509) {
    sum += bytes.data[i];
  }
  exercise_sink += sum;
}

static inline void exercise_value(const pt2_value_info_t* info) {
  // Neither is ever NULL.
  exercise_sink += strlen(info->name) + strlen(info->internal_name);
  for (int32_t k = 0; k < info->rank; ++k) {
    const pt2_dim_info_t* dim = &info->dims[k];
    if (dim->min > dim->max) {
      abort();
    }
    exercise_text(dim->symbol);
    exercise_sink += (size_t)dim->stride;
  }
}

static inline void exercise_constant(const pt2_constant_info_t* info) {
  exercise_sink += strlen(info->name) + strlen(info->fqn);
  for (int32_t k = 0; k < info->rank; ++k) {
    exercise_sink += (size_t)(info->sizes[k] + info->strides[k]);
  }
}

static inline void exercise_model(pt2_package_t* package, size_t model) {
  const pt2__model_files_t* files = pt2__package_model_files(package, model);
  exercise_text(pt2_package_peek_model_name(package, model));
  exercise_text(pt2_package_peek_torch_release(package, model));
  exercise_text(files->so_name);
  exercise_text(files->in_spec);
  exercise_text(files->out_spec);
  exercise_bytes(files->so);
  exercise_bytes(files->source);
  exercise_bytes(files->extern_nodes);
  exercise_bytes(files->weights_blob);
  pt2_value_info_t value;
  size_t inputs = pt2_package_input_count(package, model);
  for (size_t i = 0; i < inputs; ++i) {
    if (pt2_package_input_info(package, model, i, &value) == PT2_STATUS_OK) {
      exercise_value(&value);
    }
  }
  size_t outputs = pt2_package_output_count(package, model);
  for (size_t i = 0; i < outputs; ++i) {
    if (pt2_package_output_info(package, model, i, &value) == PT2_STATUS_OK) {
      exercise_value(&value);
    }
  }
  size_t constants = pt2_package_constant_count(package, model);
  for (size_t i = 0; i < constants; ++i) {
    pt2_constant_info_t constant;
    if (pt2_package_constant_info(package, model, i, &constant) ==
        PT2_STATUS_OK) {
      exercise_constant(&constant);
    }
  }
  for (size_t i = 0; i < pt2_package_metadata_count(package, model); ++i) {
    const char* key;
    const char* text;
    if (pt2_package_metadata_at(package, model, i, &key, &text) ==
        PT2_STATUS_OK) {
      exercise_text(key);
      exercise_text(text);
    }
  }
  exercise_sink += (size_t)pt2_package_weights_kind(package, model) +
                   (size_t)pt2_package_weights_bytes(package, model);
}

// Returns the status of the open; a failure has a message and no package.
static inline pt2_status_t exercise_package(const void* data, size_t size,
                                            bool verify) {
  pt2_package_options_t options;
  pt2_package_options_init(&options);
  options.verify = verify;
  pt2_package_t* package = NULL;
  pt2_status_t status = pt2_package_open_memory(data, size, &options, &package);
  if (status != PT2_STATUS_OK) {
    if (package != NULL || pt2_error_message()[0] == '\0' ||
        pt2_error_status() != status) {
      abort();
    }
    return status;
  }
  for (size_t i = 0; i < pt2_package_model_count(package); ++i) {
    exercise_model(package, i);
  }
  pt2_package_release(package);
  return status;
}

#endif  // PT2_TESTS_FUZZ_EXERCISE_PACKAGE_H_

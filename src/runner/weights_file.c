// SPDX-License-Identifier: Apache-2.0
#include "runner/weights_file.h"

#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "tensor/tensor.h"

// What tensors lie in; each of them and the weights hold a reference.
typedef struct {
  atomic_size_t references;
  pt2__mapping_t mapping;
  pt2__weight_set_t set;
  pt2_package_t* package;
} file_t;

struct pt2_weights_t {
  atomic_size_t references;
  file_t* file;
  size_t count;
  pt2_tensor_t* tensors[];
};

static void release_file(file_t* file) {
  if (file != NULL && atomic_fetch_sub_explicit(&file->references, 1,
                                                memory_order_acq_rel) == 1) {
    pt2__weight_set_free(&file->set);
    pt2__mapping_close(&file->mapping);
    pt2_package_release(file->package);
    pt2__free(file);
  }
}

static void release_tensor_of(void* user, void* data) {
  (void)data;
  release_file(user);
}

static pt2_status_t make_tensor(file_t* file, const pt2__weight_t* weight,
                                pt2_tensor_t** out_tensor) {
  pt2__storage_t* storage;
  PT2_TRY(pt2__storage_from_blob((void*)(uintptr_t)weight->storage,
                                 weight->storage_bytes, PT2_DEVICE_CPU, 0, NULL,
                                 NULL, &storage));
  pt2_status_t status = pt2__tensor_over(
      storage, weight->dtype, weight->rank, weight->sizes, weight->strides,
      (int64_t)weight->storage_offset, out_tensor);
  if (status == PT2_STATUS_OK) {
    storage->immutable = true;
    atomic_fetch_add_explicit(&file->references, 1, memory_order_relaxed);
    storage->deleter = release_tensor_of;
    storage->user = file;
  }
  pt2__storage_release(storage);
  return status;
}

// Takes |file|'s reference over, on failure too.
static pt2_status_t make_weights(file_t* file, pt2_weights_t** out_weights) {
  size_t count = file->set.count;
  size_t bytes = sizeof(pt2_weights_t) + count * sizeof(pt2_tensor_t*);
  pt2_weights_t* weights = pt2__calloc(1, bytes);
  if (weights == NULL) {
    release_file(file);
    return PT2_OUT_OF_MEMORY(bytes);
  }
  atomic_init(&weights->references, 1);
  weights->file = file;
  pt2_status_t status = PT2_STATUS_OK;
  for (size_t i = 0; status == PT2_STATUS_OK && i < count; ++i) {
    status = make_tensor(file, &file->set.items[i], &weights->tensors[i]);
    weights->count += status == PT2_STATUS_OK;
  }
  if (status != PT2_STATUS_OK) {
    pt2_weights_release(weights);
    return status;
  }
  *out_weights = weights;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__weights_create(pt2__mapping_t mapping, pt2_package_t* package,
                                 pt2__weight_set_t* set,
                                 pt2_weights_t** out_weights) {
  file_t* file = pt2__calloc(1, sizeof(*file));
  if (file == NULL) {
    pt2__weight_set_free(set);
    pt2__mapping_close(&mapping);
    return PT2_OUT_OF_MEMORY(sizeof(*file));
  }
  atomic_init(&file->references, 1);
  file->mapping = mapping;
  file->set = *set;
  file->package = package;
  pt2_package_retain(package);
  // Archives inside allocate from the set's arena no more.
  *set = (pt2__weight_set_t){0};
  return make_weights(file, out_weights);
}

pt2_status_t pt2__weights_read(const char* name, pt2__mapping_t mapping,
                               pt2_weights_t** out_weights) {
  pt2__weight_set_t set = {0};
  pt2__bytes_t bytes = {mapping.data, mapping.size_bytes};
  pt2_status_t status = pt2__is_torch_file(bytes)
                            ? pt2__torch_file_read(name, bytes, &set)
                            : pt2__safetensors_read(name, bytes, &set);
  if (status != PT2_STATUS_OK) {
    pt2__weight_set_free(&set);
    pt2__mapping_close(&mapping);
    return status;
  }
  return pt2__weights_create(mapping, NULL, &set, out_weights);
}

pt2_status_t pt2_weights_open(const char* path, pt2_weights_t** out_weights) {
  pt2__error_begin();
  if (path == NULL || path[0] == '\0' || out_weights == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "path and out_weights may not be NULL or empty");
  }
  pt2__mapping_t mapping;
  PT2_TRY(pt2__mapping_open(path, &mapping));
  return pt2__weights_read(path, mapping, out_weights);
}

pt2_status_t pt2_weights_open_memory(const char* name, const void* data,
                                     size_t size_bytes,
                                     pt2_weights_t** out_weights) {
  pt2__error_begin();
  if (name == NULL || data == NULL || out_weights == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "name, data and out_weights may not be NULL");
  }
  return pt2__weights_read(
      name, (pt2__mapping_t){.data = data, .size_bytes = size_bytes, .fd = -1},
      out_weights);
}

void pt2_weights_retain(pt2_weights_t* weights) {
  if (weights != NULL) {
    atomic_fetch_add_explicit(&weights->references, 1, memory_order_relaxed);
  }
}

void pt2_weights_release(pt2_weights_t* weights) {
  if (weights == NULL || atomic_fetch_sub_explicit(&weights->references, 1,
                                                   memory_order_acq_rel) != 1) {
    return;
  }
  for (size_t i = 0; i < weights->count; ++i) {
    pt2__tensor_release(weights->tensors[i]);
  }
  release_file(weights->file);
  pt2__free(weights);
}

size_t pt2_weights_count(const pt2_weights_t* weights) {
  return weights->count;
}

const char* pt2_weights_peek_name(const pt2_weights_t* weights, size_t index) {
  return index < weights->count ? weights->file->set.items[index].name : NULL;
}

pt2_tensor_t* pt2_weights_peek_tensor(const pt2_weights_t* weights,
                                      size_t index) {
  return index < weights->count ? weights->tensors[index] : NULL;
}

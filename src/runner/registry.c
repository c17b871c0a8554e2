// SPDX-License-Identifier: Apache-2.0
//
// Runners by device name, and the call that picks one for a package.
#include <pthread.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/struct_bytes.h"
#include "runner/model_container_runner.h"

typedef struct entry_t {
  struct entry_t* next;
  const char* device;
  pt2_runner_create_fn create;
} entry_t;

// The cpu's is always there; others are appended and never taken away, so that
// names may be read without holding the lock.
static entry_t cpu_entry = {
    .next = NULL, .device = "cpu", .create = pt2__runner_create_cpu};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// Finds |device|, or the last entry if it is not there.
static bool find(const char* device, entry_t** out_entry) {
  entry_t* entry = &cpu_entry;
  while (strcmp(entry->device, device) != 0) {
    if (entry->next == NULL) {
      *out_entry = entry;
      return false;
    }
    entry = entry->next;
  }
  *out_entry = entry;
  return true;
}

pt2_status_t pt2_runner_register(const char* device,
                                 pt2_runner_create_fn create) {
  pt2__error_begin();
  if (device == NULL || device[0] == '\0' || create == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "a runner needs a device name and a create function");
  }
  entry_t* entry = pt2__calloc(1, sizeof(*entry));
  char* name = pt2__strdup(device);
  if (entry == NULL || name == NULL) {
    pt2__free(entry);
    pt2__free(name);
    return PT2_OUT_OF_MEMORY(sizeof(*entry));
  }
  entry->device = name;
  entry->create = create;
  entry_t* last;
  pthread_mutex_lock(&lock);
  bool taken = find(device, &last);
  if (!taken) {
    last->next = entry;
  }
  pthread_mutex_unlock(&lock);
  if (taken) {
    pt2__free(entry);
    pt2__free(name);
    return PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                    "a runner for device \"%s\" is registered already", device);
  }
  return PT2_STATUS_OK;
}

const char* pt2_runner_registry_peek_device(size_t index) {
  pthread_mutex_lock(&lock);
  const entry_t* entry = &cpu_entry;
  while (entry != NULL && index > 0) {
    entry = entry->next;
    --index;
  }
  const char* device = entry != NULL ? entry->device : NULL;
  pthread_mutex_unlock(&lock);
  return device;
}

size_t pt2_runner_registry_count(void) {
  size_t count = 0;
  while (pt2_runner_registry_peek_device(count) != NULL) {
    ++count;
  }
  return count;
}

static pt2_status_t unknown_device(const char* device) {
  pt2__buffer_t names = {0};
  pt2_status_t status = PT2_STATUS_OK;
  const char* name;
  for (size_t i = 0; status == PT2_STATUS_OK &&
                     (name = pt2_runner_registry_peek_device(i)) != NULL;
       ++i) {
    status = pt2__buffer_printf(&names, "%s%s", i == 0 ? "" : ", ", name);
  }
  if (status == PT2_STATUS_OK) {
    status = PT2_FAIL(PT2_STATUS_INCOMPATIBLE,
                      "the model is for device \"%s\"; there are runners for: "
                      "%s",
                      device, names.data);
  }
  pt2__buffer_free(&names);
  return status;
}

static const pt2_runner_options_t default_options = {
    .struct_bytes = sizeof(default_options),
    .num_runners = 1,
    .device_index = -1,
    .input_checks = PT2_INPUT_CHECKS_FULL,
};

void pt2_runner_options_init_sized(pt2_runner_options_t* options,
                                   size_t struct_bytes) {
  pt2__struct_init(options, struct_bytes, &default_options,
                   sizeof(default_options));
}

pt2_status_t pt2_runner_create(pt2_package_t* package,
                               const pt2_runner_options_t* options,
                               pt2_runner_t** out_runner) {
  pt2__error_begin();
  if (package == NULL || out_runner == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "package and out_runner may not be NULL");
  }
  pt2_runner_options_t all = default_options;
  PT2_TRY(pt2__struct_read(&all, sizeof(all), options, "pt2_runner_options_t"));
  size_t model;
  PT2_TRY(pt2_package_find_model(package, all.model_name, &model));
  const char* device =
      pt2_package_peek_metadata(package, model, "AOTI_DEVICE_KEY");
  // A bare .so may come without metadata; its own checks tell a wrong device.
  if (device == NULL) {
    device = "cpu";
  }
  entry_t* entry;
  pthread_mutex_lock(&lock);
  bool found = find(device, &entry);
  pthread_mutex_unlock(&lock);
  return found ? entry->create(package, model, &all, out_runner)
               : unknown_device(device);
}

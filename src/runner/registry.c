// SPDX-License-Identifier: Apache-2.0
//
// Runners by device name, and the call that picks one for a package.
#include <pthread.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "runner/model_container_runner.h"
#include "runner/observer.h"

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

void pt2_runner_options_init(pt2_runner_options_t* options) {
  *options = (pt2_runner_options_t){
      .struct_bytes = sizeof(*options),
      .num_runners = 1,
      .device_index = -1,
      .input_checks = PT2_INPUT_CHECKS_FULL,
  };
}

// Takes the fields that the caller's struct has; a program built with an older
// header gets the defaults for the rest.
static pt2_status_t read_options(const pt2_runner_options_t* given,
                                 pt2_runner_options_t* out_options) {
  pt2_runner_options_init(out_options);
  if (given == NULL) {
    return PT2_STATUS_OK;
  }
  if (given->struct_bytes < sizeof(size_t) ||
      given->struct_bytes > sizeof(*out_options)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "pt2_runner_options_t: struct_bytes is %zu; set the "
                    "options up with pt2_runner_options_init",
                    given->struct_bytes);
  }
  memcpy(out_options, given, given->struct_bytes);
  out_options->struct_bytes = sizeof(*out_options);
  return PT2_STATUS_OK;
}

pt2_status_t pt2_runner_create(pt2_package_t* package,
                               const pt2_runner_options_t* options,
                               pt2_runner_t** out_runner) {
  pt2__error_begin();
  if (package == NULL || out_runner == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "package and out_runner may not be NULL");
  }
  pt2_runner_options_t all;
  PT2_TRY(read_options(options, &all));
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
  if (!found) {
    return unknown_device(device);
  }
  if (!pt2__observers_exist()) {
    return entry->create(package, model, &all, out_runner);
  }
  pt2_event_t event = {
      .kind = PT2_EVENT_LOAD_BEGIN, .package = package, .model = model};
  pt2__observer_begin(&event);
  pt2_status_t status = entry->create(package, model, &all, out_runner);
  event.runner = status == PT2_STATUS_OK ? *out_runner : NULL;
  pt2__observer_end(&event, PT2_EVENT_LOAD_END, status);
  return status;
}

// SPDX-License-Identifier: Apache-2.0
//
// Runners by device name, and the call that picks one for a package.
#include <pthread.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/struct_bytes.h"
#include "device/device.h"
#include "runner/model_container_runner.h"
#include "runner/observer.h"
#include "runner/registry.h"
#include "runner/runner_state.h"
#include "tensor/device.h"

typedef struct entry_t {
  struct entry_t* next;
  const char* device;
  pt2_runner_create_fn create;    // NULL: the back end's way
  const pt2_backend_t* backend;   // NULL: a runner alone
  pt2_backend_t backend_storage;  // what |backend| points to, but the cpu's
} entry_t;

// The cpu's is always there; others are appended and never taken away, so that
// names may be read without holding the lock.
static entry_t cpu_entry = {.device = "cpu", .backend = &pt2__cpu_backend};
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

typedef enum { ADDED, NAME_TAKEN, TYPE_TAKEN } outcome_t;

// Appends |entry|, which the list owns from then on, and publishes its back
// end.
static outcome_t append(entry_t* entry) {
  entry_t* last;
  outcome_t outcome = ADDED;
  pthread_mutex_lock(&lock);
  if (find(entry->device, &last)) {
    outcome = NAME_TAKEN;
  } else if (entry->backend != NULL && !pt2__device_add(entry->backend)) {
    outcome = TYPE_TAKEN;
  } else {
    last->next = entry;
  }
  pthread_mutex_unlock(&lock);
  return outcome;
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
  if (append(entry) != ADDED) {
    pt2__free(entry);
    pt2__free(name);
    return PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                    "a runner for device \"%s\" is registered already", device);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2_backend_register(const pt2_backend_t* backend) {
  pt2__error_begin();
  pt2_backend_t read;
  PT2_TRY(pt2__backend_read(backend, &read));
  entry_t* entry = pt2__calloc(1, sizeof(*entry));
  if (entry == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*entry));
  }
  entry->backend_storage = read;
  entry->backend = &entry->backend_storage;
  entry->device = read.device;
  outcome_t outcome = append(entry);
  if (outcome == ADDED) {
    return PT2_STATUS_OK;
  }
  pt2__free(entry);
  if (outcome == NAME_TAKEN) {
    return PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                    "device \"%s\" is registered already", read.device);
  }
  const pt2_backend_t* other = pt2__device_find(read.device_type);
  return other != NULL
             ? PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                        "back end \"%s\": device type %d is that of \"%s\"",
                        read.device, read.device_type, other->device)
             : PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                        "back end \"%s\": %d is no device type of a back end",
                        read.device, read.device_type);
}

static entry_t* find_locked(const char* device) {
  entry_t* entry;
  pthread_mutex_lock(&lock);
  bool found = find(device, &entry);
  pthread_mutex_unlock(&lock);
  return found ? entry : NULL;
}

const pt2_backend_t* pt2_backend_find(const char* device) {
  const entry_t* entry = device != NULL ? find_locked(device) : NULL;
  return entry != NULL ? entry->backend : NULL;
}

const char* pt2_backend_peek_device(size_t index) {
  size_t count = pt2_runner_registry_count();
  if (index < count) {
    return pt2_runner_registry_peek_device(index);
  }
  index -= count;
  const char* device;
  for (size_t i = 0; (device = pt2__known_device(i)) != NULL; ++i) {
    if (find_locked(device) == NULL && index-- == 0) {
      return device;
    }
  }
  return NULL;
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

// "the model is for mps; WHY; there are runners for: cpu"
static pt2_status_t unknown_device(const char* device, const char* subject) {
  pt2__buffer_t names = {0};
  pt2_status_t status = PT2_STATUS_OK;
  const char* name;
  for (size_t i = 0; status == PT2_STATUS_OK &&
                     (name = pt2_runner_registry_peek_device(i)) != NULL;
       ++i) {
    status = pt2__buffer_printf(&names, "%s%s", i == 0 ? "" : ", ", name);
  }
  if (status == PT2_STATUS_OK) {
    const char* reason = pt2__known_device_reason(device);
    status = PT2_FAIL(PT2_STATUS_INCOMPATIBLE,
                      "%s device \"%s\"; %s%sthere are runners for: %s",
                      subject, device, reason != NULL ? reason : "",
                      reason != NULL ? "; " : "", names.data);
  }
  pt2__buffer_free(&names);
  return status;
}

pt2_status_t pt2__device_require(const char* device, const char* subject) {
  const entry_t* entry = find_locked(device);
  if (entry == NULL) {
    return unknown_device(device, subject);
  }
  const pt2_backend_t* backend = entry->backend;
  const char* why = backend != NULL && backend->why_unavailable != NULL
                        ? backend->why_unavailable(backend->user)
                        : NULL;
  return why == NULL ? PT2_STATUS_OK
                     : PT2_FAIL(PT2_STATUS_INCOMPATIBLE, "%s device \"%s\": %s",
                                subject, device, why);
}

pt2_status_t pt2_backend_require(const char* device) {
  pt2__error_begin();
  if (device == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "device may not be NULL");
  }
  return pt2__device_require(device, "no models run here for");
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

static pt2_status_t create(const entry_t* entry, pt2_package_t* package,
                           size_t model, const pt2_runner_options_t* options,
                           pt2_runner_t** out_runner) {
  return entry->create != NULL
             ? entry->create(package, model, options, out_runner)
             : pt2__runner_create_on(entry->backend, package, model, options,
                                     out_runner);
}

static pt2_status_t create_observed(const entry_t* entry,
                                    pt2_package_t* package, size_t model,
                                    const pt2_runner_options_t* options,
                                    pt2_runner_t** out_runner) {
  pt2__watch_t watch;
  PT2_TRY(pt2__watch_init(options, pt2_package_peek_model_name(package, model),
                          &watch));
  pt2__call_t call = {.event = {.kind = PT2_EVENT_LOAD_BEGIN,
                                .package = package,
                                .model = model}};
  pt2__observer_begin(&call, &watch);
  pt2_status_t status = create(entry, package, model, options, out_runner);
  if (status == PT2_STATUS_OK) {
    call.event.runner = *out_runner;
    watch.runner = (*out_runner)->watch.runner;
  }
  pt2__observer_end(&call, PT2_EVENT_LOAD_END, status);
  return status;
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
  PT2_TRY(pt2__device_require(device, "the model is for"));
  const entry_t* entry = find_locked(device);
  return pt2__observers_exist() || all.trace != NULL || all.observe != NULL
             ? create_observed(entry, package, model, &all, out_runner)
             : create(entry, package, model, &all, out_runner);
}

// SPDX-License-Identifier: Apache-2.0
//
// The seam of src/backends/mps on the software device. Commands run when they
// are finished, not when they are given: who does not wait sees old bytes.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/mps/metal.h"
#include "softmetal/control.h"
#include "softmetal/soft.h"

struct pt2__metal_buffer_t {
  void* memory;
  size_t capacity;
  size_t bytes;  // of it, those that somebody uses
  int references;
};

struct pt2__metal_library_t {
  soft_library_t* soft;
  int references;
};

struct pt2__metal_kernel_t {
  soft_kernel_t* soft;
  pt2__metal_library_t* library;
  int references;
};

typedef struct {
  pt2__metal_buffer_t* buffer;  // or bytes
  size_t offset;
  char* bytes;
  size_t count;
} argument_t;

typedef struct call_t {
  struct call_t* next;
  pt2__metal_kernel_t* kernel;
  argument_t arguments[PT2__METAL_ARGUMENT_COUNT];
  size_t threads[3];
  size_t group[3];
} call_t;

struct pt2__metal_commands_t {
  call_t now;  // what the next dispatch runs
  call_t* first;
  call_t** last;
  bool committed;
};

static long live_objects;
static bool memory_damaged;
static bool last_fast_math;

static void* create(size_t bytes) {
  void* object = calloc(1, bytes);
  if (object != NULL) {
    ++live_objects;
  }
  return object;
}

static void destroy(void* object) {
  --live_objects;
  free(object);
}

static void* failed(pt2__metal_error_t* error, const char* text) {
  snprintf(error->text, sizeof(error->text), "%s", text);
  return NULL;
}

const char* pt2__metal_open(void) {
  return soft_is_to_fail(SOFTMETAL_FAIL_OPEN) ? "no software device, as wanted"
                                              : NULL;
}

void pt2__metal_close(void) {}

bool pt2__metal_has_simdgroup_matrix(void) {
  return soft_has_simdgroup_matrix();
}

pt2__metal_buffer_t* pt2__metal_buffer_create(size_t bytes, void** out_contents,
                                              pt2__metal_error_t* error) {
  void* memory =
      soft_is_to_fail(SOFTMETAL_FAIL_BUFFER) ? NULL : soft_memory_create(bytes);
  if (memory == NULL) {
    return failed(error, "out of memory");
  }
  pt2__metal_buffer_t* buffer = create(sizeof(*buffer));
  buffer->memory = memory;
  buffer->capacity = bytes;
  buffer->bytes = bytes;
  buffer->references = 1;
  *out_contents = memory;
  return buffer;
}

void pt2__metal_buffer_renew(pt2__metal_buffer_t* buffer, size_t bytes) {
  memory_damaged |= bytes > buffer->capacity || buffer->references != 1 ||
                    !soft_memory_renew(buffer->memory, buffer->capacity,
                                       buffer->bytes, bytes);
  buffer->bytes = bytes;
}

void pt2__metal_buffer_release(pt2__metal_buffer_t* buffer) {
  if (--buffer->references == 0) {
    if (!soft_memory_intact(buffer->memory, buffer->bytes)) {
      memory_damaged = true;
    }
    soft_memory_destroy(buffer->memory, buffer->capacity);
    destroy(buffer);
  }
}

pt2__metal_library_t* pt2__metal_library_create(const char* source,
                                                bool fast_math,
                                                pt2__metal_error_t* error) {
  last_fast_math = fast_math;
  if (soft_is_to_fail(SOFTMETAL_FAIL_LIBRARY)) {
    return failed(error, "an error in the shader, as wanted");
  }
  soft_library_t* soft =
      soft_library_create(source, error->text, sizeof(error->text));
  if (soft == NULL) {
    return NULL;
  }
  pt2__metal_library_t* library = create(sizeof(*library));
  library->soft = soft;
  library->references = 1;
  return library;
}

void pt2__metal_library_release(pt2__metal_library_t* library) {
  if (--library->references == 0) {
    soft_library_destroy(library->soft);
    destroy(library);
  }
}

pt2__metal_kernel_t* pt2__metal_kernel_create(pt2__metal_library_t* library,
                                              const char* name,
                                              size_t* out_max_threads,
                                              pt2__metal_error_t* error) {
  soft_kernel_t* soft = soft_library_kernel(library->soft, name, error->text,
                                            sizeof(error->text));
  if (soft == NULL) {
    return NULL;
  }
  pt2__metal_kernel_t* kernel = create(sizeof(*kernel));
  kernel->soft = soft;
  kernel->library = library;
  kernel->references = 1;
  ++library->references;
  *out_max_threads = soft_kernel_max_threads(soft);
  return kernel;
}

void pt2__metal_kernel_release(pt2__metal_kernel_t* kernel) {
  if (--kernel->references == 0) {
    pt2__metal_library_release(kernel->library);
    destroy(kernel);
  }
}

// ---- Commands ---------------------------------------------------------------

pt2__metal_commands_t* pt2__metal_commands_create(pt2__metal_error_t* error) {
  if (soft_is_to_fail(SOFTMETAL_FAIL_COMMANDS)) {
    return failed(error, "no encoder, as wanted");
  }
  pt2__metal_commands_t* commands = create(sizeof(*commands));
  commands->last = &commands->first;
  return commands;
}

void pt2__metal_commands_set_kernel(pt2__metal_commands_t* commands,
                                    pt2__metal_kernel_t* kernel) {
  if (commands->now.kernel != NULL) {
    pt2__metal_kernel_release(commands->now.kernel);
  }
  ++kernel->references;
  commands->now.kernel = kernel;
}

static void clear_argument(argument_t* argument) {
  if (argument->buffer != NULL) {
    pt2__metal_buffer_release(argument->buffer);
  }
  free(argument->bytes);
  *argument = (argument_t){0};
}

void pt2__metal_commands_set_buffer(pt2__metal_commands_t* commands,
                                    unsigned index, pt2__metal_buffer_t* buffer,
                                    size_t offset) {
  ++buffer->references;
  clear_argument(&commands->now.arguments[index]);
  commands->now.arguments[index] =
      (argument_t){.buffer = buffer, .offset = offset};
}

// A copy with something else behind it, for kernels that read on.
static char* copy_bytes(const void* data, size_t bytes) {
  char* copy = malloc(bytes + 64);
  memset(copy, 0xa5, bytes + 64);
  memcpy(copy, data, bytes);
  return copy;
}

void pt2__metal_commands_set_bytes(pt2__metal_commands_t* commands,
                                   unsigned index, const void* data,
                                   size_t bytes) {
  clear_argument(&commands->now.arguments[index]);
  commands->now.arguments[index] =
      (argument_t){.bytes = copy_bytes(data, bytes), .count = bytes};
}

void pt2__metal_commands_dispatch(pt2__metal_commands_t* commands,
                                  const size_t threads[3],
                                  const size_t group[3]) {
  call_t* call = malloc(sizeof(*call));
  *call = commands->now;
  call->next = NULL;
  ++call->kernel->references;
  for (int i = 0; i < PT2__METAL_ARGUMENT_COUNT; ++i) {
    argument_t* argument = &call->arguments[i];
    if (argument->buffer != NULL) {
      ++argument->buffer->references;
    }
    if (argument->bytes != NULL) {
      argument->bytes = copy_bytes(argument->bytes, argument->count);
    }
  }
  memcpy(call->threads, threads, sizeof(call->threads));
  memcpy(call->group, group, sizeof(call->group));
  *commands->last = call;
  commands->last = &call->next;
}

void pt2__metal_commands_commit(pt2__metal_commands_t* commands) {
  commands->committed = true;
}

bool pt2__metal_commands_done(pt2__metal_commands_t* commands) {
  (void)commands;
  return false;
}

static bool run_call(const call_t* call, pt2__metal_error_t* error) {
  void* arguments[SOFT_ARGUMENT_COUNT];
  for (int i = 0; i < SOFT_ARGUMENT_COUNT; ++i) {
    const argument_t* argument = &call->arguments[i];
    arguments[i] = argument->buffer != NULL
                       ? (char*)argument->buffer->memory + argument->offset
                       : argument->bytes;
  }
  if (!soft_dispatch(call->kernel->soft, arguments, call->threads, call->group,
                     error->text, sizeof(error->text))) {
    return false;
  }
  for (int i = 0; i < SOFT_ARGUMENT_COUNT; ++i) {
    const pt2__metal_buffer_t* buffer = call->arguments[i].buffer;
    if (buffer != NULL && !soft_memory_intact(buffer->memory, buffer->bytes)) {
      snprintf(error->text, sizeof(error->text),
               "kernel %s wrote beside argument %d",
               soft_kernel_name(call->kernel->soft), i);
      return false;
    }
  }
  return true;
}

static void clear_call(call_t* call) {
  if (call->kernel != NULL) {
    pt2__metal_kernel_release(call->kernel);
  }
  for (int i = 0; i < PT2__METAL_ARGUMENT_COUNT; ++i) {
    clear_argument(&call->arguments[i]);
  }
}

bool pt2__metal_commands_finish(pt2__metal_commands_t* commands,
                                pt2__metal_error_t* error) {
  bool fine = commands->committed;
  if (!fine) {
    failed(error, "commands that were not committed");
  } else if (soft_is_to_fail(SOFTMETAL_FAIL_FINISH)) {
    failed(error, "a fault of the device, as wanted");
    fine = false;
  }
  call_t* call = commands->first;
  while (call != NULL) {
    call_t* next = call->next;
    fine = fine && run_call(call, error);
    clear_call(call);
    free(call);
    call = next;
  }
  clear_call(&commands->now);
  destroy(commands);
  return fine;
}

// ---- For tests --------------------------------------------------------------

static long live(void) { return memory_damaged ? -1 : live_objects; }

// Of what Apple's compiler is told only this reaches the seam.
static void options(long out_options[4]) {
  out_options[0] = out_options[1] = out_options[2] = -1;
  out_options[3] = last_fast_math;
}

const softmetal_device_t* softmetal_find_device(void) {
  static const softmetal_device_t device = {
      .set_seed = soft_set_seed,
      .set_fault = soft_set_fault,
      .live = live,
      .options = options,
      .set_simdgroup_matrix = soft_set_simdgroup_matrix,
      .kernel_runs = soft_kernel_runs,
      .reset = soft_reset,
      .poisons_what_is_reused = true};
  return &device;
}

// SPDX-License-Identifier: Apache-2.0
//
// The functions that stand before operators in a traced runner: generated rows,
// one for each, so that arguments are passed on as the compiler passes them.
#include "shim/tracer.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "gen/shim.h"
#include "loader/loader.h"
#include "shim/bind.h"
#include "shim/shim.h"

// The row of each function.
enum {
#define PT2_TRACED(symbol, name, parameters, arguments, letters, tensors) \
  ROW_##symbol,
#include "gen/shim_traced.inc"
#undef PT2_TRACED
  ROW_aoti_torch_call_dispatcher,
  ROW_aoti_torch_proxy_executor_call_function,
  ROW_COUNT
};

struct pt2__tracer_t {
  pt2_trace_t* trace;
  const char* device;
  uint32_t runner;
  bool out_of_memory;
  // What each row calls, and what it is called in the trace.
  struct {
    void* target;
    pt2__trace_name_t* name;
  } rows[ROW_COUNT];
};

pt2__tracer_t* pt2__tracer_current(void) {
  return pt2__library_current_tracer();
}

// ---- One call --------------------------------------------------------------

typedef struct {
  pt2__tracer_t* tracer;
  void* target;
  pt2__trace_span_t span;
} call_t;

// Rows that stand before a function other than the cpu's in some runner.
static atomic_bool of_devices[ROW_COUNT];

// Code of the model that runs where nobody entered it (a thread of its own):
// not traced. Whose code it is cannot be told, so there must be one answer.
static void* find_untraced(size_t row, const char* symbol) {
  void* target =
      atomic_load(&of_devices[row]) ? NULL : pt2__shim_resolve("cpu", symbol);
  if (target == NULL) {
    pt2__fail(PT2_STATUS_FAILED_PRECONDITION,
              "%s is called outside of a run of its model", symbol);
  }
  return target;
}

static __attribute__((noinline)) bool begin(call_t* call, size_t row,
                                            const char* symbol) {
  call->tracer = pt2__tracer_current();
  call->target = call->tracer != NULL ? call->tracer->rows[row].target : NULL;
  if (call->target == NULL) {
    call->tracer = NULL;
    call->target = find_untraced(row, symbol);
    return call->target != NULL;
  }
  pt2__trace_begin(&call->span);
  return true;
}

static void add_list(pt2__trace_tensors_t* tensors, const void* list,
                     const void* length, bool optional) {
  intptr_t count = list != NULL ? (intptr_t)length : 0;
  for (intptr_t i = 0; i < count; ++i) {
    const AtenTensorHandle* handle = (const AtenTensorHandle*)list + i;
    if (optional) {
      handle = ((const AtenTensorHandle* const*)list)[i];
    }
    if (handle != NULL) {
      pt2__trace_add_tensor(tensors, *handle);
    }
  }
}

// Pointers to handles may be results: they are read once these are there.
static void add_tensors(pt2__trace_tensors_t* tensors, bool failed,
                        const char* letters, const void* const* values) {
  tensors->count = tensors->left_out = 0;
  tensors->word_count = 0;
  for (; *letters != '\0'; ++letters, ++values) {
    switch (*letters) {
      case 'T':
        pt2__trace_add_tensor(tensors, *values);
        break;
      case 'P':
        if (!failed && *values != NULL) {
          pt2__trace_add_tensor(tensors, *(const AtenTensorHandle*)*values);
        }
        break;
      case 'L':
      case 'O':
        add_list(tensors, values[0], values[1], *letters == 'O');
        ++letters;
        ++values;
        break;
      default:
        break;
    }
  }
}

// A call that failed has left its reason in the thread's error record.
static void end(const call_t* call, pt2__trace_name_t* name,
                AOTITorchError failed, const char* letters,
                const void* const* values) {
  if (call->tracer == NULL) {
    return;
  }
  pt2__trace_tensors_t tensors;
  add_tensors(&tensors, failed != PT2__SHIM_OK, letters, values);
  pt2__trace_details_t details = {.runner = call->tracer->runner,
                                  .tensors = &tensors};
  if (failed != PT2__SHIM_OK) {
    details.status =
        pt2__error_pending() ? pt2_error_status() : PT2_STATUS_MODEL_ERROR;
    details.error = pt2__error_pending() ? pt2_error_message() : NULL;
  }
  pt2__trace_end(call->tracer->trace, &call->span, name, &details);
}

static __attribute__((noinline)) void end_row(const call_t* call, size_t row,
                                              AOTITorchError failed,
                                              const char* letters,
                                              const void* const* values) {
  if (call->tracer != NULL) {
    end(call, call->tracer->rows[row].name, failed, letters, values);
  }
}

// ---- The functions ---------------------------------------------------------

#define PT2_TRACED_COUNT(count) ((const void*)(intptr_t)(count))
#define UNPACK(...) __VA_ARGS__
#define PT2_TRACED(symbol, name, parameters, arguments, letters, tensors)  \
  static AOTITorchError traced_##symbol parameters {                       \
    call_t call;                                                           \
    if (!begin(&call, ROW_##symbol, #symbol)) {                            \
      return PT2__SHIM_FAILED;                                             \
    }                                                                      \
    AOTITorchError failed = ((__typeof__(&(symbol)))call.target)arguments; \
    const void* const values[] = {UNPACK tensors};                         \
    end_row(&call, ROW_##symbol, failed, letters, values);                 \
    return failed;                                                         \
  }
#include "gen/shim_traced.inc"
#undef PT2_TRACED

// A name that is known with the call only.
static pt2__trace_name_t* name_of(const call_t* call, const char* text) {
  return call->tracer == NULL
             ? NULL
             : pt2__trace_name(call->tracer->trace, PT2_TRACE_OPERATOR, text);
}

static AOTITorchError traced_aoti_torch_call_dispatcher(const char* name,
                                                        const char* overload,
                                                        StableIValue* stack) {
  call_t call;
  if (!begin(&call, ROW_aoti_torch_call_dispatcher,
             "aoti_torch_call_dispatcher")) {
    return PT2__SHIM_FAILED;
  }
  AOTITorchError failed =
      ((__typeof__(&aoti_torch_call_dispatcher))call.target)(name, overload,
                                                             stack);
  end(&call, name_of(&call, name != NULL ? name : "aoti_torch_call_dispatcher"),
      failed, "", NULL);
  return failed;
}

static AOTITorchError traced_aoti_torch_proxy_executor_call_function(
    AOTIProxyExecutorHandle executor, int node, int int_count, int64_t* ints,
    int tensor_count, AtenTensorHandle* tensors) {
  call_t call;
  if (!begin(&call, ROW_aoti_torch_proxy_executor_call_function,
             "aoti_torch_proxy_executor_call_function")) {
    return PT2__SHIM_FAILED;
  }
  AOTITorchError failed =
      ((__typeof__(&aoti_torch_proxy_executor_call_function))call.target)(
          executor, node, int_count, ints, tensor_count, tensors);
  bool known = executor != NULL && node >= 0 &&
               (size_t)node < pt2__proxy_executor_node_count(executor);
  const char* name =
      known ? pt2__proxy_executor_peek_target(executor, (size_t)node)
            : "aoti_torch_proxy_executor_call_function";
  const void* const values[] = {tensors, PT2_TRACED_COUNT(tensor_count)};
  end(&call, name_of(&call, name), failed, "LN", values);
  return failed;
}

// ---- Binding ---------------------------------------------------------------

typedef struct {
  const char* symbol;
  const char* name;  // NULL: known with the call
  void* function;
} row_t;

static const row_t table[ROW_COUNT] = {
#define PT2_TRACED(symbol, name, parameters, arguments, letters, tensors) \
  {#symbol, name, (void*)traced_##symbol},
#include "gen/shim_traced.inc"
#undef PT2_TRACED
    {"aoti_torch_call_dispatcher", NULL,
     (void*)traced_aoti_torch_call_dispatcher},
    {"aoti_torch_proxy_executor_call_function", NULL,
     (void*)traced_aoti_torch_proxy_executor_call_function},
};

static int compare(const void* key, const void* row) {
  return strcmp(key, ((const row_t*)row)->symbol);
}

static const row_t* find_row(const char* symbol) {
  for (size_t i = ROW_aoti_torch_call_dispatcher; i < ROW_COUNT; ++i) {
    if (strcmp(symbol, table[i].symbol) == 0) {
      return &table[i];
    }
  }
  return bsearch(symbol, table, ROW_aoti_torch_call_dispatcher, sizeof(*table),
                 compare);
}

// An operator of another device takes the arguments of the cpu's.
static const row_t* find_device_row(const char* device, const char* symbol) {
  char prefix[64];
  char name[256];
  int length = snprintf(prefix, sizeof(prefix), "aoti_torch_%s_", device);
  if (length >= (int)sizeof(prefix) ||
      strncmp(symbol, prefix, (size_t)length) != 0 ||
      snprintf(name, sizeof(name), "aoti_torch_cpu_%s", symbol + length) >=
          (int)sizeof(name)) {
    return find_row(symbol);
  }
  return find_row(name);
}

void* pt2__tracer_resolve(pt2__tracer_t* tracer, const char* symbol) {
  void* target = pt2__shim_resolve(tracer->device, symbol);
  const row_t* row =
      target != NULL ? find_device_row(tracer->device, symbol) : NULL;
  if (row == NULL) {
    return target;
  }
  size_t index = (size_t)(row - table);
  if (tracer->rows[index].target != NULL) {
    // The host's operator beside the device's: the row is taken.
    return tracer->rows[index].target == target ? row->function : target;
  }
  if (row->name != NULL) {
    tracer->rows[index].name =
        pt2__trace_name(tracer->trace, PT2_TRACE_OPERATOR, row->name);
    tracer->out_of_memory |= tracer->rows[index].name == NULL;
  }
  tracer->rows[index].target = target;
  if (target != pt2__shim_resolve("cpu", row->symbol)) {
    atomic_store(&of_devices[index], true);
  }
  return row->function;
}

pt2_status_t pt2__tracer_check(const pt2__tracer_t* tracer) {
  return tracer->out_of_memory
             ? PT2_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                        "the trace has no memory for the model's operators")
             : PT2_STATUS_OK;
}

pt2_status_t pt2__tracer_create(pt2_trace_t* trace, const char* device,
                                pt2__tracer_t** out_tracer) {
  pt2__tracer_t* tracer = pt2__calloc(1, sizeof(*tracer));
  if (tracer == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*tracer));
  }
  pt2_trace_retain(trace);
  tracer->trace = trace;
  tracer->device = device;
  tracer->runner = pt2__trace_number_runner(trace);
  *out_tracer = tracer;
  return PT2_STATUS_OK;
}

void pt2__tracer_destroy(pt2__tracer_t* tracer) {
  if (tracer != NULL) {
    pt2_trace_release(tracer->trace);
    pt2__free(tracer);
  }
}

pt2_trace_t* pt2__tracer_peek_trace(const pt2__tracer_t* tracer) {
  return tracer->trace;
}

uint32_t pt2__tracer_runner(const pt2__tracer_t* tracer) {
  return tracer->runner;
}

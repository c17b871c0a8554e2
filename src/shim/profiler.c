// SPDX-License-Identifier: Apache-2.0
//
// Profiler hooks: spans and the values that describe them. Without an observer
// or a trace a span costs one small object.
#include "shim/profiler.h"

#include <stdatomic.h>

#include "shim/shim.h"
#include "shim/tracer.h"

static _Atomic(const pt2__span_observer_t*) span_observer;

void pt2__profiler_observe(const pt2__span_observer_t* observer) {
  atomic_store(&span_observer, observer);
}

// ---- Values ----------------------------------------------------------------

static void free_value(C10IValueHandle value) {
  for (size_t i = 0; i < value->count; ++i) {
    pt2__free(value->strings[i]);
  }
  pt2__free(value->strings);
  pt2__tensor_release(value->tensor);
  pt2__free(value);
}

static pt2_status_t new_value(int32_t kind, C10IValueHandle* out) {
  PT2_TRY(pt2__shim_check_out(out));
  C10IValueHandle value = pt2__calloc(1, sizeof(*value));
  if (value == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*value));
  }
  value->kind = kind;
  *out = value;
  return PT2_STATUS_OK;
}

static pt2_status_t copy_strings(C10IValueHandle value, const char** strings,
                                 size_t count) {
  value->strings = pt2__calloc(count > 0 ? count : 1, sizeof(char*));
  if (value->strings == NULL) {
    return PT2_OUT_OF_MEMORY(count * sizeof(char*));
  }
  for (size_t i = 0; i < count; ++i) {
    PT2_SHIM_CHECK(strings[i] != NULL, "string %zu is NULL", i);
    value->strings[i] = pt2__strdup(strings[i]);
    if (value->strings[i] == NULL) {
      return PT2_OUT_OF_MEMORY(sizeof(char*));
    }
    ++value->count;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t value_of_strings(int32_t kind, const char** strings,
                                     int64_t count, C10IValueHandle* out) {
  PT2_SHIM_CHECK(count >= 0 && (count == 0 || strings != NULL),
                 "%lld strings at %p", (long long)count, (void*)strings);
  C10IValueHandle value = NULL;
  PT2_TRY(pt2__shim_check_out(out));
  PT2_TRY(new_value(kind, &value));
  pt2_status_t status = copy_strings(value, strings, (size_t)count);
  if (status != PT2_STATUS_OK) {
    free_value(value);
    return status;
  }
  *out = value;
  return PT2_STATUS_OK;
}

static pt2_status_t value_of_int(int64_t integer, C10IValueHandle* out) {
  PT2_TRY(new_value(PT2__IVALUE_INT, out));
  (*out)->integer = integer;
  return PT2_STATUS_OK;
}

static pt2_status_t value_of_tensor(AtenTensorHandle tensor,
                                    C10IValueHandle* out) {
  PT2_SHIM_CHECK(tensor != NULL, "tensor is a NULL handle");
  PT2_TRY(pt2__shim_check_out(out));
  C10IValueHandle value = NULL;
  PT2_TRY(new_value(PT2__IVALUE_TENSOR, &value));
  pt2_status_t status = pt2__tensor_alias(tensor, &value->tensor);
  if (status != PT2_STATUS_OK) {
    free_value(value);
    return status;
  }
  *out = value;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_int64_to_ivalue(int64_t val,
                                          C10IValueHandle* ivalue) {
  PT2_SHIM_RETURN(value_of_int(val, ivalue));
}

AOTITorchError aoti_torch_str_to_ivalue(const char* val,
                                        C10IValueHandle* ivalue) {
  PT2_SHIM_RETURN(value_of_strings(PT2__IVALUE_STRING, &val, 1, ivalue));
}

AOTITorchError aoti_torch_strlist_to_ivalue(const char** val, int64_t len,
                                            C10IValueHandle* ivalue) {
  PT2_SHIM_RETURN(value_of_strings(PT2__IVALUE_STRING_LIST, val, len, ivalue));
}

AOTITorchError aoti_torch_tensor_to_ivalue(AtenTensorHandle val,
                                           C10IValueHandle* ivalue) {
  PT2_SHIM_RETURN(value_of_tensor(val, ivalue));
}

AOTITorchError aoti_torch_delete_c10_value_object(C10IValueHandle handle) {
  if (handle != NULL) {
    free_value(handle);
  }
  return PT2__SHIM_OK;
}

// ---- Spans -----------------------------------------------------------------

// What a traced runner remembers of a span. It retains the trace, since it is
// the model that says when a span ends.
typedef struct {
  pt2_trace_t* trace;
  uint32_t runner;
  pt2__trace_name_t* name;
  pt2__trace_span_t span;
  pt2__trace_tensors_t tensors;
} traced_t;

struct pt2__record_function_t {
  // Who saw the begin sees the end, whoever watches by then.
  const pt2__span_observer_t* observer;
  void* span;
  traced_t* traced;  // NULL: not traced
};

// The inputs may be gone at the end.
static traced_t* start_traced(const pt2__tracer_t* tracer, const char* name,
                              const C10IValueHandle* inputs, uint64_t count) {
  pt2_trace_t* trace = pt2__tracer_peek_trace(tracer);
  traced_t* traced = pt2__calloc(1, sizeof(*traced));
  if (traced == NULL) {
    pt2__trace_drop(trace);
    return NULL;
  }
  pt2_trace_retain(trace);
  traced->trace = trace;
  traced->runner = pt2__tracer_runner(tracer);
  traced->name = pt2__trace_name(trace, PT2_TRACE_KERNEL, name);
  for (uint64_t i = 0; i < count; ++i) {
    if (inputs[i] != NULL && inputs[i]->kind == PT2__IVALUE_TENSOR) {
      pt2__trace_add_tensor(&traced->tensors, inputs[i]->tensor);
    }
  }
  pt2__trace_begin(&traced->span);
  return traced;
}

static void end_traced(traced_t* traced) {
  pt2__trace_details_t details = {.runner = traced->runner,
                                  .tensors = &traced->tensors};
  pt2__trace_end(traced->trace, &traced->span, traced->name, &details);
  pt2_trace_release(traced->trace);
  pt2__free(traced);
}

static pt2_status_t start_span(const char* name, const C10IValueHandle* inputs,
                               uint64_t count, AtenRecordFunctionHandle* out) {
  PT2_TRY(pt2__shim_check_out(out));
  PT2_SHIM_CHECK(name != NULL, "the span's name is NULL");
  PT2_SHIM_CHECK(count == 0 || inputs != NULL, "inputs are NULL");
  AtenRecordFunctionHandle record = pt2__malloc(sizeof(*record));
  if (record == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*record));
  }
  record->observer = atomic_load(&span_observer);
  record->span = NULL;
  const pt2__tracer_t* tracer = pt2__tracer_current();
  record->traced =
      tracer != NULL ? start_traced(tracer, name, inputs, count) : NULL;
  if (record->observer != NULL) {
    record->span = record->observer->begin(record->observer->user, name,
                                           (const pt2__ivalue_t* const*)inputs,
                                           (size_t)count);
  }
  *out = record;
  return PT2_STATUS_OK;
}

// |kwargs| is a C++ map, which only code built with the model's own libstdc++
// could read. Observers get the inputs only.
AOTITorchError aoti_record_function_start(const char* name,
                                          IValueMapHandle kwargs,
                                          const C10IValueHandle* inputs,
                                          const uint64_t n_inputs,
                                          AtenRecordFunctionHandle* guard) {
  (void)kwargs;
  PT2_SHIM_RETURN(start_span(name, inputs, n_inputs, guard));
}

AOTITorchError aoti_record_function_end(AtenRecordFunctionHandle guard) {
  if (guard != NULL) {
    if (guard->observer != NULL) {
      guard->observer->end(guard->observer->user, guard->span);
    }
    if (guard->traced != NULL) {
      end_traced(guard->traced);
    }
    pt2__free(guard);
  }
  return PT2__SHIM_OK;
}

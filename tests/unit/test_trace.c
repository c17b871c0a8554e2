// SPDX-License-Identifier: Apache-2.0
//
// Traces: what is recorded of packages of every release, that an untraced
// runner is bound to the operators themselves, failures, limits and the text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "gen/shim.h"
#include "loader/elf_file.h"
#include "loader/library.h"
#include "pt2/pt2.h"
#include "runner/observer.h"
#include "shim/bind.h"
#include "shim/tracer.h"
#include "support/skip.h"
#include "support/trace_reader.h"
#include "tensor/tensor.h"
#include "trace/trace.h"

#define GOLDEN PT2_TEST_GOLDEN "/avx2/"
#define NEWEST GOLDEN "2.15.0/"

enum { ROWS = 8, COLUMNS = 16, RUNS = 5 };

static const char* const kReleases[] = {"2.6.0",  "2.7.1",  "2.8.0",  "2.9.1",
                                        "2.10.0", "2.11.0", "2.12.1", "2.13.0",
                                        "2.14.1", "2.15.0"};

static pt2_trace_t* make_trace(size_t limit_bytes) {
  pt2_trace_options_t options;
  pt2_trace_options_init(&options);
  if (limit_bytes > 0) {
    options.limit_bytes = limit_bytes;
  }
  pt2_trace_t* trace = NULL;
  assert_int_equal(pt2_trace_create(&options, &trace), PT2_STATUS_OK);
  return trace;
}

static pt2_runner_t* load(const char* path,
                          const pt2_runner_options_t* options) {
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  if (pt2_package_open(path, NULL, &package) != PT2_STATUS_OK ||
      pt2_runner_create(package, options, &runner) != PT2_STATUS_OK) {
    print_error("%s\n", pt2_error_message());
  }
  pt2_package_release(package);
  assert_non_null(runner);
  return runner;
}

static pt2_runner_t* load_traced(const char* path, pt2_trace_t* trace) {
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.trace = trace;
  return load(path, &options);
}

static pt2_tensor_t* make_tensor(int64_t rows, int64_t columns) {
  const int64_t sizes[] = {rows, columns};
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &tensor),
                   PT2_STATUS_OK);
  memset(pt2_tensor_peek_data(tensor), 0,
         sizeof(float) * (size_t)(rows * columns));
  return tensor;
}

// One run of |runner|, which must have one output.
static pt2_status_t run_once(pt2_runner_t* runner) {
  pt2_tensor_t* input = make_tensor(ROWS, COLUMNS);
  pt2_tensor_t* output = NULL;
  pt2_status_t status = pt2_runner_run(runner, &input, 1, &output, 1);
  pt2_tensor_release(output);
  pt2_tensor_release(input);
  return status;
}

static pt2_trace_statistics_t statistics_of(pt2_trace_t* trace) {
  pt2_trace_statistics_t statistics = {.struct_bytes = sizeof(statistics)};
  assert_int_equal(pt2_trace_statistics(trace, &statistics), PT2_STATUS_OK);
  return statistics;
}

// ---- What is recorded ------------------------------------------------------

static void check_package(const char* release, const char* name,
                          size_t operators) {
  char path[512];
  snprintf(path, sizeof(path), GOLDEN "%s/%s.pt2", release, name);
  pt2_trace_t* trace = make_trace(0);
  pt2_runner_t* runner = load_traced(path, trace);
  for (int i = 0; i < RUNS; ++i) {
    assert_int_equal(run_once(runner), PT2_STATUS_OK);
  }
  events_t events = read_events(trace);
  check_nesting(&events, true);
  assert_int_equal(events.count, 1 + RUNS + operators * RUNS);
  assert_int_equal(count_events(&events, "load", "load model"), 1);
  assert_int_equal(count_events(&events, "run", "run model"), RUNS);
  assert_int_equal(count_events(&events, "operator", "aten::addmm_out"),
                   operators * RUNS);
  size_t in_runs = 0;
  for (size_t i = 0; i < events.count; ++i) {
    assert_int_equal(events.events[i].thread, gettid());
    assert_int_equal(json_integer_value(
                         json_object_get(events.events[i].arguments, "runner")),
                     1);
    for (size_t j = 0; j < events.count; ++j) {
      in_runs += strcmp(events.events[j].category, "run") == 0 && i != j &&
                 lies_in(&events.events[i], &events.events[j]);
    }
  }
  assert_int_equal(in_runs, operators * RUNS);
  assert_int_equal(statistics_of(trace).record_count, events.count);
  assert_int_equal(statistics_of(trace).dropped_count, 0);
  free_events(&events);
  pt2_runner_release(runner);
  pt2_trace_release(trace);
}

static void test_packages_of_every_release(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  for (size_t i = 0; i < sizeof(kReleases) / sizeof(kReleases[0]); ++i) {
    check_package(kReleases[i], "mlp", 2);
    check_package(kReleases[i], "mlpdyn", 2);
    check_package(kReleases[i], "add", 0);
  }
}

static const char* tensor_at(const event_t* event, size_t index) {
  return json_string_value(
      json_array_get(json_object_get(event->arguments, "tensors"), index));
}

static void test_tensors_and_counters(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_trace_t* trace = make_trace(0);
  pt2_runner_t* runner = load_traced(NEWEST "mlp.pt2", trace);
  assert_int_equal(run_once(runner), PT2_STATUS_OK);
  events_t events = read_events(trace);
  const event_t* run = only_event(&events, "run", "run model");
  long long operators = 0;
  long long largest = 0;
  size_t narrow = 0;
  for (size_t i = 0; i < events.count; ++i) {
    const event_t* event = &events.events[i];
    if (strcmp(event->category, "operator") != 0) {
      continue;
    }
    long long duration = event->end - event->begin;
    operators += duration;
    largest = duration > largest ? duration : largest;
    if (strcmp(tensor_at(event, 0), "f32 [8, 32]") == 0) {
      assert_string_equal(tensor_at(event, 1), "f32 [32]");
      assert_string_equal(tensor_at(event, 2), "f32 [8, 16]");
      assert_string_equal(tensor_at(event, 3), "f32 [16, 32]");
      ++narrow;
    } else {
      assert_string_equal(tensor_at(event, 0), "f32 [8, 4]");
    }
    assert_null(tensor_at(event, 4));
  }
  assert_int_equal(narrow, 1);
  long long waited = nanoseconds(run->arguments, "waited_us");
  pt2_trace_counter_t counter =
      read_counter(trace, PT2_TRACE_OPERATOR, "aten::addmm_out");
  assert_int_equal(counter.calls, 2);
  assert_int_equal(counter.failures, 0);
  assert_int_equal(counter.total_ns, operators);
  assert_int_equal(counter.self_ns, operators);
  assert_int_equal(counter.largest_ns, largest);
  counter = read_counter(trace, PT2_TRACE_RUN, "run model");
  assert_int_equal(counter.calls, 1);
  assert_int_equal(counter.total_ns, run->end - run->begin);
  assert_int_equal(counter.self_ns, counter.total_ns - operators - waited);
  pt2_trace_reset_counters(trace);
  counter = read_counter(trace, PT2_TRACE_OPERATOR, "aten::addmm_out");
  assert_int_equal(counter.calls, 0);
  assert_int_equal(counter.total_ns, 0);
  assert_int_equal(counter.largest_ns, 0);
  free_events(&events);
  pt2_runner_release(runner);
  pt2_trace_release(trace);
}

static const char* status_at(const event_t* event) {
  return json_string_value(json_object_get(event->arguments, "status"));
}

static void test_changes_of_constants(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_trace_t* trace = make_trace(0);
  pt2_runner_t* runner = load_traced(NEWEST "mlp.pt2", trace);
  pt2_constant_info_t info;
  assert_int_equal(pt2_runner_constant_info(runner, 0, &info), PT2_STATUS_OK);
  pt2_named_tensor_t constant = {.name = info.fqn};
  assert_int_equal(
      pt2_runner_extract_constant(runner, info.fqn, false, &constant.tensor),
      PT2_STATUS_OK);
  assert_int_equal(pt2_runner_swap_constants(runner),
                   PT2_STATUS_FAILED_PRECONDITION);
  assert_int_equal(pt2_runner_update_constants(runner, &constant, 1, NULL),
                   PT2_STATUS_OK);
  assert_int_equal(pt2_runner_fold_constants(runner, false), PT2_STATUS_OK);
  events_t events = read_events(trace);
  assert_int_equal(events.count, 4);
  const event_t* swap = only_event(&events, "swap", "swap model");
  assert_string_equal(status_at(swap), "FAILED_PRECONDITION");
  assert_non_null(
      strstr(json_string_value(json_object_get(swap->arguments, "error")),
             "inactive"));
  assert_null(status_at(only_event(&events, "update", "update model")));
  assert_null(status_at(only_event(&events, "fold", "fold model")));
  assert_int_equal(read_counter(trace, PT2_TRACE_SWAP, "swap model").failures,
                   1);
  free_events(&events);
  pt2_tensor_release(constant.tensor);
  pt2_runner_release(runner);
  pt2_trace_release(trace);
}

// A load that fails is recorded; the trace outlives its runners, and they it.
static void test_failed_load(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_trace_t* trace = make_trace(0);
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.trace = trace;
  options.num_runners = 0;
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  assert_int_equal(pt2_package_open(NEWEST "add.pt2", NULL, &package), 0);
  assert_int_equal(pt2_runner_create(package, &options, &runner),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "num_runners is 0, at least 1 is needed");
  events_t events = read_events(trace);
  const event_t* failed = only_event(&events, "load", "load model");
  assert_string_equal(status_at(failed), "INVALID_ARGUMENT");
  assert_int_equal(
      json_integer_value(json_object_get(failed->arguments, "runner")), 0);
  free_events(&events);
  options.num_runners = 1;
  assert_int_equal(pt2_runner_create(package, &options, &runner), 0);
  pt2_trace_release(trace);  // the runner has its own reference
  pt2_package_release(package);
  assert_int_equal(run_once(runner), PT2_STATUS_OK);
  pt2_runner_release(runner);
}

// ---- Custom operators: nesting and failures --------------------------------

typedef struct {
  pt2_runner_t* inner;  // run by the operator; NULL: none
  pt2_status_t status;
} scale_t;

static pt2_status_t scale_add(void* user, const pt2_value_t* arguments,
                              size_t argument_count, pt2_tensor_t** results,
                              size_t result_count) {
  scale_t* scale = user;
  assert_true(argument_count == 3 && result_count == 1);
  if (scale->inner != NULL) {
    assert_int_equal(run_once(scale->inner), PT2_STATUS_OK);
  }
  if (scale->status != PT2_STATUS_OK) {
    pt2_op_set_error(scale->status, "the scale is \"broken\"");
    return scale->status;
  }
  pt2_tensor_retain(arguments[0].as.tensor);
  results[0] = arguments[0].as.tensor;
  return PT2_STATUS_OK;
}

static void check_nested(pt2_trace_t* trace) {
  events_t events = read_events(trace);
  check_nesting(&events, true);
  const event_t* op = only_event(&events, "operator", "pt2test::scale_add");
  assert_int_equal(count_events(&events, "run", "run model"), 2);
  const event_t* inner = NULL;
  const event_t* outer = NULL;
  for (size_t i = 0; i < events.count; ++i) {
    const event_t* event = &events.events[i];
    if (strcmp(event->category, "run") == 0) {
      *(lies_in(event, op) ? &inner : &outer) = event;
    }
  }
  assert_non_null(inner);
  assert_non_null(outer);
  assert_true(lies_in(op, outer));
  assert_string_equal(tensor_at(op, 0), "f32 [8, 16]");
  pt2_trace_counter_t counter =
      read_counter(trace, PT2_TRACE_OPERATOR, "pt2test::scale_add");
  assert_int_equal(counter.self_ns,
                   (op->end - op->begin) - (inner->end - inner->begin));
  pt2_trace_counter_t runs = read_counter(trace, PT2_TRACE_RUN, "run model");
  assert_int_equal(runs.self_ns,
                   (inner->end - inner->begin) + (outer->end - outer->begin) -
                       (op->end - op->begin) -
                       nanoseconds(inner->arguments, "waited_us") -
                       nanoseconds(outer->arguments, "waited_us"));
  free_events(&events);
}

static void test_operators_nest_and_failures_are_closed(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  scale_t scale = {0};
  assert_int_equal(pt2_op_register("pt2test::scale_add", scale_add, &scale),
                   PT2_STATUS_OK);
  pt2_trace_t* trace = make_trace(0);
  pt2_runner_t* runner = load_traced(NEWEST "customop.pt2", trace);
  scale.inner = load_traced(NEWEST "add.pt2", trace);
  assert_int_equal(run_once(runner), PT2_STATUS_OK);
  check_nested(trace);
  pt2_trace_clear(trace);
  pt2_runner_release(scale.inner);
  scale = (scale_t){.status = PT2_STATUS_UNSUPPORTED};
  assert_int_equal(run_once(runner), PT2_STATUS_UNSUPPORTED);
  assert_non_null(strstr(pt2_error_message(), "the scale is \"broken\""));
  events_t events = read_events(trace);
  check_nesting(&events, true);
  const event_t* op = only_event(&events, "operator", "pt2test::scale_add");
  assert_string_equal(status_at(op), "UNSUPPORTED");
  assert_non_null(
      strstr(json_string_value(json_object_get(op->arguments, "error")),
             "the scale is \"broken\""));
  const event_t* run = only_event(&events, "run", "run model");
  assert_string_equal(status_at(run), "UNSUPPORTED");
  assert_true(lies_in(op, run));
  free_events(&events);
  assert_int_equal(
      read_counter(trace, PT2_TRACE_OPERATOR, "pt2test::scale_add").failures,
      1);
  scale.status = PT2_STATUS_OK;
  assert_int_equal(run_once(runner), PT2_STATUS_OK);
  pt2_runner_release(runner);
  pt2_trace_release(trace);
  assert_int_equal(pt2_op_unregister("pt2test::scale_add"), PT2_STATUS_OK);
}

// ---- Addresses -------------------------------------------------------------

// What a model's imports of PyTorch's are bound to, as its copy says: to the
// functions themselves, or to those before them if it is traced. Returns how
// many of the latter there are.
static size_t check_addresses(pt2_trace_t* trace) {
  char path[] = "/tmp/pt2-trace-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  unlink(path);
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.debug_copy_path = path;
  options.trace = trace;
  pt2_runner_t* runner = load(NEWEST "mlp.pt2", &options);
  FILE* file = fopen(path, "rb");
  assert_non_null(file);
  static uint8_t copy[1 << 22];
  size_t bytes = fread(copy, 1, sizeof(copy), file);
  fclose(file);
  unlink(path);
  pt2__tracer_t* tracer = NULL;
  if (trace != NULL) {
    assert_int_equal(pt2__tracer_create(trace, "cpu", &tracer), 0);
  }
  pt2__elf_file_t elf;
  assert_int_equal(pt2__elf_file_open(copy, bytes, "copy", &elf), 0);
  size_t imports = 0;
  size_t traced = 0;
  for (uint64_t i = 1; i < elf.symbols.count; ++i) {
    Elf64_Sym symbol = pt2__elf_symbol(&elf, i);
    const char* name = pt2__elf_string(&elf, symbol.st_name);
    if (symbol.st_shndx == SHN_ABS && strncmp(name, "aoti_torch_", 11) == 0) {
      void* real = pt2__shim_resolve("cpu", name);
      void* expected =
          tracer != NULL ? pt2__tracer_resolve(tracer, name) : real;
      if (expected == NULL ||
          symbol.st_value != (Elf64_Addr)(uintptr_t)expected) {
        fail_msg("%s is bound to another function", name);
      }
      traced += expected != real;
      ++imports;
    }
  }
  assert_true(imports > 10);
  pt2__tracer_destroy(tracer);
  pt2_runner_release(runner);
  return traced;
}

static void test_untraced_is_bound_to_the_operators(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_trace_t* trace = make_trace(0);
  assert_int_equal(check_addresses(NULL), 0);
  // addmm_out, and clone, which it imports and never calls.
  assert_int_equal(check_addresses(trace), 2);
  // Nor does a traced runner change an untraced one.
  assert_int_equal(check_addresses(NULL), 0);
  pt2_trace_release(trace);
}

// ---- The functions before operators ----------------------------------------

typedef struct {
  pt2_trace_t* trace;
  pt2__tracer_t* tracer;
  pt2__library_t library;  // whose code runs, as far as the tracer knows
  pt2__library_scope_t scope;
  pt2_tensor_t* a;
  pt2_tensor_t* b;
} direct_t;

static void begin_direct(direct_t* direct) {
  memset(direct, 0, sizeof(*direct));
  direct->trace = make_trace(0);
  assert_int_equal(pt2__tracer_create(direct->trace, "cpu", &direct->tracer),
                   0);
  direct->library.tracer = direct->tracer;
  direct->scope = pt2__library_enter(&direct->library, false);
  direct->a = make_tensor(2, 3);
  direct->b = make_tensor(4, 3);
}

static void end_direct(direct_t* direct) {
  pt2__library_leave(direct->scope);
  pt2__tracer_destroy(direct->tracer);
  pt2_trace_release(direct->trace);
  pt2_tensor_release(direct->a);
  pt2_tensor_release(direct->b);
}

static void test_lists_of_tensors(void** state) {
  (void)state;
  direct_t direct;
  begin_direct(&direct);
  __typeof__(&aoti_torch_cpu_cat) cat;
  *(void**)&cat = pt2__tracer_resolve(direct.tracer, "aoti_torch_cpu_cat");
  assert_ptr_not_equal(cat, pt2__shim_resolve("cpu", "aoti_torch_cpu_cat"));
  AtenTensorHandle list[] = {direct.a, direct.b};
  AtenTensorHandle joined = NULL;
  assert_int_equal(cat(list, 2, 0, &joined), 0);
  assert_int_equal(pt2_tensor_peek_sizes(joined)[0], 6);
  AtenTensorHandle none = (AtenTensorHandle)(uintptr_t)0xdead;
  assert_int_not_equal(cat(list, 2, 7, &none), 0);  // there is no dimension 7
  __typeof__(&aoti_torch_cpu_index_Tensor) index;
  *(void**)&index =
      pt2__tracer_resolve(direct.tracer, "aoti_torch_cpu_index_Tensor");
  const int64_t two = 2;
  pt2_tensor_t* rows = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_I64, 1, &two, NULL, &rows), 0);
  memset(pt2_tensor_peek_data(rows), 0, 16);
  const AtenTensorHandle* indices[] = {NULL, &rows};
  AtenTensorHandle chosen = NULL;
  assert_int_equal(index(direct.b, indices, 2, &chosen), 0);
  assert_int_equal(pt2_tensor_peek_sizes(chosen)[1], 2);
  events_t events = read_events(direct.trace);
  assert_int_equal(events.count, 3);
  size_t good = status_at(&events.events[0]) == NULL ? 0 : 1;
  const event_t* event = &events.events[good];
  assert_string_equal(event->name, "aten::cat");
  assert_string_equal(tensor_at(event, 0), "f32 [2, 3]");
  assert_string_equal(tensor_at(event, 1), "f32 [4, 3]");
  assert_string_equal(tensor_at(event, 2), "f32 [6, 3]");
  assert_null(tensor_at(event, 3));
  event = &events.events[1 - good];
  assert_non_null(status_at(event));
  assert_string_equal(tensor_at(event, 1), "f32 [4, 3]");
  assert_null(tensor_at(event, 2));
  event = only_event(&events, "operator", "aten::index_Tensor");
  assert_string_equal(tensor_at(event, 0), "f32 [4, 3]");
  assert_string_equal(tensor_at(event, 1), "i64 [2]");
  assert_string_equal(tensor_at(event, 2), "f32 [4, 2]");
  free_events(&events);
  pt2_tensor_release(rows);
  pt2_tensor_release(joined);
  pt2_tensor_release(chosen);
  pt2__error_begin();
  end_direct(&direct);
}

static void test_every_operator_can_be_traced(void** state) {
  (void)state;
  static const struct {
    const char* symbol;
    const char* op;
  } rows[] = {
#define PT2_SHIM_ROW(symbol, op) {#symbol, op},
#include "gen/shim_rows.inc"
#undef PT2_SHIM_ROW
  };
  direct_t direct;
  begin_direct(&direct);
  size_t traced = 0;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    void* real = pt2__shim_resolve("cpu", rows[i].symbol);
    void* bound = pt2__tracer_resolve(direct.tracer, rows[i].symbol);
    bool is_traced = bound != real;
    if (rows[i].op != NULL && real != NULL && !is_traced) {
      fail_msg("%s cannot be traced", rows[i].symbol);
    }
    traced += is_traced;
  }
  assert_true(traced > 150);
  assert_int_equal(pt2__tracer_check(direct.tracer), PT2_STATUS_OK);
  end_direct(&direct);
}

// Arguments of several classes, some of them on the stack.
static void test_every_argument_is_passed_on(void** state) {
  (void)state;
  direct_t direct;
  begin_direct(&direct);
  __typeof__(&aoti_torch_cpu_avg_pool2d) pool;
  *(void**)&pool =
      pt2__tracer_resolve(direct.tracer, "aoti_torch_cpu_avg_pool2d");
  const int64_t sizes[] = {1, 1, 4, 4};
  float values[16];
  for (int i = 0; i < 16; ++i) {
    values[i] = (float)i;
  }
  pt2_tensor_t* image = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 4, sizes, NULL, &image), 0);
  memcpy(pt2_tensor_peek_data(image), values, sizeof(values));
  const int64_t two[] = {2, 2};
  const int64_t zero[] = {0, 0};
  int64_t divisor = 8;  // of each sum of four, the last argument but one
  AtenTensorHandle means = NULL;
  assert_int_equal(pool(image, two, 2, two, 2, zero, 2, 0, 1, &divisor, &means),
                   0);
  const float* got = pt2_tensor_peek_data(means);
  const float expected[] = {10.0F / 8, 18.0F / 8, 42.0F / 8, 50.0F / 8};
  for (int i = 0; i < 4; ++i) {
    assert_true(got[i] == expected[i]);
  }
  pt2_tensor_release(means);
  pt2_tensor_release(image);
  end_direct(&direct);
}

static void test_outside_of_a_run_nothing_is_traced(void** state) {
  (void)state;
  direct_t direct;
  begin_direct(&direct);
  __typeof__(&aoti_torch_clone) clone;
  *(void**)&clone = pt2__tracer_resolve(direct.tracer, "aoti_torch_clone");
  assert_ptr_equal(pt2__tracer_resolve(direct.tracer, "aoti_torch_get_sizes"),
                   pt2__shim_resolve("cpu", "aoti_torch_get_sizes"));
  assert_null(pt2__tracer_resolve(direct.tracer, "aoti_torch_no_such"));
  pt2__library_scope_t outside = pt2__library_enter(NULL, false);
  AtenTensorHandle copy = NULL;
  assert_int_equal(clone(direct.a, &copy), 0);
  pt2__library_leave(outside);
  pt2_tensor_release(copy);
  assert_int_equal(statistics_of(direct.trace).record_count, 0);
  assert_int_equal(clone(direct.a, &copy), 0);
  pt2_tensor_release(copy);
  assert_int_equal(statistics_of(direct.trace).record_count, 1);
  end_direct(&direct);
}

// ---- Back ends -------------------------------------------------------------

static size_t own_calls;
static int32_t own_cumsum(AtenTensorHandle self, int64_t dim, int32_t* dtype,
                          AtenTensorHandle* ret0) {
  assert_int_equal(dim, 1);
  assert_null(dtype);
  ++own_calls;
  pt2_tensor_retain(self);
  *ret0 = self;
  return 0;
}

static pt2_status_t no_memory(void* user, int32_t index, size_t bytes,
                              void** out_data) {
  (void)user, (void)index, (void)bytes, (void)out_data;
  return PT2_STATUS_OUT_OF_MEMORY;
}
static void free_nothing(void* user, int32_t index, void* data, size_t bytes) {
  (void)user, (void)index, (void)data, (void)bytes;
}
static pt2_status_t copy_nothing(void* user, int32_t kind, int32_t target_index,
                                 void* target, int32_t source_index,
                                 const void* source, size_t bytes) {
  (void)user, (void)kind, (void)target_index, (void)target;
  (void)source_index, (void)source, (void)bytes;
  return PT2_STATUS_OK;
}
static pt2_status_t fill_nothing(void* user, int32_t index, void* data,
                                 uint8_t value, size_t bytes) {
  (void)user, (void)index, (void)data, (void)value, (void)bytes;
  return PT2_STATUS_OK;
}
static pt2_status_t wait_for_nothing(void* user, int32_t index) {
  (void)user, (void)index;
  return PT2_STATUS_OK;
}

// A device's own operator is traced as the cpu's of that name; the host's
// beside it is not, nor is the device's called for it.
static void test_operators_of_a_back_end(void** state) {
  (void)state;
  static const pt2_backend_symbol_t symbols[] = {
      {"aoti_torch_own_cumsum", (void*)own_cumsum}};
  const pt2_backend_t backend = {.struct_bytes = sizeof(backend),
                                 .abi_version = PT2_BACKEND_ABI_VERSION,
                                 .device = "own",
                                 .device_type = 6,
                                 .synchronize = wait_for_nothing,
                                 .allocate = no_memory,
                                 .free = free_nothing,
                                 .copy = copy_nothing,
                                 .fill = fill_nothing,
                                 .symbols = symbols,
                                 .symbol_count = 1};
  if (pt2_backend_register(&backend) != PT2_STATUS_OK) {
    fail_msg("%s", pt2_error_message());
  }
  direct_t direct;
  begin_direct(&direct);
  pt2__tracer_t* tracer = NULL;
  assert_int_equal(pt2__tracer_create(direct.trace, "own", &tracer), 0);
  __typeof__(&aoti_torch_cpu_cumsum) traced;
  *(void**)&traced = pt2__tracer_resolve(tracer, "aoti_torch_own_cumsum");
  assert_ptr_not_equal(traced, own_cumsum);
  assert_ptr_equal(pt2__tracer_resolve(tracer, "aoti_torch_cpu_cumsum"),
                   pt2__shim_resolve("cpu", "aoti_torch_cpu_cumsum"));
  assert_ptr_equal(pt2__tracer_resolve(tracer, "aoti_torch_own_cumsum"),
                   traced);
  pt2__library_t library = {.tracer = tracer};
  pt2__library_scope_t scope = pt2__library_enter(&library, false);
  AtenTensorHandle result = NULL;
  assert_int_equal(traced(direct.a, 1, NULL, &result), 0);
  pt2__library_leave(scope);
  assert_ptr_equal(result, direct.a);
  pt2_tensor_release(result);
  assert_int_equal(own_calls, 1);
  assert_int_equal(
      read_counter(direct.trace, PT2_TRACE_OPERATOR, "aten::cumsum").calls, 1);
  // Outside of a run it cannot be told which is meant.
  scope = pt2__library_enter(NULL, false);
  pt2__error_begin();
  assert_int_not_equal(traced(direct.a, 1, NULL, &result), 0);
  pt2__library_leave(scope);
  assert_string_equal(
      pt2_error_message(),
      "aoti_torch_cpu_cumsum is called outside of a run of its model");
  pt2__error_begin();
  assert_int_equal(own_calls, 1);
  pt2__tracer_destroy(tracer);
  end_direct(&direct);
}

// ---- Kernels ---------------------------------------------------------------

static void test_kernels_of_profiled_models(void** state) {
  (void)state;
  direct_t direct;
  begin_direct(&direct);
  __typeof__(&aoti_torch_clone) clone;
  *(void**)&clone = pt2__tracer_resolve(direct.tracer, "aoti_torch_clone");
  AtenRecordFunctionHandle kernel = NULL;
  C10IValueHandle inputs[2];
  assert_int_equal(aoti_torch_int64_to_ivalue(7, &inputs[0]), 0);
  assert_int_equal(aoti_torch_tensor_to_ivalue(direct.b, &inputs[1]), 0);
  assert_int_equal(
      aoti_record_function_start("cpp_fused_0", NULL, inputs, 2, &kernel), 0);
  // What a model does: its inputs go before the kernel ends.
  aoti_torch_delete_c10_value_object(inputs[0]);
  aoti_torch_delete_c10_value_object(inputs[1]);
  AtenTensorHandle copy = NULL;
  assert_int_equal(clone(direct.a, &copy), 0);
  assert_int_equal(aoti_record_function_end(kernel), 0);
  events_t events = read_events(direct.trace);
  assert_int_equal(events.count, 2);
  const event_t* outer = only_event(&events, "kernel", "cpp_fused_0");
  const event_t* inner = only_event(&events, "operator", "aten::clone");
  assert_true(lies_in(inner, outer));
  assert_string_equal(tensor_at(outer, 0), "f32 [4, 3]");
  assert_null(tensor_at(outer, 1));
  pt2_trace_counter_t counter =
      read_counter(direct.trace, PT2_TRACE_KERNEL, "cpp_fused_0");
  assert_int_equal(counter.self_ns,
                   (outer->end - outer->begin) - (inner->end - inner->begin));
  free_events(&events);
  pt2_tensor_release(copy);
  // Memory for the record fails: the kernel runs, the record is dropped.
  pt2__fault_set(2, false);
  int32_t failed =
      aoti_record_function_start("cpp_fused_1", NULL, NULL, 0, &kernel);
  pt2__fault_set(0, false);
  assert_int_equal(failed, 0);
  assert_int_equal(aoti_record_function_end(kernel), 0);
  assert_int_equal(statistics_of(direct.trace).dropped_count, 1);
  assert_int_equal(statistics_of(direct.trace).record_count, 2);
  end_direct(&direct);
}

// ---- Limits ----------------------------------------------------------------

static void test_what_does_not_fit_is_counted(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  enum { MANY = 400 };
  pt2_trace_t* trace = make_trace(65536);
  pt2_runner_t* runner = load_traced(NEWEST "mlp.pt2", trace);
  for (int i = 0; i < MANY; ++i) {
    assert_int_equal(run_once(runner), PT2_STATUS_OK);
  }
  pt2_trace_statistics_t statistics = statistics_of(trace);
  assert_true(statistics.dropped_count > 0);
  assert_true(statistics.record_count > 0);
  assert_int_equal(statistics.dropped_count + statistics.record_count,
                   1 + 3 * MANY);
  assert_true(statistics.held_bytes <=
              65536 + 1024 * pt2_trace_counter_count(trace));
  events_t events = read_events(trace);
  assert_int_equal(events.count, statistics.record_count);
  assert_int_equal(json_integer_value(json_object_get(
                       json_object_get(events.root, "otherData"), "dropped")),
                   statistics.dropped_count);
  assert_int_equal(count_events(&events, "load", NULL), 1);  // the first ones
  free_events(&events);
  assert_int_equal(
      read_counter(trace, PT2_TRACE_OPERATOR, "aten::addmm_out").calls,
      2 * MANY);
  pt2_trace_clear(trace);
  assert_int_equal(statistics_of(trace).record_count, 0);
  assert_int_equal(statistics_of(trace).dropped_count, 0);
  assert_int_equal(run_once(runner), PT2_STATUS_OK);
  assert_int_equal(statistics_of(trace).record_count, 3);
  assert_int_equal(
      read_counter(trace, PT2_TRACE_OPERATOR, "aten::addmm_out").calls,
      2 * MANY + 2);
  pt2_runner_release(runner);
  pt2_trace_release(trace);
}

// Creates, runs and writes while the |nth| allocation fails.
static bool survives(pt2_package_t* package, uint64_t nth) {
  pt2_trace_t* trace = NULL;
  pt2_runner_t* runner = NULL;
  pt2_tensor_t* input = make_tensor(ROWS, COLUMNS);
  pt2_tensor_t* output = NULL;
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  pt2__fault_set(nth, false);
  pt2_status_t status = pt2_trace_create(NULL, &trace);
  if (status == PT2_STATUS_OK) {
    options.trace = trace;
    status = pt2_runner_create(package, &options, &runner);
  }
  bool ran = status == PT2_STATUS_OK;
  if (ran) {
    status = pt2_runner_run(runner, &input, 1, &output, 1);
  }
  uint64_t allocations = pt2__fault_set(0, false);
  if (status != PT2_STATUS_OK) {
    assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
    assert_string_not_equal(pt2_error_message(), "");
  }
  if (ran) {
    pt2_trace_statistics_t statistics = statistics_of(trace);
    uint64_t all = statistics.record_count + statistics.dropped_count;
    assert_true(status == PT2_STATUS_OK ? all == 4 : all >= 2);
    events_t events = read_events(trace);
    check_nesting(&events, true);
    assert_int_equal(events.count, statistics.record_count);
    free_events(&events);
  }
  pt2_tensor_release(output);
  pt2_tensor_release(input);
  pt2_runner_release(runner);
  pt2_trace_release(trace);
  return allocations < nth;
}

static void test_failing_allocations(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_package_t* package = NULL;
  assert_int_equal(pt2_package_open(NEWEST "mlp.pt2", NULL, &package), 0);
  uint64_t nth = 1;
  while (!survives(package, nth)) {
    assert_true(++nth < 2000);
  }
  assert_true(nth > 20);
  // Nobody is left for whom runs would look at the clock.
  assert_false(pt2__observers_exist());
  pt2_package_release(package);
}

// ---- The text and its errors -----------------------------------------------

// What takes the place of a byte that is no UTF-8.
#define NO "\xef\xbf\xbd"

static void test_names_are_written_as_strings(void** state) {
  (void)state;
  static const char* const names[] = {
      "a \"quoted\" \\ name\n\t\x01", "not \xff UTF-8 \xc0\xaf \xed\xa0\x80",
      "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82", ""};
  static const char* const expected[] = {
      "a \"quoted\" \\ name\n\t\x01", "not " NO " UTF-8 " NO NO " " NO NO NO,
      "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82", ""};
  pt2_trace_t* trace = make_trace(0);
  for (size_t i = 0; i < 4; ++i) {
    pt2__trace_span_t span;
    pt2__trace_begin(&span);
    pt2__trace_details_t details = {.status = PT2_STATUS_IO, .error = names[i]};
    pt2__trace_end(trace, &span,
                   pt2__trace_name(trace, PT2_TRACE_KERNEL, names[i]),
                   &details);
  }
  events_t events = read_events(trace);
  assert_int_equal(events.count, 4);
  for (size_t i = 0; i < 4; ++i) {
    assert_string_equal(events.events[i].name, expected[i]);
    assert_string_equal(
        json_string_value(json_object_get(events.events[i].arguments, "error")),
        expected[i]);
  }
  free_events(&events);
  pt2_trace_release(trace);
}

// More dimensions and tensors than a record has room for, and deeper spans than
// are kept account of.
static void test_large_records(void** state) {
  (void)state;
  pt2_trace_t* trace = make_trace(0);
  pt2__trace_name_t* name = pt2__trace_name(trace, PT2_TRACE_KERNEL, "deep");
  assert_ptr_equal(name, pt2__trace_name(trace, PT2_TRACE_KERNEL, "deep"));
  assert_ptr_not_equal(name,
                       pt2__trace_name(trace, PT2_TRACE_OPERATOR, "deep"));
  int64_t sizes[PT2__MAX_RANK];
  for (int i = 0; i < PT2__MAX_RANK; ++i) {
    sizes[i] = 1;
  }
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(
      pt2_tensor_create(PT2_DTYPE_F32, PT2__MAX_RANK, sizes, NULL, &tensor), 0);
  pt2__trace_tensors_t tensors = {0};
  for (int i = 0; i < 3; ++i) {
    pt2__trace_add_tensor(&tensors, tensor);
    pt2__trace_add_tensor(&tensors, NULL);
  }
  enum { DEPTH = 50 };
  pt2__trace_span_t spans[DEPTH];
  for (int i = 0; i < DEPTH; ++i) {
    pt2__trace_begin(&spans[i]);
  }
  pt2__trace_details_t details = {.tensors = &tensors};
  for (int i = DEPTH - 1; i >= 0; --i) {
    pt2__trace_end(trace, &spans[i], name, &details);
  }
  pt2__trace_end(trace, &spans[0], NULL, &details);
  events_t events = read_events(trace);
  assert_int_equal(events.count, DEPTH);
  for (int i = 0; i < DEPTH; ++i) {
    const json_t* arguments = events.events[i].arguments;
    assert_int_equal(json_array_size(json_object_get(arguments, "tensors")), 1);
    assert_int_equal(
        json_integer_value(json_object_get(arguments, "more_tensors")), 2);
    assert_null(json_object_get(arguments, "status"));
  }
  pt2_trace_counter_t counter = read_counter(trace, PT2_TRACE_KERNEL, "deep");
  assert_int_equal(counter.calls, DEPTH);
  assert_true(counter.self_ns <= counter.total_ns);
  assert_int_equal(statistics_of(trace).dropped_count, 1);
  free_events(&events);
  pt2_tensor_release(tensor);
  pt2_trace_release(trace);
}

static pt2_status_t refuse_second(void* user, const char* data, size_t bytes) {
  (void)data, (void)bytes;
  return ++*(int*)user == 2 ? PT2_STATUS_CANCELLED : PT2_STATUS_OK;
}

static void test_bad_arguments(void** state) {
  (void)state;
  pt2_trace_t* trace = NULL;
  pt2_trace_options_t options;
  pt2_trace_options_init(&options);
  assert_int_equal(pt2_trace_create(&options, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  options.limit_bytes = 65535;
  assert_int_equal(pt2_trace_create(&options, &trace),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "limit_bytes is 65535, a trace needs at least 65536");
  options.struct_bytes = 0;
  assert_int_equal(pt2_trace_create(&options, &trace),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_null(trace);
  trace = make_trace(0);
  pt2_trace_counter_t counter = {.struct_bytes = sizeof(counter)};
  assert_int_equal(pt2_trace_counter(trace, 0, &counter),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(), "counter 0 of 0 does not exist");
  assert_non_null(pt2__trace_name(trace, PT2_TRACE_KERNEL, "one"));
  assert_int_equal(pt2_trace_counter(trace, 0, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_trace_statistics(trace, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_trace_statistics(NULL, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_trace_write(trace, NULL, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_trace_save(trace, NULL), PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_trace_save(trace, "/no/such/folder/t.json"),
                   PT2_STATUS_IO);
  assert_string_equal(pt2_error_message(),
                      "/no/such/folder/t.json: cannot be written: No such file "
                      "or directory");
  assert_int_equal(pt2_trace_save(trace, "/dev/full"), PT2_STATUS_IO);
  assert_string_equal(pt2_error_message(),
                      "/dev/full: cannot be written: No space left on device");
  pt2__trace_span_t span;
  for (int i = 0; i < 1000; ++i) {
    pt2__trace_details_t details = {0};
    pt2__trace_begin(&span);
    pt2__trace_end(trace, &span,
                   pt2__trace_name(trace, PT2_TRACE_KERNEL, "one"), &details);
  }
  int calls = 0;
  assert_int_equal(pt2_trace_write(trace, refuse_second, &calls),
                   PT2_STATUS_CANCELLED);
  assert_int_equal(calls, 2);
  assert_int_equal(pt2_trace_save(trace, "/dev/full"), PT2_STATUS_IO);
  assert_null(pt2_trace_kind_name(-1));
  assert_null(pt2_trace_kind_name(PT2_TRACE_KIND_COUNT));
  pt2_trace_clear(NULL);
  pt2_trace_reset_counters(NULL);
  pt2_trace_retain(NULL);
  pt2_trace_release(NULL);
  assert_int_equal(pt2_trace_counter_count(NULL), 0);
  pt2_trace_release(trace);
}

// ---- A runner's own observer -----------------------------------------------

typedef struct {
  size_t count;
  int32_t kinds[16];
  pt2_runner_t* runners[16];
  pt2_status_t status;
} heard_t;

static void hear(void* user, const pt2_event_t* event) {
  heard_t* heard = user;
  assert_true(heard->count < 16);
  assert_int_equal(event->struct_bytes, sizeof(*event));
  heard->kinds[heard->count] = event->kind;
  heard->runners[heard->count++] = event->runner;
  heard->status = event->status;
  // Callbacks may use the library; the caller's error stays.
  pt2_package_t* package = NULL;
  assert_int_not_equal(pt2_package_open("/no/such/file", NULL, &package), 0);
}

static void test_observer_of_one_runner(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  heard_t heard = {0};
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.observe = hear;
  options.observe_user = &heard;
  pt2_runner_t* runner = load(NEWEST "mlp.pt2", &options);
  pt2_runner_t* other = load(NEWEST "mlp.pt2", NULL);
  assert_int_equal(run_once(other), PT2_STATUS_OK);
  assert_int_equal(run_once(runner), PT2_STATUS_OK);
  assert_int_equal(pt2_runner_swap_constants(runner),
                   PT2_STATUS_FAILED_PRECONDITION);
  assert_non_null(strstr(pt2_error_message(), "inactive"));
  assert_int_equal(heard.status, PT2_STATUS_FAILED_PRECONDITION);
  static const int32_t expected[] = {PT2_EVENT_LOAD_BEGIN, PT2_EVENT_LOAD_END,
                                     PT2_EVENT_RUN_BEGIN,  PT2_EVENT_RUN_END,
                                     PT2_EVENT_SWAP_BEGIN, PT2_EVENT_SWAP_END};
  assert_int_equal(heard.count, 6);
  for (size_t i = 0; i < 6; ++i) {
    assert_int_equal(heard.kinds[i], expected[i]);
    assert_ptr_equal(heard.runners[i], i == 0 ? NULL : runner);
  }
  pt2_runner_release(other);
  pt2_runner_release(runner);
  assert_int_equal(heard.count, 6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_packages_of_every_release),
      cmocka_unit_test(test_tensors_and_counters),
      cmocka_unit_test(test_changes_of_constants),
      cmocka_unit_test(test_failed_load),
      cmocka_unit_test(test_operators_nest_and_failures_are_closed),
      cmocka_unit_test(test_untraced_is_bound_to_the_operators),
      cmocka_unit_test(test_lists_of_tensors),
      cmocka_unit_test(test_every_operator_can_be_traced),
      cmocka_unit_test(test_every_argument_is_passed_on),
      cmocka_unit_test(test_outside_of_a_run_nothing_is_traced),
      cmocka_unit_test(test_operators_of_a_back_end),
      cmocka_unit_test(test_kernels_of_profiled_models),
      cmocka_unit_test(test_what_does_not_fit_is_counted),
      cmocka_unit_test(test_failing_allocations),
      cmocka_unit_test(test_names_are_written_as_strings),
      cmocka_unit_test(test_large_records),
      cmocka_unit_test(test_bad_arguments),
      cmocka_unit_test(test_observer_of_one_runner),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

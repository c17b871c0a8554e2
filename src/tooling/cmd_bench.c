// SPDX-License-Identifier: Apache-2.0
//
// pt2 bench: latency and throughput of a model.
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tooling/json_out.h"
#include "tooling/load.h"
#include "tooling/model.h"
#include "tooling/trace_out.h"

#define MAX_LEVELS 32
#define MAX_CONCURRENCY 1024

// What the command line asks for.
typedef struct {
  const char* format;
  size_t levels[MAX_LEVELS];
  size_t level_count;
  size_t runners;
  size_t warmup;
  double duration;
} plan_t;

// One row of the result.
typedef struct {
  size_t concurrency;
  uint64_t calls;
  double p50_us;
  double p90_us;
  double p99_us;
  double mean_us;
  double max_us;
  double calls_per_second;
  double peak_rss_mb;
} row_t;

typedef struct {
  const pt2__args_t* args;
  plan_t plan;
  pt2__model_t model;
  pt2__tensor_list_t inputs;
  double first_ms;
  row_t rows[MAX_LEVELS];
  bool wants_operators;
  pt2__operators_t operators;
} bench_t;

// ---- The command line ------------------------------------------------------

static int parse_levels(const char* text, plan_t* plan) {
  plan->level_count = 0;
  const char* at = text;
  for (;;) {
    size_t length = strcspn(at, ",");
    char* word = pt2__tool_strndup(at, length);
    int64_t level = 0;
    bool good = pt2__parse_i64(word, &level) && level >= 1 &&
                level <= MAX_CONCURRENCY && plan->level_count < MAX_LEVELS;
    free(word);
    if (!good) {
      return pt2__tool_fail(PT2__EXIT_USAGE,
                            "--concurrency=%s: up to %d numbers from 1 to %d "
                            "are expected, as in 1,2,4",
                            text, MAX_LEVELS, MAX_CONCURRENCY);
    }
    plan->levels[plan->level_count++] = (size_t)level;
    if (at[length] == '\0') {
      return PT2__EXIT_OK;
    }
    at += length + 1;
  }
}

static int parse_plan(const pt2__args_t* args, plan_t* plan) {
  const char* levels = pt2__args_value(args, "concurrency");
  PT2__TOOL_TRY(parse_levels(levels != NULL ? levels : "1", plan));
  size_t highest = 1;
  for (size_t i = 0; i < plan->level_count; ++i) {
    highest = plan->levels[i] > highest ? plan->levels[i] : highest;
  }
  int64_t runners = (int64_t)highest;
  int64_t warmup = 10;
  plan->duration = 3;
  PT2__TOOL_TRY(pt2__args_i64(args, "runners", 1, MAX_CONCURRENCY, &runners));
  PT2__TOOL_TRY(pt2__args_i64(args, "warmup", 0, 1000000000, &warmup));
  PT2__TOOL_TRY(pt2__args_f64(args, "duration", 0, 1e6, &plan->duration));
  plan->runners = (size_t)runners;
  plan->warmup = (size_t)warmup;
  plan->format = pt2__args_value(args, "format");
  if (plan->format == NULL) {
    plan->format = "md";
  }
  if (strcmp(plan->format, "md") != 0 && strcmp(plan->format, "csv") != 0 &&
      strcmp(plan->format, "json") != 0) {
    return pt2__tool_fail(PT2__EXIT_USAGE, "-o %s: md, csv or json is expected",
                          plan->format);
  }
  return PT2__EXIT_OK;
}

// ---- Measuring -------------------------------------------------------------

static double peak_rss_mb(void) {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) {
    return 0;
  }
#if defined(__APPLE__)
  return (double)usage.ru_maxrss / 1e6;
#else
  return (double)usage.ru_maxrss * 1024 / 1e6;
#endif
}

// The first call, which pays for whatever is done once.
static int run_first(bench_t* bench) {
  size_t count = pt2_runner_output_count(bench->model.runner);
  pt2_tensor_t** outputs = pt2__tool_alloc(count * sizeof(*outputs));
  double start = pt2__clock_seconds();
  pt2_status_t status = pt2_runner_run(bench->model.runner, bench->inputs.items,
                                       bench->inputs.count, outputs, count);
  bench->first_ms = 1e3 * (pt2__clock_seconds() - start);
  for (size_t i = 0; i < count; ++i) {
    pt2_tensor_release(outputs[i]);
  }
  free(outputs);
  return status == PT2_STATUS_OK ? PT2__EXIT_OK
                                 : pt2__tool_fail_status(status, "%s", "");
}

static int measure(bench_t* bench, size_t level) {
  pt2__load_plan_t plan = {.concurrency = bench->plan.levels[level],
                           .warmup = bench->plan.warmup,
                           .duration_seconds = bench->plan.duration};
  pt2__load_result_t* load = pt2__tool_alloc(sizeof(*load));
  int result = pt2__load_run(bench->model.runner, &bench->inputs, &plan, load);
  const pt2__histogram_t* latencies = &load->latencies;
  bench->rows[level] = (row_t){
      .concurrency = plan.concurrency,
      .calls = latencies->count,
      .p50_us = 1e-3 * pt2__histogram_quantile(latencies, 0.5),
      .p90_us = 1e-3 * pt2__histogram_quantile(latencies, 0.9),
      .p99_us = 1e-3 * pt2__histogram_quantile(latencies, 0.99),
      .mean_us = 1e-3 * pt2__histogram_mean(latencies),
      .max_us = 1e-3 * (double)latencies->max_ns,
      .calls_per_second = load->wall_seconds > 0
                              ? (double)latencies->count / load->wall_seconds
                              : 0,
      .peak_rss_mb = peak_rss_mb(),
  };
  free(load);
  return result;
}

// ---- Reports ---------------------------------------------------------------

static const char* const kColumns[] = {
    "model",  "device",   "runners", "threads",    "conc",
    "p50 us", "p90 us",   "p99 us",  "mean us",    "max us",
    "req/s",  "first ms", "load ms", "peak RSS MB"};
#define COLUMN_COUNT (sizeof(kColumns) / sizeof(kColumns[0]))

static size_t find_model(const bench_t* bench) {
  size_t index = 0;
  const char* name = pt2__args_value(bench->args, "model");
  if (pt2_package_find_model(bench->model.package, name, &index) !=
      PT2_STATUS_OK) {
    return 0;
  }
  return index;
}

static const char* device_of(const bench_t* bench) {
  const char* device = pt2_package_peek_metadata(
      bench->model.package, find_model(bench), "AOTI_DEVICE_KEY");
  return device != NULL ? device : "cpu";
}

// "net.pt2", "net.pt2:encoder" where there are several models.
static char* model_title(const bench_t* bench) {
  const char* path = bench->args->file;
  const char* slash = strrchr(path, '/');
  const char* base = slash != NULL && slash[1] != '\0' ? slash + 1 : path;
  if (pt2_package_model_count(bench->model.package) == 1) {
    return pt2__tool_strdup(base);
  }
  return pt2__tool_sprintf(
      "%s:%s", base,
      pt2_package_peek_model_name(bench->model.package, find_model(bench)));
}

static void fill_row(const bench_t* bench, const row_t* row,
                     pt2__table_t* table) {
  char* title = model_title(bench);
  pt2__table_add(table, title);
  free(title);
  pt2__table_add(table, device_of(bench));
  pt2__table_printf(table, "%zu", bench->plan.runners);
  pt2__table_printf(table, "%d", pt2_num_threads());
  pt2__table_printf(table, "%zu", row->concurrency);
  pt2__table_printf(table, "%.1f", row->p50_us);
  pt2__table_printf(table, "%.1f", row->p90_us);
  pt2__table_printf(table, "%.1f", row->p99_us);
  pt2__table_printf(table, "%.1f", row->mean_us);
  pt2__table_printf(table, "%.1f", row->max_us);
  pt2__table_printf(table, "%.1f", row->calls_per_second);
  pt2__table_printf(table, "%.2f", bench->first_ms);
  pt2__table_printf(table, "%.1f", 1e3 * bench->model.load_seconds);
  pt2__table_printf(table, "%.1f", row->peak_rss_mb);
}

// Markdown that is aligned as it stands: numbers, which come after the first
// |words| columns, to the right.
static void print_markdown(const pt2__table_t* table, size_t words) {
  int widths[COLUMN_COUNT] = {0};
  size_t columns = table->columns;
  for (size_t i = 0; i < table->count; ++i) {
    int width = (int)strlen(table->cells[i]);
    if (width > widths[i % columns]) {
      widths[i % columns] = width;
    }
  }
  for (size_t i = 0; i < table->count; ++i) {
    size_t column = i % columns;
    int width = column < words ? -widths[column] : widths[column];
    printf("| %*s %s", width, table->cells[i],
           column + 1 == columns ? "|\n" : "");
    if (i + 1 == columns) {
      for (size_t j = 0; j < columns; ++j) {
        printf("|%s", j < words ? ":" : "-");
        for (int k = 0; k < widths[j]; ++k) {
          printf("-");
        }
        printf("%s%s", j < words ? "-" : ":", j + 1 == columns ? "|\n" : "");
      }
    }
  }
}

static void print_csv(const pt2__table_t* table) {
  for (size_t i = 0; i < table->count; ++i) {
    const char* cell = table->cells[i];
    bool quoted = strpbrk(cell, ",\"") != NULL;
    printf("%s", quoted ? "\"" : "");
    for (; *cell != '\0'; ++cell) {
      printf("%s%c", *cell == '"' ? "\"" : "", *cell);
    }
    printf("%s%s", quoted ? "\"" : "",
           (i + 1) % table->columns == 0 ? "\n" : ",");
  }
}

static int print_json(const bench_t* bench) {
  json_t* rows = json_array();
  for (size_t i = 0; i < bench->plan.level_count; ++i) {
    const row_t* row = &bench->rows[i];
    json_t* entry = json_object();
    json_object_set_new(entry, "concurrency",
                        json_integer((json_int_t)row->concurrency));
    json_object_set_new(entry, "calls", json_integer((json_int_t)row->calls));
    json_object_set_new(entry, "p50_us", json_real(row->p50_us));
    json_object_set_new(entry, "p90_us", json_real(row->p90_us));
    json_object_set_new(entry, "p99_us", json_real(row->p99_us));
    json_object_set_new(entry, "mean_us", json_real(row->mean_us));
    json_object_set_new(entry, "max_us", json_real(row->max_us));
    json_object_set_new(entry, "requests_per_second",
                        json_real(row->calls_per_second));
    json_object_set_new(entry, "peak_rss_mb", json_real(row->peak_rss_mb));
    json_array_append_new(rows, entry);
  }
  char* title = model_title(bench);
  json_t* value = json_object();
  json_object_set_new(value, "model", pt2__json_text(title));
  json_object_set_new(value, "path", pt2__json_text(bench->args->file));
  json_object_set_new(value, "device", pt2__json_text(device_of(bench)));
  json_object_set_new(value, "runners",
                      json_integer((json_int_t)bench->plan.runners));
  json_object_set_new(value, "threads", json_integer(pt2_num_threads()));
  json_object_set_new(value, "warmup",
                      json_integer((json_int_t)bench->plan.warmup));
  json_object_set_new(value, "duration_s", json_real(bench->plan.duration));
  json_object_set_new(value, "load_ms",
                      json_real(1e3 * bench->model.load_seconds));
  json_object_set_new(value, "first_ms", json_real(bench->first_ms));
  json_object_set_new(value, "rows", rows);
  if (bench->wants_operators) {
    json_object_set_new(value, "operators",
                        pt2__operators_json(&bench->operators));
  }
  free(title);
  return pt2__json_print(value);
}

static void print_table(const bench_t* bench, const pt2__table_t* table,
                        size_t words) {
  if (strcmp(bench->plan.format, "csv") == 0) {
    print_csv(table);
  } else {
    print_markdown(table, words);
  }
}

static int print_report(const bench_t* bench) {
  if (strcmp(bench->plan.format, "json") == 0) {
    return print_json(bench);
  }
  pt2__table_t table = {.columns = COLUMN_COUNT};
  for (size_t i = 0; i < COLUMN_COUNT; ++i) {
    pt2__table_add(&table, kColumns[i]);
  }
  for (size_t i = 0; i < bench->plan.level_count; ++i) {
    fill_row(bench, &bench->rows[i], &table);
  }
  print_table(bench, &table, 2);
  pt2__table_free(&table);
  if (bench->wants_operators) {
    pt2__table_t operators = {0};
    pt2__operators_table(&bench->operators, &operators);
    printf("\n");
    print_table(bench, &operators, 1);
    pt2__table_free(&operators);
  }
  return PT2__EXIT_OK;
}

// ---- The verb --------------------------------------------------------------

static int run_bench(bench_t* bench) {
  PT2__TOOL_TRY(
      pt2__model_load(bench->args, bench->plan.runners, &bench->model));
  PT2__TOOL_TRY(pt2__model_inputs(bench->args, &bench->model, &bench->inputs));
  PT2__TOOL_TRY(run_first(bench));
  // What is done once is in the trace, not in the table.
  pt2_trace_reset_counters(bench->model.trace);
  for (size_t i = 0; i < bench->plan.level_count; ++i) {
    PT2__TOOL_TRY(measure(bench, i));
  }
  bench->wants_operators = pt2__args_has(bench->args, "operators");
  if (bench->wants_operators) {
    PT2__TOOL_TRY(pt2__operators_read(bench->model.trace, &bench->operators));
  }
  return print_report(bench);
}

static int run(const pt2__args_t* args) {
  bench_t* bench = pt2__tool_alloc(sizeof(*bench));
  bench->args = args;
  int result = parse_plan(args, &bench->plan);
  if (result == PT2__EXIT_OK) {
    result = run_bench(bench);
    int traced = pt2__trace_finish(args, bench->model.trace);
    result = result != PT2__EXIT_OK ? result : traced;
  }
  pt2__operators_free(&bench->operators);
  pt2__tensor_list_free(&bench->inputs);
  pt2__model_close(&bench->model);
  free(bench);
  return result;
}

static const pt2__option_t kOptions[] = {
    PT2__OPTION_MODEL,
    PT2__OPTION_INPUT,
    PT2__OPTION_SHAPES,
    PT2__OPTION_DIM,
    PT2__OPTION_INPUT_MAX,
    PT2__OPTION_SEED,
    {"duration", 0, "S", "seconds for each concurrency (default: 3)"},
    {"warmup", 0, "N", "calls of each thread before (default: 10)"},
    {"concurrency", 0, "N,...",
     "threads that call the model, one row for each\n"
     "number (default: 1)"},
    {"runners", 0, "N",
     "instances of the model; further callers wait\n"
     "(default: the highest concurrency)"},
    PT2__OPTION_THREADS,
    {"operators", 0, NULL,
     "also print what the runs (warm-up included) were\n"
     "spent on, by operator; slows each one down a little"},
    PT2__OPTION_TRACE,
    {"format", 'o', "FORMAT", "md, csv or json (default: md)"},
    PT2__OPTION_WEIGHTS,
    PT2__OPTION_EXTRA_WEIGHTS,
    PT2__OPTION_VERIFY,
    PT2__OPTION_NO_CHECKS,
    PT2__OPTION_BACKEND,
};

const pt2__verb_t pt2__verb_bench = {
    "bench",
    "latency and throughput under one or more callers",
    "Measures how long a model's runs take and how many it does a second.\n"
    "Without --input, inputs are random, in the package's own shapes.",
    kOptions,
    sizeof(kOptions) / sizeof(kOptions[0]),
    run,
    NULL};

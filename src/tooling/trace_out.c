// SPDX-License-Identifier: Apache-2.0
//
// --trace and --operators: what the runs consisted of.
#include "tooling/trace_out.h"

#include <stdio.h>
#include <stdlib.h>

#include "tooling/json_out.h"

// Some 150,000 records, which is as much as viewers like. Without --trace
// nobody reads them.
#define LIMIT_BYTES ((size_t)16 << 20)
#define LEAST_BYTES 65536

int pt2__trace_make(const pt2__args_t* args, pt2_trace_t** out_trace) {
  *out_trace = NULL;
  if (!pt2__args_has(args, "trace") && !pt2__args_has(args, "operators")) {
    return PT2__EXIT_OK;
  }
  if (pt2__args_has(args, "trace") &&
      pt2__args_value(args, "trace")[0] == '\0') {
    return pt2__tool_fail(PT2__EXIT_USAGE, "--trace=: a file is expected");
  }
  pt2_trace_options_t options;
  pt2_trace_options_init(&options);
  options.limit_bytes =
      pt2__args_has(args, "trace") ? LIMIT_BYTES : LEAST_BYTES;
  pt2_status_t status = pt2_trace_create(&options, out_trace);
  return status == PT2_STATUS_OK ? PT2__EXIT_OK
                                 : pt2__tool_fail_status(status, "%s", "");
}

int pt2__trace_finish(const pt2__args_t* args, pt2_trace_t* trace) {
  const char* path = pt2__args_value(args, "trace");
  if (trace == NULL || path == NULL) {
    return PT2__EXIT_OK;
  }
  pt2_status_t status = pt2_trace_save(trace, path);
  pt2_trace_statistics_t statistics = {.struct_bytes = sizeof(statistics)};
  if (status == PT2_STATUS_OK) {
    status = pt2_trace_statistics(trace, &statistics);
  }
  if (status != PT2_STATUS_OK) {
    return pt2__tool_fail_status(status, "%s", "");
  }
  if (statistics.dropped_count > 0) {
    fprintf(stderr,
            "pt2: note: %s has the first %llu records; %llu more did not fit\n",
            path, (unsigned long long)statistics.record_count,
            (unsigned long long)statistics.dropped_count);
  }
  return PT2__EXIT_OK;
}

// ---- Operators -------------------------------------------------------------

static int compare_self(const void* a, const void* b) {
  const pt2_trace_counter_t* left = a;
  const pt2_trace_counter_t* right = b;
  return (left->self_ns < right->self_ns) - (left->self_ns > right->self_ns);
}

int pt2__operators_read(pt2_trace_t* trace, pt2__operators_t* out_operators) {
  size_t count = pt2_trace_counter_count(trace);
  pt2__operators_t operators = {
      .rows = pt2__tool_alloc((count + 1) * sizeof(*operators.rows))};
  for (size_t i = 0; i < count; ++i) {
    pt2_trace_counter_t* row = &operators.rows[operators.count];
    row->struct_bytes = sizeof(*row);
    pt2_status_t status = pt2_trace_counter(trace, i, row);
    if (status != PT2_STATUS_OK) {
      pt2__operators_free(&operators);
      return pt2__tool_fail_status(status, "%s", "");
    }
    bool is_run = row->kind == PT2_TRACE_RUN;
    bool is_part =
        row->kind == PT2_TRACE_OPERATOR || row->kind == PT2_TRACE_KERNEL;
    if (row->calls == 0 || !(is_run || is_part)) {
      continue;
    }
    operators.runs += is_run ? row->calls : 0;
    operators.all_ns += row->self_ns;
    ++operators.count;
  }
  qsort(operators.rows, operators.count, sizeof(*operators.rows), compare_self);
  *out_operators = operators;
  return PT2__EXIT_OK;
}

void pt2__operators_free(pt2__operators_t* operators) {
  free(operators->rows);
  operators->rows = NULL;
  operators->count = 0;
}

static double share_of(const pt2__operators_t* operators,
                       const pt2_trace_counter_t* row) {
  return operators->all_ns > 0
             ? 100.0 * (double)row->self_ns / (double)operators->all_ns
             : 0;
}

void pt2__operators_table(const pt2__operators_t* operators,
                          pt2__table_t* table) {
  static const char* const columns[] = {"operator", "calls",   "calls/run",
                                        "self %",   "self ms", "self us",
                                        "max us"};
  table->columns = sizeof(columns) / sizeof(columns[0]);
  for (size_t i = 0; i < table->columns; ++i) {
    pt2__table_add(table, columns[i]);
  }
  for (size_t i = 0; i < operators->count; ++i) {
    const pt2_trace_counter_t* row = &operators->rows[i];
    // A run without what is recorded in it, of which no longest one is known.
    bool is_rest = row->kind == PT2_TRACE_RUN;
    pt2__text_t name = {0};
    pt2__text_clean(&name, row->name);
    pt2__table_add(table, is_rest ? "(the model's own code)" : name.data);
    pt2__text_free(&name);
    pt2__table_printf(table, "%llu", (unsigned long long)row->calls);
    pt2__table_printf(
        table, "%.4g",
        operators->runs > 0 ? (double)row->calls / (double)operators->runs : 0);
    pt2__table_printf(table, "%.1f", share_of(operators, row));
    pt2__table_printf(table, "%.3f", 1e-6 * (double)row->self_ns);
    pt2__table_printf(table, "%.1f",
                      1e-3 * (double)row->self_ns / (double)row->calls);
    if (is_rest) {
      pt2__table_add(table, "");
    } else {
      pt2__table_printf(table, "%.1f", 1e-3 * (double)row->largest_ns);
    }
  }
}

json_t* pt2__operators_json(const pt2__operators_t* operators) {
  json_t* list = json_array();
  for (size_t i = 0; i < operators->count; ++i) {
    const pt2_trace_counter_t* row = &operators->rows[i];
    json_t* entry = json_object();
    json_object_set_new(entry, "name", pt2__json_text(row->name));
    json_object_set_new(entry, "kind",
                        pt2__json_text(pt2_trace_kind_name(row->kind)));
    json_object_set_new(entry, "calls", json_integer((json_int_t)row->calls));
    json_object_set_new(entry, "failures",
                        json_integer((json_int_t)row->failures));
    json_object_set_new(entry, "total_us",
                        json_real(1e-3 * (double)row->total_ns));
    json_object_set_new(entry, "self_us",
                        json_real(1e-3 * (double)row->self_ns));
    json_object_set_new(entry, "max_us",
                        json_real(1e-3 * (double)row->largest_ns));
    json_object_set_new(entry, "share_percent",
                        json_real(share_of(operators, row)));
    json_array_append_new(list, entry);
  }
  return list;
}

// SPDX-License-Identifier: Apache-2.0
//
// What --json prints: see json_out.h.
#include "tooling/json_out.h"

#include <math.h>
#include <stdlib.h>

json_t* pt2__json_text(const char* text) {
  if (text == NULL) {
    return json_null();
  }
  json_t* value = json_string(text);
  if (value != NULL) {
    return value;
  }
  char* ascii = pt2__tool_strdup(text);
  for (char* at = ascii; *at != '\0'; ++at) {
    *at = (unsigned char)*at < 0x80 ? *at : '?';
  }
  value = json_string(ascii);
  free(ascii);
  return value;
}

json_t* pt2__json_number(double value) {
  if (isnan(value)) {
    return json_string("nan");
  }
  if (isinf(value)) {
    return json_string(value < 0 ? "-inf" : "inf");
  }
  return json_real(value);
}

json_t* pt2__json_sizes(size_t rank, const int64_t* sizes) {
  json_t* array = json_array();
  for (size_t i = 0; i < rank; ++i) {
    json_array_append_new(array, json_integer(sizes[i]));
  }
  return array;
}

json_t* pt2__json_value_info(const pt2_value_info_t* info) {
  json_t* dims = info->rank < 0 ? json_null() : json_array();
  for (int32_t d = 0; d < info->rank; ++d) {
    const pt2_dim_info_t* dim = &info->dims[d];
    json_t* entry = json_object();
    json_object_set_new(entry, "min", json_integer(dim->min));
    json_object_set_new(
        entry, "max",
        dim->max == INT64_MAX ? json_null() : json_integer(dim->max));
    json_object_set_new(entry, "symbol", pt2__json_text(dim->symbol));
    json_object_set_new(entry, "stride",
                        dim->stride == PT2_STRIDE_ANY
                            ? json_null()
                            : json_integer(dim->stride));
    json_array_append_new(dims, entry);
  }
  bool has_dtype = info->dtype != PT2_DTYPE_UNDEFINED;
  json_t* value = json_object();
  json_object_set_new(value, "name", pt2__json_text(info->name));
  json_object_set_new(value, "internal_name",
                      pt2__json_text(info->internal_name));
  json_object_set_new(
      value, "dtype",
      has_dtype ? pt2__json_text(pt2_dtype_name(info->dtype)) : json_null());
  json_object_set_new(value, "device",
                      pt2__json_text(pt2_device_type_name(info->device_type)));
  json_object_set_new(value, "dims", dims);
  return value;
}

static const char* severity_name(int32_t severity) {
  return severity == PT2_FINDING_ERROR     ? "error"
         : severity == PT2_FINDING_WARNING ? "warning"
                                           : "info";
}

json_t* pt2__json_preflight(const pt2_preflight_t* report) {
  json_t* findings = json_array();
  for (size_t i = 0; i < pt2_preflight_finding_count(report); ++i) {
    pt2_finding_t finding;
    if (pt2_preflight_finding_at(report, i, &finding) != PT2_STATUS_OK) {
      continue;
    }
    json_t* entry = json_object();
    json_object_set_new(entry, "severity",
                        pt2__json_text(severity_name(finding.severity)));
    json_object_set_new(entry, "status",
                        pt2__json_text(pt2_status_name(finding.status)));
    json_object_set_new(entry, "kind", pt2__json_text(finding.kind));
    json_object_set_new(entry, "subject", pt2__json_text(finding.subject));
    json_object_set_new(entry, "message", pt2__json_text(finding.message));
    json_array_append_new(findings, entry);
  }
  json_t* value = json_object();
  json_object_set_new(value, "runs", json_boolean(pt2_preflight_runs(report)));
  json_object_set_new(
      value, "imports",
      json_integer((json_int_t)pt2_preflight_import_count(report)));
  json_object_set_new(
      value, "bound",
      json_integer((json_int_t)pt2_preflight_bound_count(report)));
  json_object_set_new(value, "findings", findings);
  return value;
}

json_t* pt2__json_statistics(const pt2__statistics_t* statistics) {
  bool any = statistics->finite_count > 0;
  json_t* value = json_object();
  json_object_set_new(value, "finite", json_integer(statistics->finite_count));
  json_object_set_new(value, "nan", json_integer(statistics->nan_count));
  json_object_set_new(value, "inf", json_integer(statistics->inf_count));
  json_object_set_new(value, "min",
                      any ? pt2__json_number(statistics->min) : json_null());
  json_object_set_new(value, "max",
                      any ? pt2__json_number(statistics->max) : json_null());
  json_object_set_new(value, "mean",
                      any ? pt2__json_number(statistics->mean) : json_null());
  return value;
}

static json_t* element(const pt2__reader_t* reader, const void* address) {
  switch (reader->element_class) {
    case PT2__CLASS_BOOL:
      return json_boolean(pt2__read_i64(reader, address) != 0);
    case PT2__CLASS_INT:
      return json_integer(pt2__read_i64(reader, address));
    case PT2__CLASS_UINT: {
      uint64_t value = pt2__read_u64(reader, address);
      if (value <= INT64_MAX) {
        return json_integer((json_int_t)value);
      }
      // Beyond what the JSON library's integers hold.
      return json_sprintf("%llu", (unsigned long long)value);
    }
    case PT2__CLASS_COMPLEX: {
      double parts[2];
      pt2__read_complex(reader, address, parts);
      json_t* pair = json_array();
      json_array_append_new(pair, pt2__json_number(parts[0]));
      json_array_append_new(pair, pt2__json_number(parts[1]));
      return pair;
    }
    default:
      return pt2__json_number(pt2__read_f64(reader, address));
  }
}

json_t* pt2__json_elements(const pt2__reader_t* reader,
                           const pt2_tensor_t* tensor) {
  json_t* array = json_array();
  const uint8_t* data = pt2_tensor_peek_data(tensor);
  int64_t numel = pt2_tensor_numel(tensor);
  for (int64_t i = 0; i < numel; ++i) {
    json_array_append_new(
        array, element(reader, data + (size_t)i * reader->element_bytes));
  }
  return array;
}

json_t* pt2__json_comparison(const pt2__comparison_t* comparison,
                             const pt2_tensor_t* got,
                             const pt2_tensor_t* expected) {
  static const char* const kReasons[] = {"equal", "values",  "dtype",
                                         "shape", "missing", "unexpected"};
  pt2__text_t text = {0};
  pt2__comparison_describe(comparison, got, expected, &text);
  json_t* value = json_object();
  json_object_set_new(value, "equal",
                      json_boolean(comparison->outcome == PT2__COMPARE_EQUAL));
  json_object_set_new(value, "reason",
                      pt2__json_text(kReasons[comparison->outcome]));
  json_object_set_new(value, "message", pt2__json_text(pt2__text_peek(&text)));
  pt2__text_free(&text);
  if (comparison->outcome != PT2__COMPARE_EQUAL &&
      comparison->outcome != PT2__COMPARE_VALUES) {
    return value;
  }
  json_object_set_new(value, "rtol",
                      pt2__json_number(comparison->tolerance.rtol));
  json_object_set_new(value, "atol",
                      pt2__json_number(comparison->tolerance.atol));
  json_object_set_new(value, "elements", json_integer(comparison->numel));
  json_object_set_new(value, "differing", json_integer(comparison->differing));
  json_object_set_new(value, "nan_differing",
                      json_integer(comparison->nan_differs));
  if (comparison->worst >= 0) {
    int64_t index[PT2__TOOL_MAX_RANK];
    pt2__unflatten(got, comparison->worst, index);
    json_t* worst = json_object();
    json_object_set_new(worst, "index",
                        pt2__json_sizes(pt2_tensor_rank(got), index));
    json_object_set_new(worst, "got", pt2__json_number(comparison->worst_got));
    json_object_set_new(worst, "expected",
                        pt2__json_number(comparison->worst_expected));
    json_object_set_new(worst, "abs", pt2__json_number(comparison->worst_abs));
    json_object_set_new(worst, "rel", pt2__json_number(comparison->worst_rel));
    json_object_set_new(value, "worst", worst);
  }
  return value;
}

// One document a run: after a report there is no second one for the error.
static bool printed;

int pt2__json_print(json_t* value) {
  printed = true;
  int failed = json_dumpf(value, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
  json_decref(value);
  printf("\n");
  if (failed != 0) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "cannot write JSON");
  }
  return PT2__EXIT_OK;
}

void pt2__json_print_error(int exit_code) {
  if (printed) {
    return;
  }
  json_t* error = json_object();
  json_object_set_new(error, "exit_code", json_integer(exit_code));
  json_object_set_new(
      error, "status",
      pt2__json_text(pt2_status_name(pt2__tool_error_status())));
  json_object_set_new(error, "message", pt2__json_text(pt2__tool_error()));
  json_t* value = json_object();
  json_object_set_new(value, "error", error);
  json_dumpf(value, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
  printf("\n");
  json_decref(value);
}

// SPDX-License-Identifier: Apache-2.0
//
// Preflight: whether a model can run here, told before any of its code runs.
#include "runner/preflight.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "loader/loader.h"
#include "loader/model_cxx.h"
#include "loader/x86_scan.h"
#include "package/package.h"
#include "pt2/backend.h"
#include "runner/registry.h"
#include "shim/bind.h"
#include "shim/op_need.h"
#include "shim/op_registry.h"

struct pt2_preflight_t {
  pt2_finding_t* findings;  // subject and message are owned
  size_t count;
  size_t capacity;
  size_t import_count;
  size_t bound_count;
  pt2_operator_info_t* operators;  // name and symbol are owned
  size_t operator_count;
  size_t operator_capacity;
};

// ---- The report ------------------------------------------------------------

// Adds a finding; takes |message|, whose text may be missing for want of
// memory.
static pt2_status_t add(pt2_preflight_t* report, int32_t severity,
                        pt2_status_t status, const char* kind,
                        const char* subject, pt2__buffer_t* message) {
  char* kept = pt2__strdup(subject);
  if (report->count == report->capacity && kept != NULL) {
    size_t capacity = report->capacity > 0 ? 2 * report->capacity : 8;
    pt2_finding_t* findings =
        pt2__realloc(report->findings, capacity * sizeof(*findings));
    if (findings != NULL) {
      report->findings = findings;
      report->capacity = capacity;
    }
  }
  if (kept == NULL || report->count == report->capacity) {
    pt2__free(kept);
    pt2__buffer_free(message);
    return PT2_OUT_OF_MEMORY(sizeof(pt2_finding_t));
  }
  report->findings[report->count++] = (pt2_finding_t){.severity = severity,
                                                      .status = status,
                                                      .kind = kind,
                                                      .subject = kept,
                                                      .message = message->data};
  return PT2_STATUS_OK;
}

static void free_operator(pt2_operator_info_t* op) {
  pt2__free((char*)(uintptr_t)op->name);
  pt2__free((char*)(uintptr_t)op->symbol);
}

// Adds an operator; |symbol| may be NULL.
static pt2_status_t add_operator(pt2_preflight_t* report, const char* name,
                                 const char* symbol, bool is_here) {
  if (report->operator_count == report->operator_capacity) {
    size_t capacity =
        report->operator_capacity > 0 ? 2 * report->operator_capacity : 8;
    pt2_operator_info_t* operators =
        pt2__realloc(report->operators, capacity * sizeof(*operators));
    if (operators == NULL) {
      return PT2_OUT_OF_MEMORY(capacity * sizeof(*operators));
    }
    report->operators = operators;
    report->operator_capacity = capacity;
  }
  pt2_operator_info_t op = {.name = pt2__strdup(name), .is_here = is_here};
  if (op.name != NULL && symbol != NULL) {
    op.symbol = pt2__strdup(symbol);
  }
  if (op.name == NULL || (symbol != NULL && op.symbol == NULL)) {
    free_operator(&op);
    return PT2_OUT_OF_MEMORY(strlen(name) + 1);
  }
  report->operators[report->operator_count++] = op;
  return PT2_STATUS_OK;
}

static int compare_operators(const void* left, const void* right) {
  const pt2_operator_info_t* a = left;
  const pt2_operator_info_t* b = right;
  int order = strcmp(a->name, b->name);
  if (order != 0) {
    return order;
  }
  return strcmp(a->symbol != NULL ? a->symbol : "",
                b->symbol != NULL ? b->symbol : "");
}

// A model names the same operator at each of its nodes.
static void sort_operators(pt2_preflight_t* report) {
  if (report->operator_count == 0) {
    return;
  }
  qsort(report->operators, report->operator_count, sizeof(*report->operators),
        compare_operators);
  size_t kept = 1;
  for (size_t i = 1; i < report->operator_count; ++i) {
    if (compare_operators(&report->operators[kept - 1],
                          &report->operators[i]) == 0) {
      free_operator(&report->operators[i]);
    } else {
      report->operators[kept++] = report->operators[i];
    }
  }
  report->operator_count = kept;
}

#define ADD(report, severity, status, kind, subject, ...)          \
  do {                                                             \
    pt2__buffer_t add_message_ = {0};                              \
    PT2_TRY(pt2__buffer_printf(&add_message_, __VA_ARGS__));       \
    PT2_TRY(add((report), (severity), (status), (kind), (subject), \
                &add_message_));                                   \
  } while (0)

#define ADD_ERROR(report, status, kind, subject, ...) \
  ADD(report, PT2_FINDING_ERROR, status, kind, subject, __VA_ARGS__)

void pt2_preflight_destroy(pt2_preflight_t* report) {
  if (report == NULL) {
    return;
  }
  for (size_t i = 0; i < report->count; ++i) {
    pt2__free((char*)(uintptr_t)report->findings[i].subject);
    pt2__free((char*)(uintptr_t)report->findings[i].message);
  }
  for (size_t i = 0; i < report->operator_count; ++i) {
    free_operator(&report->operators[i]);
  }
  pt2__free(report->operators);
  pt2__free(report->findings);
  pt2__free(report);
}

bool pt2_preflight_runs(const pt2_preflight_t* report) {
  for (size_t i = 0; i < report->count; ++i) {
    if (report->findings[i].severity == PT2_FINDING_ERROR) {
      return false;
    }
  }
  return true;
}

size_t pt2_preflight_finding_count(const pt2_preflight_t* report) {
  return report->count;
}

pt2_status_t pt2_preflight_finding_at(const pt2_preflight_t* report,
                                      size_t index,
                                      pt2_finding_t* out_finding) {
  pt2__error_begin();
  if (index >= report->count) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "finding %zu: the report has %zu", index, report->count);
  }
  *out_finding = report->findings[index];
  return PT2_STATUS_OK;
}

size_t pt2_preflight_import_count(const pt2_preflight_t* report) {
  return report->import_count;
}

size_t pt2_preflight_bound_count(const pt2_preflight_t* report) {
  return report->bound_count;
}

size_t pt2_preflight_operator_count(const pt2_preflight_t* report) {
  return report->operator_count;
}

pt2_status_t pt2_preflight_operator_at(const pt2_preflight_t* report,
                                       size_t index,
                                       pt2_operator_info_t* out_operator) {
  pt2__error_begin();
  if (index >= report->operator_count) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "operator %zu: the report has %zu", index,
                    report->operator_count);
  }
  *out_operator = report->operators[index];
  return PT2_STATUS_OK;
}

// ---- Machine ---------------------------------------------------------------

#if defined(__x86_64__)
#define MACHINE_HERE "x86_64"
#elif defined(__aarch64__)
#define MACHINE_HERE "aarch64"
#else
#define MACHINE_HERE "unknown"
#endif

#if defined(__APPLE__)
#define PLATFORM_HERE "darwin"
#elif defined(_WIN32)
#define PLATFORM_HERE "windows"
#else
#define PLATFORM_HERE "linux"
#endif

// The same machine under the names that other systems have for it.
static const char* machine_name(const char* name) {
  if (strcmp(name, "AMD64") == 0 || strcmp(name, "amd64") == 0) {
    return "x86_64";
  }
  return strcmp(name, "arm64") == 0 ? "aarch64" : name;
}

// What the model's code needs of the CPU. Its instructions tell it best; where
// they cannot be read, its metadata does, and before torch 2.10 the command
// that compiled it.
static uint32_t features_needed(const pt2__code_info_t* info,
                                const char* recorded, pt2__bytes_t source) {
  if (info->code_scanned) {
    return info->x86_features;
  }
  if (recorded != NULL) {
    return pt2__x86_features_named(recorded);
  }
  static const char capability[] = "CPU_CAPABILITY_AVX512";
  static const char older[] = "CPU_CAPABILITY_AVX2";
  if (source.data != NULL && memmem(source.data, source.size_bytes, capability,
                                    sizeof(capability) - 1) != NULL) {
    return PT2__X86_AVX512;
  }
  return source.data != NULL && memmem(source.data, source.size_bytes, older,
                                       sizeof(older) - 1) != NULL
             ? PT2__X86_AVX2
             : 0;
}

static pt2_status_t check_cpu(pt2_preflight_t* report,
                              const pt2__code_info_t* info,
                              const char* recorded, pt2__bytes_t source) {
  if (strcmp(info->architecture, "x86_64") != 0) {
    return PT2_STATUS_OK;
  }
  uint32_t here = pt2__x86_features_here();
  uint32_t missing = features_needed(info, recorded, source) & ~here;
  for (unsigned bit = 0; bit < PT2__X86_COUNT; ++bit) {
    if ((missing >> bit & 1) != 0) {
      const char* name = pt2__x86_feature_name(bit);
      ADD_ERROR(report, PT2_STATUS_INCOMPATIBLE, "cpu-isa", name,
                "the model's machine code uses %s instructions, which this "
                "CPU does not have",
                name);
    }
  }
  if (missing == 0 && recorded != NULL &&
      (pt2__x86_features_named(recorded) & ~here) != 0) {
    ADD(report, PT2_FINDING_INFO, PT2_STATUS_OK, "cpu-isa", recorded,
        "the model was compiled for %s, but its machine code uses nothing "
        "that this CPU lacks",
        recorded);
  }
  return PT2_STATUS_OK;
}

// Sets |*out_native| if the rest of the shared object can be judged here.
static pt2_status_t check_platform(pt2_preflight_t* report,
                                   const pt2_package_t* package, size_t model,
                                   const pt2__code_info_t* info,
                                   bool* out_native) {
  *out_native = info->loads_here;
  if (!info->loads_here) {
    ADD_ERROR(report, PT2_STATUS_INCOMPATIBLE, "architecture",
              info->architecture, "the model is %s code for %s; this is %s %s",
              info->format, info->architecture, PLATFORM_HERE, MACHINE_HERE);
    return PT2_STATUS_OK;
  }
  const char* machine =
      pt2_package_peek_metadata(package, model, "AOTI_MACHINE");
  if (machine != NULL && strcmp(machine_name(machine), MACHINE_HERE) != 0) {
    ADD_ERROR(report, PT2_STATUS_INCOMPATIBLE, "architecture", machine,
              "the model was compiled for %s; this is %s", machine,
              MACHINE_HERE);
  }
  const char* platform =
      pt2_package_peek_metadata(package, model, "AOTI_PLATFORM");
  if (platform != NULL && strcmp(platform, PLATFORM_HERE) != 0) {
    ADD_ERROR(report, PT2_STATUS_INCOMPATIBLE, "platform", platform,
              "the model was compiled for %s; this is %s", platform,
              PLATFORM_HERE);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_device(pt2_preflight_t* report, const char* device) {
  if (pt2__device_require(device, "the model is for") == PT2_STATUS_OK) {
    return PT2_STATUS_OK;
  }
  if (pt2_error_status() != PT2_STATUS_INCOMPATIBLE) {
    return pt2_error_status();
  }
  pt2__buffer_t message = {0};
  pt2_status_t status = pt2__buffer_printf(&message, "%s", pt2_error_message());
  pt2_error_clear();
  PT2_TRY(status);
  return add(report, PT2_FINDING_ERROR, PT2_STATUS_INCOMPATIBLE, "device",
             device, &message);
}

// A package of a release that the device's back end is too young for. The
// imports of such a one would say the same with many names.
static pt2_status_t check_release(pt2_preflight_t* report,
                                  const pt2_package_t* package, size_t model,
                                  const char* device, bool* out_too_old) {
  const pt2_backend_t* backend = pt2_backend_find(device);
  *out_too_old =
      backend != NULL && pt2__package_newest_torch_minor(package, model) <
                             backend->oldest_torch_minor;
  if (*out_too_old) {
    const char* release = pt2_package_peek_torch_release(package, model);
    ADD_ERROR(report, PT2_STATUS_INCOMPATIBLE, "torch-release", release,
              "%s was made by torch %s; models for %s run from torch 2.%d on: "
              "%s",
              pt2__package_model_files(package, model)->so_name, release,
              device, (int)backend->oldest_torch_minor,
              backend->oldest_torch_reason);
  }
  return PT2_STATUS_OK;
}

// ---- Imports ---------------------------------------------------------------

static bool starts_with(const char* text, const char* prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

// The readable name of a C++ symbol of libtorch; NULL for any other.
static char* torch_cxx_name(const char* symbol) {
  if (!starts_with(symbol, "_Z") ||
      (strstr(symbol, "2at") == NULL && strstr(symbol, "3c10") == NULL &&
       strstr(symbol, "5torch") == NULL)) {
    return NULL;
  }
  char* name = pt2__demangle(symbol);
  static const char* const kinds[] = {"", "vtable for ", "typeinfo for ",
                                      "guard variable for "};
  static const char* const spaces[] = {"at::", "c10::", "torch::"};
  for (size_t i = 0; name != NULL && i < sizeof(kinds) / sizeof(kinds[0]);
       ++i) {
    for (size_t j = 0; j < sizeof(spaces) / sizeof(spaces[0]); ++j) {
      if (starts_with(name, kinds[i]) &&
          starts_with(name + strlen(kinds[i]), spaces[j])) {
        return name;
      }
    }
  }
  free(name);
  return NULL;
}

static pt2_status_t check_cxx_import(pt2_preflight_t* report,
                                     const char* symbol) {
  char* name = torch_cxx_name(symbol);
  if (name == NULL) {
    return PT2_STATUS_OK;
  }
  pt2__buffer_t message = {0};
  pt2_status_t status = pt2__buffer_printf(
      &message,
      "the model calls %s, C++ of libtorch itself, which no other library can "
      "be",
      name);
  if (status == PT2_STATUS_OK) {
    status = add(report, PT2_FINDING_ERROR, PT2_STATUS_UNSUPPORTED,
                 "cxx-import", name, &message);
  }
  free(name);
  return status;
}

// An operator that is here, but perhaps not the library that it calls.
static pt2_status_t check_need(pt2_preflight_t* report, const char* op) {
  const char* missing = op != NULL ? pt2__op_need_missing(op) : NULL;
  if (missing != NULL) {
    ADD_ERROR(report, PT2_STATUS_UNSUPPORTED, "operator-library", op,
              "operator %s %s", op, missing);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_import(pt2_preflight_t* report, const char* device,
                                 const char* symbol) {
  const char* op;
  if (pt2__shim_is_torch(symbol, &op)) {
    bool is_bound = pt2__shim_resolve(device, symbol) != NULL;
    ++report->import_count;
    if (op != NULL) {
      PT2_TRY(add_operator(report, op, symbol,
                           is_bound && pt2__op_need_missing(op) == NULL));
    }
    if (is_bound) {
      ++report->bound_count;
      PT2_TRY(check_need(report, op));
    } else if (op != NULL) {
      ADD_ERROR(report, PT2_STATUS_UNSUPPORTED, "operator", op,
                "operator %s is not in this library", op);
    } else {
      ADD_ERROR(report, PT2_STATUS_UNSUPPORTED, "function", symbol,
                "PyTorch's function %s is not in this library", symbol);
    }
    return PT2_STATUS_OK;
  }
  if (starts_with(symbol, "Sleef_") &&
      pt2__shim_resolve(device, symbol) == NULL) {
    ADD_ERROR(report, PT2_STATUS_UNSUPPORTED, "vector-function", symbol,
              "vector function %s is not here; SLEEF (libsleef.so.3) has it",
              symbol);
    return PT2_STATUS_OK;
  }
  return check_cxx_import(report, symbol);
}

static pt2_status_t note_version(void* user, const char* library,
                                 const char* version, const char* newest) {
  pt2_preflight_t* report = user;
  if (newest == NULL) {
    ADD_ERROR(report, PT2_STATUS_INCOMPATIBLE, "library-version", version,
              "the model needs %s of %s, which is not here", version, library);
  } else {
    ADD_ERROR(report, PT2_STATUS_INCOMPATIBLE, "library-version", version,
              "the model needs %s of %s; the one here goes up to %s", version,
              library, newest);
  }
  return PT2_STATUS_OK;
}

// ---- Nodes of the proxy executor -------------------------------------------

static pt2_status_t check_target(pt2_preflight_t* report, const char* target) {
  PT2_TRY(add_operator(
      report, target, NULL,
      pt2__op_find(target) != NULL && pt2__op_need_missing(target) == NULL));
  for (size_t i = 0; i < report->count; ++i) {
    if (strcmp(report->findings[i].subject, target) == 0) {
      return PT2_STATUS_OK;  // said already
    }
  }
  if (pt2__op_find(target) != NULL) {
    return check_need(report, target);
  }
  if (starts_with(target, "aten::")) {
    ADD_ERROR(report, PT2_STATUS_UNSUPPORTED, "operator", target,
              "operator %s is not in this library", target);
  } else {
    ADD_ERROR(report, PT2_STATUS_UNSUPPORTED, "custom-op", target,
              "custom operator %s is not registered (pt2_op_register)", target);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_nodes(pt2_preflight_t* report, const char* so_name,
                                pt2__bytes_t nodes_json) {
  if (nodes_json.size_bytes == 0) {
    return PT2_STATUS_OK;
  }
  json_error_t error;
  json_t* root = json_loadb((const char*)nodes_json.data, nodes_json.size_bytes,
                            0, &error);
  if (root == NULL) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: the list of external operators is damaged: %s "
                    "(line %d)",
                    so_name, error.text, error.line);
  }
  pt2_status_t status = PT2_STATUS_OK;
  size_t index;
  json_t* node;
  json_array_foreach(json_object_get(root, "nodes"), index, node) {
    const char* target = json_string_value(
        json_object_get(json_object_get(node, "node"), "target"));
    if (status == PT2_STATUS_OK) {
      status = target != NULL
                   ? check_target(report, target)
                   : PT2_FAIL(PT2_STATUS_CORRUPT,
                              "%s: external operator %zu has no name", so_name,
                              index);
    }
  }
  json_decref(root);
  return status;
}

// ---- All of it -------------------------------------------------------------

static pt2_status_t check_weights(pt2_preflight_t* report,
                                  const pt2_package_t* package, size_t model) {
  int32_t kind = pt2_package_weights_kind(package, model);
  if (kind == PT2_WEIGHTS_MISSING) {
    ADD_ERROR(report, PT2_STATUS_FAILED_PRECONDITION, "weights", "weights",
              "the model's weights are not in the package: they must be given "
              "before it runs");
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_so(pt2_preflight_t* report,
                             const pt2_package_t* package, size_t model,
                             const char* device, const pt2__code_info_t* info) {
  const pt2__model_files_t* files = pt2__package_model_files(package, model);
  bool native;
  PT2_TRY(check_platform(report, package, model, info, &native));
  PT2_TRY(check_device(report, device));
  bool too_old;
  PT2_TRY(check_release(report, package, model, device, &too_old));
  if (!native || too_old) {
    return PT2_STATUS_OK;
  }
  PT2_TRY(check_cpu(report, info,
                    pt2_package_peek_metadata(package, model, "AOTI_CPU_ISA"),
                    files->source));
  for (size_t i = 0; i < info->import_count; ++i) {
    PT2_TRY(check_import(report, device, info->imports[i]));
  }
  return pt2__elf_missing_versions(files->so.data, files->so.size_bytes,
                                   files->so_name, note_version, report);
}

static pt2_status_t preflight(pt2_package_t* package, size_t model,
                              pt2_preflight_t* report) {
  const pt2__model_files_t* files = pt2__package_model_files(package, model);
  const char* device =
      pt2_package_peek_metadata(package, model, "AOTI_DEVICE_KEY");
  device = device != NULL ? device : "cpu";
  pt2__code_info_t info;
  PT2_TRY(pt2__code_inspect(files->so.data, files->so.size_bytes,
                            files->so_name, &info));
  pt2_status_t status = check_so(report, package, model, device, &info);
  pt2__code_info_free(&info);
  PT2_TRY(status);
  PT2_TRY(check_nodes(report, files->so_name, files->extern_nodes));
  sort_operators(report);
  return check_weights(report, package, model);
}

// Without clearing the error record, for callers within the library.
static pt2_status_t create_report(pt2_package_t* package, size_t model,
                                  pt2_preflight_t** out_report) {
  pt2_preflight_t* report = pt2__calloc(1, sizeof(*report));
  if (report == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*report));
  }
  pt2_status_t status = preflight(package, model, report);
  if (status != PT2_STATUS_OK) {
    pt2_preflight_destroy(report);
    return status;
  }
  *out_report = report;
  return PT2_STATUS_OK;
}

pt2_status_t pt2_package_preflight(pt2_package_t* package, size_t model,
                                   pt2_preflight_t** out_report) {
  pt2__error_begin();
  if (package == NULL || out_report == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "package and out_report may not be NULL");
  }
  size_t count = pt2_package_model_count(package);
  if (model >= count) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "model %zu: the package has %zu", model, count);
  }
  return create_report(package, model, out_report);
}

static bool is_error_of(const pt2_finding_t* finding, const char* kind) {
  return finding->severity == PT2_FINDING_ERROR &&
         strcmp(finding->kind, kind) == 0;
}

// The subjects of all errors of |kind|: "aten::x, aten::y".
static pt2_status_t list_subjects(const pt2_preflight_t* report,
                                  const char* kind, pt2__buffer_t* text,
                                  size_t* out_count) {
  size_t count = 0;
  for (size_t i = 0; i < report->count; ++i) {
    if (is_error_of(&report->findings[i], kind)) {
      PT2_TRY(pt2__buffer_printf(text, "%s%s", count > 0 ? ", " : "",
                                 report->findings[i].subject));
      ++count;
    }
  }
  *out_count = count;
  return PT2_STATUS_OK;
}

// What several findings of one kind are called.
static const char* plural(const char* kind) {
  static const char* const rows[][2] = {
      {"operator", "operators that this library does not have"},
      {"custom-op", "custom operators that are not registered"},
      {"operator-library", "operators whose library is not installed"},
      {"function", "functions of PyTorch that this library does not have"},
      {"vector-function", "vector functions of SLEEF that are not here"},
      {"cxx-import", "C++ functions of libtorch"},
      {"cpu-isa", "instruction sets that this CPU does not have"},
      {"library-version", "versions of libraries that are not here"}};
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    if (strcmp(kind, rows[i][0]) == 0) {
      return rows[i][1];
    }
  }
  return kind;
}

// Several errors of one kind become one list, others keep their sentences.
static pt2_status_t describe_errors(const pt2_preflight_t* report,
                                    pt2__buffer_t* text) {
  for (size_t i = 0; i < report->count; ++i) {
    const pt2_finding_t* finding = &report->findings[i];
    bool first = finding->severity == PT2_FINDING_ERROR;
    for (size_t j = 0; j < i; ++j) {
      first = first && !is_error_of(&report->findings[j], finding->kind);
    }
    if (!first) {
      continue;
    }
    pt2__buffer_t subjects = {0};
    size_t count = 0;
    pt2_status_t status =
        list_subjects(report, finding->kind, &subjects, &count);
    const char* separator = text->length > 0 ? "; " : "";
    if (status == PT2_STATUS_OK && count == 1) {
      status = pt2__buffer_printf(text, "%s%s", separator, finding->message);
    } else if (status == PT2_STATUS_OK) {
      status =
          pt2__buffer_printf(text, "%sthe model needs %zu %s: %s", separator,
                             count, plural(finding->kind), subjects.data);
    }
    pt2__buffer_free(&subjects);
    PT2_TRY(status);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__preflight_require(pt2_package_t* package, size_t model,
                                    bool constants_later) {
  pt2_preflight_t* report;
  PT2_TRY(create_report(package, model, &report));
  pt2_status_t first = PT2_STATUS_OK;
  for (size_t i = 0; i < report->count && first == PT2_STATUS_OK; ++i) {
    if (constants_later && strcmp(report->findings[i].kind, "weights") == 0) {
      report->findings[i].severity = PT2_FINDING_INFO;
    }
    if (report->findings[i].severity == PT2_FINDING_ERROR) {
      first = report->findings[i].status;
    }
  }
  pt2_status_t status = PT2_STATUS_OK;
  if (first != PT2_STATUS_OK) {
    pt2__buffer_t text = {0};
    status = describe_errors(report, &text);
    if (status == PT2_STATUS_OK) {
      status = PT2_FAIL(first, "model \"%s\" cannot run here: %s",
                        pt2_package_peek_model_name(package, model), text.data);
    }
    pt2__buffer_free(&text);
  }
  pt2_preflight_destroy(report);
  return status;
}

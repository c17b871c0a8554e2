// SPDX-License-Identifier: Apache-2.0
//
// pt2 info: what is in a package.
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tooling/json_out.h"
#include "tooling/model.h"

static const char* weights_place(int32_t kind) {
  static const char* const kPlaces[] = {"none",           "in the .so",
                                        "behind the .so", "in a .blob",
                                        "one file each",  "not in the package"};
  size_t count = sizeof(kPlaces) / sizeof(kPlaces[0]);
  return kind >= 0 && (size_t)kind < count ? kPlaces[kind] : "?";
}

static const char* weights_word(int32_t kind) {
  static const char* const kWords[] = {"none", "so",      "appended",
                                       "blob", "pickles", "missing"};
  size_t count = sizeof(kWords) / sizeof(kWords[0]);
  return kind >= 0 && (size_t)kind < count ? kWords[kind] : "unknown";
}

enum { CONSTANT_KINDS = 5 };

static const char* constant_kind(int32_t kind) {
  static const char* const kKinds[] = {"unknown", "parameter", "buffer",
                                       "constant", "folded"};
  size_t count = sizeof(kKinds) / sizeof(kKinds[0]);
  return kind >= 0 && (size_t)kind < count ? kKinds[kind] : "unknown";
}

static const char* or_unknown(const char* text) {
  return text != NULL && text[0] != '\0' ? text : "?";
}

// ---- For people ------------------------------------------------------------

typedef pt2_status_t (*value_info_fn)(const pt2_package_t* package,
                                      size_t model, size_t index,
                                      pt2_value_info_t* out_info);

static void add_values(const char* title, const pt2_package_t* package,
                       size_t model, size_t count, value_info_fn get,
                       pt2__table_t* table) {
  for (size_t i = 0; i < count; ++i) {
    pt2_value_info_t info;
    if (get(package, model, i, &info) != PT2_STATUS_OK) {
      continue;
    }
    pt2__text_t shape = {0};
    pt2__text_value_shape(&shape, &info, true);
    pt2__table_printf(table, "%s %zu", title, i);
    pt2__table_add(table, or_unknown(info.name));
    pt2__table_add(table, pt2_dtype_name(info.dtype));
    pt2__table_add(table, pt2__text_peek(&shape));
    pt2__text_free(&shape);
  }
}

static void print_values(const pt2_package_t* package, size_t model) {
  pt2__table_t table = {.columns = 4};
  pt2__text_t text = {0};
  add_values("input", package, model, pt2_package_input_count(package, model),
             pt2_package_input_info, &table);
  add_values("output", package, model, pt2_package_output_count(package, model),
             pt2_package_output_info, &table);
  pt2__table_format(&table, "  ", &text);
  printf("%s", pt2__text_peek(&text));
  pt2__text_free(&text);
  pt2__table_free(&table);
}

// How many constants there are of each kind.
typedef struct {
  size_t of[CONSTANT_KINDS];
} kind_counts_t;

static kind_counts_t count_kinds(const pt2_package_t* package, size_t model) {
  kind_counts_t counts = {{0}};
  for (size_t i = 0; i < pt2_package_constant_count(package, model); ++i) {
    pt2_constant_info_t info;
    if (pt2_package_constant_info(package, model, i, &info) == PT2_STATUS_OK) {
      bool known = info.kind > 0 && info.kind < CONSTANT_KINDS;
      ++counts.of[known ? info.kind : 0];
    }
  }
  return counts;
}

// ": 2 parameters, 1 buffer"
static void add_kinds(const pt2_package_t* package, size_t model,
                      pt2__text_t* text) {
  static const char* const kPlurals[CONSTANT_KINDS] = {
      "of unknown kind", "parameters", "buffers", "constants", "folded"};
  kind_counts_t counts = count_kinds(package, model);
  const char* gap = ": ";
  for (int32_t kind = 1; kind <= CONSTANT_KINDS; ++kind) {
    int32_t at = kind % CONSTANT_KINDS;  // the unknown ones last
    size_t count = counts.of[at];
    if (count > 0) {
      pt2__text_printf(text, "%s%zu %s", gap, count,
                       count > 1 || at == 0 ? kPlurals[at] : constant_kind(at));
      gap = ", ";
    }
  }
}

static void print_constants(const pt2_package_t* package, size_t model,
                            bool list) {
  pt2__text_t text = {0};
  size_t count = pt2_package_constant_count(package, model);
  int32_t kind = pt2_package_weights_kind(package, model);
  pt2__text_printf(&text, "  constants  %zu", count);
  if (count > 0 || kind != PT2_WEIGHTS_NONE) {
    pt2__text_printf(&text, ", ");
    pt2__text_size(&text, pt2_package_weights_bytes(package, model));
    pt2__text_printf(&text, " (%s)", weights_place(kind));
    add_kinds(package, model, &text);
  }
  pt2__text_printf(&text, "\n");
  pt2__table_t table = {.columns = 5};
  for (size_t i = 0; list && i < count; ++i) {
    pt2_constant_info_t info;
    if (pt2_package_constant_info(package, model, i, &info) != PT2_STATUS_OK) {
      continue;
    }
    pt2__text_t cell = {0};
    pt2__table_add(&table, or_unknown(info.fqn));
    pt2__table_add(&table, pt2_dtype_name(info.dtype));
    pt2__text_sizes(&cell, info.rank > 0 ? (size_t)info.rank : 0, info.sizes);
    pt2__table_add(&table, pt2__text_peek(&cell));
    pt2__text_free(&cell);
    pt2__text_size(&cell, (uint64_t)info.size_bytes);
    pt2__table_add(&table, pt2__text_peek(&cell));
    pt2__text_free(&cell);
    pt2__table_add(&table, constant_kind(info.kind));
  }
  pt2__table_format(&table, "    ", &text);
  printf("%s", pt2__text_peek(&text));
  pt2__table_free(&table);
  pt2__text_free(&text);
}

static void print_metadata(const pt2_package_t* package, size_t model) {
  pt2__table_t table = {.columns = 2};
  pt2__text_t text = {0};
  for (size_t i = 0; i < pt2_package_metadata_count(package, model); ++i) {
    const char* key = NULL;
    const char* value = NULL;
    if (pt2_package_metadata_at(package, model, i, &key, &value) ==
        PT2_STATUS_OK) {
      pt2__table_add(&table, key);
      pt2__table_add(&table, value);
    }
  }
  pt2__table_format(&table, "    ", &text);
  if (table.count > 0) {
    printf("  metadata\n%s", pt2__text_peek(&text));
  }
  pt2__text_free(&text);
  pt2__table_free(&table);
}

static void print_operators(const pt2_preflight_t* report) {
  pt2__colours_t colours = pt2__colours();
  size_t count = pt2_preflight_operator_count(report);
  size_t missing = 0;
  pt2__text_t text = {0};
  for (size_t i = 0; i < count; ++i) {
    pt2_operator_info_t op;
    if (pt2_preflight_operator_at(report, i, &op) != PT2_STATUS_OK) {
      continue;
    }
    missing += !op.is_here;
    pt2__text_printf(&text, "    ");
    pt2__text_clean(&text, op.name);
    pt2__text_printf(&text, "%s%s%s%s\n", op.symbol == NULL ? "  by name" : "",
                     op.is_here ? "" : colours.red,
                     op.is_here ? "" : "  not here",
                     op.is_here ? "" : colours.reset);
  }
  printf("  operators  %zu", count);
  if (missing > 0) {
    printf(", %zu not here", missing);
  } else if (count > 0) {
    printf(", all here");
  }
  printf("\n%s", pt2__text_peek(&text));
  pt2__text_free(&text);
}

static void print_preflight(pt2_package_t* package, size_t model) {
  pt2__colours_t colours = pt2__colours();
  pt2_preflight_t* report = NULL;
  pt2_status_t status = pt2_package_preflight(package, model, &report);
  if (status != PT2_STATUS_OK) {
    pt2__text_t text = {0};
    pt2__text_clean(&text, pt2_error_message());
    printf("  runs here  %sunknown%s: %s\n", colours.yellow, colours.reset,
           pt2__text_peek(&text));
    pt2__text_free(&text);
    return;
  }
  size_t imports = pt2_preflight_import_count(report);
  size_t bound = pt2_preflight_bound_count(report);
  bool runs = pt2_preflight_runs(report);
  printf("  runs here  %s%s%s (PyTorch functions: %zu of %zu%s)\n",
         runs ? colours.green : colours.red, runs ? "yes" : "no", colours.reset,
         bound, imports, runs ? "" : "; pt2 check tells why");
  print_operators(report);
  pt2_preflight_destroy(report);
}

static void print_model(pt2_package_t* package, size_t model,
                        bool list_constants) {
  pt2__colours_t colours = pt2__colours();
  pt2__text_t name = {0};
  const char* device =
      pt2_package_peek_metadata(package, model, "AOTI_DEVICE_KEY");
  const char* isa = pt2_package_peek_metadata(package, model, "AOTI_CPU_ISA");
  pt2__text_clean(&name, pt2_package_peek_model_name(package, model));
  pt2__text_printf(&name, "\"%s  device ", colours.reset);
  pt2__text_clean(&name, or_unknown(device));
  pt2__text_printf(&name, "  torch ");
  pt2__text_clean(&name,
                  or_unknown(pt2_package_peek_torch_release(package, model)));
  if (isa != NULL) {
    pt2__text_printf(&name, "  isa ");
    pt2__text_clean(&name, isa);
  }
  printf("\n%smodel \"%s\n", colours.bold, pt2__text_peek(&name));
  pt2__text_free(&name);
  print_values(package, model);
  print_constants(package, model, list_constants);
  print_preflight(package, model);
  print_metadata(package, model);
}

// ---- For programs ----------------------------------------------------------

static json_t* json_values(const pt2_package_t* package, size_t model,
                           size_t count, value_info_fn get) {
  json_t* array = json_array();
  for (size_t i = 0; i < count; ++i) {
    pt2_value_info_t info;
    if (get(package, model, i, &info) == PT2_STATUS_OK) {
      json_array_append_new(array, pt2__json_value_info(&info));
    }
  }
  return array;
}

static json_t* json_constants(const pt2_package_t* package, size_t model) {
  json_t* entries = json_array();
  for (size_t i = 0; i < pt2_package_constant_count(package, model); ++i) {
    pt2_constant_info_t info;
    if (pt2_package_constant_info(package, model, i, &info) != PT2_STATUS_OK) {
      continue;
    }
    size_t rank = info.rank > 0 ? (size_t)info.rank : 0;
    json_t* entry = json_object();
    json_object_set_new(entry, "name", pt2__json_text(info.name));
    json_object_set_new(entry, "fqn", pt2__json_text(info.fqn));
    json_object_set_new(entry, "dtype",
                        pt2__json_text(pt2_dtype_name(info.dtype)));
    json_object_set_new(entry, "shape", pt2__json_sizes(rank, info.sizes));
    json_object_set_new(entry, "bytes", json_integer(info.size_bytes));
    json_object_set_new(entry, "kind",
                        pt2__json_text(constant_kind(info.kind)));
    json_array_append_new(entries, entry);
  }
  json_t* value = json_object();
  json_object_set_new(value, "count",
                      json_integer((json_int_t)json_array_size(entries)));
  json_object_set_new(
      value, "bytes",
      json_integer((json_int_t)pt2_package_weights_bytes(package, model)));
  json_object_set_new(
      value, "place",
      pt2__json_text(weights_word(pt2_package_weights_kind(package, model))));
  kind_counts_t counts = count_kinds(package, model);
  json_t* kinds = json_object();
  for (int32_t kind = 0; kind < CONSTANT_KINDS; ++kind) {
    json_object_set_new(kinds, constant_kind(kind),
                        json_integer((json_int_t)counts.of[kind]));
  }
  json_object_set_new(value, "kinds", kinds);
  json_object_set_new(value, "entries", entries);
  return value;
}

static json_t* json_metadata(const pt2_package_t* package, size_t model) {
  json_t* value = json_object();
  for (size_t i = 0; i < pt2_package_metadata_count(package, model); ++i) {
    const char* key = NULL;
    const char* text = NULL;
    if (pt2_package_metadata_at(package, model, i, &key, &text) ==
        PT2_STATUS_OK) {
      json_object_set_new(value, key, pt2__json_text(text));
    }
  }
  return value;
}

static json_t* json_operators(const pt2_preflight_t* report) {
  json_t* array = json_array();
  for (size_t i = 0; i < pt2_preflight_operator_count(report); ++i) {
    pt2_operator_info_t op;
    if (pt2_preflight_operator_at(report, i, &op) == PT2_STATUS_OK) {
      json_t* entry = json_object();
      json_object_set_new(entry, "name", pt2__json_text(op.name));
      json_object_set_new(entry, "symbol", pt2__json_text(op.symbol));
      json_object_set_new(entry, "here", json_boolean(op.is_here));
      json_array_append_new(array, entry);
    }
  }
  return array;
}

static json_t* json_model(pt2_package_t* package, size_t model) {
  json_t* value = json_object();
  json_object_set_new(
      value, "name",
      pt2__json_text(pt2_package_peek_model_name(package, model)));
  json_object_set_new(value, "device",
                      pt2__json_text(pt2_package_peek_metadata(
                          package, model, "AOTI_DEVICE_KEY")));
  json_object_set_new(value, "isa",
                      pt2__json_text(pt2_package_peek_metadata(
                          package, model, "AOTI_CPU_ISA")));
  json_object_set_new(
      value, "torch",
      pt2__json_text(pt2_package_peek_torch_release(package, model)));
  json_object_set_new(
      value, "inputs",
      json_values(package, model, pt2_package_input_count(package, model),
                  pt2_package_input_info));
  json_object_set_new(
      value, "outputs",
      json_values(package, model, pt2_package_output_count(package, model),
                  pt2_package_output_info));
  json_object_set_new(value, "in_spec",
                      pt2__json_text(pt2_package_peek_in_spec(package, model)));
  json_object_set_new(
      value, "out_spec",
      pt2__json_text(pt2_package_peek_out_spec(package, model)));
  json_object_set_new(value, "constants", json_constants(package, model));
  json_object_set_new(value, "metadata", json_metadata(package, model));
  pt2_preflight_t* report = NULL;
  if (pt2_package_preflight(package, model, &report) == PT2_STATUS_OK) {
    json_object_set_new(value, "preflight", pt2__json_preflight(report));
    json_object_set_new(value, "operators", json_operators(report));
    pt2_preflight_destroy(report);
  } else {
    json_object_set_new(value, "preflight", json_null());
    json_object_set_new(value, "operators", json_null());
    json_object_set_new(value, "preflight_error",
                        pt2__json_text(pt2_error_message()));
  }
  return value;
}

// ---- The verb --------------------------------------------------------------

// Bytes of |path| if it is a file, -1 for a folder.
static int64_t file_bytes(const char* path) {
  struct stat facts;
  return stat(path, &facts) == 0 && S_ISREG(facts.st_mode)
             ? (int64_t)facts.st_size
             : -1;
}

static int print_json(const pt2__args_t* args, pt2_package_t* package,
                      size_t first, size_t end) {
  int64_t bytes = file_bytes(args->file);
  json_t* models = json_array();
  for (size_t model = first; model < end; ++model) {
    json_array_append_new(models, json_model(package, model));
  }
  json_t* value = json_object();
  json_object_set_new(value, "path", pt2__json_text(args->file));
  json_object_set_new(value, "bytes",
                      bytes >= 0 ? json_integer(bytes) : json_null());
  json_object_set_new(value, "models", models);
  return pt2__json_print(value);
}

static int print_text(const pt2__args_t* args, pt2_package_t* package,
                      size_t first, size_t end) {
  int64_t bytes = file_bytes(args->file);
  size_t count = pt2_package_model_count(package);
  pt2__text_t text = {0};
  pt2__text_clean(&text, args->file);
  if (bytes >= 0) {
    pt2__text_printf(&text, "  ");
    pt2__text_size(&text, (uint64_t)bytes);
  }
  printf("%s, %zu model%s\n", pt2__text_peek(&text), count,
         count == 1 ? "" : "s");
  pt2__text_free(&text);
  for (size_t model = first; model < end; ++model) {
    print_model(package, model, pt2__args_has(args, "constants"));
  }
  return PT2__EXIT_OK;
}

// The devices that the library has heard of.
static int print_backends(bool json) {
  json_t* devices = json_array();
  const char* device;
  for (size_t i = 0; (device = pt2_backend_peek_device(i)) != NULL; ++i) {
    bool here = pt2_backend_require(device) == PT2_STATUS_OK;
    const char* why = here ? "" : pt2_error_message();
    if (!json) {
      printf("%-8s %s\n", device, here ? "runs here" : why);
      continue;
    }
    json_t* entry = json_object();
    json_object_set_new(entry, "device", pt2__json_text(device));
    json_object_set_new(entry, "available", json_boolean(here));
    json_object_set_new(entry, "reason",
                        here ? json_null() : pt2__json_text(why));
    json_array_append_new(devices, entry);
  }
  if (!json) {
    json_decref(devices);
    return PT2__EXIT_OK;
  }
  json_t* value = json_object();
  json_object_set_new(value, "devices", devices);
  return pt2__json_print(value);
}

static int run(const pt2__args_t* args) {
  if (pt2__args_has(args, "backends")) {
    return print_backends(pt2__args_has(args, "json"));
  }
  pt2_package_t* package = NULL;
  size_t first = 0;
  size_t end = 0;
  PT2__TOOL_TRY(pt2__model_open(args, &package));
  int result = pt2__model_range(args, package, &first, &end);
  if (result == PT2__EXIT_OK) {
    result = pt2__args_has(args, "json")
                 ? print_json(args, package, first, end)
                 : print_text(args, package, first, end);
  }
  pt2_package_release(package);
  return result;
}

static const pt2__option_t kOptions[] = {
    {"model", 0, "NAME", "only this model (default: all)"},
    {"constants", 0, NULL, "list parameters and buffers one by one"},
    PT2__OPTION_VERIFY,
    PT2__OPTION_JSON,
    PT2__OPTION_BACKEND,
    {"backends", 0, NULL,
     "list the devices that models can run on here, and why\n"
     "not on others; no FILE is needed"},
};

const pt2__verb_t pt2__verb_info = {
    "info",
    "what is in a package: models, inputs, outputs, weights, operators",
    "Shows what is in a package: its models, their inputs with dtypes, shapes\n"
    "and the ranges of dynamic dimensions, outputs, weights, the operators "
    "that\n"
    "they call and which of them are here, and metadata. None of the "
    "package's\n"
    "code is run.",
    kOptions,
    sizeof(kOptions) / sizeof(kOptions[0]),
    run,
    "backends"};

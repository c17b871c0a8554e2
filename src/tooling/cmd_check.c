// SPDX-License-Identifier: Apache-2.0
//
// pt2 check: will a package run here, and if not, why?
#include <string.h>

#include "tooling/json_out.h"
#include "tooling/model.h"

static void add_finding(const pt2_finding_t* finding, pt2__table_t* table) {
  pt2__table_add(table, finding->severity == PT2_FINDING_ERROR     ? "error"
                        : finding->severity == PT2_FINDING_WARNING ? "warning"
                                                                   : "info");
  pt2__table_add(table, finding->kind != NULL ? finding->kind : "");
  pt2__table_add(table, finding->subject != NULL ? finding->subject : "");
  pt2__table_add(table, finding->message != NULL ? finding->message : "");
}

// Colours the first word of each line, after the columns were aligned.
static void print_coloured(const char* text) {
  pt2__colours_t colours = pt2__colours();
  while (*text != '\0') {
    const char* end = strchr(text, '\n');
    const char* word = text + strspn(text, " ");
    size_t letters = strcspn(word, " \n");
    const char* colour = strncmp(word, "error", 5) == 0     ? colours.red
                         : strncmp(word, "warning", 7) == 0 ? colours.yellow
                                                            : colours.dim;
    printf("%.*s%s%.*s%s%.*s\n", (int)(word - text), text, colour, (int)letters,
           word, colours.reset, (int)(end - word - (long)letters),
           word + letters);
    text = end + 1;
  }
}

static void print_report(const pt2_package_t* package, size_t model,
                         const pt2_preflight_t* report) {
  static const int32_t kOrder[] = {PT2_FINDING_ERROR, PT2_FINDING_WARNING,
                                   PT2_FINDING_INFO};
  pt2__colours_t colours = pt2__colours();
  bool runs = pt2_preflight_runs(report);
  pt2__text_t text = {0};
  pt2__text_clean(&text, pt2_package_peek_model_name(package, model));
  printf("model \"%s\": %s%s%s; PyTorch functions: %zu of %zu\n",
         pt2__text_peek(&text), runs ? colours.green : colours.red,
         runs ? "runs here" : "cannot run here", colours.reset,
         pt2_preflight_bound_count(report), pt2_preflight_import_count(report));
  pt2__text_free(&text);
  pt2__table_t table = {.columns = 4};
  for (size_t order = 0; order < 3; ++order) {
    for (size_t i = 0; i < pt2_preflight_finding_count(report); ++i) {
      pt2_finding_t finding;
      if (pt2_preflight_finding_at(report, i, &finding) == PT2_STATUS_OK &&
          finding.severity == kOrder[order]) {
        add_finding(&finding, &table);
      }
    }
  }
  pt2__table_format(&table, "  ", &text);
  print_coloured(pt2__text_peek(&text));
  pt2__text_free(&text);
  pt2__table_free(&table);
}

static int check_models(const pt2__args_t* args, pt2_package_t* package,
                        json_t* models, bool* out_runs) {
  size_t first = 0;
  size_t end = 0;
  PT2__TOOL_TRY(pt2__model_range(args, package, &first, &end));
  *out_runs = true;
  for (size_t model = first; model < end; ++model) {
    pt2_preflight_t* report = NULL;
    pt2_status_t status = pt2_package_preflight(package, model, &report);
    if (status != PT2_STATUS_OK) {
      return pt2__tool_fail_status(status, "%s", args->file);
    }
    if (models != NULL) {
      json_t* entry = pt2__json_preflight(report);
      json_object_set_new(
          entry, "name",
          pt2__json_text(pt2_package_peek_model_name(package, model)));
      json_array_append_new(models, entry);
    } else {
      print_report(package, model, report);
    }
    *out_runs = *out_runs && pt2_preflight_runs(report);
    pt2_preflight_destroy(report);
  }
  return PT2__EXIT_OK;
}

static int run(const pt2__args_t* args) {
  pt2_package_t* package = NULL;
  bool runs = false;
  PT2__TOOL_TRY(pt2__model_open(args, &package));
  json_t* models = pt2__args_has(args, "json") ? json_array() : NULL;
  int result = check_models(args, package, models, &runs);
  if (result == PT2__EXIT_OK && models != NULL) {
    json_t* value = json_object();
    json_object_set_new(value, "path", pt2__json_text(args->file));
    json_object_set_new(value, "runs", json_boolean(runs));
    json_object_set(value, "models", models);
    result = pt2__json_print(value);
  }
  json_decref(models);
  pt2_package_release(package);
  if (result == PT2__EXIT_OK && !runs) {
    result = PT2__EXIT_CANNOT_RUN;
  }
  return result;
}

static const pt2__option_t kOptions[] = {
    {"model", 0, "NAME", "only this model (default: all)"},
    PT2__OPTION_VERIFY,
    PT2__OPTION_JSON,
    PT2__OPTION_BACKEND,
};

const pt2__verb_t pt2__verb_check = {
    "check",
    "will it run here? what is missing, by name",
    "Tells whether a package runs on this machine, without running any of its\n"
    "code: operators, custom operators, CPU features, device, platform,\n"
    "weights. Exits with 3 if it cannot run.",
    kOptions,
    sizeof(kOptions) / sizeof(kOptions[0]),
    run,
    NULL};

// SPDX-License-Identifier: Apache-2.0
//
// pt2 run: one run of a model, its outputs shown, saved, compared.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tooling/json_out.h"
#include "tooling/model.h"
#include "tooling/outputs.h"
#include "tooling/trace_out.h"

// One run and what came of it.
typedef struct {
  const pt2__args_t* args;
  pt2__model_t model;
  pt2__tensor_list_t inputs;
  pt2__tensor_list_t outputs;
  pt2__expected_t expected;
  double run_seconds;
  size_t compared;
  size_t differing;
} session_t;

static const char* output_name(const session_t* session, size_t index) {
  pt2_value_info_t info;
  if (pt2_runner_output_info(session->model.runner, index, &info) !=
          PT2_STATUS_OK ||
      info.name == NULL) {
    return "?";
  }
  return info.name;
}

// ---- For people ------------------------------------------------------------

static void print_statistics(const pt2__statistics_t* statistics,
                             pt2__text_t* text) {
  if (statistics->finite_count > 0) {
    pt2__text_printf(text, "  min %.6g  max %.6g  mean %.6g", statistics->min,
                     statistics->max, statistics->mean);
  }
  if (statistics->nan_count > 0) {
    pt2__text_printf(text, "  nan %lld", (long long)statistics->nan_count);
  }
  if (statistics->inf_count > 0) {
    pt2__text_printf(text, "  inf %lld", (long long)statistics->inf_count);
  }
}

// Elements are shown unless they went to a file or a comparison.
static bool shows_elements(const session_t* session) {
  return pt2__args_has(session->args, "full") ||
         (!pt2__args_has(session->args, "output") &&
          !pt2__args_has(session->args, "expected-output"));
}

static int print_tensor(const session_t* session, pt2_tensor_t* output,
                        pt2__text_t* text) {
  pt2_tensor_t* tensor = NULL;
  pt2__reader_t reader;
  pt2__statistics_t statistics;
  pt2__text_sizes(text, pt2_tensor_rank(output), pt2_tensor_peek_sizes(output));
  if (pt2__dtype_class(pt2_tensor_dtype(output)) == PT2__CLASS_NONE) {
    pt2__text_printf(text, "  (elements of this dtype cannot be shown)\n");
    return PT2__EXIT_OK;
  }
  PT2__TOOL_TRY(pt2__reader_init(pt2_tensor_dtype(output), &reader));
  PT2__TOOL_TRY(pt2__tensor_row_major(output, &tensor));
  pt2__tensor_statistics(&reader, tensor, &statistics);
  if (statistics.numel > 1) {
    print_statistics(&statistics, text);
  }
  pt2__text_printf(text, "\n");
  if (shows_elements(session)) {
    pt2__text_elements(text, &reader, tensor, 2,
                       pt2__args_has(session->args, "full"));
  }
  pt2_tensor_release(tensor);
  return PT2__EXIT_OK;
}

static int print_output(session_t* session, size_t index) {
  pt2__colours_t colours = pt2__colours();
  pt2_tensor_t* output = session->outputs.items[index];
  pt2__text_t text = {0};
  pt2__text_clean(&text, output_name(session, index));
  printf("%soutput %zu%s (%s)  ", colours.bold, index, colours.reset,
         pt2__text_peek(&text));
  pt2__text_free(&text);
  if (output == NULL) {
    printf("None\n");
    return PT2__EXIT_OK;
  }
  pt2__text_printf(&text, "%s", pt2_dtype_name(pt2_tensor_dtype(output)));
  int result = print_tensor(session, output, &text);
  fwrite(pt2__text_peek(&text), 1, text.length, stdout);
  pt2__text_free(&text);
  return result;
}

static int compare_and_print(session_t* session, size_t index) {
  pt2__colours_t colours = pt2__colours();
  pt2__comparison_t comparison;
  bool compared = false;
  PT2__TOOL_TRY(pt2__expected_compare(&session->expected, session->args,
                                      &session->outputs, index, &compared,
                                      &comparison));
  if (!compared) {
    return PT2__EXIT_OK;
  }
  bool equal = comparison.outcome == PT2__COMPARE_EQUAL;
  session->compared += 1;
  session->differing += !equal;
  pt2__text_t text = {0};
  pt2__comparison_describe(&comparison, session->outputs.items[index],
                           session->expected.by_index[index], &text);
  printf("  %s%s%s: %s\n", equal ? colours.green : colours.red,
         equal ? "good" : "differs", colours.reset, pt2__text_peek(&text));
  pt2__text_free(&text);
  return PT2__EXIT_OK;
}

static int report_text(session_t* session) {
  for (size_t i = 0; i < session->outputs.count; ++i) {
    PT2__TOOL_TRY(print_output(session, i));
    PT2__TOOL_TRY(compare_and_print(session, i));
  }
  printf("load %.1f ms, run %.3f ms\n", 1e3 * session->model.load_seconds,
         1e3 * session->run_seconds);
  return PT2__EXIT_OK;
}

// ---- For programs ----------------------------------------------------------

static void json_tensor_facts(const pt2_tensor_t* tensor, json_t* entry) {
  size_t rank = pt2_tensor_rank(tensor);
  json_object_set_new(entry, "dtype",
                      pt2__json_text(pt2_dtype_name(pt2_tensor_dtype(tensor))));
  json_object_set_new(entry, "shape",
                      pt2__json_sizes(rank, pt2_tensor_peek_sizes(tensor)));
  json_object_set_new(entry, "strides",
                      pt2__json_sizes(rank, pt2_tensor_peek_strides(tensor)));
}

static int json_data(const session_t* session, pt2_tensor_t* output,
                     json_t* entry) {
  if (pt2__dtype_class(pt2_tensor_dtype(output)) == PT2__CLASS_NONE) {
    return PT2__EXIT_OK;
  }
  pt2__reader_t reader;
  pt2_tensor_t* tensor = NULL;
  pt2__statistics_t statistics;
  PT2__TOOL_TRY(pt2__reader_init(pt2_tensor_dtype(output), &reader));
  PT2__TOOL_TRY(pt2__tensor_row_major(output, &tensor));
  pt2__tensor_statistics(&reader, tensor, &statistics);
  json_object_set_new(entry, "statistics", pt2__json_statistics(&statistics));
  if (pt2__args_has(session->args, "full") ||
      statistics.numel <= PT2__SMALL_NUMEL) {
    json_object_set_new(entry, "data", pt2__json_elements(&reader, tensor));
  }
  pt2_tensor_release(tensor);
  return PT2__EXIT_OK;
}

static int json_output(session_t* session, size_t index, json_t* entry) {
  pt2_tensor_t* output = session->outputs.items[index];
  json_object_set_new(entry, "index", json_integer((json_int_t)index));
  json_object_set_new(entry, "name",
                      pt2__json_text(output_name(session, index)));
  json_object_set_new(entry, "none", json_boolean(output == NULL));
  if (output != NULL) {
    json_tensor_facts(output, entry);
    PT2__TOOL_TRY(json_data(session, output, entry));
  }
  pt2__comparison_t comparison;
  bool compared = false;
  PT2__TOOL_TRY(pt2__expected_compare(&session->expected, session->args,
                                      &session->outputs, index, &compared,
                                      &comparison));
  if (compared) {
    session->compared += 1;
    session->differing += comparison.outcome != PT2__COMPARE_EQUAL;
    json_object_set_new(
        entry, "comparison",
        pt2__json_comparison(&comparison, output,
                             session->expected.by_index[index]));
  }
  return PT2__EXIT_OK;
}

static json_t* json_inputs(const session_t* session) {
  json_t* inputs = json_array();
  for (size_t i = 0; i < session->inputs.count; ++i) {
    pt2_value_info_t info;
    json_t* entry = json_object();
    bool known =
        pt2_runner_input_info(session->model.runner, i, &info) == PT2_STATUS_OK;
    json_object_set_new(entry, "index", json_integer((json_int_t)i));
    json_object_set_new(entry, "name", pt2__json_text(known ? info.name : "?"));
    json_tensor_facts(session->inputs.items[i], entry);
    json_array_append_new(inputs, entry);
  }
  return inputs;
}

static int report_json(session_t* session) {
  json_t* outputs = json_array();
  int result = PT2__EXIT_OK;
  for (size_t i = 0; i < session->outputs.count && result == PT2__EXIT_OK;
       ++i) {
    json_t* entry = json_object();
    result = json_output(session, i, entry);
    json_array_append_new(outputs, entry);
  }
  if (result != PT2__EXIT_OK) {
    json_decref(outputs);
    return result;
  }
  json_t* value = json_object();
  json_object_set_new(value, "path", pt2__json_text(session->args->file));
  json_object_set_new(value, "load_ms",
                      json_real(1e3 * session->model.load_seconds));
  json_object_set_new(value, "run_ms", json_real(1e3 * session->run_seconds));
  json_object_set_new(value, "random_inputs",
                      json_boolean(!pt2__args_has(session->args, "input")));
  json_object_set_new(value, "inputs", json_inputs(session));
  json_object_set_new(value, "outputs", outputs);
  if (session->compared > 0) {
    json_object_set_new(value, "equal", json_boolean(session->differing == 0));
  }
  return pt2__json_print(value);
}

// ---- The verb --------------------------------------------------------------

static int run_model(session_t* session) {
  size_t count = pt2_runner_output_count(session->model.runner);
  pt2_tensor_t** outputs = pt2__tool_alloc(count * sizeof(*outputs));
  double start = pt2__clock_seconds();
  pt2_status_t status =
      pt2_runner_run(session->model.runner, session->inputs.items,
                     session->inputs.count, outputs, count);
  session->run_seconds = pt2__clock_seconds() - start;
  if (status == PT2_STATUS_OK) {
    for (size_t i = 0; i < count; ++i) {
      char key[24];
      snprintf(key, sizeof(key), "%zu", i);
      pt2__tensor_list_add(&session->outputs, outputs[i], key);
    }
  }
  free(outputs);
  return status == PT2_STATUS_OK ? PT2__EXIT_OK
                                 : pt2__tool_fail_status(status, "%s", "");
}

// --rtol and --atol are checked before the model is run.
static int check_tolerances(const pt2__args_t* args) {
  double number = 0;
  PT2__TOOL_TRY(pt2__args_f64(args, "rtol", 0, HUGE_VAL, &number));
  PT2__TOOL_TRY(pt2__args_f64(args, "atol", 0, HUGE_VAL, &number));
  bool given = pt2__args_has(args, "rtol") || pt2__args_has(args, "atol");
  if (given && !pt2__args_has(args, "expected-output")) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "--rtol and --atol go with --expected-output");
  }
  return PT2__EXIT_OK;
}

static int run_session(session_t* session) {
  const pt2_runner_t* runner = session->model.runner;
  PT2__TOOL_TRY(pt2__outputs_check_files(session->args, runner));
  PT2__TOOL_TRY(pt2__expected_load(session->args, runner, &session->expected));
  PT2__TOOL_TRY(
      pt2__model_inputs(session->args, &session->model, &session->inputs));
  PT2__TOOL_TRY(run_model(session));
  PT2__TOOL_TRY(pt2__model_to_host(&session->outputs));
  PT2__TOOL_TRY(pt2__outputs_save(session->args, runner, &session->outputs));
  PT2__TOOL_TRY(pt2__expected_assign(&session->expected, &session->outputs));
  PT2__TOOL_TRY(pt2__args_has(session->args, "json") ? report_json(session)
                                                     : report_text(session));
  if (session->differing > 0) {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%zu of %zu compared output%s not as expected",
                          session->differing, session->compared,
                          session->compared == 1 ? " is" : "s are");
  }
  return PT2__EXIT_OK;
}

static int run(const pt2__args_t* args) {
  session_t session;
  memset(&session, 0, sizeof(session));
  session.args = args;
  PT2__TOOL_TRY(check_tolerances(args));
  PT2__TOOL_TRY(pt2__model_load(args, 1, &session.model));
  int result = run_session(&session);
  // That of a run that failed is wanted too.
  int traced = pt2__trace_finish(args, session.model.trace);
  result = result != PT2__EXIT_OK ? result : traced;
  pt2__expected_free(&session.expected);
  pt2__tensor_list_free(&session.outputs);
  pt2__tensor_list_free(&session.inputs);
  pt2__model_close(&session.model);
  return result;
}

static const pt2__option_t kOptions[] = {
    PT2__OPTION_MODEL,
    PT2__OPTION_INPUT,
    {"output", 0, "@FILE",
     "save outputs (may be repeated): each .npy or .bin\n"
     "takes the next output that is not None, a .npz or\n"
     ".safetensors takes all, by index; RESULT[1]=@FILE\n"
     "takes that one"},
    {"expected-output", 0, "@FILE",
     "compare with a file (may be repeated): each .npy\n"
     "with the next output, a .npz or .safetensors by\n"
     "index; RESULT[1]=@FILE is that one"},
    {"rtol", 0, "X",
     "relative tolerance (default: that of\n"
     "torch.testing for the dtype)"},
    {"atol", 0, "X", "absolute tolerance (likewise)"},
    PT2__OPTION_SHAPES,
    PT2__OPTION_DIM,
    PT2__OPTION_INPUT_MAX,
    PT2__OPTION_SEED,
    PT2__OPTION_THREADS,
    PT2__OPTION_WEIGHTS,
    PT2__OPTION_EXTRA_WEIGHTS,
    PT2__OPTION_VERIFY,
    PT2__OPTION_NO_CHECKS,
    {"full", 0, NULL, "show every element of every output"},
    PT2__OPTION_TRACE,
    PT2__OPTION_JSON,
    PT2__OPTION_BACKEND,
};

const pt2__verb_t pt2__verb_run = {
    "run",
    "run a model once; show, save or compare its outputs",
    "Runs a model once. Without --input, inputs are random, in the package's\n"
    "own shapes.",
    kOptions,
    sizeof(kOptions) / sizeof(kOptions[0]),
    run,
    NULL};

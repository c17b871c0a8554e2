// SPDX-License-Identifier: Apache-2.0
//
// The command line: see cli.h.
#include "tooling/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tooling/json_out.h"
#include "tooling/print.h"
#include "tooling/values.h"

static const pt2__verb_t* const kVerbs[] = {&pt2__verb_info, &pt2__verb_check,
                                            &pt2__verb_run, &pt2__verb_bench};
#define VERB_COUNT (sizeof(kVerbs) / sizeof(kVerbs[0]))

static const pt2__option_t kHelp = {"help", 'h', NULL, "show this"};

// ---- Help ------------------------------------------------------------------

static const char kExitCodes[] =
    "exit codes: 0 good, 1 the run failed or outputs differ, 2 wrong command\n"
    "line, 3 the package cannot run here\n";

static void print_help(FILE* stream) {
  fprintf(stream,
          "usage: pt2 VERB FILE [options]\n\n"
          "Runs the packages (.pt2) that PyTorch's ahead-of-time compiler,\n"
          "AOTInductor, writes; without libtorch and without Python.\n\n"
          "verbs:\n");
  for (size_t i = 0; i < VERB_COUNT; ++i) {
    fprintf(stream, "  %-7s %s\n", kVerbs[i]->name, kVerbs[i]->summary);
  }
  fprintf(stream,
          "\n"
          "  pt2 VERB --help   what a verb can do\n"
          "  pt2 --version     the version\n\n%s",
          kExitCodes);
}

static void print_option(const pt2__option_t* option) {
  char name[64];
  char letter[8] = "";
  if (option->letter != 0) {
    snprintf(letter, sizeof(letter), "-%c, ", option->letter);
  }
  snprintf(name, sizeof(name), "%s--%s%s%s", letter, option->name,
           option->value != NULL ? "=" : "",
           option->value != NULL ? option->value : "");
  const char* line = option->help;
  printf("  %-24s ", name);
  if (strlen(name) > 24) {
    printf("\n%27s", "");
  }
  while (line != NULL) {
    const char* end = strchr(line, '\n');
    printf("%.*s\n", end != NULL ? (int)(end - line) : (int)strlen(line), line);
    line = end != NULL ? end + 1 : NULL;
    if (line != NULL) {
      printf("%27s", "");
    }
  }
}

static int print_verb_help(const pt2__verb_t* verb) {
  printf("usage: pt2 %s FILE [options]\n\n%s\n\noptions:\n", verb->name,
         verb->text);
  for (size_t i = 0; i < verb->option_count; ++i) {
    print_option(&verb->options[i]);
  }
  print_option(&kHelp);
  printf(
      "\nFILE is a .pt2, a folder that one was unpacked to, or a bare model "
      ".so.\n%s",
      kExitCodes);
  return PT2__EXIT_OK;
}

// ---- Parsing ---------------------------------------------------------------

static const pt2__option_t* find_option(const pt2__verb_t* verb,
                                        const char* name, size_t length) {
  char* wanted = pt2__tool_strndup(name, length);
  for (char* at = wanted; *at != '\0'; ++at) {
    *at = *at == '_' ? '-' : *at;
  }
  const pt2__option_t* found = NULL;
  for (size_t i = 0; i < verb->option_count && found == NULL; ++i) {
    if (strcmp(verb->options[i].name, wanted) == 0) {
      found = &verb->options[i];
    }
  }
  if (found == NULL && strcmp(wanted, kHelp.name) == 0) {
    found = &kHelp;
  }
  free(wanted);
  return found;
}

static const pt2__option_t* find_letter(const pt2__verb_t* verb, char letter) {
  for (size_t i = 0; i < verb->option_count; ++i) {
    if (verb->options[i].letter == letter) {
      return &verb->options[i];
    }
  }
  return letter == kHelp.letter ? &kHelp : NULL;
}

static int unknown_option(const pt2__verb_t* verb, const char* word,
                          size_t length) {
  const char** names =
      pt2__tool_alloc((verb->option_count + 1) * sizeof(*names));
  for (size_t i = 0; i < verb->option_count; ++i) {
    names[i] = verb->options[i].name;
  }
  names[verb->option_count] = kHelp.name;
  char* name = pt2__tool_strndup(word + 2, length - 2);
  const char* near =
      word[1] == '-' ? pt2__nearest_name(name, names, verb->option_count + 1)
                     : NULL;
  int result =
      near != NULL
          ? pt2__tool_fail(PT2__EXIT_USAGE,
                           "unknown option %.*s: did you mean --%s?",
                           (int)length, word, near)
          : pt2__tool_fail(PT2__EXIT_USAGE,
                           "unknown option %.*s: pt2 %s --help lists them",
                           (int)length, word, verb->name);
  free(name);
  free(names);
  return result;
}

// Takes the option at |argv[*index]|.
static int parse_option(const pt2__verb_t* verb, int argc, char** argv,
                        int* index, pt2__args_t* args) {
  const char* word = argv[*index];
  const pt2__option_t* option = NULL;
  const char* value = NULL;
  size_t length = strcspn(word, "=");
  if (word[1] == '-') {
    option = find_option(verb, word + 2, length - 2);
    value = word[length] == '=' ? word + length + 1 : NULL;
  } else {
    option = find_letter(verb, word[1]);
    length = 2;
    value = word[2] != '\0' ? word + 2 + (word[2] == '=') : NULL;
  }
  if (option == NULL) {
    return unknown_option(verb, word, word[1] == '-' ? length : strlen(word));
  }
  if (option->value == NULL && value != NULL) {
    return pt2__tool_fail(PT2__EXIT_USAGE, "--%s takes no value", option->name);
  }
  if (option->value != NULL && value == NULL) {
    if (*index + 1 >= argc) {
      return pt2__tool_fail(PT2__EXIT_USAGE, "--%s wants a value: --%s=%s",
                            option->name, option->name, option->value);
    }
    value = argv[++*index];
  }
  args->given[args->count++] = (pt2__given_t){option, value};
  return PT2__EXIT_OK;
}

static int parse_args(const pt2__verb_t* verb, int argc, char** argv,
                      pt2__args_t* args) {
  args->given = pt2__tool_alloc((size_t)argc * sizeof(*args->given));
  bool options_end = false;
  for (int i = 0; i < argc; ++i) {
    if (!options_end && strcmp(argv[i], "--") == 0) {
      options_end = true;
    } else if (!options_end && argv[i][0] == '-' && argv[i][1] != '\0') {
      PT2__TOOL_TRY(parse_option(verb, argc, argv, &i, args));
    } else if (args->file == NULL) {
      args->file = argv[i];
    } else {
      return pt2__tool_fail(PT2__EXIT_USAGE,
                            "one FILE is expected, not '%s' and '%s'",
                            args->file, argv[i]);
    }
  }
  return PT2__EXIT_OK;
}

bool pt2__args_has(const pt2__args_t* args, const char* name) {
  for (size_t i = 0; i < args->count; ++i) {
    if (strcmp(args->given[i].option->name, name) == 0) {
      return true;
    }
  }
  return false;
}

const char* pt2__args_value(const pt2__args_t* args, const char* name) {
  const char* value = NULL;
  for (size_t i = 0; i < args->count; ++i) {
    if (strcmp(args->given[i].option->name, name) == 0) {
      value = args->given[i].value;
    }
  }
  return value;
}

const char** pt2__args_values(const pt2__args_t* args, const char* name,
                              size_t* out_count) {
  const char** values = pt2__tool_alloc((args->count + 1) * sizeof(*values));
  *out_count = 0;
  for (size_t i = 0; i < args->count; ++i) {
    if (strcmp(args->given[i].option->name, name) == 0) {
      values[(*out_count)++] = args->given[i].value;
    }
  }
  return values;
}

int pt2__args_i64(const pt2__args_t* args, const char* name, int64_t min,
                  int64_t max, int64_t* value) {
  const char* text = pt2__args_value(args, name);
  int64_t parsed = 0;
  if (text == NULL) {
    return PT2__EXIT_OK;
  }
  if (!pt2__parse_i64(text, &parsed) || parsed < min || parsed > max) {
    return max == INT64_MAX
               ? pt2__tool_fail(PT2__EXIT_USAGE,
                                "--%s=%s: a whole number from %lld is expected",
                                name, text, (long long)min)
               : pt2__tool_fail(
                     PT2__EXIT_USAGE,
                     "--%s=%s: a whole number from %lld to %lld is expected",
                     name, text, (long long)min, (long long)max);
  }
  *value = parsed;
  return PT2__EXIT_OK;
}

int pt2__args_f64(const pt2__args_t* args, const char* name, double min,
                  double max, double* value) {
  const char* text = pt2__args_value(args, name);
  double parsed = 0;
  if (text == NULL) {
    return PT2__EXIT_OK;
  }
  if (!pt2__parse_f64(text, &parsed) || !(parsed >= min && parsed <= max)) {
    return pt2__tool_fail(PT2__EXIT_USAGE,
                          "--%s=%s: a number from %g to %g is expected", name,
                          text, min, max);
  }
  *value = parsed;
  return PT2__EXIT_OK;
}

// ---- Dispatch --------------------------------------------------------------

static const pt2__verb_t* find_verb(const char* name) {
  for (size_t i = 0; i < VERB_COUNT; ++i) {
    if (strcmp(kVerbs[i]->name, name) == 0) {
      return kVerbs[i];
    }
  }
  return NULL;
}

static int unknown_verb(const char* word) {
  const char* names[VERB_COUNT];
  for (size_t i = 0; i < VERB_COUNT; ++i) {
    names[i] = kVerbs[i]->name;
  }
  const char* near = pt2__nearest_name(word, names, VERB_COUNT);
  const char* kind = word[0] == '-' ? "option" : "verb";
  if (near != NULL && word[0] != '-') {
    return pt2__tool_fail(
        PT2__EXIT_USAGE, "unknown verb '%s': did you mean pt2 %s?", word, near);
  }
  return pt2__tool_fail(PT2__EXIT_USAGE, "unknown %s '%s': pt2 --help lists %s",
                        kind, word, "what there is");
}

static int load_backends(const pt2__args_t* args) {
  size_t count;
  const char** paths = pt2__args_values(args, "backend", &count);
  int result = PT2__EXIT_OK;
  for (size_t i = 0; i < count && result == PT2__EXIT_OK; ++i) {
    pt2_status_t status = pt2_backend_load(paths[i], NULL);
    if (status != PT2_STATUS_OK) {
      result = pt2__tool_fail_status(status, "--backend");
    }
  }
  free(paths);
  return result;
}

static int run_verb(const pt2__verb_t* verb, int argc, char** argv,
                    bool* out_json) {
  pt2__args_t args = {0};
  int result = parse_args(verb, argc, argv, &args);
  const char* format = pt2__args_value(&args, "format");
  *out_json = pt2__args_has(&args, "json") ||
              (format != NULL && strcmp(format, "json") == 0);
  if (result == PT2__EXIT_OK && pt2__args_has(&args, "help")) {
    result = print_verb_help(verb);
  } else if (result == PT2__EXIT_OK && args.file == NULL &&
             (verb->without_file == NULL ||
              !pt2__args_has(&args, verb->without_file))) {
    result = pt2__tool_fail(PT2__EXIT_USAGE, "no FILE: pt2 %s FILE [options]",
                            verb->name);
  } else if (result == PT2__EXIT_OK) {
    result = load_backends(&args);
    result = result == PT2__EXIT_OK ? verb->run(&args) : result;
  }
  free(args.given);
  return result;
}

static int dispatch(int argc, char** argv, bool* out_json) {
  if (argc < 2) {
    print_help(stderr);
    return PT2__EXIT_USAGE;
  }
  const char* word = argv[1];
  if (strcmp(word, "--version") == 0 || strcmp(word, "version") == 0) {
    printf("pt2 %s\n", pt2_version());
    return PT2__EXIT_OK;
  }
  bool wants_help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
                    strcmp(word, "help") == 0;
  if (wants_help && argc > 2 && find_verb(argv[2]) != NULL) {
    return print_verb_help(find_verb(argv[2]));
  }
  if (wants_help) {
    print_help(stdout);
    return PT2__EXIT_OK;
  }
  const pt2__verb_t* verb = find_verb(word);
  if (verb == NULL) {
    return unknown_verb(word);
  }
  return run_verb(verb, argc - 2, argv + 2, out_json);
}

int pt2__tool_main(int argc, char** argv) {
  bool json = false;
  int result = dispatch(argc, argv, &json);
  pt2__progress_clear();
  if (result != PT2__EXIT_OK && pt2__tool_error()[0] != '\0') {
    // Scripts that asked for JSON get the failure as JSON too.
    if (json) {
      pt2__json_print_error(result);
    }
    fflush(stdout);
    fprintf(stderr, "pt2: error: %s\n", pt2__tool_error());
  }
  errno = 0;
  if ((fflush(stdout) != 0 || ferror(stdout)) && result == PT2__EXIT_OK) {
    fprintf(stderr, "pt2: error: cannot write to standard output: %s\n",
            strerror(errno));
    result = PT2__EXIT_FAILED;
  }
  pt2__reader_free_tables();
  return result;
}

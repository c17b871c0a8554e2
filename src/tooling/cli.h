// SPDX-License-Identifier: Apache-2.0
//
// The command line: verbs, their options, help. A verb is one table; parsing,
// --help and the suggestions for misspelt words come from it.
#ifndef PT2_SRC_TOOLING_CLI_H_
#define PT2_SRC_TOOLING_CLI_H_

#include "tooling/common.h"

typedef struct {
  const char* name;   // "input"; "_" is read as "-"
  char letter;        // 'o' for -o, 0 if there is none
  const char* value;  // "SPEC" in the help; NULL for a switch
  const char* help;   // lines are indented by the printer
} pt2__option_t;

// What was given, in order.
typedef struct {
  const pt2__option_t* option;
  const char* value;  // NULL for a switch
} pt2__given_t;

typedef struct {
  const char* file;
  pt2__given_t* given;
  size_t count;
} pt2__args_t;

typedef struct {
  const char* name;
  const char* summary;  // half a line
  const char* text;     // what --help says below the usage
  const pt2__option_t* options;
  size_t option_count;
  int (*run)(const pt2__args_t* args);  // returns the exit code
  // A switch with which no FILE is needed; NULL: there is none.
  const char* without_file;
} pt2__verb_t;

extern const pt2__verb_t pt2__verb_info;
extern const pt2__verb_t pt2__verb_check;
extern const pt2__verb_t pt2__verb_run;
extern const pt2__verb_t pt2__verb_bench;

// Options that several verbs have.
#define PT2__OPTION_MODEL                           \
  {                                                 \
    "model", 0, "NAME",                             \
        "the model, if the package holds several\n" \
        "(default: \"model\", or the only one)"     \
  }
#define PT2__OPTION_THREADS                                 \
  {                                                         \
    "threads", 0, "N",                                      \
        "threads of the operators at most; a model's own\n" \
        "kernels use as many as it was compiled for"        \
  }
#define PT2__OPTION_INPUT                               \
  {                                                     \
    "input", 0, "SPEC",                                 \
        "an input, by name (KWARGS[mask]=SPEC) or in\n" \
        "call order (may be repeated):\n"               \
        "  2x3xf32=1 2 3 4 5 6   values\n"              \
        "  2x3xf32=0.5           one value for all\n"   \
        "  2x3xf32               zeros\n"               \
        "  i64=7                 no dimensions\n"       \
        "  2x3xf32=@raw.bin      the bytes of a file\n" \
        "  @x.npy @in.npz @in.safetensors\n"            \
        "                        all tensors of a file" \
  }
#define PT2__OPTION_SHAPES                             \
  {                                                    \
    "shapes", 0, "NAME:SIZES",                         \
        "shape of a random input, as ARGS[0]:8x256;\n" \
        "several are separated by commas"              \
  }
#define PT2__OPTION_DIM                                    \
  {                                                        \
    "dim", 0, "SYMBOL:SIZE",                               \
        "size of a dynamic dimension of random inputs,\n"  \
        "as s77:8 (default: the smallest that is allowed)" \
  }
#define PT2__OPTION_INPUT_MAX                         \
  {                                                   \
    "input-max", 0, "N",                              \
        "largest random integer (default: 1, which\n" \
        "every look-up table has a row for)"          \
  }
#define PT2__OPTION_SEED                                 \
  {                                                      \
    "seed", 0, "N",                                      \
        "seed of random inputs and of the model's own\n" \
        "random numbers (default: 0)"                    \
  }
#define PT2__OPTION_WEIGHTS                                    \
  {                                                            \
    "weights", 0, "@FILE",                                     \
        "weights to run with, by name, used where they lie\n"  \
        "(may be repeated): .safetensors, torch.save's .pt,\n" \
        "or a .blob or .bin in the model's own order"          \
  }
#define PT2__OPTION_EXTRA_WEIGHTS                     \
  {                                                   \
    "extra-weights-ok", 0, NULL,                      \
        "leave out weights that the model does not\n" \
        "have instead of refusing the file"           \
  }
#define PT2__OPTION_VERIFY \
  { "verify", 0, NULL, "check the CRC-32 of every entry, weights included" }
#define PT2__OPTION_NO_CHECKS                       \
  {                                                 \
    "no-input-checks", 0, NULL,                     \
        "only count the inputs: a wrong one then\n" \
        "gives wrong results or a crash"            \
  }
#define PT2__OPTION_BACKEND                                     \
  {                                                             \
    "backend", 0, "PATH",                                       \
        "load a plug-in for another device (may be repeated;\n" \
        "native code, as a package is)"                         \
  }
#define PT2__OPTION_JSON \
  { "json", 0, NULL, "print JSON" }

// Access to what was given. value: the last one, NULL if there is none.
bool pt2__args_has(const pt2__args_t* args, const char* name);
const char* pt2__args_value(const pt2__args_t* args, const char* name);
// All values of an option in order; the caller frees the array.
const char** pt2__args_values(const pt2__args_t* args, const char* name,
                              size_t* out_count);
// A number in [min, max]; |*value| keeps its default if the option is absent.
int pt2__args_i64(const pt2__args_t* args, const char* name, int64_t min,
                  int64_t max, int64_t* value);
int pt2__args_f64(const pt2__args_t* args, const char* name, double min,
                  double max, double* value);

// The whole tool; returns the exit code.
int pt2__tool_main(int argc, char** argv);

#endif  // PT2_SRC_TOOLING_CLI_H_

// SPDX-License-Identifier: Apache-2.0
//
// A program of earlier days: compiled with headers of abi/headers and linked
// to a library that has their names and no others, it runs with today's.
//
//   program examples/digits/digits.pt2
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pt2/pt2.h"

enum { PIXELS = 64, CLASSES = 10, GUARD_BYTES = 256, GUARD = 0xA5 };

#define CHECK(condition)                                         \
  do {                                                           \
    if (!(condition)) {                                          \
      fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition, \
              pt2_error_message());                              \
      exit(1);                                                   \
    }                                                            \
  } while (0)

// A struct of the size that the program knows. What follows it is no field: a
// library that reads on finds what no option can be, one that writes on is
// noticed.
#define GUARDED(type, name)            \
  struct {                             \
    type is;                           \
    unsigned char beyond[GUARD_BYTES]; \
  } name;                              \
  memset(&name, GUARD, sizeof(name))

static int untouched(const unsigned char* beyond) {
  for (int i = 0; i < GUARD_BYTES; ++i) {
    if (beyond[i] != GUARD) return 0;
  }
  return 1;
}

// A three, as examples/digits/pictures/3.pgm has it.
static float picture[PIXELS] = {0, 2,  10, 14, 11, 1, 0,  0,  0,  7,  15, 8, 16,
                                4, 0,  0,  0,  1,  1, 6,  15, 1,  0,  0,  0, 0,
                                0, 15, 9,  0,  0,  0, 0,  0,  1,  16, 15, 9, 1,
                                0, 0,  0,  0,  1,  6, 15, 8,  0,  0,  2,  8, 4,
                                6, 15, 7,  0,  0,  2, 13, 16, 15, 9,  0,  0};

static int best(pt2_tensor_t* output) {
  CHECK(pt2_tensor_dtype(output) == PT2_DTYPE_F32);
  CHECK(pt2_tensor_numel(output) == CLASSES);
  const float* values = pt2_tensor_peek_data(output);
  int found = 0;
  for (int i = 1; i < CLASSES; ++i) {
    if (values[i] > values[found]) found = i;
  }
  return found;
}

static pt2_package_t* open_package(const char* path) {
  GUARDED(pt2_package_options_t, options);
  pt2_package_options_init(&options.is);
  CHECK(untouched(options.beyond));
  options.is.verify = true;
  pt2_package_t* package = NULL;
  CHECK(pt2_package_open(path, &options.is, &package) == PT2_STATUS_OK);
  GUARDED(pt2_value_info_t, info);
  CHECK(pt2_package_input_info(package, 0, 0, &info.is) == PT2_STATUS_OK);
  CHECK(untouched(info.beyond));
  CHECK(info.is.rank == 4 && info.is.dims[3].min == 8);
  GUARDED(pt2_constant_info_t, constant);
  CHECK(pt2_package_constant_info(package, 0, 0, &constant.is) ==
        PT2_STATUS_OK);
  CHECK(untouched(constant.beyond) && constant.is.fqn != NULL);
  return package;
}

static pt2_runner_t* create_runner(pt2_package_t* package) {
  GUARDED(pt2_runner_options_t, options);
  pt2_runner_options_init(&options.is);
  CHECK(untouched(options.beyond));
  options.is.num_runners = 2;
  options.is.device_index = 0;
  pt2_runner_t* runner = NULL;
  CHECK(pt2_runner_create(package, &options.is, &runner) == PT2_STATUS_OK);
  CHECK(pt2_runner_constant_count(runner) == 8);
  return runner;
}

static void run(pt2_runner_t* runner, pt2_tensor_t* input) {
  pt2_tensor_t *output = NULL, *given = NULL;
  CHECK(pt2_runner_run(runner, &input, 1, &output, 1) == PT2_STATUS_OK);
  CHECK(best(output) == 3);
  GUARDED(pt2_run_options_t, options);
  pt2_run_options_init(&options.is);
  CHECK(untouched(options.beyond));
  options.is.timeout_ns = INT64_C(60000000000);
  options.is.outputs_given = true;
  CHECK(pt2_tensor_create(PT2_DTYPE_F32, 2, (int64_t[]){1, CLASSES}, NULL,
                          &given) == PT2_STATUS_OK);
  pt2_tensor_t* mine = given;
  CHECK(pt2_runner_run_with(runner, &input, 1, &given, 1, &options.is) ==
        PT2_STATUS_OK);
  CHECK(given == mine);
  CHECK(memcmp(pt2_tensor_peek_data(given), pt2_tensor_peek_data(output),
               CLASSES * sizeof(float)) == 0);
  pt2_tensor_release(given);
  pt2_tensor_release(output);
}

// With another bias the model says what the bias says.
static void update(pt2_runner_t* runner, pt2_tensor_t* input) {
  float bias[CLASSES] = {0};
  bias[7] = 1000;
  pt2_tensor_t *constant = NULL, *output = NULL;
  CHECK(pt2_tensor_from_blob(bias, PT2_DTYPE_F32, 1, (int64_t[]){CLASSES}, NULL,
                             NULL, NULL, &constant) == PT2_STATUS_OK);
  GUARDED(pt2_constants_options_t, options);
  pt2_constants_options_init(&options.is);
  CHECK(untouched(options.beyond));
  pt2_named_tensor_t named = {"classes.bias", constant};
  CHECK(pt2_runner_update_constants(runner, &named, 1, &options.is) ==
        PT2_STATUS_OK);
  CHECK(pt2_runner_run(runner, &input, 1, &output, 1) == PT2_STATUS_OK);
  CHECK(best(output) == 7);
  pt2_tensor_release(output);
  pt2_tensor_release(constant);
}

static void refuse(pt2_runner_t* runner) {
  pt2_tensor_t *input = NULL, *output = NULL;
  CHECK(pt2_tensor_from_blob(picture, PT2_DTYPE_F32, 4, (int64_t[]){1, 1, 8, 7},
                             NULL, NULL, NULL, &input) == PT2_STATUS_OK);
  CHECK(pt2_runner_run(runner, &input, 1, &output, 1) ==
        PT2_STATUS_INVALID_ARGUMENT);
  CHECK(strstr(pt2_error_message(), "dim 3: expected 8, got 7") != NULL);
  pt2_tensor_release(input);
}

static void statistics(void) {
  GUARDED(pt2_memory_statistics_t, memory);
  memory.is.struct_bytes = sizeof(memory.is);
  CHECK(pt2_memory_statistics(&memory.is) == PT2_STATUS_OK);
  CHECK(untouched(memory.beyond));
  CHECK(memory.is.peak_bytes >= memory.is.in_use_bytes);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  pt2_package_t* package = open_package(argv[1]);
  pt2_runner_t* runner = create_runner(package);
  pt2_tensor_t* input = NULL;
  CHECK(pt2_tensor_from_blob(picture, PT2_DTYPE_F32, 4, (int64_t[]){1, 1, 8, 8},
                             NULL, NULL, NULL, &input) == PT2_STATUS_OK);
  run(runner, input);
  refuse(runner);
  update(runner, input);
  statistics();
  pt2_tensor_release(input);
  pt2_runner_release(runner);
  pt2_package_release(package);
  printf("built with options of %zu bytes, ran with %s\n",
         sizeof(pt2_runner_options_t), pt2_version());
  return 0;
}

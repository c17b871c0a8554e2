// SPDX-License-Identifier: Apache-2.0
//
// Loads a package, runs it, and tells times and memory as one line of JSON; for
// bench/weights.py.
//
//     weights PACKAGE [WEIGHTS_FILE]
//
// Then it waits for a line on stdin and tells the memory again, so that several
// processes can be looked at together.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pt2/pt2.h"

#define MAX_VALUES 64

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

// MB of this process, from the kernel's own sum.
typedef struct {
  double rss;
  double pss;
  double private;
} memory_t;

static memory_t memory(void) {
  memory_t sum = {0};
  FILE* file = fopen("/proc/self/smaps_rollup", "r");
  char line[256];
  while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
    double kb = 0;
    if (sscanf(line, "Rss: %lf", &kb) == 1) {
      sum.rss += kb / 1e3;
    } else if (sscanf(line, "Pss: %lf", &kb) == 1) {
      sum.pss += kb / 1e3;
    } else if (sscanf(line, "Private_%*[A-Za-z]: %lf", &kb) == 1 &&
               strncmp(line, "Private_Hugetlb", 15) != 0) {
      sum.private += kb / 1e3;
    }
  }
  if (file != NULL) {
    fclose(file);
  }
  return sum;
}

static void require(pt2_status_t status, const char* what) {
  if (status != PT2_STATUS_OK) {
    fprintf(stderr, "%s: %s\n", what, pt2_error_message());
    exit(1);
  }
}

static void print_memory(const char* name, memory_t sum) {
  printf("\"%s\": {\"rss\": %.1f, \"pss\": %.1f, \"private\": %.1f}", name,
         sum.rss, sum.pss, sum.private);
}

static pt2_tensor_t* zeros(const pt2_runner_t* runner, size_t index) {
  pt2_value_info_t info;
  int64_t sizes[MAX_VALUES];
  pt2_tensor_t* tensor = NULL;
  require(pt2_runner_input_info(runner, index, &info), "input");
  for (int32_t d = 0; d < info.rank; ++d) {
    sizes[d] = info.dims[d].min;
  }
  require(
      pt2_tensor_create(info.dtype, (size_t)info.rank, sizes, NULL, &tensor),
      "input");
  memset(pt2_tensor_peek_data(tensor), 0,
         (size_t)pt2_tensor_numel(tensor) * pt2_dtype_size_bytes(info.dtype));
  return tensor;
}

static double run(pt2_runner_t* runner, pt2_tensor_t** inputs) {
  pt2_tensor_t* outputs[MAX_VALUES] = {0};
  size_t count = pt2_runner_output_count(runner);
  double start = now_ms();
  require(pt2_runner_run(runner, inputs, pt2_runner_input_count(runner),
                         outputs, count),
          "run");
  double end = now_ms();
  for (size_t i = 0; i < count; ++i) {
    pt2_tensor_release(outputs[i]);
  }
  return end - start;
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: weights PACKAGE [WEIGHTS_FILE]\n");
    return 2;
  }
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.constants_later = argc > 2;
  double start = now_ms();
  require(pt2_package_open(argv[1], NULL, &package), argv[1]);
  require(pt2_runner_create(package, &options, &runner), argv[1]);
  if (argc > 2) {
    require(pt2_runner_load_constants(runner, argv[2], NULL), argv[2]);
  }
  double loaded = now_ms() - start;
  if (pt2_runner_input_count(runner) > MAX_VALUES ||
      pt2_runner_output_count(runner) > MAX_VALUES) {
    fprintf(stderr, "more than %d inputs or outputs\n", MAX_VALUES);
    return 1;
  }
  memory_t after_load = memory();
  pt2_tensor_t* inputs[MAX_VALUES];
  for (size_t i = 0; i < pt2_runner_input_count(runner); ++i) {
    inputs[i] = zeros(runner, i);
  }
  double first = run(runner, inputs);
  double second = run(runner, inputs);
  printf("{\"load_ms\": %.2f, \"first_ms\": %.2f, \"second_ms\": %.2f, ",
         loaded, first, second);
  print_memory("loaded", after_load);
  printf(", ");
  print_memory("ran", memory());
  printf("}\n");
  fflush(stdout);
  while (getchar() == '\n') {
    printf("{");
    print_memory("now", memory());
    printf("}\n");
    fflush(stdout);
  }
  for (size_t i = 0; i < pt2_runner_input_count(runner); ++i) {
    pt2_tensor_release(inputs[i]);
  }
  pt2_runner_release(runner);
  pt2_package_release(package);
  return 0;
}

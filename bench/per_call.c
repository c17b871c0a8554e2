// SPDX-License-Identifier: Apache-2.0
//
// Runs a package's model N times on zeros of its own shapes: the program that
// bench/per_call.py counts instructions and allocations of.
//
//   per_call PACKAGE.pt2 N
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pt2/pt2.h"

enum { MOST = 16 };

static double now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return 1e6 * (double)time.tv_sec + 1e-3 * (double)time.tv_nsec;
}

static pt2_status_t make_input(pt2_runner_t* runner, size_t index,
                               pt2_tensor_t** out_tensor) {
  pt2_value_info_t info;
  pt2_status_t status = pt2_runner_input_info(runner, index, &info);
  if (status) return status;
  if (info.rank < 0) {
    fprintf(stderr, "the package does not tell the shape of %s\n", info.name);
    return PT2_STATUS_UNSUPPORTED;
  }
  int64_t sizes[MOST] = {0};
  for (int32_t d = 0; d < info.rank && d < MOST; ++d) {
    sizes[d] = info.dims[d].min;
  }
  status =
      pt2_tensor_create(info.dtype, (size_t)info.rank, sizes, NULL, out_tensor);
  if (status) return status;
  char* data = pt2_tensor_peek_data(*out_tensor);
  size_t bytes =
      (size_t)pt2_tensor_numel(*out_tensor) * pt2_dtype_size_bytes(info.dtype);
  for (size_t i = 0; i < bytes; ++i) data[i] = 0;
  return PT2_STATUS_OK;
}

static pt2_status_t run(const char* path, long count) {
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  pt2_tensor_t* inputs[MOST] = {NULL};
  pt2_tensor_t* outputs[MOST] = {NULL};
  pt2_status_t status = pt2_package_open(path, NULL, &package);
  if (!status) status = pt2_runner_create(package, NULL, &runner);
  size_t input_count = status ? 0 : pt2_runner_input_count(runner);
  size_t output_count = status ? 0 : pt2_runner_output_count(runner);
  if (input_count > MOST || output_count > MOST) return 1;
  for (size_t i = 0; !status && i < input_count; ++i) {
    status = make_input(runner, i, &inputs[i]);
  }
  double start = now_us();
  for (long turn = 0; !status && turn < count; ++turn) {
    status = pt2_runner_run(runner, inputs, input_count, outputs, output_count);
    for (size_t i = 0; !status && i < output_count; ++i) {
      pt2_tensor_release(outputs[i]);
    }
  }
  if (!status) {
    printf("%.3f us per run\n", (now_us() - start) / (double)count);
  }
  for (size_t i = 0; i < input_count; ++i) pt2_tensor_release(inputs[i]);
  pt2_runner_release(runner);
  pt2_package_release(package);
  return status;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s PACKAGE.pt2 N\n", argv[0]);
    return 2;
  }
  if (run(argv[1], atol(argv[2]))) {
    fprintf(stderr, "%s\n", pt2_error_message());
    return 1;
  }
  return 0;
}

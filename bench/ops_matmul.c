// SPDX-License-Identifier: Apache-2.0
//
// Times of matrix products through the operators' own functions: the program
// that bench/ops_matmul.py sets beside PyTorch.
//
//   ops_matmul FORM THREADS SECONDS BATCH M N K
//
// FORM: constant (a weight [n, k] that is packed once), columns (the same,
// not constant), rows (a [k, n]). Prints the least time of a call in
// microseconds.
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ops/op.h"
#include "pt2/pt2.h"

typedef struct {
  int64_t batch, m, n, k;
} product_t;

typedef pt2_status_t (*call_fn)(void* context);

static double now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return 1e6 * (double)time.tv_sec + 1e-3 * (double)time.tv_nsec;
}

static double least_time(call_fn call, void* context, double seconds) {
  double least = 1e30;
  double end = now_us() + 1e6 * seconds;
  long count = 1;
  while (least == 1e30 || now_us() < end) {
    double begin = now_us();
    for (long i = 0; i < count; ++i) {
      if (call(context) != PT2_STATUS_OK) {
        return -1;
      }
    }
    double spent = now_us() - begin;
    if (spent < 200 && count < 1000000) {
      count *= 2;
    } else if (spent / (double)count < least) {
      least = spent / (double)count;
    }
  }
  return least;
}

static float* random_block(int64_t count) {
  float* block = pt2__pool_alloc((size_t)count * sizeof(float));
  for (int64_t i = 0; block != NULL && i < count; ++i) {
    block[i] = (float)(i * 7919 % 257) / 128 - 1;
  }
  return block;
}

// ---- Ours ------------------------------------------------------------------

typedef struct {
  pt2_tensor_t *out, *a, *b;
  bool batched;
} ours_t;

static pt2_status_t call_ours(void* context) {
  ours_t* ours = context;
  int code = ours->batched ? aoti_torch_cpu_bmm_out(ours->out, ours->a, ours->b)
                           : aoti_torch_cpu_mm_out(ours->out, ours->a, ours->b);
  return code == 0 ? PT2_STATUS_OK : PT2_STATUS_INTERNAL;
}

static pt2_status_t make(int64_t batch, int64_t rows, int64_t columns,
                         bool by_columns, bool constant,
                         pt2_tensor_t** out_tensor) {
  int64_t count = batch * rows * columns;
  float* block = random_block(count);
  pt2__storage_t* storage;
  PT2_TRY(pt2__storage_from_blob(block, (size_t)count * sizeof(float),
                                 PT2_DEVICE_CPU, 0, NULL, NULL, &storage));
  storage->immutable = constant;
  int64_t sizes[3] = {batch, rows, columns};
  int64_t strides[3] = {rows * columns, by_columns ? 1 : columns,
                        by_columns ? rows : 1};
  int skip = batch > 1 ? 0 : 1;
  return pt2__tensor_over(storage, PT2_DTYPE_F32, 3 - skip, sizes + skip,
                          strides + skip, 0, out_tensor);
}

static double time_ours(const char* form, const product_t* p, double seconds) {
  bool constant = strcmp(form, "constant") == 0;
  ours_t ours = {.batched = p->batch > 1};
  if (make(p->batch, p->m, p->k, false, false, &ours.a) != PT2_STATUS_OK ||
      make(p->batch, p->k, p->n, strcmp(form, "rows") != 0, constant,
           &ours.b) != PT2_STATUS_OK ||
      make(p->batch, p->m, p->n, false, false, &ours.out) != PT2_STATUS_OK) {
    return -1;
  }
  return least_time(call_ours, &ours, seconds);
}

int main(int argc, char** argv) {
  if (argc != 8) {
    fprintf(stderr, "usage: ops_matmul FORM THREADS SECONDS BATCH M N K\n");
    return 2;
  }
  omp_set_num_threads(atoi(argv[2]));
  double seconds = atof(argv[3]);
  product_t p = {atoll(argv[4]), atoll(argv[5]), atoll(argv[6]),
                 atoll(argv[7])};
  double time = time_ours(argv[1], &p, seconds);
  if (time < 0) {
    fprintf(stderr, "ops_matmul: %s\n", pt2_error_message());
    return 1;
  }
  printf("%.3f\n", time);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/fft/fft.h"

#include <omp.h>
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "ops/op.h"
#include "pt2/tensor.h"

static size_t part_bytes(int32_t dtype) {
  return dtype == PT2_DTYPE_F64 ? sizeof(double) : sizeof(float);
}

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

// ---- One transform in four steps -------------------------------------------
//
// n = n1 n2: transforms of length n1 down the columns of a matrix, each element
// times a root of one, transforms of length n2 along the rows; transposed.

static size_t step_bytes(const pt2__fft_plan_t* plan) {
  int64_t longest = larger(plan->rows->n, plan->columns->n);
  return 2 * 2 * part_bytes(plan->dtype) *
         (size_t)(longest * pt2__fft_kernel(plan->dtype)->lanes);
}

// Complex numbers from row to row of the matrix: lengths are often powers of
// two, with which neighbours in a column would share few lines of the cache.
static int64_t matrix_pitch(const pt2__fft_plan_t* plan) {
  return plan->columns->n + 8;
}

// |matrix| holds n1 rows, |scratch| step_bytes for each thread.
static void four_steps(const pt2__fft_plan_t* plan, const char* from,
                       int64_t from_element, char* to, int64_t to_element,
                       bool swap, double scale, char* matrix, char* scratch,
                       int threads) {
  const pt2__fft_kernel_t* kernel = pt2__fft_kernel(plan->dtype);
  const int64_t n1 = plan->rows->n, n2 = plan->columns->n;
  const int64_t lanes = kernel->lanes, pitch = matrix_pitch(plan);
  const size_t part = part_bytes(plan->dtype), bytes = step_bytes(plan);
  const int64_t blocks1 = (n2 + lanes - 1) / lanes;
  const int64_t blocks2 = (n1 + lanes - 1) / lanes;
#pragma omp parallel num_threads(threads) if (threads > 1)
  {
    char* a = scratch + (size_t)omp_get_thread_num() * bytes;
    char* b = a + bytes / 2;
#pragma omp for schedule(static)
    for (int64_t i = 0; i < blocks1; ++i) {
      int64_t first = i * lanes;
      int count = (int)(n2 - first < lanes ? n2 - first : lanes);
      kernel->load(from + (size_t)(first * from_element) * part, n1,
                   n2 * from_element, from_element, count, swap, a);
      void* found = kernel->transform(plan->rows, a, b);
      kernel->multiply(
          found, (const char*)plan->table + (size_t)(2 * first * n1) * part,
          n1);
      kernel->store(found, n1, 2 * pitch, 2, count, false, 1,
                    matrix + (size_t)(2 * first) * part);
    }
#pragma omp for schedule(static)
    for (int64_t i = 0; i < blocks2; ++i) {
      int64_t first = i * lanes;
      int count = (int)(n1 - first < lanes ? n1 - first : lanes);
      kernel->load(matrix + (size_t)(2 * first * pitch) * part, n2, 2,
                   2 * pitch, count, false, a);
      void* found = kernel->transform(plan->columns, a, b);
      kernel->store(found, n2, n1 * to_element, to_element, count, swap, scale,
                    to + (size_t)(first * to_element) * part);
    }
  }
}

static void copy_numbers(const char* from, int64_t from_element, char* to,
                         int64_t to_element, int64_t n, bool swap,
                         size_t part) {
  for (int64_t k = 0; k < n; ++k) {
    const char* source = from + (size_t)(k * from_element) * part;
    char* target = to + (size_t)(k * to_element) * part;
    memcpy(target, source + (swap ? part : 0), part);
    memcpy(target + part, source + (swap ? 0 : part), part);
  }
}

static bool convolve(const pt2__fft_plan_t* plan, const char* from,
                     int64_t from_element, char* to, int64_t to_element,
                     bool swap, double scale, int threads) {
  const pt2__fft_kernel_t* kernel = pt2__fft_kernel(plan->dtype);
  const pt2__fft_plan_t* longer = plan->convolution;
  const size_t part = part_bytes(plan->dtype);
  const size_t bytes = 2 * part * (size_t)longer->n;
  char* wave = pt2__pool_alloc(2 * bytes);
  if (wave == NULL) {
    return false;
  }
  char* other = wave + bytes;
  copy_numbers(from, from_element, wave, 2, plan->n, swap, part);
  kernel->row_multiply(wave, plan->chirp, plan->n, false, 1, wave);
  memset(wave + 2 * part * (size_t)plan->n, 0,
         bytes - 2 * part * (size_t)plan->n);
  bool done = pt2__fft_single(longer, wave, 2, other, 2, false, 1, threads);
  if (done) {
    kernel->row_multiply(other, plan->spectrum, longer->n, false, 1, other);
    done = pt2__fft_single(longer, other, 2, wave, 2, true, 1, threads);
  }
  if (done) {
    kernel->row_multiply(wave, plan->chirp, plan->n, false, scale, wave);
    copy_numbers(wave, 2, to, to_element, plan->n, swap, part);
  }
  pt2__pool_free(wave, 2 * bytes);
  return done;
}

// A single lane, where a length is too short or has no two factors.
static bool one_lane(const pt2__fft_plan_t* plan, const char* from,
                     int64_t from_element, char* to, int64_t to_element,
                     bool swap, double scale) {
  const pt2__fft_kernel_t* kernel = pt2__fft_kernel(plan->dtype);
  int64_t longest = plan->convolution != NULL ? plan->convolution->n : plan->n;
  size_t bytes =
      2 * part_bytes(plan->dtype) * (size_t)(longest * kernel->lanes);
  char* a = pt2__pool_alloc(2 * bytes);
  if (a == NULL) {
    return false;
  }
  kernel->load(from, plan->n, from_element, 2, 1, swap, a);
  void* found = kernel->transform(plan, a, a + bytes);
  kernel->store(found, plan->n, to_element, 2, 1, swap, scale, to);
  pt2__pool_free(a, 2 * bytes);
  return true;
}

bool pt2__fft_single(const pt2__fft_plan_t* plan, const void* from,
                     int64_t from_element, void* to, int64_t to_element,
                     bool inverse, double scale, int threads) {
  if (plan->convolution != NULL && plan->convolution->rows != NULL) {
    return convolve(plan, from, from_element, to, to_element, inverse, scale,
                    threads);
  }
  if (plan->rows == NULL) {
    return one_lane(plan, from, from_element, to, to_element, inverse, scale);
  }
  size_t matrix = 2 * part_bytes(plan->dtype) *
                  (size_t)(plan->rows->n * matrix_pitch(plan));
  matrix = (matrix + 63) / 64 * 64;
  size_t bytes = matrix + (size_t)threads * step_bytes(plan);
  char* block = pt2__pool_alloc(bytes);
  if (block == NULL) {
    return false;
  }
  four_steps(plan, from, from_element, to, to_element, inverse, scale, block,
             block + matrix, threads);
  pt2__pool_free(block, bytes);
  return true;
}

// ---- Many transforms -------------------------------------------------------

typedef enum { COMPLEX, FROM_REAL, TO_REAL } kind_t;

// |groups| of |batch| transforms; strides count numbers, of which a complex one
// has two.
typedef struct {
  kind_t kind;
  const pt2__fft_kernel_t* kernel;
  const pt2__fft_plan_t* plan;  // of n / 2 for a real transform of even n
  int64_t n;
  bool inverse;
  double scale;
  size_t part;
  int64_t groups, batch;
  const char* from;
  int64_t from_group, from_lane, from_element;
  char* to;
  int64_t to_group, to_lane, to_element;
  int64_t blocks;   // of lanes, in a group
  int64_t singles;  // transforms of a group that are done one by one
} job_t;

// Whether the transform goes through a complex one of half the length.
static bool is_halved(const job_t* job) {
  return job->kind != COMPLEX && job->n % 2 == 0;
}

static int64_t buffer_elements(const job_t* job) {
  const pt2__fft_plan_t* plan = job->plan;
  int64_t longest = plan->convolution != NULL ? plan->convolution->n : plan->n;
  return larger(longest, plan->n + 1);
}

static void run_lanes(const job_t* job, const char* from, char* to, int count,
                      char* a, char* b) {
  const pt2__fft_kernel_t* kernel = job->kernel;
  const int64_t n = job->plan->n, half = job->n / 2;
  void* found;
  switch (job->kind) {
    case COMPLEX:
      kernel->load(from, n, job->from_element, job->from_lane, count,
                   job->inverse, a);
      found = kernel->transform(job->plan, a, b);
      kernel->store(found, n, job->to_element, job->to_lane, count,
                    job->inverse, job->scale, to);
      break;
    case FROM_REAL:
      if (is_halved(job)) {
        kernel->load(from, n, 2, job->from_lane, count, false, a);
        found = kernel->transform(job->plan, a, b);
        kernel->split(found, job->plan->halves, n);
      } else {
        kernel->load_real(from, n, job->from_lane, count, a);
        found = kernel->transform(job->plan, a, b);
      }
      kernel->store(found, half + 1, 2, job->to_lane, count, false, job->scale,
                    to);
      break;
    case TO_REAL:
      kernel->load(from, half + 1, 2, job->from_lane, count, false, a);
      if (is_halved(job)) {
        kernel->join(a, job->plan->halves, n);
        found = kernel->transform(job->plan, a, b);
        kernel->store(found, n, 2, job->to_lane, count, true, job->scale, to);
      } else {
        kernel->mirror(a, n);
        found = kernel->transform(job->plan, a, b);
        kernel->store_real(found, n, job->to_lane, count, job->scale, to);
      }
      break;
  }
}

// A real transform of odd length as a complex one.
static bool run_single_odd(const job_t* job, const char* from, char* to,
                           char* row, int threads) {
  const size_t part = job->part;
  const int64_t n = job->n, half = n / 2;
  char* found = row + 2 * part * (size_t)n;
  memset(row, 0, 2 * part * (size_t)n);
  if (job->kind == FROM_REAL) {
    for (int64_t k = 0; k < n; ++k) {
      memcpy(row + 2 * part * (size_t)k, from + part * (size_t)k, part);
    }
  } else {
    // Exchanged parts stand for an inverse transform; here the row is
    // completed first: element n - k is the conjugate of element k.
    memcpy(row, from, part);
    for (int64_t k = 1; k <= half; ++k) {
      double parts[2];
      int32_t dtype = job->plan->dtype == PT2_DTYPE_F64 ? PT2_DTYPE_COMPLEX128
                                                        : PT2_DTYPE_COMPLEX64;
      pt2__element_get_complex(dtype, from + 2 * part * (size_t)k, parts);
      pt2__element_set_complex(dtype, row + 2 * part * (size_t)k, parts);
      parts[1] = -parts[1];
      pt2__element_set_complex(dtype, row + 2 * part * (size_t)(n - k), parts);
    }
  }
  if (!pt2__fft_single(job->plan, row, 2, found, 2, job->kind == TO_REAL,
                       job->scale, threads)) {
    return false;
  }
  if (job->kind == FROM_REAL) {
    memcpy(to, found, 2 * part * (size_t)(half + 1));
  } else {
    for (int64_t k = 0; k < n; ++k) {
      memcpy(to + part * (size_t)k, found + 2 * part * (size_t)k, part);
    }
  }
  return true;
}

static bool run_single(const job_t* job, const char* from, char* to,
                       int threads) {
  if (job->kind == COMPLEX) {
    return pt2__fft_single(job->plan, from, job->from_element, to,
                           job->to_element, job->inverse, job->scale, threads);
  }
  const int64_t n = job->plan->n;
  if (job->kind == FROM_REAL && is_halved(job)) {
    if (!pt2__fft_single(job->plan, from, 2, to, 2, false, 1, threads)) {
      return false;
    }
    job->kernel->row_split(to, job->plan->halves, n, job->scale);
    return true;
  }
  size_t bytes = 4 * job->part * (size_t)n;
  char* row = pt2__pool_alloc(bytes);
  if (row == NULL) {
    return false;
  }
  bool done;
  if (is_halved(job)) {
    job->kernel->row_join(from, job->plan->halves, n, row);
    done = pt2__fft_single(job->plan, row, 2, to, 2, true, job->scale, threads);
  } else {
    done = run_single_odd(job, from, to, row, threads);
  }
  pt2__pool_free(row, bytes);
  return done;
}

static bool run_task(const job_t* job, int64_t task, char* scratch,
                     size_t scratch_bytes, int threads) {
  const int64_t each = job->blocks + job->singles;
  const int64_t group = task / each, i = task % each;
  const int64_t lanes = job->kernel->lanes;
  int64_t first =
      i < job->blocks ? i * lanes : job->batch - job->singles + i - job->blocks;
  const char* from = job->from + (ptrdiff_t)(group * job->from_group +
                                             first * job->from_lane) *
                                     (ptrdiff_t)job->part;
  char* to =
      job->to + (ptrdiff_t)(group * job->to_group + first * job->to_lane) *
                    (ptrdiff_t)job->part;
  if (i >= job->blocks) {
    return run_single(job, from, to, threads);
  }
  int64_t left = job->batch - first;
  run_lanes(job, from, to, (int)(left < lanes ? left : lanes), scratch,
            scratch + scratch_bytes / 2);
  return true;
}

static int64_t work_of(const job_t* job) {
  int64_t passes = 2;
  while (job->n >> passes > 0) {
    ++passes;
  }
  double work = (double)job->groups * (double)job->batch * (double)job->n *
                (double)passes;
  return work < 1e15 ? (int64_t)work : (int64_t)1e15;
}

static pt2_status_t run_tasks(const job_t* job) {
  const int64_t tasks = job->groups * (job->blocks + job->singles);
  int threads = pt2__op_threads(work_of(job));
  // Few long transforms: each is shared instead.
  bool inside = tasks < threads && job->blocks == 0;
  int outer = inside ? 1 : threads;
  size_t each = 0;
  if (job->blocks > 0) {
    each = 4 * job->part * (size_t)(buffer_elements(job) * job->kernel->lanes);
    each = (each + 127) / 128 * 128;
  }
  char* scratch = NULL;
  size_t bytes = each * (size_t)outer;
  if (bytes > 0 && (scratch = pt2__pool_alloc(bytes)) == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  atomic_bool failed = false;
#pragma omp parallel for schedule(static) num_threads(outer) if (outer > 1)
  for (int64_t task = 0; task < tasks; ++task) {
    char* own = scratch;
    if (scratch != NULL) {
      own += (size_t)omp_get_thread_num() * each;
    }
    if (!run_task(job, task, own, each, inside ? threads : 1)) {
      failed = true;
    }
  }
  pt2__pool_free(scratch, bytes);
  return failed ? PT2_OUT_OF_MEMORY(4 * job->part * (size_t)job->n)
                : PT2_STATUS_OK;
}

// Fills in the plan and how the batch is divided; runs it.
static pt2_status_t run_job(job_t* job, int32_t dtype) {
  if (job->groups == 0 || job->batch == 0) {
    return PT2_STATUS_OK;
  }
  job->kernel = pt2__fft_kernel(dtype);
  job->part = part_bytes(dtype);
  const int64_t lanes = job->kernel->lanes;
  const int64_t length = is_halved(job) ? job->n / 2 : job->n;
  int64_t rest = job->batch % lanes;
  bool alone = length > PT2__FFT_LONGEST_LANES;
  bool some = rest > 0 && rest <= lanes / 2;
  bool matrix = length >= PT2__FFT_SHORTEST_MATRIX && (alone || some);
  int flags =
      (matrix ? PT2__FFT_MATRIX : 0) | (is_halved(job) ? PT2__FFT_HALVES : 0);
  PT2_TRY(pt2__fft_plan_get(length, dtype, flags, &job->plan));
  const pt2__fft_plan_t* plan = job->plan;
  matrix = matrix && (plan->rows != NULL || (plan->convolution != NULL &&
                                             plan->convolution->rows != NULL));
  job->singles = !matrix ? 0 : alone ? job->batch : rest;
  job->blocks = (job->batch - job->singles + lanes - 1) / lanes;
  pt2_status_t status = run_tasks(job);
  pt2__fft_plan_release(plan);
  return status;
}

pt2_status_t pt2__fft_complex(const pt2__fft_axis_t* axis, const void* from,
                              void* to) {
  const int64_t inner = axis->inner, all = axis->n * inner;
  job_t job = {.kind = COMPLEX,
               .n = axis->n,
               .inverse = axis->inverse,
               .scale = axis->scale,
               .groups = axis->outer,
               .batch = inner,
               .from = from,
               .from_group = 2 * all,
               .from_lane = 2,
               .from_element = 2 * inner,
               .to = to,
               .to_group = 2 * all,
               .to_lane = 2,
               .to_element = 2 * inner};
  int64_t lanes = pt2__fft_kernel(axis->dtype)->lanes;
  if (inner < lanes && axis->outer > inner) {
    job.groups = inner;
    job.batch = axis->outer;
    job.from_group = job.to_group = 2;
    job.from_lane = job.to_lane = 2 * all;
  }
  return run_job(&job, axis->dtype);
}

pt2_status_t pt2__fft_from_real(const pt2__fft_axis_t* axis, const void* from,
                                void* to, int64_t row) {
  job_t job = {.kind = FROM_REAL,
               .n = axis->n,
               .scale = axis->scale,
               .groups = 1,
               .batch = axis->outer,
               .from = from,
               .from_lane = axis->n,
               .to = to,
               .to_lane = 2 * row};
  return run_job(&job, axis->dtype);
}

pt2_status_t pt2__fft_to_real(const pt2__fft_axis_t* axis, const void* from,
                              void* to) {
  job_t job = {.kind = TO_REAL,
               .n = axis->n,
               .inverse = true,
               .scale = axis->scale,
               .groups = 1,
               .batch = axis->outer,
               .from = from,
               .from_lane = 2 * (axis->n / 2 + 1),
               .to = to,
               .to_lane = axis->n};
  return run_job(&job, axis->dtype);
}

// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/elementwise/elementwise.h"

#include <omp.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/convert.h"
#include "tensor/transpose.h"

// Elements that are converted at once: all operands' blocks stay in the
// first-level cache.
#define BLOCK 256
#define LARGEST_ELEMENT 16
// Rows below this many elements are joined where an input has the same row
// again and again, as a bias has: a call for each costs as much as its
// elements.
#define SHORT_ROW 256

// Transposed inputs are brought into the result's order in tiles of whole rows
// (pieces of rows are slower), up to so many columns.
#define TILE_COLUMNS 4096
// There is no gain from less.
#define LEAST_TILE_ROWS 4
// A tile has as many rows as are in a line of the cache, or in several where
// these have fewer elements than SHORT_ROW. From this many columns on it is
// half of them, so that the second-level cache holds it with what the other
// operands read meanwhile; unless the columns' distance is a multiple of so
// many bytes, for then their lines drive each other out of it.
#define LINE_BYTES 64
#define MANY_COLUMNS 1024
#define CROWDING_BYTES 2048
// An input that does not stay in the second-level cache.
#define LARGE_BYTES (1 << 20)

// How an operand's elements become the loop's (or the loop's the result's).
typedef struct {
  int32_t dtype;    // in memory
  int32_t through;  // rounded to this one on the way; UNDEFINED: directly
  int32_t loop_dtype;
  int64_t bytes;       // of an element in memory
  int64_t loop_bytes;  // of an element in the loop
  bool same;
} conversion_t;

typedef struct {
  const pt2__elementwise_kernel_t* kernel;
  pt2__elementwise_plan_t plan;
  conversion_t conversions[PT2__ELEMENTWISE_OPERANDS];
  bool converts;
  // Inputs whose elements follow one another from row to row. There are no
  // tiles if |tile_rows| is 0.
  bool transposed[PT2__ELEMENTWISE_OPERANDS];
  int64_t tile_rows, tile_columns;
  int64_t tile_bytes;    // of one input
  int64_t thread_bytes;  // of all
  bool prefetches;
} job_t;

typedef struct {
  _Alignas(64) char bytes[BLOCK * LARGEST_ELEMENT];
} block_t;

// Copies of a short row.
typedef struct {
  _Alignas(64) char bytes[2 * SHORT_ROW * LARGEST_ELEMENT];
} joined_t;

// ---- Rows -------------------------------------------------------------------

static void load_block(const conversion_t* conversion, const char* from,
                       int64_t stride, int64_t count, block_t* block) {
  if (conversion->through == PT2_DTYPE_UNDEFINED) {
    pt2__convert_run(conversion->loop_dtype, block->bytes,
                     conversion->loop_bytes, conversion->dtype, from, stride,
                     count);
    return;
  }
  block_t rounded;
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(conversion->through);
  pt2__convert_run(conversion->through, rounded.bytes, bytes, conversion->dtype,
                   from, stride, count);
  pt2__convert_run(conversion->loop_dtype, block->bytes, conversion->loop_bytes,
                   conversion->through, rounded.bytes, bytes, count);
}

static void run_converted(const job_t* job, char* const* data,
                          const int64_t* strides, int64_t count) {
  const pt2__elementwise_kernel_t* kernel = job->kernel;
  int operands = job->plan.operands;
  block_t blocks[PT2__ELEMENTWISE_OPERANDS];
  char* at[PT2__ELEMENTWISE_OPERANDS];
  int64_t steps[PT2__ELEMENTWISE_OPERANDS];
  for (int64_t first = 0; first < count; first += BLOCK) {
    int64_t some = count - first < BLOCK ? count - first : BLOCK;
    for (int k = 0; k < operands; ++k) {
      const conversion_t* conversion = &job->conversions[k];
      at[k] = data[k] + first * strides[k];
      steps[k] = strides[k];
      if (conversion->same) {
        continue;
      }
      bool repeated = k > 0 && strides[k] == 0;
      if (k > 0 && (!repeated || first == 0)) {
        load_block(conversion, at[k], strides[k], repeated ? 1 : some,
                   &blocks[k]);
      }
      at[k] = blocks[k].bytes;
      steps[k] = repeated ? 0 : conversion->loop_bytes;
    }
    kernel->loop(kernel->context, at, steps, some);
    if (!job->conversions[0].same) {
      pt2__convert_run(job->conversions[0].dtype, data[0] + first * strides[0],
                       strides[0], job->conversions[0].loop_dtype,
                       blocks[0].bytes, job->conversions[0].loop_bytes, some);
    }
  }
}

static void run_row(const job_t* job, char* const* data, const int64_t* strides,
                    int64_t count) {
  if (job->converts) {
    run_converted(job, data, strides, count);
  } else {
    job->kernel->loop(job->kernel->context, data, strides, count);
  }
}

// ---- Elements |begin| to |end| in the order of the loops --------------------

// How many of |rows| rows are run as one. Inputs that are the same in all of
// them need a block of that many copies.
static int64_t joined_rows(const job_t* job, int64_t rows) {
  const pt2__elementwise_plan_t* plan = &job->plan;
  int64_t size = plan->sizes[0];
  if (size >= SHORT_ROW) {
    return 1;
  }
  for (int k = 0; k < plan->operands; ++k) {
    int64_t stride = plan->strides[k][0], step = plan->strides[k][1];
    if (step != stride * size && (k == 0 || step != 0)) {
      return 1;
    }
  }
  // Copies are made once for several uses.
  int64_t fit = 2 * SHORT_ROW / size;
  return fit < rows / 8 ? fit : rows / 8;
}

// |copies| of a row of |size| elements, one after another.
static void copy_rows(const char* row, int64_t stride, int64_t bytes,
                      int64_t size, int64_t copies, char* to) {
  for (int64_t i = 0; i < size; ++i) {
    memcpy(to + i * bytes, row + i * stride, (size_t)bytes);
  }
  for (int64_t i = 1; i < copies; ++i) {
    memcpy(to + i * size * bytes, to, (size_t)(size * bytes));
  }
}

// |rows| rows from |data| on, which it leaves behind them: |joined| at a time.
static void run_joined(const job_t* job, int64_t rows, int64_t joined,
                       char** data) {
  const pt2__elementwise_plan_t* plan = &job->plan;
  int64_t size = plan->sizes[0];
  joined_t copies[PT2__ELEMENTWISE_OPERANDS];
  char* at[PT2__ELEMENTWISE_OPERANDS];
  int64_t strides[PT2__ELEMENTWISE_OPERANDS];
  int64_t steps[PT2__ELEMENTWISE_OPERANDS];
  for (int k = 0; k < plan->operands; ++k) {
    at[k] = data[k];
    strides[k] = plan->strides[k][0];
    steps[k] = plan->strides[k][1];
    if (steps[k] != strides[k] * size) {
      int64_t bytes = job->conversions[k].bytes;
      copy_rows(data[k], strides[k], bytes, size, joined, copies[k].bytes);
      at[k] = copies[k].bytes;
      strides[k] = bytes;
    }
  }
  for (int64_t row = 0; row < rows; row += joined) {
    int64_t some = rows - row < joined ? rows - row : joined;
    run_row(job, at, strides, some * size);
    for (int k = 0; k < plan->operands; ++k) {
      at[k] += some * steps[k];
    }
  }
  for (int k = 0; k < plan->operands; ++k) {
    data[k] += rows * steps[k];
  }
}

// |rows| rows from |data| on, which it leaves behind them: one by one.
static void run_rows(const job_t* job, int64_t rows, char** data) {
  const pt2__elementwise_plan_t* plan = &job->plan;
  char* at[PT2__ELEMENTWISE_OPERANDS];
  int64_t strides[PT2__ELEMENTWISE_OPERANDS];
  int64_t steps[PT2__ELEMENTWISE_OPERANDS] = {0};
  for (int k = 0; k < plan->operands; ++k) {
    at[k] = data[k];
    strides[k] = plan->strides[k][0];
    steps[k] = plan->strides[k][1];
    data[k] += rows * steps[k];
  }
  for (int64_t row = 0; row < rows; ++row) {
    run_row(job, at, strides, plan->sizes[0]);
    for (int k = 0; k < plan->operands; ++k) {
      at[k] += steps[k];
    }
  }
}

// ---- Tiles of transposed inputs ---------------------------------------------

static void plan_tiles(job_t* job) {
  const pt2__elementwise_plan_t* plan = &job->plan;
  int64_t widest = 0, inputs = 0;
  bool crowded = false;
  job->tile_rows = job->thread_bytes = 0;
  for (int k = 0; k < plan->operands; ++k) {
    const int64_t bytes = job->conversions[k].bytes;
    const int64_t stride = plan->strides[k][0];
    job->transposed[k] = k > 0 && plan->rank > 1 &&
                         plan->strides[k][1] == bytes && stride != bytes &&
                         stride != 0;
    if (job->transposed[k]) {
      ++inputs;
      widest = bytes > widest ? bytes : widest;
      crowded = crowded || stride % CROWDING_BYTES == 0;
    }
  }
  const int64_t size = plan->sizes[0];
  if (inputs == 0 || plan->sizes[1] < LEAST_TILE_ROWS) {
    return;
  }
  const bool half = size > MANY_COLUMNS && !crowded;
  const int64_t pieces = (size + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const int64_t lines = size < SHORT_ROW ? SHORT_ROW / size : 1;
  job->tile_rows = lines * (half ? LINE_BYTES / 2 : LINE_BYTES) / widest;
  job->tile_columns = (size + pieces - 1) / pieces;
  job->tile_bytes = job->tile_columns * lines * LINE_BYTES;
  job->thread_bytes = inputs * job->tile_bytes;
  job->prefetches = lines == 1 && plan->numel * widest > LARGE_BYTES;
}

// One of |rows| parts of what the next tile reads after this one of |rows| rows
// from |data| on: the last line of each column, since the ones before it are
// here if columns do not begin where lines do.
static void prefetch_part(const job_t* job, char* const* data, int64_t row,
                          int64_t rows, int64_t columns) {
  const int64_t end = (row + 1) * columns / rows;
  for (int k = 1; k < job->plan.operands; ++k) {
    const int64_t stride = job->plan.strides[k][0];
    const int64_t last =
        (rows + job->tile_rows) * job->conversions[k].bytes - 1;
    for (int64_t c = row * columns / rows; job->transposed[k] && c < end; ++c) {
      __builtin_prefetch(data[k] + last + c * stride, 0, 2);
    }
  }
}

// |columns| elements of |rows| rows from |data| on.
static void run_tile(const job_t* job, char* const* data, int64_t rows,
                     int64_t columns, char* tiles) {
  const pt2__elementwise_plan_t* plan = &job->plan;
  char* at[PT2__ELEMENTWISE_OPERANDS];
  int64_t strides[PT2__ELEMENTWISE_OPERANDS];
  int64_t steps[PT2__ELEMENTWISE_OPERANDS] = {0};
  bool dense = true;  // rows follow one another
  for (int k = 0; k < plan->operands; ++k) {
    at[k] = data[k];
    strides[k] = plan->strides[k][0];
    steps[k] = plan->strides[k][1];
    if (job->transposed[k]) {
      const int64_t bytes = job->conversions[k].bytes;
      pt2__transpose_run(tiles, columns * bytes, data[k], strides[k], bytes,
                         rows, columns);
      at[k] = tiles;
      strides[k] = bytes;
      steps[k] = columns * bytes;
      tiles += job->tile_bytes;
    }
    dense = dense && steps[k] == strides[k] * columns;
  }
  if (dense && !job->prefetches) {
    run_row(job, at, strides, rows * columns);
    return;
  }
  for (int64_t row = 0; row < rows; ++row) {
    if (job->prefetches) {
      prefetch_part(job, data, row, rows, columns);
    }
    run_row(job, at, strides, columns);
    for (int k = 0; k < plan->operands; ++k) {
      at[k] += steps[k];
    }
  }
}

// |rows| rows from |data| on, which it leaves behind them: tile by tile.
static void run_tiles(const job_t* job, int64_t rows, char** data,
                      char* tiles) {
  const pt2__elementwise_plan_t* plan = &job->plan;
  int first = 0;
  while (!job->transposed[first]) {
    ++first;
  }
  const uintptr_t bytes = (uintptr_t)job->conversions[first].bytes;
  for (int64_t row = 0; row < rows;) {
    // A tile ends where a line of the cache does.
    const int64_t at =
        (int64_t)((uintptr_t)data[first] / bytes) % job->tile_rows;
    const int64_t whole = job->tile_rows - at;
    const int64_t some = rows - row < whole ? rows - row : whole;
    for (int64_t c = 0; c < plan->sizes[0]; c += job->tile_columns) {
      const int64_t left = plan->sizes[0] - c;
      char* from[PT2__ELEMENTWISE_OPERANDS];
      for (int k = 0; k < plan->operands; ++k) {
        from[k] = data[k] + c * plan->strides[k][0];
      }
      run_tile(job, from, some,
               left < job->tile_columns ? left : job->tile_columns, tiles);
    }
    for (int k = 0; k < plan->operands; ++k) {
      data[k] += some * plan->strides[k][1];
    }
    row += some;
  }
}

// ---- All rows ---------------------------------------------------------------

// |rows| whole rows from |data| on, which it leaves behind them. |tiles|: room
// for them, NULL for none.
static void run_whole_rows(const job_t* job, int64_t rows, char** data,
                           char* tiles) {
  const int64_t joined = joined_rows(job, rows);
  if (joined > 1) {
    run_joined(job, rows, joined, data);
  } else if (tiles != NULL && rows > 1) {
    run_tiles(job, rows, data, tiles);
  } else {
    run_rows(job, rows, data);
  }
}

// Where |count| elements of the first row are done.
static void run_part(const job_t* job, int64_t count, int64_t* index,
                     char** data) {
  const pt2__elementwise_plan_t* plan = &job->plan;
  int64_t strides[PT2__ELEMENTWISE_OPERANDS];
  for (int k = 0; k < plan->operands; ++k) {
    strides[k] = plan->strides[k][0];
  }
  run_row(job, data, strides, count);
  index[0] += count;
  for (int k = 0; k < plan->operands; ++k) {
    data[k] += count * strides[k];
  }
}

// Steps on from the ends of dimensions from |i| on.
static void carry(const pt2__elementwise_plan_t* plan, int i, int64_t* index,
                  char** data) {
  for (; i + 1 < plan->rank && index[i] == plan->sizes[i]; ++i) {
    index[i] = 0;
    ++index[i + 1];
    for (int k = 0; k < plan->operands; ++k) {
      data[k] += plan->strides[k][i + 1] - plan->sizes[i] * plan->strides[k][i];
    }
  }
}

static void run_range(const job_t* job, int64_t begin, int64_t end,
                      char* tiles) {
  const pt2__elementwise_plan_t* plan = &job->plan;
  const int64_t size = plan->sizes[0];
  int64_t index[PT2__MAX_RANK];
  char* data[PT2__ELEMENTWISE_OPERANDS];
  memcpy(data, plan->data, sizeof(data));
  int64_t rest = begin;
  for (int i = 0; i < plan->rank; ++i) {
    index[i] = rest % plan->sizes[i];
    rest /= plan->sizes[i];
    for (int k = 0; k < plan->operands; ++k) {
      data[k] += index[i] * plan->strides[k][i];
    }
  }
  for (int64_t done = begin; done < end;) {
    const int64_t left = end - done;
    if (plan->rank > 1 && index[0] == 0 && left >= size) {
      const int64_t most = plan->sizes[1] - index[1];
      const int64_t rows = left / size < most ? left / size : most;
      run_whole_rows(job, rows, data, tiles);
      done += rows * size;
      index[1] += rows;
      carry(plan, 1, index, data);
    } else {
      const int64_t count = size - index[0] < left ? size - index[0] : left;
      run_part(job, count, index, data);
      done += count;
      carry(plan, 0, index, data);
    }
  }
}

static void run_job(const job_t* job) {
  int64_t numel = job->plan.numel;
  int64_t work = job->kernel->work > 1 ? job->kernel->work : 1;
  int threads =
      pt2__op_threads(numel > INT64_MAX / work ? INT64_MAX : numel * work);
  threads = threads < 1 ? 1 : threads;
  // Where there is no memory for tiles, it is done without.
  const size_t bytes = (size_t)(job->thread_bytes * threads);
  char* tiles = job->tile_rows > 0 ? pt2__pool_alloc(bytes) : NULL;
  if (threads <= 1) {
    run_range(job, 0, numel, tiles);
    pt2__pool_free(tiles, bytes);
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    int64_t team = omp_get_num_threads();
    int64_t at = omp_get_thread_num();
    int64_t share = numel / team, extra = numel % team;
    int64_t begin = share * at + (at < extra ? at : extra);
    int64_t end = begin + share + (at < extra ? 1 : 0);
    if (begin < end) {
      run_range(job, begin, end,
                tiles != NULL ? tiles + at * job->thread_bytes : NULL);
    }
  }
  pt2__pool_free(tiles, bytes);
}

// ---- Whole tensors ----------------------------------------------------------

int32_t pt2__elementwise_compute_dtype(int32_t dtype) {
  if (dtype == PT2_DTYPE_COMPLEX32) {
    return PT2_DTYPE_COMPLEX64;
  }
  return pt2__dtype_is_floating(dtype) && dtype != PT2_DTYPE_F64 ? PT2_DTYPE_F32
                                                                 : dtype;
}

static conversion_t conversion_of(int32_t dtype, int32_t through,
                                  int32_t loop_dtype) {
  conversion_t conversion = {
      .dtype = dtype,
      .through = PT2_DTYPE_UNDEFINED,
      .loop_dtype = loop_dtype,
      .bytes = (int64_t)pt2_dtype_size_bytes(dtype),
      .loop_bytes = (int64_t)pt2_dtype_size_bytes(loop_dtype),
      .same = dtype == loop_dtype && dtype == through,
  };
  if (dtype != through && through != loop_dtype) {
    conversion.through = through;
  }
  return conversion;
}

void pt2__elementwise_run(const pt2__elementwise_kernel_t* kernel,
                          const pt2_tensor_t* const* inputs, int count,
                          int32_t dtype, pt2_tensor_t* result) {
  if (result->numel == 0) {
    return;
  }
  job_t job;
  job.kernel = kernel;
  pt2__elementwise_plan(result, inputs, count, &job.plan);
  job.conversions[0] =
      conversion_of(result->dtype, kernel->result_dtype, kernel->result_dtype);
  job.converts = !job.conversions[0].same;
  for (int i = 0; i < count; ++i) {
    job.conversions[1 + i] =
        conversion_of(inputs[i]->dtype, dtype, kernel->input_dtype);
    job.converts = job.converts || !job.conversions[1 + i].same;
  }
  plan_tiles(&job);
  run_job(&job);
}

pt2_status_t pt2__elementwise_new(const pt2__elementwise_kernel_t* kernel,
                                  const pt2_tensor_t* const* inputs, int count,
                                  int32_t dtype, int32_t result_dtype,
                                  pt2_tensor_t** out_result) {
  pt2__elementwise_shape_t shape;
  PT2_TRY(pt2__elementwise_shape(inputs, count, dtype, &shape));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(result_dtype, shape.rank, shape.sizes,
                            shape.strides, &result));
  pt2__elementwise_run(kernel, inputs, count, dtype, result);
  *out_result = result;
  return PT2_STATUS_OK;
}

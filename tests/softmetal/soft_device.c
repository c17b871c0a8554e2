// SPDX-License-Identifier: Apache-2.0
//
// Running grids: threads of a threadgroup are fibers that take turns.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "softmetal/control.h"
#include "softmetal/msl/runtime.h"
#include "softmetal/soft.h"

#define STACK_BYTES (256 * 1024)
#define THREADGROUP_BYTES (32 * 1024)
#define THREADGROUP_POISON 0xfd
#define WATCH_BYTES 256
#define WATCH_POISON 0xa5
#define FRESH_POISON 0xff  // a NaN in every format
#define FREED_POISON 0xdd

typedef enum { READY, AT_BARRIER, AT_EXCHANGE, DONE } state_t;

typedef struct {
  char in[SOFT_LANES][SOFT_LANE_BYTES];
  char out[SOFT_LANES][SOFT_LANE_BYTES];
} simdgroup_t;

typedef struct {
  ucontext_t context;
  state_t state;
  struct soft_place_t place;
  uint32_t active;  // lanes of the last exchange
  simdgroup_t* simdgroup;
} fiber_t;

// The device runs one grid at a time; its callers hold a lock.
static struct {
  fiber_t* fibers;
  simdgroup_t* simdgroups;
  char* stacks;
  size_t capacity;
  size_t current;
  bool in_fiber;
  ucontext_t scheduler;
  soft_kernel_t* kernel;
  void* const* arguments;
  const char* problem;
} run;
static uint64_t random_state;

void soft_set_seed(uint64_t seed) {
  random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
}

static size_t random_below(size_t limit) {
  if (random_state == 0) {
    return 0;
  }
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (size_t)(random_state >> 11) % limit;
}

// ---- What tests tell it -----------------------------------------------------

static int has_simdgroup_matrix = -1;         // not asked yet
static int fail_after[SOFTMETAL_FAIL_COUNT];  // 1: the next one

bool soft_has_simdgroup_matrix(void) {
  if (has_simdgroup_matrix < 0) {
    has_simdgroup_matrix = getenv("SOFTMETAL_NO_SIMDGROUP_MATRIX") == NULL;
  }
  return has_simdgroup_matrix != 0;
}

void soft_set_simdgroup_matrix(bool has) { has_simdgroup_matrix = has; }

void soft_set_fault(int what, int nth) { fail_after[what] = nth; }

bool soft_is_to_fail(int what) {
  if (fail_after[what] < 0) {  // those from one on
    return fail_after[what] == -1 || ++fail_after[what] == 0;
  }
  return fail_after[what] > 0 && --fail_after[what] == 0;
}

void soft_reset(void) {
  has_simdgroup_matrix = -1;
  memset(fail_after, 0, sizeof(fail_after));
}

// ---- What kernels call ------------------------------------------------------

static void give_way(state_t state) {
  fiber_t* fiber = &run.fibers[run.current];
  fiber->state = state;
  swapcontext(&fiber->context, &run.scheduler);
}

static void barrier(void) {
  if (run.in_fiber) {
    give_way(AT_BARRIER);
  } else {
    run.problem = "a barrier in a kernel that was not seen to have one";
  }
}

static uint32_t exchange(const void* value, size_t bytes, const char** out_all,
                         int* out_lane) {
  static const char nothing[SOFT_LANES][SOFT_LANE_BYTES];
  if (!run.in_fiber) {
    run.problem =
        "a simdgroup function in a kernel that was not seen to have "
        "one";
    *out_all = nothing[0];
    *out_lane = 0;
    return 1;
  }
  fiber_t* fiber = &run.fibers[run.current];
  unsigned lane = fiber->place.thread_index_in_simdgroup;
  memcpy(fiber->simdgroup->in[lane], value, bytes);
  give_way(AT_EXCHANGE);
  *out_all = fiber->simdgroup->out[0];
  *out_lane = (int)lane;
  return fiber->active;
}

static void threadgroup_variable(void* data, size_t bytes) {
  soft_kernel_t* kernel = run.kernel;
  memset(data, THREADGROUP_POISON, bytes);
  if (kernel->variable_count == SOFT_VARIABLE_COUNT) {
    run.problem = "too many variables of a threadgroup";
    return;
  }
  kernel->variables[kernel->variable_count].data = data;
  kernel->variables[kernel->variable_count++].bytes = bytes;
  kernel->variable_bytes += bytes;
  if (kernel->variable_bytes > THREADGROUP_BYTES) {
    run.problem = "a threadgroup wants more than 32 KB";
  }
}

static int lane_of_caller(void) {
  if (!run.in_fiber) {
    run.problem = "a matrix in a kernel that was not seen to have one";
    return 0;
  }
  return (int)run.fibers[run.current].place.thread_index_in_simdgroup;
}

static void complain(const char* problem) { run.problem = problem; }

// Other bits than a GPU would give, so that a result which depends on them is
// seen.
const struct soft_runtime_t soft_runtime = {
    barrier, exchange, threadgroup_variable, 0, lane_of_caller, complain};

// ---- One threadgroup --------------------------------------------------------

static void fiber_main(void) {
  fiber_t* fiber = &run.fibers[run.current];
  run.kernel->entry(run.arguments, &fiber->place);
  // The kernel may have been left on another turn.
  run.fibers[run.current].state = DONE;
}

static bool reserve(size_t count) {
  if (count <= run.capacity) {
    return true;
  }
  size_t groups = (count + SOFT_LANES - 1) / SOFT_LANES;
  if (run.stacks != NULL) {
    munmap(run.stacks, run.capacity * STACK_BYTES);
  }
  free(run.fibers);
  free(run.simdgroups);
  run.capacity = 0;
  run.fibers = calloc(count, sizeof(*run.fibers));
  run.simdgroups = calloc(groups, sizeof(*run.simdgroups));
  run.stacks = mmap(NULL, count * STACK_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (run.fibers == NULL || run.simdgroups == NULL ||
      run.stacks == MAP_FAILED) {
    run.stacks = NULL;
    return false;
  }
  run.capacity = count;
  return true;
}

static void start_fibers(size_t count) {
  for (size_t i = 0; i < count; ++i) {
    fiber_t* fiber = &run.fibers[i];
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = run.stacks + i * STACK_BYTES;
    fiber->context.uc_stack.ss_size = STACK_BYTES;
    fiber->context.uc_link = &run.scheduler;
    makecontext(&fiber->context, fiber_main, 0);
    fiber->state = READY;
    fiber->simdgroup = &run.simdgroups[i / SOFT_LANES];
  }
}

// Gives each fiber that can go on one turn; false if there was none.
static bool take_turns(size_t count) {
  size_t start = random_below(count);
  bool backwards = random_below(2) == 1;
  bool ran = false;
  for (size_t j = 0; j < count; ++j) {
    size_t i = (start + (backwards ? count - j : j)) % count;
    if (run.fibers[i].state == READY) {
      run.current = i;
      run.in_fiber = true;
      swapcontext(&run.scheduler, &run.fibers[i].context);
      run.in_fiber = false;
      ran = true;
    }
  }
  return ran;
}

// Lets the lanes that wait in each simdgroup exchange; false if none does.
static bool open_exchanges(size_t count) {
  bool any = false;
  for (size_t first = 0; first < count; first += SOFT_LANES) {
    size_t end = first + SOFT_LANES < count ? first + SOFT_LANES : count;
    uint32_t active = 0;
    for (size_t i = first; i < end; ++i) {
      if (run.fibers[i].state == AT_EXCHANGE) {
        active |= UINT32_C(1) << (i - first);
      }
    }
    if (active == 0) {
      continue;
    }
    any = true;
    simdgroup_t* simdgroup = &run.simdgroups[first / SOFT_LANES];
    memcpy(simdgroup->out, simdgroup->in, sizeof(simdgroup->in));
    for (size_t i = first; i < end; ++i) {
      if (run.fibers[i].state == AT_EXCHANGE) {
        run.fibers[i].active = active;
        run.fibers[i].state = READY;
      }
    }
  }
  return any;
}

// Runs the threads that |run.fibers| were given places for.
static bool run_in_step(size_t count) {
  start_fibers(count);
  for (;;) {
    if (take_turns(count) || open_exchanges(count)) {
      continue;
    }
    size_t done = 0;
    for (size_t i = 0; i < count; ++i) {
      done += run.fibers[i].state == DONE;
    }
    if (done == count) {
      return true;
    }
    if (done > 0) {
      run.problem = "a barrier that not all threads of the group reach";
      return false;
    }
    for (size_t i = 0; i < count; ++i) {
      run.fibers[i].state = READY;
    }
  }
}

// ---- A grid -----------------------------------------------------------------

typedef struct {
  const size_t* threads;
  const size_t* group;
  size_t groups[3];
} grid_t;

static void poison_variables(soft_kernel_t* kernel) {
  for (size_t i = 0; i < kernel->variable_count; ++i) {
    memset(kernel->variables[i].data, THREADGROUP_POISON,
           kernel->variables[i].bytes);
  }
}

static struct soft_place_t place_at(const grid_t* grid, const size_t at[3],
                                    const size_t local[3], const size_t size[3],
                                    size_t index) {
  struct soft_place_t place = {
      .thread_index_in_threadgroup = (unsigned)index,
      .thread_index_in_simdgroup = (unsigned)(index % SOFT_LANES),
      .simdgroup_index_in_threadgroup = (unsigned)(index / SOFT_LANES),
      .simdgroups_per_threadgroup =
          (unsigned)((size[0] * size[1] * size[2] + SOFT_LANES - 1) /
                     SOFT_LANES),
      .threads_per_simdgroup = SOFT_LANES};
  for (int d = 0; d < 3; ++d) {
    place.thread_position_in_threadgroup[d] = (unsigned)local[d];
    place.thread_position_in_grid[d] =
        (unsigned)(at[d] * grid->group[d] + local[d]);
    place.threadgroup_position_in_grid[d] = (unsigned)at[d];
    place.threads_per_grid[d] = (unsigned)grid->threads[d];
    place.threads_per_threadgroup[d] = (unsigned)size[d];
    place.threadgroups_per_grid[d] = (unsigned)grid->groups[d];
  }
  return place;
}

static bool run_group(const grid_t* grid, const size_t at[3]) {
  soft_kernel_t* kernel = run.kernel;
  size_t size[3];
  for (int d = 0; d < 3; ++d) {
    size_t left = grid->threads[d] - at[d] * grid->group[d];
    size[d] = left < grid->group[d] ? left : grid->group[d];
  }
  poison_variables(kernel);
  size_t index = 0;
  size_t local[3];
  for (local[2] = 0; local[2] < size[2]; ++local[2]) {
    for (local[1] = 0; local[1] < size[1]; ++local[1]) {
      for (local[0] = 0; local[0] < size[0]; ++local[0], ++index) {
        struct soft_place_t place = place_at(grid, at, local, size, index);
        if (kernel->in_step) {
          run.fibers[index].place = place;
        } else {
          kernel->entry(run.arguments, &place);
        }
      }
    }
  }
  return !kernel->in_step || run_in_step(index);
}

// A number without a common divisor with |count|, to walk over them by.
static size_t choose_step(size_t count) {
  for (size_t step = 1 + random_below(count);; ++step) {
    size_t a = count, b = step;
    while (b != 0) {
      size_t rest = a % b;
      a = b;
      b = rest;
    }
    if (a == 1) {
      return step;
    }
  }
}

static void run_grid(const grid_t* grid) {
  size_t count = grid->groups[0] * grid->groups[1] * grid->groups[2];
  size_t at = random_below(count);
  size_t step = choose_step(count);
  for (size_t i = 0; i < count && run.problem == NULL; ++i) {
    size_t position[3] = {at % grid->groups[0],
                          at / grid->groups[0] % grid->groups[1],
                          at / grid->groups[0] / grid->groups[1]};
    if (!run_group(grid, position)) {
      break;
    }
    at = (at + step) % count;
  }
}

static const char* check(const soft_kernel_t* kernel, void* const* arguments,
                         size_t in_group) {
  if (in_group == 0 || in_group > kernel->max_threads) {
    return "a threadgroup of that many threads";
  }
  for (unsigned i = 0; i < kernel->argument_count; ++i) {
    if ((kernel->argument_mask >> i & 1) != 0 && arguments[i] == NULL) {
      return "an argument that was not set";
    }
  }
  return kernel->in_step && !reserve(in_group) ? "out of memory" : NULL;
}

// Not many kernels are asked for by name; those beyond are not counted.
static struct {
  char name[sizeof(((soft_kernel_t*)0)->name)];
  uint64_t count;
} runs[256];

static void count_run(const char* name) {
  for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); ++i) {
    if (runs[i].name[0] == '\0') {
      strcpy(runs[i].name, name);
    }
    if (strcmp(runs[i].name, name) == 0) {
      ++runs[i].count;
      return;
    }
  }
}

uint64_t soft_kernel_runs(const char* name) {
  for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); ++i) {
    if (strcmp(runs[i].name, name) == 0) {
      return runs[i].count;
    }
  }
  return 0;
}

bool soft_dispatch(soft_kernel_t* kernel,
                   void* const arguments[SOFT_ARGUMENT_COUNT],
                   const size_t threads[3], const size_t group[3], char* error,
                   size_t error_bytes) {
  count_run(kernel->name);
  run.kernel = kernel;
  run.arguments = arguments;
  run.problem = check(kernel, arguments, group[0] * group[1] * group[2]);
  if (run.problem == NULL) {
    grid_t grid = {threads, group, {0}};
    for (int d = 0; d < 3; ++d) {
      grid.groups[d] = (threads[d] + group[d] - 1) / group[d];
    }
    run_grid(&grid);
  }
  if (run.problem != NULL) {
    snprintf(error, error_bytes, "kernel %s: %s", kernel->name, run.problem);
    return false;
  }
  return true;
}

const char* soft_kernel_name(const soft_kernel_t* kernel) {
  return kernel->name;
}

size_t soft_kernel_max_threads(const soft_kernel_t* kernel) {
  return kernel->max_threads;
}

// ---- Memory -----------------------------------------------------------------

static size_t rounded(size_t bytes) {
  return (bytes + WATCH_BYTES - 1) / WATCH_BYTES * WATCH_BYTES;
}

void* soft_memory_create(size_t bytes) {
  if (bytes > SIZE_MAX / 2) {
    return NULL;
  }
  char* block = aligned_alloc(WATCH_BYTES, rounded(bytes) + 2 * WATCH_BYTES);
  if (block == NULL) {
    return NULL;
  }
  memset(block, WATCH_POISON, rounded(bytes) + 2 * WATCH_BYTES);
  memset(block + WATCH_BYTES, FRESH_POISON, bytes);
  return block + WATCH_BYTES;
}

bool soft_memory_intact(const void* memory, size_t bytes) {
  const unsigned char* data = memory;
  for (size_t i = 1; i <= WATCH_BYTES; ++i) {
    if (*(data - i) != WATCH_POISON) {
      return false;
    }
  }
  for (size_t i = bytes; i < rounded(bytes) + WATCH_BYTES; ++i) {
    if (data[i] != WATCH_POISON) {
      return false;
    }
  }
  return true;
}

bool soft_memory_renew(void* memory, size_t capacity, size_t bytes,
                       size_t fresh_bytes) {
  bool intact = soft_memory_intact(memory, bytes);
  memset(memory, FRESH_POISON, fresh_bytes);
  memset((char*)memory + fresh_bytes, WATCH_POISON, capacity - fresh_bytes);
  return intact;
}

void soft_memory_destroy(void* memory, size_t bytes) {
  memset(memory, FREED_POISON, bytes);
  free((char*)memory - WATCH_BYTES);
}

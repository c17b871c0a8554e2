// SPDX-License-Identifier: Apache-2.0
//
// Plans of Fourier transforms: how a length is taken apart, its roots of one,
// and the cache of plans.
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "backends/cpu/kernels/fft/fft.h"
#include "base/memory.h"
#include "pt2/tensor.h"

// The cache keeps at most so many plans and bytes.
#define MOST_PLANS 32
#define MOST_BYTES ((size_t)16 << 20)

// ---- Roots of one ----------------------------------------------------------

// e^{-2 pi i k / n}; the angle that libm sees is at most pi / 4.
static void root_of_one(uint64_t k, uint64_t n, double* root) {
  k %= n;
  bool lower = 2 * k <= n;
  uint64_t eighths = 8 * (lower ? k : n - k);  // of a circle of 8 n
  bool left = eighths > 2 * n;
  eighths = left ? 4 * n - eighths : eighths;
  bool steep = eighths > n;
  eighths = steep ? 2 * n - eighths : eighths;
  double angle = 0.25 * 3.14159265358979323846 * (double)eighths / (double)n;
  double cosine = cos(angle), sine = sin(angle);
  double re = steep ? sine : cosine, im = steep ? cosine : sine;
  root[0] = left ? -re : re;
  root[1] = lower ? -im : im;
}

// All n roots as products of two tables of about sqrt n.
typedef struct {
  uint64_t n;
  int shift;
  double* fine;    // roots 0 … 2^shift - 1
  double* coarse;  // roots i << shift
} roots_t;

static bool make_roots(uint64_t n, roots_t* out) {
  out->n = n;
  out->shift = 0;
  while (((uint64_t)1 << (2 * out->shift)) < n) {
    ++out->shift;
  }
  uint64_t fine = (uint64_t)1 << out->shift, coarse = (n >> out->shift) + 1;
  out->fine = pt2__malloc(2 * sizeof(double) * (size_t)(fine + coarse));
  if (out->fine == NULL) {
    return false;
  }
  out->coarse = out->fine + 2 * fine;
  for (uint64_t i = 0; i < fine; ++i) {
    root_of_one(i, n, out->fine + 2 * i);
  }
  for (uint64_t i = 0; i < coarse; ++i) {
    root_of_one(i << out->shift, n, out->coarse + 2 * i);
  }
  return true;
}

// Root |k|, below n.
static void root_at(const roots_t* roots, uint64_t k, double* root) {
  const double* a = roots->fine + 2 * (k & (((uint64_t)1 << roots->shift) - 1));
  const double* b = roots->coarse + 2 * (k >> roots->shift);
  root[0] = a[0] * b[0] - a[1] * b[1];
  root[1] = a[0] * b[1] + a[1] * b[0];
}

static void put(int32_t dtype, void* to, int64_t at, double value) {
  if (dtype == PT2_DTYPE_F64) {
    ((double*)to)[at] = value;
  } else {
    ((float*)to)[at] = (float)value;
  }
}

static void put_root(int32_t dtype, void* to, int64_t at, const double* root) {
  put(dtype, to, 2 * at, root[0]);
  put(dtype, to, 2 * at + 1, root[1]);
}

// ---- Memory ----------------------------------------------------------------

// Aligned for vectors; what malloc gave lies before it.
static void* new_table(pt2__fft_plan_t* plan, int64_t count) {
  size_t bytes =
      (plan->dtype == PT2_DTYPE_F64 ? sizeof(double) : sizeof(float)) *
      (size_t)count;
  char* raw = pt2__malloc(bytes + 64 + sizeof(void*));
  if (raw == NULL) {
    return NULL;
  }
  size_t skipped = 64 - ((uintptr_t)raw + sizeof(void*)) % 64;
  char* table = raw + sizeof(void*) + skipped;
  memcpy(table - sizeof(void*), &raw, sizeof(raw));
  plan->bytes += bytes;
  return table;
}

static void free_table(void* table) {
  if (table != NULL) {
    void* raw;
    memcpy(&raw, (char*)table - sizeof(void*), sizeof(raw));
    pt2__free(raw);
  }
}

static void destroy(pt2__fft_plan_t* plan) {
  if (plan == NULL) {
    return;
  }
  free_table(plan->twiddles);
  free_table(plan->chirp);
  free_table(plan->spectrum);
  free_table(plan->table);
  free_table(plan->halves);
  destroy(plan->convolution);
  destroy(plan->rows);
  destroy(plan->columns);
  pt2__free(plan);
}

// ---- Making ----------------------------------------------------------------

static void add_factors(pt2__fft_plan_t* plan, int factor, int64_t* rest) {
  while (*rest % factor == 0) {
    plan->factors[plan->factor_count++] = factor;
    *rest /= factor;
  }
}

// False if a prime factor is too long for a pass.
static bool find_factors(pt2__fft_plan_t* plan) {
  int64_t rest = plan->n;
  int twos = 0;
  while (rest >> twos > 1 && rest >> twos << twos == rest &&
         (rest >> twos & 1) == 0) {
    ++twos;
  }
  // Radix 8 wants 32 registers, and pays where a pass goes through the second
  // level of the cache.
  const bool eights = twos >= 10 && pt2__fft_kernel(plan->dtype)->wide;
  while (twos > 1 && (twos % 2 == 1 || (eights && twos > 4))) {
    plan->factors[plan->factor_count++] = 8;
    rest /= 8;
    twos -= 3;
  }
  add_factors(plan, 4, &rest);
  add_factors(plan, 2, &rest);
  for (int odd = 3; odd <= PT2__FFT_LONGEST_PRIME && rest > 1; odd += 2) {
    add_factors(plan, odd, &rest);
  }
  return rest == 1;
}

static bool make_twiddles(pt2__fft_plan_t* plan) {
  int64_t total = 0, m = plan->n;
  for (int i = 0; i < plan->factor_count; ++i) {
    m /= plan->factors[i];
    total += 2 * ((plan->factors[i] - 1) * m + plan->factors[i]);
  }
  roots_t roots;
  if (!make_roots((uint64_t)plan->n, &roots)) {
    return false;
  }
  plan->twiddles = new_table(plan, total > 0 ? total : 1);
  int64_t at = 0, stride = 1;
  m = plan->n;
  for (int i = 0; i < plan->factor_count && plan->twiddles != NULL; ++i) {
    int radix = plan->factors[i];
    m /= radix;
    double root[2];
    for (int64_t p = 0; p < m; ++p) {
      for (int k = 1; k < radix; ++k) {
        root_at(&roots, (uint64_t)(p * k * stride), root);
        put_root(plan->dtype, plan->twiddles, at++, root);
      }
    }
    for (int k = 0; k < radix; ++k) {
      root_of_one((uint64_t)k, (uint64_t)radix, root);
      put_root(plan->dtype, plan->twiddles, at++, root);
    }
    stride *= radix;
  }
  pt2__free(roots.fine);
  return plan->twiddles != NULL;
}

static int log2_of(int64_t n) {
  int bits = 0;
  while (n >> bits > 1) {
    ++bits;
  }
  return bits;
}

// Finds n = n1 n2 near the root of n that leaves few lanes empty.
static int64_t best_rows(int64_t n, int lanes) {
  int64_t best = 0, best_cost = INT64_MAX;
  for (int64_t d = 4; d * d <= n; ++d) {
    if (n % d != 0) {
      continue;
    }
    int64_t other = n / d;
    int64_t cost =
        (other + lanes - 1) / lanes * lanes * d * (log2_of(d) + 4) +
        (d + lanes - 1) / lanes * lanes * other * (log2_of(other) + 4);
    if (cost <= best_cost) {
      best_cost = cost;
      best = d;
    }
  }
  return best;
}

static pt2__fft_plan_t* new_plan(int64_t n, int32_t dtype, int flags);

static bool make_matrix(pt2__fft_plan_t* plan) {
  const int lanes = pt2__fft_kernel(plan->dtype)->lanes;
  int64_t n1 =
      plan->n >= PT2__FFT_SHORTEST_MATRIX ? best_rows(plan->n, lanes) : 0;
  if (n1 == 0) {
    return true;
  }
  int64_t n2 = plan->n / n1, blocks = (n2 + lanes - 1) / lanes;
  plan->rows = new_plan(n1, plan->dtype, 0);
  plan->columns = new_plan(n2, plan->dtype, 0);
  plan->table = new_table(plan, blocks * n1 * 2 * lanes);
  roots_t roots;
  if (plan->rows == NULL || plan->columns == NULL || plan->table == NULL ||
      !make_roots((uint64_t)plan->n, &roots)) {
    return false;
  }
  plan->bytes += plan->rows->bytes + plan->columns->bytes;
  for (int64_t column = 0; column < blocks * lanes; ++column) {
    int64_t at = column / lanes * n1 * 2 * lanes + column % lanes;
    for (int64_t row = 0; row < n1; ++row, at += 2 * lanes) {
      double root[2] = {0, 0};
      if (column < n2) {
        root_at(&roots, (uint64_t)(row * column), root);
      }
      put(plan->dtype, plan->table, at, root[0]);
      put(plan->dtype, plan->table, at + lanes, root[1]);
    }
  }
  pt2__free(roots.fine);
  return true;
}

// The cheapest length from |least| on.
static int64_t smooth_length(int64_t least) {
  static const int64_t odd[] = {1, 3, 5, 9, 15};
  int64_t best = INT64_MAX;
  for (int i = 0; i < 5; ++i) {
    int64_t length = odd[i];
    while (length < least) {
      length *= 2;
    }
    best = length < best ? length : best;
  }
  return best;
}

// (k + 1)^2 modulo 2 n from k^2, exactly.
static uint64_t next_square(uint64_t square, int64_t k, int64_t n) {
  return (square + 2 * (uint64_t)k + 1) % (2 * (uint64_t)n);
}

// The transform of the conjugate chirp around 0, divided by the length.
static bool make_spectrum(pt2__fft_plan_t* plan) {
  const int64_t n = plan->n, m = plan->convolution->n;
  pt2__fft_plan_t* matrix = new_plan(m, plan->dtype, PT2__FFT_MATRIX);
  void* wave = new_table(plan, 2 * m);
  plan->spectrum = new_table(plan, 2 * m);
  bool done = matrix != NULL && wave != NULL && plan->spectrum != NULL;
  if (done) {
    size_t part = plan->dtype == PT2_DTYPE_F64 ? sizeof(double) : sizeof(float);
    memset(wave, 0, 2 * part * (size_t)m);
    uint64_t square = 0;
    for (int64_t k = 0; k < n; ++k) {
      double root[2];
      root_of_one(square, 2 * (uint64_t)n, root);
      square = next_square(square, k, n);
      root[1] = -root[1];
      put_root(plan->dtype, wave, k, root);
      if (k > 0) {
        put_root(plan->dtype, wave, m - k, root);
      }
    }
    done = pt2__fft_single(matrix, wave, 2, plan->spectrum, 2, false,
                           1.0 / (double)m, 1);
  }
  free_table(wave);
  destroy(matrix);
  return done;
}

static bool make_convolution(pt2__fft_plan_t* plan, int flags) {
  const int64_t n = plan->n;
  plan->convolution =
      new_plan(smooth_length(2 * n - 1), plan->dtype, flags & PT2__FFT_MATRIX);
  plan->chirp = new_table(plan, 2 * n);
  if (plan->convolution == NULL || plan->chirp == NULL) {
    return false;
  }
  plan->bytes += plan->convolution->bytes;
  uint64_t square = 0;
  for (int64_t k = 0; k < n; ++k) {
    double root[2];
    root_of_one(square, 2 * (uint64_t)n, root);
    square = next_square(square, k, n);
    put_root(plan->dtype, plan->chirp, k, root);
  }
  return make_spectrum(plan);
}

static bool make_halves(pt2__fft_plan_t* plan) {
  const int64_t n = plan->n;
  plan->halves = new_table(plan, 2 * (n / 2 + 1));
  roots_t roots;
  if (plan->halves == NULL || !make_roots(2 * (uint64_t)n, &roots)) {
    return false;
  }
  for (int64_t k = 0; k <= n / 2; ++k) {
    double root[2];
    root_at(&roots, (uint64_t)k, root);
    put_root(plan->dtype, plan->halves, k, root);
  }
  pt2__free(roots.fine);
  return true;
}

// NULL: out of memory.
static pt2__fft_plan_t* new_plan(int64_t n, int32_t dtype, int flags) {
  pt2__fft_plan_t* plan = pt2__calloc(1, sizeof(*plan));
  if (plan == NULL) {
    return NULL;
  }
  plan->n = n;
  plan->dtype = dtype;
  plan->flags = flags;
  plan->references = 1;
  plan->bytes = sizeof(*plan);
  bool made = find_factors(plan)
                  ? make_twiddles(plan) &&
                        ((flags & PT2__FFT_MATRIX) == 0 || make_matrix(plan))
                  : make_convolution(plan, flags);
  if (!made || ((flags & PT2__FFT_HALVES) != 0 && !make_halves(plan))) {
    destroy(plan);
    return NULL;
  }
  return plan;
}

// ---- The cache -------------------------------------------------------------

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pt2__fft_plan_t* cache[MOST_PLANS];
static size_t cached_bytes;
static uint64_t clock_ticks;

// Under the lock.
static pt2__fft_plan_t* find(int64_t n, int32_t dtype, int flags) {
  for (int i = 0; i < MOST_PLANS; ++i) {
    pt2__fft_plan_t* plan = cache[i];
    if (plan != NULL && plan->n == n && plan->dtype == dtype &&
        (plan->flags & flags) == flags) {
      plan->used = ++clock_ticks;
      ++plan->references;
      return plan;
    }
  }
  return NULL;
}

// Takes the plan that was not used for longest out of the cache; returns it if
// nobody uses it any more. Under the lock.
static pt2__fft_plan_t* evict(void) {
  int oldest = -1;
  for (int i = 0; i < MOST_PLANS; ++i) {
    if (cache[i] != NULL &&
        (oldest < 0 || cache[i]->used < cache[oldest]->used)) {
      oldest = i;
    }
  }
  pt2__fft_plan_t* plan = cache[oldest];
  cache[oldest] = NULL;
  cached_bytes -= plan->bytes;
  return --plan->references == 0 ? plan : NULL;
}

static int free_place(void) {
  for (int i = 0; i < MOST_PLANS; ++i) {
    if (cache[i] == NULL) {
      return i;
    }
  }
  return -1;
}

static void insert(pt2__fft_plan_t* plan) {
  if (plan->bytes > MOST_BYTES) {
    return;
  }
  pt2__fft_plan_t* dropped[MOST_PLANS];
  int count = 0;
  pthread_mutex_lock(&lock);
  int place;
  while ((place = free_place()) < 0 ||
         cached_bytes + plan->bytes > MOST_BYTES) {
    dropped[count++] = evict();
  }
  cache[place] = plan;
  plan->used = ++clock_ticks;
  ++plan->references;
  cached_bytes += plan->bytes;
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < count; ++i) {
    destroy(dropped[i]);
  }
}

pt2_status_t pt2__fft_plan_get(int64_t n, int32_t dtype, int flags,
                               const pt2__fft_plan_t** out_plan) {
  pthread_mutex_lock(&lock);
  pt2__fft_plan_t* plan = find(n, dtype, flags);
  pthread_mutex_unlock(&lock);
  if (plan == NULL) {
    plan = new_plan(n, dtype, flags);
    if (plan == NULL) {
      return PT2_OUT_OF_MEMORY(16 * (size_t)n);
    }
    insert(plan);
  }
  *out_plan = plan;
  return PT2_STATUS_OK;
}

void pt2__fft_plan_release(const pt2__fft_plan_t* plan) {
  pt2__fft_plan_t* own = (pt2__fft_plan_t*)(uintptr_t)plan;
  pthread_mutex_lock(&lock);
  bool last = --own->references == 0;
  pthread_mutex_unlock(&lock);
  if (last) {
    destroy(own);
  }
}

// SPDX-License-Identifier: Apache-2.0
//
// The random number generator of the CPU: a 32-bit Mersenne twister that gives
// the same numbers as torch's for the same seed.
#ifndef PT2_SRC_BACKENDS_CPU_RANDOM_GENERATOR_H_
#define PT2_SRC_BACKENDS_CPU_RANDOM_GENERATOR_H_

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define PT2__GENERATOR_WORDS 624

// What torch.manual_seed has not touched yet starts here.
#define PT2__GENERATOR_DEFAULT_SEED UINT64_C(67280421310721)

typedef struct pt2__generator_t {
  pthread_mutex_t lock;
  bool seeded;
  uint32_t next;  // words of |words| already handed out
  uint32_t state[PT2__GENERATOR_WORDS];
  uint32_t words[PT2__GENERATOR_WORDS];  // the state's output
  // Box-Muller makes two normals at a time; the second waits here.
  bool has_normal;
  double normal;
} pt2__generator_t;

// The generator |given| points to, or the process's own if that is NULL; it is
// locked until pt2__generator_release.
pt2__generator_t* pt2__generator_acquire(pt2__generator_t* const* given);
void pt2__generator_release(pt2__generator_t* generator);

// Restarts a locked generator.
void pt2__generator_seed(pt2__generator_t* generator, uint64_t seed);

// Makes the next PT2__GENERATOR_WORDS words of a locked generator.
void pt2__generator_refill(pt2__generator_t* generator);

static inline uint32_t pt2__generator_u32(pt2__generator_t* generator) {
  if (generator->next == PT2__GENERATOR_WORDS) {
    pt2__generator_refill(generator);
  }
  return generator->words[generator->next++];
}

static inline uint64_t pt2__generator_u64(pt2__generator_t* generator) {
  uint64_t high = pt2__generator_u32(generator);
  return high << 32 | pt2__generator_u32(generator);
}

// Uniform in [0, 1): 24 bits of one word, 53 bits of two.
static inline float pt2__generator_f32(pt2__generator_t* generator) {
  return (float)(pt2__generator_u32(generator) & 0xffffff) * 0x1p-24f;
}

static inline double pt2__generator_f64(pt2__generator_t* generator) {
  return (double)(pt2__generator_u64(generator) & 0x1fffffffffffff) * 0x1p-53;
}

// One sample of the standard normal distribution.
double pt2__generator_normal(pt2__generator_t* generator);

#endif  // PT2_SRC_BACKENDS_CPU_RANDOM_GENERATOR_H_

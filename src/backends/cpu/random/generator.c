// SPDX-License-Identifier: Apache-2.0
//
// Mersenne twister MT19937 (Matsumoto and Nishimura, 1998) and the generator
// that all models of the process share.
#include "backends/cpu/random/generator.h"

#include <math.h>

#include "pt2/pt2.h"

#define SHIFT 397
#define UPPER 0x80000000u
#define LOWER 0x7fffffffu

static pt2__generator_t shared = {.lock = PTHREAD_MUTEX_INITIALIZER};

pt2__generator_t* pt2__generator_acquire(pt2__generator_t* const* given) {
  pt2__generator_t* generator =
      given != NULL && *given != NULL ? *given : &shared;
  pthread_mutex_lock(&generator->lock);
  if (!generator->seeded) {
    pt2__generator_seed(generator, PT2__GENERATOR_DEFAULT_SEED);
  }
  return generator;
}

void pt2__generator_release(pt2__generator_t* generator) {
  pthread_mutex_unlock(&generator->lock);
}

void pt2__generator_seed(pt2__generator_t* generator, uint64_t seed) {
  // Only the low half counts, as in torch.
  uint32_t word = (uint32_t)seed;
  generator->state[0] = word;
  for (uint32_t i = 1; i < PT2__GENERATOR_WORDS; ++i) {
    word = 1812433253u * (word ^ (word >> 30)) + i;
    generator->state[i] = word;
  }
  generator->next = PT2__GENERATOR_WORDS;
  generator->has_normal = false;
  generator->seeded = true;
}

static inline uint32_t twist(uint32_t high, uint32_t low) {
  uint32_t mixed = (high & UPPER) | (low & LOWER);
  return (mixed >> 1) ^ (-(low & 1u) & 0x9908b0dfu);
}

void pt2__generator_refill(pt2__generator_t* generator) {
  uint32_t* state = generator->state;
  // Two loops without a wrap-around inside, so that the compiler makes
  // vectors of them.
  for (int i = 0; i < PT2__GENERATOR_WORDS - SHIFT; ++i) {
    state[i] = state[i + SHIFT] ^ twist(state[i], state[i + 1]);
  }
  for (int i = PT2__GENERATOR_WORDS - SHIFT; i < PT2__GENERATOR_WORDS - 1;
       ++i) {
    state[i] =
        state[i + SHIFT - PT2__GENERATOR_WORDS] ^ twist(state[i], state[i + 1]);
  }
  state[PT2__GENERATOR_WORDS - 1] =
      state[SHIFT - 1] ^ twist(state[PT2__GENERATOR_WORDS - 1], state[0]);
  for (int i = 0; i < PT2__GENERATOR_WORDS; ++i) {
    uint32_t word = state[i];
    word ^= word >> 11;
    word ^= (word << 7) & 0x9d2c5680u;
    word ^= (word << 15) & 0xefc60000u;
    generator->words[i] = word ^ (word >> 18);
  }
  generator->next = 0;
}

double pt2__generator_normal(pt2__generator_t* generator) {
  if (generator->has_normal) {
    generator->has_normal = false;
    return generator->normal;
  }
  double angle = 6.283185307179586 * pt2__generator_f64(generator);
  double radius = sqrt(-2.0 * log1p(-pt2__generator_f64(generator)));
  generator->normal = radius * sin(angle);
  generator->has_normal = true;
  return radius * cos(angle);
}

void pt2_manual_seed(uint64_t seed) {
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  pt2__generator_seed(generator, seed);
  pt2__generator_release(generator);
}

// SPDX-License-Identifier: Apache-2.0
//
// Latencies by the million without allocation: see histogram.h.
#include "tooling/histogram.h"

#include <math.h>
#include <stddef.h>

#define SUB_COUNT (1u << PT2__HISTOGRAM_SUB_BITS)

// Values below 2 * SUB_COUNT have a bucket each; above, each power of two is
// cut in SUB_COUNT.
static size_t bucket_of(uint64_t ns) {
  if (ns < 2 * SUB_COUNT) {
    return (size_t)ns;
  }
  unsigned shift = 63 - (unsigned)__builtin_clzll(ns) - PT2__HISTOGRAM_SUB_BITS;
  size_t bucket = ((size_t)shift << PT2__HISTOGRAM_SUB_BITS) + (ns >> shift);
  return bucket < PT2__HISTOGRAM_BUCKETS ? bucket : PT2__HISTOGRAM_BUCKETS - 1;
}

static double middle_of(size_t bucket) {
  if (bucket < 2 * SUB_COUNT) {
    return (double)bucket;
  }
  unsigned shift = (unsigned)(bucket >> PT2__HISTOGRAM_SUB_BITS) - 1;
  uint64_t low = ((uint64_t)(bucket & (SUB_COUNT - 1)) + SUB_COUNT) << shift;
  return (double)low + 0.5 * (double)((uint64_t)1 << shift);
}

void pt2__histogram_add(pt2__histogram_t* histogram, uint64_t ns) {
  histogram->buckets[bucket_of(ns)] += 1;
  if (histogram->count == 0 || ns < histogram->min_ns) {
    histogram->min_ns = ns;
  }
  if (ns > histogram->max_ns) {
    histogram->max_ns = ns;
  }
  histogram->count += 1;
  histogram->sum_ns += ns;
}

void pt2__histogram_merge(pt2__histogram_t* histogram,
                          const pt2__histogram_t* other) {
  if (other->count == 0) {
    return;
  }
  for (size_t i = 0; i < PT2__HISTOGRAM_BUCKETS; ++i) {
    histogram->buckets[i] += other->buckets[i];
  }
  if (histogram->count == 0 || other->min_ns < histogram->min_ns) {
    histogram->min_ns = other->min_ns;
  }
  if (other->max_ns > histogram->max_ns) {
    histogram->max_ns = other->max_ns;
  }
  histogram->count += other->count;
  histogram->sum_ns += other->sum_ns;
}

double pt2__histogram_quantile(const pt2__histogram_t* histogram,
                               double fraction) {
  if (histogram->count == 0) {
    return 0;
  }
  uint64_t wanted = (uint64_t)ceil(fraction * (double)histogram->count);
  wanted = wanted > 0 ? wanted : 1;
  uint64_t seen = 0;
  size_t bucket = 0;
  for (; bucket < PT2__HISTOGRAM_BUCKETS - 1; ++bucket) {
    seen += histogram->buckets[bucket];
    if (seen >= wanted) {
      break;
    }
  }
  double value = middle_of(bucket);
  value = value < (double)histogram->min_ns ? (double)histogram->min_ns : value;
  return value > (double)histogram->max_ns ? (double)histogram->max_ns : value;
}

double pt2__histogram_mean(const pt2__histogram_t* histogram) {
  return histogram->count > 0
             ? (double)histogram->sum_ns / (double)histogram->count
             : 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// Latencies by the million without allocation: counts in buckets that are at
// most 1/128 of their value wide.
#ifndef PT2_SRC_TOOLING_HISTOGRAM_H_
#define PT2_SRC_TOOLING_HISTOGRAM_H_

#include <stdint.h>

#define PT2__HISTOGRAM_SUB_BITS 7
// Up to 2^42 ns, more than an hour; longer ones count as that.
#define PT2__HISTOGRAM_BUCKETS ((42 - PT2__HISTOGRAM_SUB_BITS + 1) << 7)

typedef struct {
  uint64_t buckets[PT2__HISTOGRAM_BUCKETS];
  uint64_t count;
  uint64_t sum_ns;
  uint64_t min_ns;
  uint64_t max_ns;
} pt2__histogram_t;

// Begin with zeros.
void pt2__histogram_add(pt2__histogram_t* histogram, uint64_t ns);
void pt2__histogram_merge(pt2__histogram_t* histogram,
                          const pt2__histogram_t* other);
// The latency that |fraction| (0 to 1) of all do not exceed, in ns: the middle
// of its bucket, within min and max. 0 if there are none.
double pt2__histogram_quantile(const pt2__histogram_t* histogram,
                               double fraction);
double pt2__histogram_mean(const pt2__histogram_t* histogram);

#endif  // PT2_SRC_TOOLING_HISTOGRAM_H_

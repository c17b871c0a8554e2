// SPDX-License-Identifier: Apache-2.0
//
// What a trace holds, for the files that make it up.
#ifndef PT2_SRC_TRACE_RECORDS_H_
#define PT2_SRC_TRACE_RECORDS_H_

#include <pthread.h>
#include <stdatomic.h>

#include "trace/trace.h"

// Threads are spread over so many lists, so that they seldom meet at a lock.
#define PT2__TRACE_STRIPES 8
#define PT2__TRACE_CHUNK_BYTES 32768
#define PT2__TRACE_BUCKETS 256
// Longest error kept, in bytes.
#define PT2__TRACE_ERROR_BYTES 256

typedef struct {
  atomic_uint_fast64_t calls;
  atomic_uint_fast64_t failures;
  atomic_int_fast64_t total_ns;
  atomic_int_fast64_t self_ns;
  atomic_int_fast64_t largest_ns;
  int64_t apart[3];  // one cache line for each stripe
} pt2__trace_count_t;

struct pt2__trace_name_t {
  pt2__trace_name_t* next;  // in its bucket
  int32_t kind;
  uint32_t hash;
  pt2__trace_count_t counts[PT2__TRACE_STRIPES];
  char text[];
};

// One record; words of its tensors and the bytes of its error follow.
typedef struct {
  uint32_t bytes;  // of all of it, a multiple of 8
  uint32_t thread;
  const pt2__trace_name_t* name;
  int64_t begin_ns;
  int64_t duration_ns;
  int64_t waited_ns;
  uint32_t runner;
  pt2_status_t status;
  uint16_t tensor_count;
  uint16_t tensors_left_out;
  uint16_t word_count;
  uint16_t error_bytes;
} pt2__trace_record_t;

// Records, one behind the other. Those below |used| never change.
typedef struct pt2__trace_chunk_t {
  struct pt2__trace_chunk_t* next;
  size_t used;
  _Alignas(8) unsigned char bytes[PT2__TRACE_CHUNK_BYTES - 2 * sizeof(size_t)];
} pt2__trace_chunk_t;
_Static_assert(sizeof(pt2__trace_chunk_t) == PT2__TRACE_CHUNK_BYTES,
               "two chunks lie within the least limit");

typedef struct {
  pthread_mutex_t lock;
  pt2__trace_chunk_t* first;
  pt2__trace_chunk_t* last;
} pt2__trace_stripe_t;

struct pt2_trace_t {
  atomic_int references;
  size_t limit_bytes;
  atomic_size_t chunk_bytes;  // what is limited
  atomic_size_t name_bytes;
  atomic_uint_fast64_t record_count;
  atomic_uint_fast64_t dropped_count;
  atomic_uint runner_count;
  // Held by who reads chunks without their stripe's lock, and who frees them.
  pthread_mutex_t reading;
  pt2__trace_stripe_t stripes[PT2__TRACE_STRIPES];
  pthread_mutex_t names_lock;  // of all below
  pt2__trace_name_t** names;
  size_t name_count;
  size_t name_capacity;
  pt2__trace_name_t* buckets[PT2__TRACE_BUCKETS];
};

#endif  // PT2_SRC_TRACE_RECORDS_H_

// SPDX-License-Identifier: Apache-2.0
//
// A trace: its names with their counters, and its records.
#include <string.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__APPLE__)
#include <pthread.h>
#endif

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/struct_bytes.h"
#include "tensor/tensor.h"
#include "trace/records.h"

#define LEAST_BYTES 65536

static const char* const kinds[] = {"load", "run",      "update", "swap",
                                    "fold", "operator", "kernel"};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == PT2_TRACE_KIND_COUNT,
               "each kind has a name");

const char* pt2_trace_kind_name(int32_t kind) {
  return kind >= 0 && kind < PT2_TRACE_KIND_COUNT ? kinds[kind] : NULL;
}

// ---- Creation --------------------------------------------------------------

static const pt2_trace_options_t default_options = {
    .struct_bytes = sizeof(default_options), .limit_bytes = (size_t)64 << 20};

void pt2_trace_options_init_sized(pt2_trace_options_t* options,
                                  size_t struct_bytes) {
  pt2__struct_init(options, struct_bytes, &default_options,
                   sizeof(default_options));
}

pt2_status_t pt2_trace_create(const pt2_trace_options_t* options,
                              pt2_trace_t** out_trace) {
  pt2__error_begin();
  if (out_trace == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "out_trace may not be NULL");
  }
  pt2_trace_options_t all = default_options;
  PT2_TRY(pt2__struct_read(&all, sizeof(all), options, "pt2_trace_options_t"));
  if (all.limit_bytes < LEAST_BYTES) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "limit_bytes is %zu, a trace needs at least %d",
                    all.limit_bytes, LEAST_BYTES);
  }
  pt2_trace_t* trace = pt2__calloc(1, sizeof(*trace));
  if (trace == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*trace));
  }
  atomic_init(&trace->references, 1);
  trace->limit_bytes = all.limit_bytes;
  pthread_mutex_init(&trace->reading, NULL);
  pthread_mutex_init(&trace->names_lock, NULL);
  for (size_t i = 0; i < PT2__TRACE_STRIPES; ++i) {
    pthread_mutex_init(&trace->stripes[i].lock, NULL);
  }
  *out_trace = trace;
  return PT2_STATUS_OK;
}

void pt2_trace_retain(pt2_trace_t* trace) {
  if (trace != NULL) {
    atomic_fetch_add_explicit(&trace->references, 1, memory_order_relaxed);
  }
}

static void free_chunks(pt2_trace_t* trace, pt2__trace_chunk_t* chunk) {
  while (chunk != NULL) {
    pt2__trace_chunk_t* next = chunk->next;
    pt2__free(chunk);
    atomic_fetch_sub_explicit(&trace->chunk_bytes, sizeof(*chunk),
                              memory_order_relaxed);
    chunk = next;
  }
}

void pt2_trace_release(pt2_trace_t* trace) {
  if (trace == NULL || atomic_fetch_sub_explicit(&trace->references, 1,
                                                 memory_order_acq_rel) != 1) {
    return;
  }
  for (size_t i = 0; i < PT2__TRACE_STRIPES; ++i) {
    free_chunks(trace, trace->stripes[i].first);
    pthread_mutex_destroy(&trace->stripes[i].lock);
  }
  for (size_t i = 0; i < trace->name_count; ++i) {
    pt2__free(trace->names[i]);
  }
  pt2__free(trace->names);
  pthread_mutex_destroy(&trace->names_lock);
  pthread_mutex_destroy(&trace->reading);
  pt2__free(trace);
}

uint32_t pt2__trace_number_runner(pt2_trace_t* trace) {
  return atomic_fetch_add_explicit(&trace->runner_count, 1,
                                   memory_order_relaxed) +
         1;
}

// ---- Names -----------------------------------------------------------------

static uint32_t hash_of(int32_t kind, const char* text) {
  uint32_t hash = 2166136261U ^ (uint32_t)kind;  // FNV-1a
  for (; *text != '\0'; ++text) {
    hash = (hash ^ (unsigned char)*text) * 16777619U;
  }
  return hash;
}

// Called with the lock held.
static bool grow_names(pt2_trace_t* trace) {
  if (trace->name_count < trace->name_capacity) {
    return true;
  }
  size_t capacity = trace->name_capacity == 0 ? 64 : 2 * trace->name_capacity;
  void* grown = pt2__realloc(trace->names, capacity * sizeof(*trace->names));
  if (grown == NULL) {
    return false;
  }
  trace->names = grown;
  trace->name_capacity = capacity;
  return true;
}

// Called with the lock held.
static pt2__trace_name_t* add_name(pt2_trace_t* trace, int32_t kind,
                                   uint32_t hash, const char* text) {
  if (!grow_names(trace)) {
    return NULL;
  }
  size_t bytes = strlen(text) + 1;
  pt2__trace_name_t* name = pt2__calloc(1, sizeof(*name) + bytes);
  if (name == NULL) {
    return NULL;
  }
  atomic_fetch_add_explicit(&trace->name_bytes, sizeof(*name) + bytes,
                            memory_order_relaxed);
  name->kind = kind;
  name->hash = hash;
  memcpy(name->text, text, bytes);
  name->next = trace->buckets[hash % PT2__TRACE_BUCKETS];
  trace->buckets[hash % PT2__TRACE_BUCKETS] = name;
  trace->names[trace->name_count++] = name;
  return name;
}

pt2__trace_name_t* pt2__trace_name(pt2_trace_t* trace, int32_t kind,
                                   const char* text) {
  uint32_t hash = hash_of(kind, text);
  pthread_mutex_lock(&trace->names_lock);
  pt2__trace_name_t* name = trace->buckets[hash % PT2__TRACE_BUCKETS];
  while (name != NULL && (name->hash != hash || name->kind != kind ||
                          strcmp(name->text, text) != 0)) {
    name = name->next;
  }
  if (name == NULL) {
    name = add_name(trace, kind, hash, text);
  }
  pthread_mutex_unlock(&trace->names_lock);
  return name;
}

// ---- Spans -----------------------------------------------------------------

// Deeper ones are recorded, but not taken from the |self_ns| of what is around
// them.
#define MOST_DEPTH 32

typedef struct {
  uint32_t system_id;
  uint32_t stripe;
  size_t depth;
  int64_t inside_ns[MOST_DEPTH];  // of the span at each depth
} thread_t;

static _Thread_local thread_t thread;

// The number that the system's own tools show, where there is one.
static uint32_t system_thread_id(uint32_t otherwise) {
#if defined(__linux__)
  (void)otherwise;
  return (uint32_t)syscall(SYS_gettid);
#elif defined(__APPLE__)
  uint64_t id = otherwise;
  pthread_threadid_np(NULL, &id);
  return (uint32_t)id;
#else
  return otherwise;
#endif
}

static thread_t* this_thread(void) {
  static atomic_uint count;
  if (thread.system_id == 0) {
    unsigned number =
        atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    thread.system_id = system_thread_id(number + 1);
    thread.stripe = number % PT2__TRACE_STRIPES;
  }
  return &thread;
}

void pt2__trace_begin(pt2__trace_span_t* span) {
  thread_t* self = this_thread();
  span->depth = self->depth++;
  if (span->depth < MOST_DEPTH) {
    self->inside_ns[span->depth] = 0;
  }
  span->begin_ns = pt2__clock_now_ns();
}

// Returns the time that was spent inside of |span|, |duration| if that is not
// known.
static int64_t leave(thread_t* self, const pt2__trace_span_t* span,
                     int64_t duration) {
  size_t depth = span->depth;
  self->depth = depth;
  if (depth > 0 && depth <= MOST_DEPTH) {
    self->inside_ns[depth - 1] += duration;
  }
  return depth < MOST_DEPTH ? self->inside_ns[depth] : duration;
}

static void count(pt2__trace_count_t* counts, int64_t duration, int64_t self_ns,
                  bool failed) {
  atomic_fetch_add_explicit(&counts->calls, 1, memory_order_relaxed);
  atomic_fetch_add_explicit(&counts->total_ns, duration, memory_order_relaxed);
  atomic_fetch_add_explicit(&counts->self_ns, self_ns, memory_order_relaxed);
  if (failed) {
    atomic_fetch_add_explicit(&counts->failures, 1, memory_order_relaxed);
  }
  int_fast64_t largest =
      atomic_load_explicit(&counts->largest_ns, memory_order_relaxed);
  while (largest < duration &&
         !atomic_compare_exchange_weak_explicit(&counts->largest_ns, &largest,
                                                duration, memory_order_relaxed,
                                                memory_order_relaxed)) {
  }
}

// ---- Records ---------------------------------------------------------------

void pt2__trace_add_tensor(pt2__trace_tensors_t* tensors,
                           const pt2_tensor_t* tensor) {
  if (tensor == NULL || tensor->storage == NULL) {
    return;
  }
  size_t words = 1 + (size_t)tensor->rank;
  if (words > PT2__TRACE_WORDS - tensors->word_count) {
    ++tensors->left_out;
    return;
  }
  int64_t* at = tensors->words + tensors->word_count;
  *at = (int64_t)tensor->dtype << 8 | tensor->rank;
  memcpy(at + 1, tensor->sizes, (size_t)tensor->rank * sizeof(*at));
  tensors->word_count += words;
  ++tensors->count;
}

void pt2__trace_drop(pt2_trace_t* trace) {
  atomic_fetch_add_explicit(&trace->dropped_count, 1, memory_order_relaxed);
}

// A chunk within the limit; NULL if there is no memory.
static pt2__trace_chunk_t* new_chunk(pt2_trace_t* trace) {
  size_t held = atomic_fetch_add_explicit(
      &trace->chunk_bytes, sizeof(pt2__trace_chunk_t), memory_order_relaxed);
  pt2__trace_chunk_t* chunk = held + sizeof(*chunk) <= trace->limit_bytes
                                  ? pt2__malloc(sizeof(*chunk))
                                  : NULL;
  if (chunk == NULL) {
    atomic_fetch_sub_explicit(&trace->chunk_bytes, sizeof(*chunk),
                              memory_order_relaxed);
    return NULL;
  }
  chunk->next = NULL;
  chunk->used = 0;
  return chunk;
}

// Room for a record in the list of |stripe|, whose lock is held.
static void* find_room(pt2_trace_t* trace, pt2__trace_stripe_t* stripe,
                       size_t bytes) {
  pt2__trace_chunk_t* chunk = stripe->last;
  if (chunk == NULL || bytes > sizeof(chunk->bytes) - chunk->used) {
    chunk = new_chunk(trace);
    if (chunk == NULL) {
      return NULL;
    }
    if (stripe->last != NULL) {
      stripe->last->next = chunk;
    } else {
      stripe->first = chunk;
    }
    stripe->last = chunk;
  }
  void* room = chunk->bytes + chunk->used;
  chunk->used += bytes;
  return room;
}

static void keep(pt2_trace_t* trace, uint32_t stripe_index,
                 pt2__trace_record_t* record,
                 const pt2__trace_details_t* details) {
  static const pt2__trace_tensors_t none;
  const pt2__trace_tensors_t* tensors =
      details->tensors != NULL ? details->tensors : &none;
  size_t error_bytes = details->error != NULL
                           ? strnlen(details->error, PT2__TRACE_ERROR_BYTES)
                           : 0;
  size_t words_bytes = tensors->word_count * sizeof(*tensors->words);
  size_t bytes = sizeof(*record) + words_bytes + (error_bytes + 7) / 8 * 8;
  record->bytes = (uint32_t)bytes;
  record->tensor_count = (uint16_t)tensors->count;
  record->tensors_left_out =
      (uint16_t)(tensors->left_out < UINT16_MAX ? tensors->left_out
                                                : UINT16_MAX);
  record->word_count = (uint16_t)tensors->word_count;
  record->error_bytes = (uint16_t)error_bytes;
  pt2__trace_stripe_t* stripe = &trace->stripes[stripe_index];
  pthread_mutex_lock(&stripe->lock);
  unsigned char* room = find_room(trace, stripe, bytes);
  if (room != NULL) {
    memcpy(room, record, sizeof(*record));
    memcpy(room + sizeof(*record), tensors->words, words_bytes);
    if (error_bytes > 0) {
      memcpy(room + sizeof(*record) + words_bytes, details->error, error_bytes);
    }
    atomic_fetch_add_explicit(&trace->record_count, 1, memory_order_relaxed);
  } else {
    pt2__trace_drop(trace);
  }
  pthread_mutex_unlock(&stripe->lock);
}

void pt2__trace_end(pt2_trace_t* trace, const pt2__trace_span_t* span,
                    pt2__trace_name_t* name,
                    const pt2__trace_details_t* details) {
  int64_t duration = pt2__clock_now_ns() - span->begin_ns;
  thread_t* self = this_thread();
  int64_t inside = leave(self, span, duration);
  if (name == NULL) {
    pt2__trace_drop(trace);
    return;
  }
  count(&name->counts[self->stripe], duration,
        duration - inside - details->waited_ns,
        details->status != PT2_STATUS_OK);
  pt2__trace_record_t record = {.thread = self->system_id,
                                .name = name,
                                .begin_ns = span->begin_ns,
                                .duration_ns = duration,
                                .waited_ns = details->waited_ns,
                                .runner = details->runner,
                                .status = details->status};
  keep(trace, self->stripe, &record, details);
}

// ---- Queries ---------------------------------------------------------------

void pt2_trace_clear(pt2_trace_t* trace) {
  if (trace == NULL) {
    return;
  }
  pthread_mutex_lock(&trace->reading);
  for (size_t i = 0; i < PT2__TRACE_STRIPES; ++i) {
    pt2__trace_stripe_t* stripe = &trace->stripes[i];
    pthread_mutex_lock(&stripe->lock);
    pt2__trace_chunk_t* chunks = stripe->first;
    stripe->first = stripe->last = NULL;
    pthread_mutex_unlock(&stripe->lock);
    free_chunks(trace, chunks);
  }
  atomic_store(&trace->record_count, 0);
  atomic_store(&trace->dropped_count, 0);
  pthread_mutex_unlock(&trace->reading);
}

pt2_status_t pt2_trace_statistics(pt2_trace_t* trace,
                                  pt2_trace_statistics_t* statistics) {
  pt2__error_begin();
  if (trace == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "trace is NULL");
  }
  pt2_trace_statistics_t all = {
      .record_count = atomic_load(&trace->record_count),
      .dropped_count = atomic_load(&trace->dropped_count),
      .held_bytes =
          atomic_load(&trace->chunk_bytes) + atomic_load(&trace->name_bytes)};
  return pt2__struct_fill(statistics, &all, sizeof(all),
                          "pt2_trace_statistics_t");
}

size_t pt2_trace_counter_count(pt2_trace_t* trace) {
  if (trace == NULL) {
    return 0;
  }
  pthread_mutex_lock(&trace->names_lock);
  size_t names = trace->name_count;
  pthread_mutex_unlock(&trace->names_lock);
  return names;
}

static pt2_trace_counter_t sum(pt2__trace_name_t* name) {
  pt2_trace_counter_t all = {.name = name->text, .kind = name->kind};
  for (size_t i = 0; i < PT2__TRACE_STRIPES; ++i) {
    pt2__trace_count_t* counts = &name->counts[i];
    int64_t largest = atomic_load(&counts->largest_ns);
    all.calls += atomic_load(&counts->calls);
    all.failures += atomic_load(&counts->failures);
    all.total_ns += atomic_load(&counts->total_ns);
    all.self_ns += atomic_load(&counts->self_ns);
    all.largest_ns = largest > all.largest_ns ? largest : all.largest_ns;
  }
  return all;
}

pt2_status_t pt2_trace_counter(pt2_trace_t* trace, size_t index,
                               pt2_trace_counter_t* counter) {
  pt2__error_begin();
  size_t names = pt2_trace_counter_count(trace);
  if (index >= names) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "counter %zu of %zu does not exist", index, names);
  }
  pthread_mutex_lock(&trace->names_lock);
  pt2__trace_name_t* name = trace->names[index];
  pthread_mutex_unlock(&trace->names_lock);
  pt2_trace_counter_t all = sum(name);
  return pt2__struct_fill(counter, &all, sizeof(all), "pt2_trace_counter_t");
}

void pt2_trace_reset_counters(pt2_trace_t* trace) {
  if (trace == NULL) {
    return;
  }
  pthread_mutex_lock(&trace->names_lock);
  for (size_t i = 0; i < trace->name_count; ++i) {
    for (size_t j = 0; j < PT2__TRACE_STRIPES; ++j) {
      pt2__trace_count_t* counts = &trace->names[i]->counts[j];
      atomic_store(&counts->calls, 0);
      atomic_store(&counts->failures, 0);
      atomic_store(&counts->total_ns, 0);
      atomic_store(&counts->self_ns, 0);
      atomic_store(&counts->largest_ns, 0);
    }
  }
  pthread_mutex_unlock(&trace->names_lock);
}

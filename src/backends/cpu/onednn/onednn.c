// SPDX-License-Identifier: Apache-2.0
//
// Loads oneDNN, and keeps what is dear to make: engine, a stream for each
// thread, primitives by their description.
#include "backends/cpu/onednn/onednn.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

// ---- Loading ---------------------------------------------------------------

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static pt2__onednn_t functions;
static bool usable;
static dnnl_engine_t engine;
static pthread_key_t stream_key;

static void destroy_stream(void* stream) { functions.stream_destroy(stream); }

static bool look_up(void* library) {
  const dnnl_version_t* (*version)(void);
  *(void**)&version = dlsym(library, "dnnl_version");
  if (version == NULL || version()->major != DNNL_VERSION_MAJOR) {
    return false;
  }
#define PT2_ONEDNN_SYMBOL(name)                             \
  *(void**)&functions.name = dlsym(library, "dnnl_" #name); \
  if (functions.name == NULL) {                             \
    return false;                                           \
  }
#include "backends/cpu/onednn/onednn_symbols.def"
#undef PT2_ONEDNN_SYMBOL
  return true;
}

static void load(void) {
  const char* path = getenv("PT2_ONEDNN_LIBRARY");
  if (path == NULL) {
    path = "libdnnl.so.3";
  } else if (path[0] == '\0') {
    return;
  }
  // Lazily bound: of its hundred thousand symbols a model needs few.
  void* library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) {
    return;
  }
  if (!look_up(library) ||
      functions.engine_create(&engine, dnnl_cpu, 0) != dnnl_success) {
    dlclose(library);
    return;
  }
  if (pthread_key_create(&stream_key, destroy_stream) != 0) {
    functions.engine_destroy(engine);
    dlclose(library);
    return;
  }
  usable = true;
}

const pt2__onednn_t* pt2__onednn(void) {
  pthread_once(&load_once, load);
  return usable ? &functions : NULL;
}

dnnl_engine_t pt2__onednn_engine(void) { return engine; }

dnnl_stream_t pt2__onednn_stream(void) {
  dnnl_stream_t stream = pthread_getspecific(stream_key);
  if (stream == NULL) {
    if (functions.stream_create(&stream, engine, dnnl_stream_default_flags) !=
        dnnl_success) {
      return NULL;
    }
    if (pthread_setspecific(stream_key, stream) != 0) {
      functions.stream_destroy(stream);
      return NULL;
    }
  }
  return stream;
}

pt2_status_t pt2__onednn_fail(dnnl_status_t status, const char* what) {
  switch (status) {
    case dnnl_out_of_memory:
      return PT2_FAIL(PT2_STATUS_OUT_OF_MEMORY, "oneDNN %s: out of memory",
                      what);
    case dnnl_unimplemented:
    case dnnl_invalid_arguments:
      return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "oneDNN %s: not implemented",
                      what);
    default:
      return PT2_FAIL(PT2_STATUS_INTERNAL, "oneDNN %s: failed with status %d",
                      what, (int)status);
  }
}

// ---- Primitives ------------------------------------------------------------

// Primitives kept; beyond that the one unused longest goes, so that a model
// with many shapes does not grow without end.
#define CACHE_CAPACITY 1024
#define CACHE_BUCKETS 512

typedef struct entry_t {
  pt2__onednn_primitive_t made;  // first: callers hold its address
  struct entry_t* next;
  const void* kind;
  uint64_t hash;
  uint64_t used;   // stamp of the last use
  int references;  // users, plus one while it is in the cache
  size_t key_bytes;
  unsigned char key[];
} entry_t;

static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static entry_t* cache[CACHE_BUCKETS];
static size_t cache_count;
static uint64_t cache_clock;

static uint64_t hash_key(const void* kind, const void* key, size_t bytes) {
  uint64_t hash = (uint64_t)(uintptr_t)kind * 0x9E3779B97F4A7C15u;
  const unsigned char* at = key;
  for (; bytes >= 8; bytes -= 8, at += 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
  }
  uint64_t rest = 0;
  memcpy(&rest, at, bytes);
  hash = (hash ^ rest) * 0x9E3779B97F4A7C15u;
  return hash ^ (hash >> 32);
}

static void destroy_entry(entry_t* entry) {
  functions.primitive_destroy(entry->made.primitive);
  functions.primitive_desc_destroy(entry->made.description);
  pt2__free(entry);
}

static entry_t* find_locked(const void* kind, uint64_t hash, const void* key,
                            size_t key_bytes) {
  for (entry_t* at = cache[hash % CACHE_BUCKETS]; at != NULL; at = at->next) {
    if (at->hash == hash && at->kind == kind && at->key_bytes == key_bytes &&
        memcmp(at->key, key, key_bytes) == 0) {
      at->used = ++cache_clock;
      at->references++;
      return at;
    }
  }
  return NULL;
}

// Takes the entry unused longest out of the cache.
static entry_t* evict_locked(void) {
  entry_t** oldest = NULL;
  for (size_t i = 0; i < CACHE_BUCKETS; ++i) {
    for (entry_t** at = &cache[i]; *at != NULL; at = &(*at)->next) {
      if (oldest == NULL || (*at)->used < (*oldest)->used) {
        oldest = at;
      }
    }
  }
  if (oldest == NULL) {
    return NULL;
  }
  entry_t* gone = *oldest;
  *oldest = gone->next;
  cache_count--;
  return --gone->references == 0 ? gone : NULL;
}

static pt2_status_t make_primitive(pt2__onednn_describe_fn describe,
                                   void* context,
                                   pt2__onednn_primitive_t* made) {
  dnnl_primitive_attr_t attr;
  dnnl_status_t status = functions.primitive_attr_create(&attr);
  if (status != dnnl_success) {
    return pt2__onednn_fail(status, "attributes");
  }
  status = functions.primitive_attr_set_scratchpad_mode(
      attr, dnnl_scratchpad_mode_user);
  if (status == dnnl_success) {
    status = describe(&functions, engine, attr, context, &made->description);
  }
  functions.primitive_attr_destroy(attr);
  if (status != dnnl_success) {
    return pt2__onednn_fail(status, "description of a primitive");
  }
  status = functions.primitive_create(&made->primitive, made->description);
  if (status != dnnl_success) {
    functions.primitive_desc_destroy(made->description);
    return pt2__onednn_fail(status, "primitive");
  }
  made->scratchpad = functions.primitive_desc_query_md(
      made->description, dnnl_query_scratchpad_md, 0);
  made->scratchpad_bytes = functions.memory_desc_get_size(made->scratchpad);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__onednn_primitive_get(
    const void* kind, const void* key, size_t key_bytes,
    pt2__onednn_describe_fn describe, void* context,
    const pt2__onednn_primitive_t** out_primitive) {
  uint64_t hash = hash_key(kind, key, key_bytes);
  pthread_mutex_lock(&cache_lock);
  entry_t* entry = find_locked(kind, hash, key, key_bytes);
  pthread_mutex_unlock(&cache_lock);
  if (entry != NULL) {
    *out_primitive = &entry->made;
    return PT2_STATUS_OK;
  }
  entry = pt2__calloc(1, sizeof(*entry) + key_bytes);
  if (entry == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*entry) + key_bytes);
  }
  pt2_status_t status = make_primitive(describe, context, &entry->made);
  if (status != PT2_STATUS_OK) {
    pt2__free(entry);
    return status;
  }
  entry->kind = kind;
  entry->hash = hash;
  entry->key_bytes = key_bytes;
  entry->references = 2;
  memcpy(entry->key, key, key_bytes);

  // Made without the lock: another thread may have been faster.
  entry_t* gone = NULL;
  pthread_mutex_lock(&cache_lock);
  entry_t* other = find_locked(kind, hash, key, key_bytes);
  if (other != NULL) {
    gone = entry;
    entry = other;
  } else {
    if (cache_count >= CACHE_CAPACITY) {
      gone = evict_locked();
    }
    entry->used = ++cache_clock;
    entry->next = cache[hash % CACHE_BUCKETS];
    cache[hash % CACHE_BUCKETS] = entry;
    cache_count++;
  }
  pthread_mutex_unlock(&cache_lock);
  if (gone != NULL) {
    destroy_entry(gone);
  }
  *out_primitive = &entry->made;
  return PT2_STATUS_OK;
}

void pt2__onednn_primitive_release(const pt2__onednn_primitive_t* primitive) {
  entry_t* entry = (entry_t*)primitive;
  pthread_mutex_lock(&cache_lock);
  bool last = --entry->references == 0;
  pthread_mutex_unlock(&cache_lock);
  if (last) {
    destroy_entry(entry);
  }
}

const_dnnl_memory_desc_t pt2__onednn_wanted(
    const pt2__onednn_primitive_t* primitive, int argument) {
  return functions.primitive_desc_query_md(primitive->description,
                                           dnnl_query_exec_arg_md, argument);
}

// ---- Execution -------------------------------------------------------------

static dnnl_status_t execute_with(const pt2__onednn_primitive_t* primitive,
                                  const pt2__onednn_argument_t* arguments,
                                  int count, dnnl_stream_t stream) {
  dnnl_exec_arg_t bound[PT2__ONEDNN_MAX_ARGUMENTS + 1];
  int made = 0;
  dnnl_status_t status = dnnl_success;
  for (; made < count && status == dnnl_success; ++made) {
    bound[made].arg = arguments[made].argument;
    status = functions.memory_create(&bound[made].memory,
                                     arguments[made].description, engine,
                                     arguments[made].data);
    if (status != dnnl_success) {
      break;
    }
  }
  if (status == dnnl_success) {
    status =
        functions.primitive_execute(primitive->primitive, stream, made, bound);
  }
  if (status == dnnl_success) {
    status = functions.stream_wait(stream);
  }
  for (int i = 0; i < made; ++i) {
    functions.memory_destroy(bound[i].memory);
  }
  return status;
}

pt2_status_t pt2__onednn_execute(const pt2__onednn_primitive_t* primitive,
                                 const pt2__onednn_argument_t* arguments,
                                 int argument_count) {
  if (argument_count > PT2__ONEDNN_MAX_ARGUMENTS) {
    return PT2_FAIL(PT2_STATUS_INTERNAL, "oneDNN: %d arguments",
                    argument_count);
  }
  dnnl_stream_t stream = pt2__onednn_stream();
  if (stream == NULL) {
    return PT2_FAIL(PT2_STATUS_INTERNAL, "oneDNN: no stream");
  }
  pt2__onednn_argument_t all[PT2__ONEDNN_MAX_ARGUMENTS + 1];
  memcpy(all, arguments, sizeof(*all) * (size_t)argument_count);
  void* scratchpad = NULL;
  if (primitive->scratchpad_bytes > 0) {
    scratchpad = pt2__pool_alloc(primitive->scratchpad_bytes);
    if (scratchpad == NULL) {
      return PT2_OUT_OF_MEMORY(primitive->scratchpad_bytes);
    }
    all[argument_count++] = (pt2__onednn_argument_t){
        DNNL_ARG_SCRATCHPAD, primitive->scratchpad, scratchpad};
  }
  dnnl_status_t status = execute_with(primitive, all, argument_count, stream);
  pt2__pool_free(scratchpad, primitive->scratchpad_bytes);
  return status == dnnl_success ? PT2_STATUS_OK
                                : pt2__onednn_fail(status, "execution");
}

// A thread that ends after the library was unmapped must not call into it.
__attribute__((destructor)) static void forget_streams(void) {
  if (usable) {
    pthread_key_delete(stream_key);
  }
}

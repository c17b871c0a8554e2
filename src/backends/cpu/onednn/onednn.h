// SPDX-License-Identifier: Apache-2.0
//
// oneDNN, opened when an operator first profits from it: it is optional at
// build and at run time, and loading it costs more than a small model's run.
#ifndef PT2_SRC_BACKENDS_CPU_ONEDNN_ONEDNN_H_
#define PT2_SRC_BACKENDS_CPU_ONEDNN_ONEDNN_H_

#if PT2_HAVE_ONEDNN

#include <stddef.h>

#include "base/status.h"
#include "dnnl.h"

// oneDNN's functions, each under its name without "dnnl_".
typedef struct {
#define PT2_ONEDNN_SYMBOL(name) __typeof__(&dnnl_##name) name;
#include "backends/cpu/onednn/onednn_symbols.def"
#undef PT2_ONEDNN_SYMBOL
} pt2__onednn_t;

// The functions; NULL if there is no usable oneDNN. The first call loads
// $PT2_ONEDNN_LIBRARY or else libdnnl.so.3; an empty PT2_ONEDNN_LIBRARY means
// none. No error is recorded: callers have kernels of their own.
//
// Threads: any.
const pt2__onednn_t* pt2__onednn(void);

// The CPU engine, and the stream of the calling thread (NULL if it cannot be
// made). Only after pt2__onednn() gave a table. Both belong to the library.
dnnl_engine_t pt2__onednn_engine(void);
dnnl_stream_t pt2__onednn_stream(void);

// A primitive that the cache keeps.
typedef struct {
  dnnl_primitive_t primitive;
  dnnl_primitive_desc_t description;
  const_dnnl_memory_desc_t scratchpad;
  size_t scratchpad_bytes;
} pt2__onednn_primitive_t;

// Makes a primitive's description. |attr| has the scratchpad mode set to user
// and may be added to.
typedef dnnl_status_t (*pt2__onednn_describe_fn)(
    const pt2__onednn_t* onednn, dnnl_engine_t engine,
    dnnl_primitive_attr_t attr, void* context,
    dnnl_primitive_desc_t* out_description);

// Finds the primitive made under the |key_bytes| bytes of |key| (no padding
// that is not zeroed), or makes it with |describe|. |kind| is an address that
// only the caller uses and part of the key.
//
// Ownership: give back with pt2__onednn_primitive_release.
// Errors:    UNSUPPORTED    oneDNN has no such primitive; callers fall back
//            OUT_OF_MEMORY
// Threads:   any.
PT2_MUST_USE pt2_status_t
pt2__onednn_primitive_get(const void* kind, const void* key, size_t key_bytes,
                          pt2__onednn_describe_fn describe, void* context,
                          const pt2__onednn_primitive_t** out_primitive);
void pt2__onednn_primitive_release(const pt2__onednn_primitive_t* primitive);

// One argument of an execution: DNNL_ARG_*, what lies there and where.
typedef struct {
  int argument;
  const_dnnl_memory_desc_t description;
  void* data;
} pt2__onednn_argument_t;

// Most arguments of one execution.
#define PT2__ONEDNN_MAX_ARGUMENTS 12

// Runs |primitive| on the calling thread's stream and waits. Its scratchpad
// comes from the pool.
PT2_MUST_USE pt2_status_t pt2__onednn_execute(
    const pt2__onednn_primitive_t* primitive,
    const pt2__onednn_argument_t* arguments, int argument_count);

// The description of argument |query_index| (DNNL_ARG_*) as the primitive
// wants it; belongs to the primitive.
const_dnnl_memory_desc_t pt2__onednn_wanted(
    const pt2__onednn_primitive_t* primitive, int argument);

// Turns a failure of oneDNN into a status and a record naming |what|.
pt2_status_t pt2__onednn_fail(dnnl_status_t status, const char* what);

#endif  // PT2_HAVE_ONEDNN
#endif  // PT2_SRC_BACKENDS_CPU_ONEDNN_ONEDNN_H_

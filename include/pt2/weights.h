// SPDX-License-Identifier: Apache-2.0
//
// Files of weights: tensors by name, used where they lie in the mapped file.
#ifndef PT2_WEIGHTS_H_
#define PT2_WEIGHTS_H_

#include <stddef.h>

#include "pt2/status.h"
#include "pt2/tensor.h"

#if defined(__cplusplus)
extern "C" {
#endif

// The tensors of one file. Nothing is copied: they lie in the mapped file,
// which must not change while one of them lives.
//
// Threads: any; it does not change.
typedef struct pt2_weights_t pt2_weights_t;

// Opens a .safetensors file or one of torch.save (zip format, torch 1.6 and
// later) that holds a dict of tensors (a state dict) or one tensor, whose name
// is then "". Which of the two it is tell its first bytes.
//
// A pickle is a program; of torch.save's only what tensors need is understood,
// nothing in it is executed and everything else is refused by name. Offsets,
// sizes, dtypes and shapes are all checked against the file.
//
// Ownership: the caller owns |*out_weights|; tensors taken from it keep the
//            file by themselves.
// Errors:    NOT_FOUND, IO, CORRUPT, UNSUPPORTED, OUT_OF_MEMORY; the message
//            names file and tensor.
PT2_API PT2_MUST_USE pt2_status_t pt2_weights_open(const char* path,
                                                   pt2_weights_t** out_weights);

// The same from bytes in memory; |name| is for messages.
//
// Ownership: |data| is borrowed and must stay unchanged until the weights and
//            every tensor taken from them are gone.
PT2_API PT2_MUST_USE pt2_status_t
pt2_weights_open_memory(const char* name, const void* data, size_t size_bytes,
                        pt2_weights_t** out_weights);

// Adds and drops a reference, the last one closes the file unless tensors of it
// live; NULL is allowed.
PT2_API void pt2_weights_retain(pt2_weights_t* weights);
PT2_API void pt2_weights_release(pt2_weights_t* weights);

// The number of tensors, and the name of each; NULL past the end. Borrowed.
PT2_API size_t pt2_weights_count(const pt2_weights_t* weights);
PT2_API const char* pt2_weights_peek_name(const pt2_weights_t* weights,
                                          size_t index);

// One tensor, NULL past the end. Borrowed; retain it to keep it. It may not be
// written to.
PT2_API pt2_tensor_t* pt2_weights_peek_tensor(const pt2_weights_t* weights,
                                              size_t index);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_WEIGHTS_H_

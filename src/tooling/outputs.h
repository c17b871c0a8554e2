// SPDX-License-Identifier: Apache-2.0
//
// What happens to the outputs of a run: files they are saved to, files they
// are compared with.
#ifndef PT2_SRC_TOOLING_OUTPUTS_H_
#define PT2_SRC_TOOLING_OUTPUTS_H_

#include "tooling/cli.h"
#include "tooling/compare.h"
#include "tooling/values.h"

// Checks --output before anything is run: "@" and a known kind of file, no
// more files than outputs, files that can hold the outputs' dtypes.
int pt2__outputs_check_files(const pt2__args_t* args,
                             const pt2_runner_t* runner);

// Writes the files of --output. |outputs| has the indices as keys; each .npy
// and .bin file takes the next output that is not None, a .npz or .safetensors
// file takes all; "RESULT[1]=@FILE" takes that one.
int pt2__outputs_save(const pt2__args_t* args, const pt2_runner_t* runner,
                      const pt2__tensor_list_t* outputs);

// What the files of --expected-output hold.
typedef struct {
  size_t count;                // outputs of the model
  pt2_tensor_t** by_index;     // from keys and names; entries may be NULL
  pt2__tensor_list_t singles;  // from .npy files, in order
  bool has_keys;               // a file with keys was given: all are expected
} pt2__expected_t;
int pt2__expected_load(const pt2__args_t* args, const pt2_runner_t* runner,
                       pt2__expected_t* out_expected);
void pt2__expected_free(pt2__expected_t* expected);
// Gives the tensors without keys to the outputs that are not None and have
// none, in order.
int pt2__expected_assign(pt2__expected_t* expected,
                         const pt2__tensor_list_t* outputs);

// Compares output |index|; |*out_compared| is false if nothing is known about
// it. --rtol and --atol replace the defaults of the dtype.
int pt2__expected_compare(const pt2__expected_t* expected,
                          const pt2__args_t* args,
                          const pt2__tensor_list_t* outputs, size_t index,
                          bool* out_compared,
                          pt2__comparison_t* out_comparison);

#endif  // PT2_SRC_TOOLING_OUTPUTS_H_

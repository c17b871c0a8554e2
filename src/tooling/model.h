// SPDX-License-Identifier: Apache-2.0
//
// Opening the package and loading the model that the command line names.
#ifndef PT2_SRC_TOOLING_MODEL_H_
#define PT2_SRC_TOOLING_MODEL_H_

#include "tooling/cli.h"
#include "tooling/inputs.h"

// Opens args->file; --verify.
int pt2__model_open(const pt2__args_t* args, pt2_package_t** out_package);

// The models that --model chooses: the named one, or all if it is not given.
int pt2__model_range(const pt2__args_t* args, const pt2_package_t* package,
                     size_t* out_first, size_t* out_end);

// A loaded model.
typedef struct {
  pt2_package_t* package;
  pt2_runner_t* runner;
  double load_seconds;  // open and load
  pt2_trace_t* trace;   // NULL unless --trace or --operators is given
} pt2__model_t;

// Opens, applies --threads and --seed, loads; --model, --no-input-checks,
// --weights, --trace, --operators. On failure nothing is left to close.
int pt2__model_load(const pt2__args_t* args, size_t runner_count,
                    pt2__model_t* out_model);
void pt2__model_close(pt2__model_t* model);

// Makes the inputs that --input, --shapes, --dim, --input-max and --seed ask
// for, on the model's device.
int pt2__model_inputs(const pt2__args_t* args, const pt2__model_t* model,
                      pt2__tensor_list_t* list);
// Copies those that are on a device to the host, where files and prints want
// them.
int pt2__model_to_host(pt2__tensor_list_t* list);

#endif  // PT2_SRC_TOOLING_MODEL_H_

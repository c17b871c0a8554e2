// SPDX-License-Identifier: Apache-2.0
//
// The part of libpt2's C interface that the example uses, as Go sees it.
package main

/*
#cgo CFLAGS: -I${SRCDIR}/../../include
#cgo LDFLAGS: -L${SRCDIR}/../../build/release -lpt2
#include <stdlib.h>
#include <string.h>
#include "pt2/pt2.h"

// Errors are per thread: they must be read in the call that failed, since Go may
// go on in another thread.
static char* said(pt2_status_t status) {
  return status == PT2_STATUS_OK ? NULL : strdup(pt2_error_message());
}
static char* load(const char* path, pt2_runner_t** runner) {
  pt2_package_t* package = NULL;
  char* error = said(pt2_package_open(path, NULL, &package));
  if (error == NULL) error = said(pt2_runner_create(package, NULL, runner));
  pt2_package_release(package);  // the runner keeps it
  return error;
}
static char* create(size_t rank, const int64_t* sizes, pt2_tensor_t** tensor) {
  return said(pt2_tensor_create(PT2_DTYPE_F32, rank, sizes, NULL, tensor));
}
static char* run(pt2_runner_t* runner, pt2_tensor_t** inputs, size_t count,
                 pt2_tensor_t** outputs, size_t output_count) {
  return said(pt2_runner_run_boxed(runner, inputs, count, outputs, output_count));
}
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// Tensor is float32 elements, row by row, in Go's memory.
type Tensor struct {
	Data  []float32
	Sizes []int64
}

// Runner is a loaded model. Many goroutines may run it at once.
type Runner struct{ raw *C.pt2_runner_t }

func failure(text *C.char) error {
	if text == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(text))
	return errors.New(C.GoString(text))
}

// Load opens a package and loads its model.
func Load(path string) (*Runner, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	runner := &Runner{}
	if err := failure(C.load(name, &runner.raw)); err != nil {
		return nil, err
	}
	return runner, nil
}

// Close unloads the model; no run may be going on.
func (runner *Runner) Close() {
	C.pt2_runner_release(runner.raw)
	runner.raw = nil
}

// Run runs the model once. Elements are copied to the library's memory and
// back: C may not keep addresses of Go's.
func (runner *Runner) Run(inputs ...Tensor) ([]Tensor, error) {
	from := make([]*C.pt2_tensor_t, len(inputs)+1) // never without a first element
	defer func() {
		for _, tensor := range from { // those that no run took over
			C.pt2_tensor_release(tensor)
		}
	}()
	for i, input := range inputs {
		if err := fill(input, &from[i]); err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
	}
	count := int(C.pt2_runner_output_count(runner.raw))
	to := make([]*C.pt2_tensor_t, count+1)
	err := failure(C.run(runner.raw, &from[0], C.size_t(len(inputs)), &to[0], C.size_t(count)))
	if err != nil {
		return nil, err
	}
	outputs := make([]Tensor, count)
	for i := range outputs {
		if read(to[i], &outputs[i]) != nil && err == nil {
			err = fmt.Errorf("output %d is not float32 in rows", i)
		}
		C.pt2_tensor_release(to[i])
	}
	return outputs, err
}

func fill(input Tensor, out **C.pt2_tensor_t) error {
	sizes := append([]int64{}, input.Sizes...)
	sizes = append(sizes, 0) // never without a first element
	rank := C.size_t(len(input.Sizes))
	if err := failure(C.create(rank, (*C.int64_t)(&sizes[0]), out)); err != nil {
		return err
	}
	if int(C.pt2_tensor_numel(*out)) != len(input.Data) {
		return fmt.Errorf("%d elements do not make sizes %v", len(input.Data), input.Sizes)
	}
	copy(elements(*out), input.Data)
	return nil
}

func elements(tensor *C.pt2_tensor_t) []float32 {
	count := int(C.pt2_tensor_numel(tensor))
	if count == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(C.pt2_tensor_peek_data(tensor)), count)
}

// read copies a tensor; one that is None stays empty.
func read(from *C.pt2_tensor_t, to *Tensor) error {
	if from == nil {
		return nil
	}
	if C.pt2_tensor_dtype(from) != C.PT2_DTYPE_F32 || !bool(C.pt2_tensor_is_contiguous(from)) {
		return errors.New("not float32 in rows")
	}
	to.Data = append(to.Data, elements(from)...)
	sizes := unsafe.Slice((*int64)(C.pt2_tensor_peek_sizes(from)), int(C.pt2_tensor_rank(from)))
	to.Sizes = append(to.Sizes, sizes...)
	return nil
}

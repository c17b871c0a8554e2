// SPDX-License-Identifier: Apache-2.0
//
// What a Mac's model is to the loader: functions that it offers, functions of
// PyTorch's that it wants and finds by name alone, pointers to both, weights.
// tests/macho/make.sh makes libraries of it.
#include <stddef.h>
#include <stdint.h>

typedef struct tensor_t* handle_t;

int32_t aoti_torch_get_dim(handle_t, int64_t*);
int32_t aoti_torch_get_numel(handle_t, int64_t*);
int32_t aoti_torch_cpu_no_such_op(handle_t) __attribute__((weak));
extern const char aoti_torch_some_data[];
char* getenv(const char*);

#define EXPORT __attribute__((visibility("default")))

// As the compiler's own weights: between two symbols.
__asm__(
    ".section __DATA,__data\n"
    ".globl __binary_constants_bin_start\n"
    ".p2align 4\n"
    "__binary_constants_bin_start:\n"
    ".quad 11, 22, 33, 44\n"
    ".globl __binary_constants_bin_end\n"
    "__binary_constants_bin_end:\n");
extern const int64_t _binary_constants_bin_start[];

static int32_t twice(handle_t tensor, int64_t* out) {
  int32_t status = aoti_torch_get_numel(tensor, out);
  *out *= 2;
  return status;
}

typedef int32_t (*function_t)(handle_t, int64_t*);

// Pointers that the dynamic linker writes: to others, to itself, into others.
EXPORT const function_t model_functions[] = {aoti_torch_get_dim, twice,
                                             aoti_torch_get_numel, twice};
EXPORT const char* const model_inside = aoti_torch_some_data + 24;

EXPORT int32_t AOTInductorModelContainerCreate(handle_t tensor, int64_t* out) {
  int64_t sum = 0;
  for (size_t i = 0; i < sizeof(model_functions) / sizeof(function_t); ++i) {
    int64_t value = 0;
    int32_t status = model_functions[i](tensor, &value);
    if (status != 0) {
      return status;
    }
    sum = 100 * sum + value;
  }
  *out = sum;
  return 0;
}

EXPORT int64_t AOTInductorModelContainerGetNumInputs(void) {
  return _binary_constants_bin_start[1] + (getenv("PT2_MODEL") != NULL) +
         (aoti_torch_cpu_no_such_op != NULL ? 1000 : 0);
}

// SPDX-License-Identifier: Apache-2.0
//
// The seam: all that this back end wants of Metal. metal_apple.c is Apple's;
// tests/softmetal has one that runs shaders on the CPU. One of them is linked.
//
// Threads: callers hold the back end's lock; nothing here is called by two
// threads at once.
// Errors:  a function that fails fills in |error| and returns NULL or false.
#ifndef PT2_SRC_BACKENDS_MPS_METAL_H_
#define PT2_SRC_BACKENDS_MPS_METAL_H_

#include <stdbool.h>
#include <stddef.h>

// Metal's own limits, the same on all devices that it runs on.
#define PT2__METAL_ARGUMENT_COUNT 31  // buffers of one kernel
#define PT2__METAL_BYTES_MAX 4096     // of one argument given as bytes

typedef struct pt2__metal_buffer_t pt2__metal_buffer_t;
typedef struct pt2__metal_library_t pt2__metal_library_t;
typedef struct pt2__metal_kernel_t pt2__metal_kernel_t;
// A command buffer and the encoder that fills it.
typedef struct pt2__metal_commands_t pt2__metal_commands_t;

typedef struct {
  char text[2048];  // long enough for the compiler's first complaints
} pt2__metal_error_t;

// Looks for the device, once; later calls cost nothing. NULL if it is there,
// otherwise why not; the text lives as long as the process.
const char* pt2__metal_open(void);
// Gives the device back: for tests, which then count what is left.
void pt2__metal_close(void);

// Whether shaders of this device may use simdgroup_matrix; it is open.
bool pt2__metal_has_simdgroup_matrix(void);

// Memory that device and host use at the same address, uninitialised, aligned
// to 64. |bytes| > 0.
pt2__metal_buffer_t* pt2__metal_buffer_create(size_t bytes, void** out_contents,
                                              pt2__metal_error_t* error);
// The buffer is somebody's for |bytes|, no more than it was made with: what is
// in it no longer matters. (Metal need not know; devices of tests poison it and
// watch what lies behind.)
void pt2__metal_buffer_renew(pt2__metal_buffer_t* buffer, size_t bytes);
// Commands keep the buffers that they use.
void pt2__metal_buffer_release(pt2__metal_buffer_t* buffer);

// Compiles Metal source.
pt2__metal_library_t* pt2__metal_library_create(const char* source,
                                                bool fast_math,
                                                pt2__metal_error_t* error);
void pt2__metal_library_release(pt2__metal_library_t* library);

// |*out_max_threads| is the most that one threadgroup of it may have.
pt2__metal_kernel_t* pt2__metal_kernel_create(pt2__metal_library_t* library,
                                              const char* name,
                                              size_t* out_max_threads,
                                              pt2__metal_error_t* error);
void pt2__metal_kernel_release(pt2__metal_kernel_t* kernel);

// New commands, which run after those committed before.
pt2__metal_commands_t* pt2__metal_commands_create(pt2__metal_error_t* error);
// What the next dispatch runs. Arguments stay until they are set again.
void pt2__metal_commands_set_kernel(pt2__metal_commands_t* commands,
                                    pt2__metal_kernel_t* kernel);
// |index| < PT2__METAL_ARGUMENT_COUNT.
void pt2__metal_commands_set_buffer(pt2__metal_commands_t* commands,
                                    unsigned index, pt2__metal_buffer_t* buffer,
                                    size_t offset);
// 0 < |bytes| <= PT2__METAL_BYTES_MAX; they are copied.
void pt2__metal_commands_set_bytes(pt2__metal_commands_t* commands,
                                   unsigned index, const void* data,
                                   size_t bytes);
// Runs |threads| in threadgroups of |group| (those at the edges are smaller);
// none of the numbers is 0.
void pt2__metal_commands_dispatch(pt2__metal_commands_t* commands,
                                  const size_t threads[3],
                                  const size_t group[3]);
// Closes the encoder and hands the commands to the device.
void pt2__metal_commands_commit(pt2__metal_commands_t* commands);
// True once committed commands have run or failed.
bool pt2__metal_commands_done(pt2__metal_commands_t* commands);
// Waits for committed commands and releases them; false if they failed.
bool pt2__metal_commands_finish(pt2__metal_commands_t* commands,
                                pt2__metal_error_t* error);

#endif  // PT2_SRC_BACKENDS_MPS_METAL_H_

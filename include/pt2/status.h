// SPDX-License-Identifier: Apache-2.0
//
// Status codes and the error record of the calling thread.
#ifndef PT2_STATUS_H_
#define PT2_STATUS_H_

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

// Marks what the library exports.
#if defined(_WIN32)
#define PT2_API
#else
#define PT2_API __attribute__((visibility("default")))
#endif

// For compilers that know it: warn where a status is not looked at, and check
// the arguments of functions that take a format as printf does.
#if defined(__GNUC__)
#define PT2_MUST_USE __attribute__((warn_unused_result))
#define PT2_PRINTF(format_index, first_index) \
  __attribute__((format(printf, format_index, first_index)))
#else
#define PT2_MUST_USE
#define PT2_PRINTF(format_index, first_index)
#endif

// What a call came to. New codes are only appended.
enum {
  PT2_STATUS_OK = 0,
  // An argument is wrong: count, dtype, shape, a NULL that may not be.
  PT2_STATUS_INVALID_ARGUMENT = 1,
  // A file, model, input, constant or symbol of that name does not exist.
  PT2_STATUS_NOT_FOUND = 2,
  PT2_STATUS_OUT_OF_MEMORY = 3,
  // The operating system refused a file operation.
  PT2_STATUS_IO = 4,
  // A file is damaged or lies about itself.
  PT2_STATUS_CORRUPT = 5,
  // The package is sound but uses something this library does not have.
  PT2_STATUS_UNSUPPORTED = 6,
  // The package is sound but not for this machine (CPU, device, platform).
  PT2_STATUS_INCOMPATIBLE = 7,
  // The object is not in a state in which the call makes sense.
  PT2_STATUS_FAILED_PRECONDITION = 8,
  // The model's own code reported an error.
  PT2_STATUS_MODEL_ERROR = 9,
  // A bug in this library.
  PT2_STATUS_INTERNAL = 10,
  PT2_STATUS_TIMEOUT = 11,
  PT2_STATUS_CANCELLED = 12,
};
typedef int32_t pt2_status_t;

// Returns the name of |status|, such as "INVALID_ARGUMENT"; "UNKNOWN" for a
// value that is no status. The string is static.
PT2_API const char* pt2_status_name(pt2_status_t status);

// Returns what the last failed call of this thread said, "" if none failed.
//
// The text names the thing that was wrong (file, input, dimension, operator).
//
// Ownership: borrowed; valid until this thread's next call of a function that
//            returns a status.
// Threads:   each thread has its own record.
PT2_API const char* pt2_error_message(void);

// Returns the status of the last failed call of this thread, PT2_STATUS_OK if
// none failed.
PT2_API pt2_status_t pt2_error_status(void);

// Forgets the record of this thread.
PT2_API void pt2_error_clear(void);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_STATUS_H_

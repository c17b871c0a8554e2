// SPDX-License-Identifier: Apache-2.0
//
// The map of constants that models of torch 2.6 to 2.12 take and fill: a
// std::unordered_map<std::string, AtenTensorHandle>, whose std::string has the
// old layout in those of torch 2.6 and the new one (__cxx11) since.
#ifndef PT2_SRC_LOADER_CONSTANT_MAP_H_
#define PT2_SRC_LOADER_CONSTANT_MAP_H_

#include <stddef.h>

#if defined(__cplusplus)
extern "C" {
#endif

struct pt2_tensor_t;

// What newer models take instead (AOTInductorConstantMapEntry).
typedef struct {
  const char* name;
  struct pt2_tensor_t* tensor;
} pt2__constant_entry_t;

// Functions for one of the two layouts. Maps borrow the tensors.
typedef struct {
  // NULL when out of memory.
  void* (*create)(const pt2__constant_entry_t* entries, size_t count);
  void (*destroy)(void* map);
  // The tensor under |name|, NULL if there is none.
  struct pt2_tensor_t* (*find)(void* map, const char* name);
} pt2__constant_map_api_t;

extern const pt2__constant_map_api_t pt2__constant_map_cxx11;
extern const pt2__constant_map_api_t pt2__constant_map_old;

#if defined(__cplusplus)
}
#endif

#endif  // PT2_SRC_LOADER_CONSTANT_MAP_H_

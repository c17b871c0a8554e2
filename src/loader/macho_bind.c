// SPDX-License-Identifier: Apache-2.0
#include "loader/macho_bind.h"

#include <string.h>

#include "base/status.h"

typedef struct {
  const pt2__macho_file_t* file;
  uint8_t* image;
  pt2__resolve_fn resolve;
  void* user;
  uint32_t touched;  // one bit a segment
  bool writes;
  size_t count;
} binding_t;

static size_t segment_of(const pt2__macho_file_t* file, uint64_t address) {
  size_t index = 0;
  while (index + 1 < file->segment_count &&
         address - file->segments[index].address >=
             file->segments[index].bytes) {
    ++index;
  }
  return index;
}

// The first pass tells which segments have such pointers, the second writes.
static pt2_status_t bind(void* user, const pt2__macho_fixup_t* fixup) {
  binding_t* binding = user;
  if (fixup->symbol == NULL) {
    return PT2_STATUS_OK;
  }
  void* address = binding->resolve(binding->user, fixup->symbol);
  if (address == NULL) {
    return PT2_STATUS_OK;
  }
  binding->touched |= 1u << segment_of(binding->file, fixup->address);
  if (binding->writes) {
    uint64_t value = (uint64_t)(uintptr_t)address + (uint64_t)fixup->addend;
    memcpy(binding->image + (fixup->address - binding->file->base), &value,
           sizeof(value));
    ++binding->count;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t protect_touched(const binding_t* binding,
                                    pt2__macho_protect_fn protect,
                                    bool writable) {
  pt2_status_t first = PT2_STATUS_OK;
  for (size_t i = 0; i < binding->file->segment_count && protect != NULL; ++i) {
    const pt2__macho_segment_t* segment = &binding->file->segments[i];
    if ((binding->touched >> i & 1) != 0) {
      pt2_status_t status =
          protect(binding->user,
                  binding->image + (segment->address - binding->file->base),
                  segment, writable);
      first = first == PT2_STATUS_OK ? status : first;
    }
  }
  return first;
}

pt2_status_t pt2__macho_bind(const pt2__macho_file_t* file, uint8_t* image,
                             pt2__resolve_fn resolve,
                             pt2__macho_protect_fn protect, void* user,
                             size_t* out_count) {
  binding_t binding = {
      .file = file, .image = image, .resolve = resolve, .user = user};
  PT2_TRY(pt2__macho_visit_fixups(file, bind, &binding));
  pt2_status_t status = protect_touched(&binding, protect, true);
  if (status == PT2_STATUS_OK) {
    binding.writes = true;
    status = pt2__macho_visit_fixups(file, bind, &binding);
  }
  pt2_status_t restored = protect_touched(&binding, protect, false);
  *out_count = binding.count;
  return status != PT2_STATUS_OK ? status : restored;
}

// SPDX-License-Identifier: Apache-2.0
//
// Which releases of PyTorch can have written a model. No field says so; what is
// there and what is missing does. Releases are the minor numbers of 2.x.
#include <string.h>

#include "base/status.h"
#include "package/model.h"

// Newest release that is known; its features may be in later ones too.
#define NEWEST 15
#define OPEN_END 99

typedef struct {
  int first;
  int last;
} range_t;

static void since(range_t* range, int release, bool is_there) {
  if (is_there && range->first < release) {
    range->first = release;
  } else if (!is_there && range->last >= release) {
    range->last = release - 1;
  }
}

// Functions that every model of a release exports; the text defines them, the
// library's symbols name them.
static void narrow_by_exports(range_t* range, pt2__span_t text) {
  static const struct {
    int release;
    const char* name;
  } exports[] = {
      {7, "AOTInductorModelContainerRunSingleThreaded"},
      {8, "AOTInductorModelContainerGetConstantDataSize"},
      {10, "AOTInductorModelContainerGetConstantsBlobSize"},
      {13, "AOTInductorGetLastError"},
      {14, "AOTInductorModelContainerCreateWithExternalConstants"},
      {15, "AOTInductorModelContainerSetUseStreamAffinity"},
  };
  for (size_t i = 0; i < sizeof(exports) / sizeof(exports[0]); ++i) {
    since(range, exports[i].release,
          pt2__span_find(text, exports[i].name) != NULL);
  }
}

// Habits of the code generator.
static void narrow_by_text(range_t* range, pt2__span_t text) {
  const char* at = pt2__span_find(text, " = constants_->at(");
  if (at != NULL) {
    // Constants became references.
    pt2__span_t line = {at, at};
    while (line.begin > text.begin && line.begin[-1] != '\n') {
      --line.begin;
    }
    since(range, 9, pt2__span_find(line, "auto& ") != NULL);
  }
  if (pt2__span_find(text, "constants_info_[0].dtype") != NULL) {
    since(range, 11,
          pt2__span_find(text, "constants_info_[0].device_type") != NULL);
  }
  if (pt2__span_find(text, " -std=c++") != NULL) {
    since(range, 12, pt2__span_find(text, " -std=c++20") != NULL);
  }
}

pt2_status_t pt2__model_tell_release(pt2__archive_t* archive,
                                     const pt2__shared_object_t* library,
                                     const char* library_name,
                                     pt2__model_t* model) {
  range_t range = {6, OPEN_END};
  if (archive->is_zip) {
    since(&range, 8, archive->has_prefix);
  }
  since(&range, 7, strstr(library_name, ".wrapper.so") != NULL);
  const pt2__bytes_t* source = &model->files.source;
  if (library->names.begin < library->names.end) {
    narrow_by_exports(&range, library->names);
  }
  if (source->data != NULL) {
    pt2__span_t text = {(const char*)source->data,
                        (const char*)source->data + source->size_bytes};
    narrow_by_text(&range, text);
  }
  pt2__arena_t* arena = archive->arena;
  model->newest_torch_minor = OPEN_END;
  if (range.first > range.last) {
    // Put together from several releases, or none of PyTorch's.
    model->torch_release = "unknown";
    return PT2_STATUS_OK;
  }
  model->newest_torch_minor = range.last;
  if (range.last >= NEWEST) {
    return pt2__arena_printf(arena, &model->torch_release, "2.%d or later",
                             range.first);
  }
  if (range.first == range.last) {
    return pt2__arena_printf(arena, &model->torch_release, "2.%d", range.first);
  }
  return pt2__arena_printf(
      arena, &model->torch_release,
      range.last == range.first + 1 ? "2.%d or 2.%d" : "2.%d to 2.%d",
      range.first, range.last);
}

// SPDX-License-Identifier: Apache-2.0
//
// Symbol versions: what a model asks of the system's libraries against what
// those define. A package made on a newer distribution fails here by name
// instead of in the dynamic linker.
#include "loader/elf_file.h"
#include "loader/loader.h"

#if PT2_HAVE_ELF && defined(__GLIBC__)

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

typedef struct {
  const char* strings;
  const Elf64_Verdef* first;
  uint64_t count;
} definitions_t;

// The dynamic linker relocates these addresses in place on most machines.
static const void* loaded_at(const struct link_map* map, uint64_t address) {
  if (address < map->l_addr) {
    address += map->l_addr;
  }
  return (const void*)(uintptr_t)address;
}

static bool find_definitions(void* handle, definitions_t* out) {
  struct link_map* map = NULL;
  *out = (definitions_t){0};
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || map == NULL) {
    return false;
  }
  for (const ElfW(Dyn)* at = map->l_ld; at->d_tag != DT_NULL; ++at) {
    if (at->d_tag == DT_STRTAB) {
      out->strings = loaded_at(map, at->d_un.d_ptr);
    } else if (at->d_tag == DT_VERDEF) {
      out->first = loaded_at(map, at->d_un.d_ptr);
    } else if (at->d_tag == DT_VERDEFNUM) {
      out->count = at->d_un.d_val;
    }
  }
  return out->strings != NULL && out->first != NULL;
}

// Compares "GLIBCXX_3.4.9" with "GLIBCXX_3.4.30" number by number; |kind| is
// the length of what stands before them.
static int compare_versions(const char* a, const char* b, size_t kind) {
  a += kind;
  b += kind;
  while (*a != '\0' || *b != '\0') {
    char* end_a;
    char* end_b;
    unsigned long x = strtoul(a, &end_a, 10);
    unsigned long y = strtoul(b, &end_b, 10);
    if (x != y) {
      return x < y ? -1 : 1;
    }
    if (end_a == a || end_b == b) {
      return strcmp(a, b);
    }
    a = *end_a == '.' ? end_a + 1 : end_a;
    b = *end_b == '.' ? end_b + 1 : end_b;
  }
  return 0;
}

// True if |version| is defined; otherwise the newest of its kind, or NULL.
static bool defines(const definitions_t* all, const char* version,
                    const char** out_newest) {
  const char* underscore = strchr(version, '_');
  size_t kind = underscore != NULL ? (size_t)(underscore - version) + 1 : 0;
  const char* newest = NULL;
  const Elf64_Verdef* at = all->first;
  for (uint64_t i = 0; i < all->count; ++i) {
    const Elf64_Verdaux* aux =
        (const Elf64_Verdaux*)((const char*)at + at->vd_aux);
    const char* name = all->strings + aux->vda_name;
    if (strcmp(name, version) == 0) {
      return true;
    }
    bool numbered = name[kind] >= '0' && name[kind] <= '9';
    if (kind > 0 && strncmp(name, version, kind) == 0 && numbered &&
        (newest == NULL || compare_versions(newest, name, kind) < 0)) {
      newest = name;
    }
    at = (const Elf64_Verdef*)((const char*)at + at->vd_next);
  }
  *out_newest = newest;
  return false;
}

typedef struct {
  pt2__missing_version_fn missing;
  void* user;
  // The library looked at last; versions of one come together.
  const char* library;
  void* handle;
  definitions_t definitions;
} search_t;

static bool is_of_the_system(const char* library) {
  static const char* const names[] = {"libstdc++.so.6", "libgcc_s.so.1",
                                      "libgomp.so.1", "libc.so.6", "libm.so.6"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    if (strcmp(library, names[i]) == 0) {
      return true;
    }
  }
  return false;
}

static void close_library(search_t* search) {
  if (search->handle != NULL) {
    dlclose(search->handle);
  }
  search->handle = NULL;
  search->library = NULL;
}

static pt2_status_t check_version(void* user, const char* library,
                                  const char* version, uint16_t index) {
  (void)index;
  search_t* search = user;
  if (!is_of_the_system(library)) {
    return PT2_STATUS_OK;
  }
  if (search->library == NULL || strcmp(search->library, library) != 0) {
    close_library(search);
    search->library = library;
    search->definitions = (definitions_t){0};
    search->handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    if (search->handle != NULL) {
      (void)find_definitions(search->handle, &search->definitions);
    }
  }
  const char* newest = NULL;
  if (search->handle != NULL &&
      (search->definitions.first == NULL ||
       defines(&search->definitions, version, &newest))) {
    return PT2_STATUS_OK;
  }
  return search->missing(search->user, library, version, newest);
}

pt2_status_t pt2__elf_missing_versions(const uint8_t* data, size_t size_bytes,
                                       const char* name,
                                       pt2__missing_version_fn missing,
                                       void* user) {
  pt2__elf_file_t file;
  PT2_TRY(pt2__elf_file_open(data, size_bytes, name, &file));
  search_t search = {.missing = missing, .user = user};
  pt2_status_t status = pt2__elf_visit_needs(&file, check_version, &search);
  close_library(&search);
  return status;
}

#else

pt2_status_t pt2__elf_missing_versions(const uint8_t* data, size_t size_bytes,
                                       const char* name,
                                       pt2__missing_version_fn missing,
                                       void* user) {
  (void)data, (void)size_bytes, (void)name, (void)missing, (void)user;
  return PT2_STATUS_OK;
}

#endif

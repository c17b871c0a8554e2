// SPDX-License-Identifier: Apache-2.0
//
// What a Mac's model needs and offers, told on any machine.
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "loader/inspect.h"
#include "loader/macho_file.h"

typedef struct {
  pt2__code_info_t* info;
  uint64_t weights_start;
  uint64_t weights_end;
} listing_t;

static pt2_status_t count_symbol(void* user,
                                 const pt2__macho_symbol_t* symbol) {
  (void)symbol;
  ++*(size_t*)user;
  return PT2_STATUS_OK;
}

static pt2_status_t count_needed(void* user, const char* library) {
  (void)library;
  ++*(size_t*)user;
  return PT2_STATUS_OK;
}

static pt2_status_t list_symbol(void* user, const pt2__macho_symbol_t* symbol) {
  listing_t* listing = user;
  pt2__code_info_t* info = listing->info;
  if (symbol->is_import) {
    info->imports[info->import_count++] = symbol->name;
  } else if (strcmp(symbol->name, "_binary_constants_bin_start") == 0) {
    listing->weights_start = symbol->address;
  } else if (strcmp(symbol->name, "_binary_constants_bin_end") == 0) {
    listing->weights_end = symbol->address;
  } else if (!symbol->is_private &&
             strncmp(symbol->name, "AOTInductor", 11) == 0) {
    info->exports[info->export_count++] = symbol->name;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t list_needed(void* user, const char* library) {
  pt2__code_info_t* info = user;
  info->needed[info->needed_count++] = library;
  return PT2_STATUS_OK;
}

static void find_weights(const pt2__macho_file_t* file,
                         const listing_t* listing) {
  uint64_t offset;
  if (listing->weights_end > listing->weights_start &&
      pt2__macho_locate(file, listing->weights_start,
                        listing->weights_end - listing->weights_start,
                        &offset)) {
    listing->info->weights_offset = offset;
    listing->info->weights_bytes =
        listing->weights_end - listing->weights_start;
    listing->info->weights_writable = true;  // in __DATA
  }
}

pt2_status_t pt2__macho_inspect(const uint8_t* data, size_t size,
                                const char* name, pt2__code_info_t* info) {
  pt2__macho_file_t file;
  PT2_TRY(pt2__macho_open(data, size, name, &file));
  size_t symbols = 0;
  size_t libraries = 0;
  PT2_TRY(pt2__macho_visit_symbols(&file, count_symbol, &symbols));
  PT2_TRY(pt2__macho_visit_needed(&file, count_needed, &libraries));
  size_t bytes = (2 * symbols + libraries) * sizeof(char*);
  const char** names = pt2__malloc(bytes > 0 ? bytes : 1);
  if (names == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  info->storage = names;
  info->imports = names;
  info->exports = names + symbols;
  info->needed = info->exports + symbols;
  listing_t listing = {.info = info};
  PT2_TRY(pt2__macho_visit_symbols(&file, list_symbol, &listing));
  find_weights(&file, &listing);
  return pt2__macho_visit_needed(&file, list_needed, info);
}

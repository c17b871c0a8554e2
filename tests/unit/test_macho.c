// SPDX-License-Identifier: Apache-2.0
//
// Mac models, read and bound on any machine: libraries of tests/macho, one for
// each machine and form of fix-ups. Those for x86_64 run here too, where this
// is one: mapped and bound by this file as dyld does it, then by the loader.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <zlib.h>

#include "base/status.h"
#include "loader/loader.h"
#include "loader/macho_bind.h"
#include "loader/macho_file.h"
#include "support/skip.h"

#define MODEL(arch, form) \
  PT2_TEST_DATA "/macho/model-" arch "-" form ".dylib.gz"

static const char* const paths[] = {
    MODEL("arm64", "chains"), MODEL("arm64", "programs"),
    MODEL("x86_64", "chains"), MODEL("x86_64", "programs")};
#define PATH_COUNT (sizeof(paths) / sizeof(paths[0]))

// The file's bytes, in a block of exactly their size.
static uint8_t* read_model(const char* path, size_t* out_bytes) {
  static uint8_t buffer[1 << 17];
  gzFile file = gzopen(path, "rb");
  assert_non_null(file);
  int bytes = gzread(file, buffer, sizeof(buffer));
  gzclose(file);
  assert_in_range(bytes, 1000, sizeof(buffer) - 1);
  uint8_t* data = malloc((size_t)bytes);
  memcpy(data, buffer, (size_t)bytes);
  *out_bytes = (size_t)bytes;
  return data;
}

static bool is_listed(const char* const* names, size_t count,
                      const char* name) {
  for (size_t i = 0; i < count; ++i) {
    if (strcmp(names[i], name) == 0) {
      return true;
    }
  }
  return false;
}

// ---- Inspection ------------------------------------------------------------

static void test_what_it_needs_and_offers(void** state) {
  (void)state;
  for (size_t i = 0; i < PATH_COUNT; ++i) {
    size_t bytes;
    uint8_t* data = read_model(paths[i], &bytes);
    pt2__code_info_t info;
    assert_int_equal(pt2__code_inspect(data, bytes, "m.so", &info),
                     PT2_STATUS_OK);
    assert_string_equal(info.format, "Mach-O");
    assert_string_equal(info.architecture, i < 2 ? "arm64" : "x86_64");
    static const char* const imports[] = {
        "aoti_torch_get_dim", "aoti_torch_get_numel",
        "aoti_torch_cpu_no_such_op", "aoti_torch_some_data", "getenv"};
    for (size_t j = 0; j < sizeof(imports) / sizeof(imports[0]); ++j) {
      assert_true(is_listed(info.imports, info.import_count, imports[j]));
    }
    static const char* const exports[] = {
        "AOTInductorModelContainerCreate",
        "AOTInductorModelContainerGetNumInputs"};
    assert_int_equal(info.export_count, 2);
    for (size_t j = 0; j < 2; ++j) {
      assert_true(is_listed(info.exports, info.export_count, exports[j]));
    }
    bool by_zig = i % 2 == 1;
    assert_int_equal(info.needed_count, by_zig);
    assert_true(!by_zig || is_listed(info.needed, info.needed_count,
                                     "/usr/lib/libSystem.B.dylib"));
    // Four numbers.
    assert_int_equal(info.weights_bytes, 32);
    assert_int_equal(data[info.weights_offset], 11);
    assert_int_equal(data[info.weights_offset + 24], 44);
    pt2__code_info_free(&info);
    free(data);
  }
}

#if !defined(__APPLE__)
static void test_it_does_not_load_elsewhere(void** state) {
  (void)state;
  size_t bytes;
  uint8_t* data = read_model(paths[0], &bytes);
  pt2__model_files_t files = {.so_name = "m.so", .so = {data, bytes}};
  pt2__library_options_t options = {0};
  pt2__library_t* library = NULL;
  assert_int_equal(pt2__library_load(&files, &options, &library),
                   PT2_STATUS_INCOMPATIBLE);
  assert_string_equal(pt2_error_message(),
                      "m.so: Mach-O code for arm64 does not load here");
  free(data);
}
#endif

// ---- Fix-ups ---------------------------------------------------------------

typedef struct {
  uint64_t functions;  // addresses of the model's tables
  uint64_t inside;
  uint64_t twice;  // 0 if a linker left its name out
  unsigned seen;
  int dim_count;
} tables_t;

static pt2_status_t find_tables(void* user, const pt2__macho_symbol_t* symbol) {
  tables_t* tables = user;
  if (strcmp(symbol->name, "model_functions") == 0) {
    tables->functions = symbol->address;
  } else if (strcmp(symbol->name, "model_inside") == 0) {
    tables->inside = symbol->address;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_fixup(void* user, const pt2__macho_fixup_t* fixup) {
  tables_t* tables = user;
  uint64_t slot = (fixup->address - tables->functions) / 8;
  if (fixup->address == tables->inside) {
    assert_string_equal(fixup->symbol, "aoti_torch_some_data");
    assert_int_equal(fixup->addend, 24);
    tables->seen |= 1u << 4;
  } else if (slot == 0 || slot == 2) {
    assert_string_equal(fixup->symbol, slot == 0 ? "aoti_torch_get_dim"
                                                 : "aoti_torch_get_numel");
    assert_int_equal(fixup->library, PT2__MACHO_FLAT);
    assert_int_equal(fixup->addend, 0);
    tables->seen |= 1u << slot;
  } else if (slot == 1 || slot == 3) {
    assert_null(fixup->symbol);
    assert_true(tables->twice == 0 || tables->twice == fixup->target);
    tables->twice = fixup->target;
    tables->seen |= 1u << slot;
  }
  if (fixup->symbol != NULL) {
    assert_int_equal(fixup->may_be_missing,
                     strcmp(fixup->symbol, "aoti_torch_cpu_no_such_op") == 0);
    tables->dim_count += strcmp(fixup->symbol, "aoti_torch_get_dim") == 0;
  }
  return PT2_STATUS_OK;
}

static void test_every_pointer_is_found(void** state) {
  (void)state;
  for (size_t i = 0; i < PATH_COUNT; ++i) {
    size_t bytes;
    uint8_t* data = read_model(paths[i], &bytes);
    pt2__macho_file_t file;
    assert_int_equal(pt2__macho_open(data, bytes, "m.so", &file),
                     PT2_STATUS_OK);
    assert_int_equal(file.chained.bytes > 0, i % 2 == 0);
    tables_t tables = {0};
    assert_int_equal(pt2__macho_visit_symbols(&file, find_tables, &tables),
                     PT2_STATUS_OK);
    assert_int_equal(pt2__macho_visit_fixups(&file, check_fixup, &tables),
                     PT2_STATUS_OK);
    assert_int_equal(tables.seen, 0x1f);
    assert_true(tables.dim_count >= 1);
    assert_true(tables.twice > file.base &&
                tables.twice < file.base + file.bytes);
    free(data);
  }
}

static pt2_status_t stop(void* user, const pt2__macho_fixup_t* fixup) {
  (void)fixup;
  ++*(int*)user;
  return PT2_FAIL(PT2_STATUS_CANCELLED, "enough");
}

static void test_a_visitors_error_ends_the_visit(void** state) {
  (void)state;
  for (size_t i = 0; i < PATH_COUNT; ++i) {
    size_t bytes;
    int calls = 0;
    uint8_t* data = read_model(paths[i], &bytes);
    pt2__macho_file_t file;
    assert_int_equal(pt2__macho_open(data, bytes, "m.so", &file),
                     PT2_STATUS_OK);
    assert_int_equal(pt2__macho_visit_fixups(&file, stop, &calls),
                     PT2_STATUS_CANCELLED);
    assert_int_equal(calls, 1);
    free(data);
  }
}

// ---- Running it here -------------------------------------------------------

typedef struct {
  const pt2__macho_file_t* file;
  uint8_t* image;
} image_t;

// What libtorch would be: found by name first, and wrong.
static int32_t decoy(void* tensor, int64_t* out) {
  (void)tensor;
  *out = -1;
  return 7;
}

static int32_t our_dim(void* tensor, int64_t* out) {
  *out = tensor == (void*)&decoy ? 4 : 0;
  return 0;
}

static int32_t our_numel(void* tensor, int64_t* out) {
  (void)tensor;
  *out = 12;
  return 0;
}

static char* our_getenv(const char* name) {
  return strcmp(name, "PT2_MODEL") == 0 ? "1" : NULL;
}

static const char some_data[64] =
    "a text that is long enough: inside it is a word";

// As dyld: pointers into the image move with it, others go to whoever is found.
static pt2_status_t fix_up(void* user, const pt2__macho_fixup_t* fixup) {
  const image_t* image = user;
  uint64_t value = 0;
  if (fixup->symbol == NULL) {
    value =
        (uint64_t)(uintptr_t)image->image + fixup->target - image->file->base;
  } else if (!fixup->may_be_missing) {
    value = (uint64_t)(uintptr_t)decoy + (uint64_t)fixup->addend;
  }
  memcpy(image->image + (fixup->address - image->file->base), &value, 8);
  return PT2_STATUS_OK;
}

static void* resolve(void* user, const char* symbol) {
  (void)user;
  return strcmp(symbol, "aoti_torch_get_dim") == 0     ? (void*)our_dim
         : strcmp(symbol, "aoti_torch_get_numel") == 0 ? (void*)our_numel
         : strcmp(symbol, "aoti_torch_some_data") == 0
             ? (void*)(uintptr_t)some_data
         : strcmp(symbol, "getenv") == 0 ? (void*)our_getenv
                                         : NULL;
}

static image_t map_image(const pt2__macho_file_t* file) {
  image_t image = {file,
                   mmap(NULL, file->bytes, PROT_READ | PROT_WRITE | PROT_EXEC,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)};
  assert_ptr_not_equal(image.image, MAP_FAILED);
  for (size_t i = 0; i < file->segment_count; ++i) {
    const pt2__macho_segment_t* segment = &file->segments[i];
    memcpy(image.image + (segment->address - file->base),
           file->data + segment->file_offset, segment->file_bytes);
  }
  assert_int_equal(pt2__macho_visit_fixups(file, fix_up, &image),
                   PT2_STATUS_OK);
  return image;
}

typedef struct {
  const char* name;
  uint64_t address;
} wanted_t;

static pt2_status_t find_symbol(void* user, const pt2__macho_symbol_t* symbol) {
  wanted_t* wanted = user;
  if (!symbol->is_import && strcmp(symbol->name, wanted->name) == 0) {
    wanted->address = symbol->address;
  }
  return PT2_STATUS_OK;
}

static void* address_of(const image_t* image, const char* name) {
  wanted_t wanted = {name, 0};
  assert_int_equal(pt2__macho_visit_symbols(image->file, find_symbol, &wanted),
                   PT2_STATUS_OK);
  assert_true(wanted.address != 0);
  return image->image + (wanted.address - image->file->base);
}

// Binding is bytes in memory: the same for every machine.
static void test_imports_are_bound_by_address(void** state) {
  (void)state;
  for (size_t i = 0; i < PATH_COUNT; ++i) {
    size_t bytes;
    size_t count = 0;
    uint8_t* data = read_model(paths[i], &bytes);
    pt2__macho_file_t file;
    assert_int_equal(pt2__macho_open(data, bytes, "m.so", &file),
                     PT2_STATUS_OK);
    image_t image = map_image(&file);
    void** functions = address_of(&image, "model_functions");
    void** inside = address_of(&image, "model_inside");
    void* twice = functions[1];
    assert_ptr_equal(functions[0], decoy);
    assert_int_equal(
        pt2__macho_bind(&file, image.image, resolve, NULL, NULL, &count),
        PT2_STATUS_OK);
    assert_in_range(count, 5, 16);
    assert_ptr_equal(functions[0], our_dim);
    assert_ptr_equal(functions[2], our_numel);
    assert_ptr_equal(functions[1], twice);
    assert_ptr_equal(functions[3], twice);
    assert_ptr_equal(*inside, some_data + 24);
    munmap(image.image, file.bytes);
    free(data);
  }
}

static void test_models_for_this_processor_run(void** state) {
  (void)state;
#if defined(__x86_64__)
  for (size_t i = 2; i < PATH_COUNT; ++i) {
    size_t bytes;
    size_t count;
    uint8_t* data = read_model(paths[i], &bytes);
    pt2__macho_file_t file;
    assert_int_equal(pt2__macho_open(data, bytes, "m.so", &file),
                     PT2_STATUS_OK);
    image_t image = map_image(&file);
    int32_t (*create)(void*, int64_t*);
    int64_t (*get_num_inputs)(void);
    *(void**)&create = address_of(&image, "AOTInductorModelContainerCreate");
    *(void**)&get_num_inputs =
        address_of(&image, "AOTInductorModelContainerGetNumInputs");
    int64_t result = 0;
    assert_int_equal(create((void*)&decoy, &result), 7);  // libtorch's
    assert_int_equal(
        pt2__macho_bind(&file, image.image, resolve, NULL, NULL, &count),
        PT2_STATUS_OK);
    assert_int_equal(create((void*)&decoy, &result), 0);
    assert_int_equal(result, 4241224);  // dim 4, twice 24, numel 12, twice 24
    assert_int_equal(get_num_inputs(), 22 + 1);
    munmap(image.image, file.bytes);
    free(data);
  }
#else
  SKIP("libraries of x86-64 do not run here");
#endif
}

// ---- Protection ------------------------------------------------------------

typedef struct {
  int opened;
  int closed;
  bool refuses;
} guard_t;

static pt2_status_t protect(void* user, void* address,
                            const pt2__macho_segment_t* segment,
                            bool writable) {
  guard_t* guard = user;
  assert_non_null(address);
  assert_memory_equal(segment->name, "__DATA", 6);
  *(writable ? &guard->opened : &guard->closed) += 1;
  return writable && guard->refuses
             ? PT2_FAIL(PT2_STATUS_INTERNAL, "not to be written")
             : PT2_STATUS_OK;
}

static void test_memory_is_opened_and_closed(void** state) {
  (void)state;
  for (size_t i = 0; i < PATH_COUNT; ++i) {
    size_t bytes;
    size_t count = 99;
    guard_t guard = {0};
    uint8_t* data = read_model(paths[i], &bytes);
    pt2__macho_file_t file;
    assert_int_equal(pt2__macho_open(data, bytes, "m.so", &file),
                     PT2_STATUS_OK);
    image_t image = map_image(&file);
    assert_int_equal(
        pt2__macho_bind(&file, image.image, resolve, protect, &guard, &count),
        PT2_STATUS_OK);
    assert_true(guard.opened >= 1 && guard.opened <= 2);
    assert_int_equal(guard.opened, guard.closed);
    guard = (guard_t){.refuses = true};
    void** functions = address_of(&image, "model_functions");
    functions[0] = NULL;
    assert_int_equal(
        pt2__macho_bind(&file, image.image, resolve, protect, &guard, &count),
        PT2_STATUS_INTERNAL);
    assert_int_equal(count, 0);
    assert_null(functions[0]);
    assert_int_equal(guard.opened, guard.closed);
    munmap(image.image, file.bytes);
    free(data);
  }
}

// ---- Damage ----------------------------------------------------------------

static pt2_status_t use_fixup(void* user, const pt2__macho_fixup_t* fixup) {
  *(size_t*)user += fixup->symbol != NULL ? strlen(fixup->symbol) : 1;
  return PT2_STATUS_OK;
}

static pt2_status_t use_symbol(void* user, const pt2__macho_symbol_t* symbol) {
  *(size_t*)user += strlen(symbol->name);
  return PT2_STATUS_OK;
}

static pt2_status_t use_needed(void* user, const char* library) {
  *(size_t*)user += strlen(library);
  return PT2_STATUS_OK;
}

// Everything that is read of a file; true if it has no fault that is seen.
static bool read_all(const uint8_t* data, size_t bytes) {
  pt2__macho_file_t file;
  size_t sum = 0;
  pt2_error_clear();
  pt2_status_t status = pt2__macho_open(data, bytes, "m.so", &file);
  if (status == PT2_STATUS_OK) {
    status = pt2__macho_visit_symbols(&file, use_symbol, &sum);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__macho_visit_needed(&file, use_needed, &sum);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__macho_visit_fixups(&file, use_fixup, &sum);
  }
  if (status != PT2_STATUS_OK) {
    assert_true(status == PT2_STATUS_CORRUPT ||
                status == PT2_STATUS_UNSUPPORTED);
    assert_non_null(strstr(pt2_error_message(), "m.so"));
  }
  return status == PT2_STATUS_OK;
}

static void test_cut_anywhere_is_refused(void** state) {
  (void)state;
  for (size_t i = 0; i < PATH_COUNT; ++i) {
    size_t bytes;
    uint8_t* data = read_model(paths[i], &bytes);
    assert_true(read_all(data, bytes));
    for (size_t cut = 0; cut < bytes; cut += cut < 2048 ? 1 : 61) {
      uint8_t* part = malloc(cut > 0 ? cut : 1);
      memcpy(part, data, cut);
      assert_false(read_all(part, cut));
      free(part);
    }
    free(data);
  }
}

static void test_changed_bytes_never_crash(void** state) {
  (void)state;
  static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
  for (size_t i = 0; i < PATH_COUNT; ++i) {
    size_t bytes;
    size_t refused = 0;
    uint8_t* data = read_model(paths[i], &bytes);
    for (size_t at = 0; at < bytes; ++at) {
      uint8_t old = data[at];
      if (old == 0 && at > 4096) {
        continue;  // between the tables
      }
      for (size_t v = 0; v < sizeof(values); ++v) {
        data[at] = values[v];
        refused += !read_all(data, bytes);
      }
      data[at] = old;
    }
    assert_true(refused > 200);
    assert_true(read_all(data, bytes));
    free(data);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_what_it_needs_and_offers),
#if !defined(__APPLE__)
    cmocka_unit_test(test_it_does_not_load_elsewhere),
#endif
    cmocka_unit_test(test_every_pointer_is_found),
    cmocka_unit_test(test_a_visitors_error_ends_the_visit),
    cmocka_unit_test(test_imports_are_bound_by_address),
    cmocka_unit_test(test_models_for_this_processor_run),
    cmocka_unit_test(test_memory_is_opened_and_closed),
    cmocka_unit_test(test_cut_anywhere_is_refused),
    cmocka_unit_test(test_changed_bytes_never_crash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

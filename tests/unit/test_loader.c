// SPDX-License-Identifier: Apache-2.0
//
// The loader: inspection, the private copy, what is left behind, and files that
// are damaged or of another platform. The model is that of the digits example.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "loader/loader.h"
#include "pt2/pt2.h"
#include "shim/bind.h"
#include "support/skip.h"

static pt2_package_t* package;
static const pt2__model_files_t* digits;

static int open_digits(void** state) {
  (void)state;
  if (pt2_package_open(PT2_TEST_DATA "/../examples/digits/digits.pt2", NULL,
                       &package) != PT2_STATUS_OK) {
    fprintf(stderr, "%s\n", pt2_error_message());
    return 1;
  }
  digits = pt2__package_model_files(package, 0);
  return 0;
}

static int close_digits(void** state) {
  (void)state;
  pt2_package_release(package);
  return 0;
}

static void* resolve(void* user, const char* symbol) {
  (void)user;
  return pt2__shim_resolve("cpu", symbol);
}

static const pt2__library_options_t plain_options = {.resolve = resolve};

// Lines of /proc/self/maps that name a private copy.
static int mapping_count(void) {
  FILE* maps = fopen("/proc/self/maps", "r");
  char line[512];
  int count = 0;
  while (fgets(line, sizeof(line), maps) != NULL) {
    count += strstr(line, "pt2-model") != NULL;
  }
  fclose(maps);
  return count;
}

static int descriptor_count(void) {
  DIR* folder = opendir("/proc/self/fd");
  int count = 0;
  while (readdir(folder) != NULL) {
    ++count;
  }
  closedir(folder);
  return count;
}

static long resident_kib(void) {
  long pages = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  assert_int_equal(fscanf(file, "%*d %ld", &pages), 1);
  fclose(file);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

// A copy of the model that a test may damage, with its exact size in memory.
static pt2__model_files_t editable_copy(uint8_t** out_data) {
  pt2__model_files_t files = *digits;
  *out_data = malloc(files.so.size_bytes);
  memcpy(*out_data, digits->so.data, files.so.size_bytes);
  files.so.data = *out_data;
  files.so_fd = -1;
  return files;
}

// ---- Inspection ------------------------------------------------------------

static bool has(const char** names, size_t count, const char* name) {
  for (size_t i = 0; i < count; ++i) {
    if (strcmp(names[i], name) == 0) {
      return true;
    }
  }
  return false;
}

static void test_inspect_tells_what_the_model_is(void** state) {
  (void)state;
  pt2__code_info_t info;
  assert_int_equal(pt2__code_inspect(digits->so.data, digits->so.size_bytes,
                                     "digits", &info),
                   PT2_STATUS_OK);
  assert_string_equal(info.format, "ELF");
  assert_string_equal(info.architecture, "x86_64");
  assert_true(has(info.imports, info.import_count, "Sleef_expf8_u10"));
  assert_true(has(info.imports, info.import_count, "aoti_torch_cpu_addmm_out"));
  assert_true(has(info.exports, info.export_count,
                  "AOTInductorModelContainerCreateWithDevice"));
  assert_true(has(info.needed, info.needed_count, "libtorch_cpu.so"));
  assert_true(has(info.versions, info.version_count, "GLIBCXX_3.4.30"));
  assert_int_equal(info.weights_bytes, 120704);
  assert_false(info.weights_writable);
  assert_false(info.weights_appended);
  assert_false(info.old_string_abi);
  assert_true(info.code_scanned);
  assert_non_null(strstr(info.vector_isa, "AVX2"));
  assert_null(strstr(info.vector_isa, "AVX512"));
  pt2__code_info_free(&info);
}

static void test_inspect_knows_other_platforms(void** state) {
  (void)state;
  static const struct {
    uint8_t bytes[64];
    const char* format;
    const char* architecture;
  } rows[] = {
      {{0xce, 0xfa, 0xed, 0xfe, 0x07, 0, 0, 0}, "Mach-O", "i386"},
      {{0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2}, "Mach-O", "universal"},
      {{'M', 'Z'}, "PE", "unknown"},
      {{0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 40, 0},
       "ELF",
       "arm"},
      {{0x7f, 'E', 'L', 'F', 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 22},
       "ELF",
       "s390x"},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    pt2__code_info_t info;
    assert_int_equal(
        pt2__code_inspect(rows[i].bytes, sizeof(rows[i].bytes), "other", &info),
        PT2_STATUS_OK);
    assert_string_equal(info.format, rows[i].format);
    assert_string_equal(info.architecture, rows[i].architecture);
    assert_false(info.loads_here);
    pt2__code_info_free(&info);
    pt2_error_clear();
    pt2__model_files_t files = {.so_name = "other.so",
                                .so = {rows[i].bytes, sizeof(rows[i].bytes)}};
    pt2__library_t* library = NULL;
    assert_int_equal(pt2__library_load(&files, &plain_options, &library),
                     PT2_STATUS_INCOMPATIBLE);
    assert_non_null(strstr(pt2_error_message(), rows[i].architecture));
    assert_null(library);
  }
  pt2__code_info_t info;
  pt2_error_clear();
  assert_int_equal(pt2__code_inspect((const uint8_t*)"hello", 5, "x.so", &info),
                   PT2_STATUS_CORRUPT);
  assert_non_null(strstr(pt2_error_message(), "x.so"));
  pt2_error_clear();
  assert_int_equal(pt2__code_inspect(digits->so.data, 0, "x.so", &info),
                   PT2_STATUS_CORRUPT);
}

// ---- Damage ----------------------------------------------------------------

// Inspects and loads; both must answer, and leave nothing.
static pt2_status_t try_load(const pt2__model_files_t* files) {
  pt2__code_info_t info;
  pt2_error_clear();
  pt2_status_t status =
      pt2__code_inspect(files->so.data, files->so.size_bytes, "damaged", &info);
  if (status == PT2_STATUS_OK) {
    pt2__code_info_free(&info);
  }
  pt2__library_t* library = NULL;
  pt2_error_clear();
  status = pt2__library_load(files, &plain_options, &library);
  if (status == PT2_STATUS_OK) {
    pt2__library_unload(library);
  } else if (pt2_error_message()[0] == '\0' || library != NULL) {
    abort();  // in a child: counted as a crash
  }
  return status;
}

static void test_cut_anywhere_is_refused(void** state) {
  (void)state;
  int descriptors = descriptor_count();
  // Past the last loaded byte only symbols for debuggers follow: such a cut
  // loads. Up to there it must not.
  Elf64_Ehdr header;
  memcpy(&header, digits->so.data, sizeof(header));
  size_t loaded = 0;
  for (int i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    memcpy(&segment,
           digits->so.data + header.e_phoff + (size_t)i * sizeof(segment),
           sizeof(segment));
    if (segment.p_type == PT_LOAD &&
        segment.p_offset + segment.p_filesz > loaded) {
      loaded = segment.p_offset + segment.p_filesz;
    }
  }
  for (size_t size = 0; size < loaded; size += size < 2048 ? 1 : 1021) {
    pt2__model_files_t files = *digits;
    uint8_t* data = malloc(size > 0 ? size : 1);
    memcpy(data, digits->so.data, size);
    files.so = (pt2__bytes_t){data, size};
    files.so_fd = -1;
    assert_int_equal(try_load(&files), PT2_STATUS_CORRUPT);
    free(data);
  }
  assert_int_equal(descriptor_count(), descriptors);
}

// Changes one byte at a time and loads, in a child, so that a crash is counted
// and named instead of ending the test.
static void mutate(size_t begin, size_t end, size_t step, uint8_t change,
                   unsigned* out_loaded) {
  int results[2];
  assert_int_equal(pipe(results), 0);
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    alarm(240);
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); ++i) {
      signal(signals[i], SIG_DFL);  // cmocka's would go on with the tests
    }
    uint8_t* data;
    pt2__model_files_t files = editable_copy(&data);
    unsigned loaded = 0;
    for (size_t at = begin; at < end; at += step) {
      data[at] ^= change;
      if (write(results[1], &at, sizeof(at)) != sizeof(at)) {
        _exit(2);
      }
      loaded += try_load(&files) == PT2_STATUS_OK;
      data[at] ^= change;
    }
    size_t done = SIZE_MAX - loaded;
    _exit(write(results[1], &done, sizeof(done)) == sizeof(done) ? 0 : 2);
  }
  close(results[1]);
  size_t last = 0;
  size_t at;
  while (read(results[0], &at, sizeof(at)) == sizeof(at)) {
    last = at;
  }
  close(results[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fail_msg("byte %zu (0x%zx) xor 0x%02x: status 0x%x", last, last, change,
             status);
  }
  *out_loaded += (unsigned)(SIZE_MAX - last);
}

// True for tables that say where things are. Symbols and relocations say what
// is called, and one function's address looks like another's: there the CRC of
// the archive is what tells a changed byte.
static bool is_checked_table(Elf64_Shdr section) {
  return (section.sh_flags & SHF_ALLOC) != 0 &&
         (section.sh_type == SHT_GNU_HASH || section.sh_type == SHT_STRTAB ||
          section.sh_type == SHT_GNU_versym ||
          section.sh_type == SHT_GNU_verneed ||
          section.sh_type == SHT_DYNAMIC || section.sh_type == SHT_NOTE);
}

static void test_changed_bytes_of_tables_never_crash(void** state) {
  (void)state;
  static const uint8_t changes[] = {0xff, 0x01, 0x10, 0x80};
  unsigned loaded = 0;
  Elf64_Ehdr header;
  memcpy(&header, digits->so.data, sizeof(header));
  size_t headers_end =
      header.e_phoff + (size_t)header.e_phnum * sizeof(Elf64_Phdr);
  for (size_t c = 0; c < sizeof(changes); ++c) {
    mutate(0, headers_end, 1, changes[c], &loaded);
    for (int i = 0; i < header.e_shnum; ++i) {
      Elf64_Shdr section;
      memcpy(&section,
             digits->so.data + header.e_shoff + (size_t)i * sizeof(section),
             sizeof(section));
      if (is_checked_table(section)) {
        // At most some 60 places of each; every one of .dynamic.
        size_t step =
            section.sh_type == SHT_DYNAMIC ? 1 : section.sh_size / 60 + 1;
        mutate(section.sh_offset, section.sh_offset + section.sh_size, step,
               changes[c], &loaded);
      }
    }
  }
  // Names and padding may change without harm; were everything refused, the
  // test would show nothing.
  assert_true(loaded > 0);
}

// Inspection alone must bear any change anywhere.
static void test_inspection_bears_any_change(void** state) {
  (void)state;
  uint8_t* data;
  pt2__model_files_t files = editable_copy(&data);
  for (size_t at = 0; at < files.so.size_bytes; at += 509) {
    uint8_t kept = data[at];
    data[at] = (uint8_t)(kept ^ 0xff);
    pt2__code_info_t info;
    pt2_error_clear();
    pt2_status_t status =
        pt2__code_inspect(data, files.so.size_bytes, "damaged", &info);
    if (status == PT2_STATUS_OK) {
      pt2__code_info_free(&info);
    } else {
      assert_int_equal(status, PT2_STATUS_CORRUPT);
      assert_non_null(strstr(pt2_error_message(), "damaged"));
    }
    data[at] = kept;
  }
  free(data);
}

// ---- Loading ---------------------------------------------------------------

typedef int32_t (*create_fn)(void**, size_t, const char*, const char*);
typedef int32_t (*destroy_fn)(void*);

static int32_t create(pt2__library_t* library, const char* device,
                      void** out_container) {
  create_fn function = (create_fn)pt2__library_symbol(
      library, "AOTInductorModelContainerCreateWithDevice");
  assert_non_null(function);
  pt2__library_scope_t scope = pt2__library_enter(library, true);
  int32_t failed = function(out_container, 1, device, NULL);
  pt2__library_leave(scope);
  return failed;
}

static void destroy(pt2__library_t* library, void* container) {
  destroy_fn function = (destroy_fn)pt2__library_symbol(
      library, "AOTInductorModelContainerDelete");
  pt2__library_scope_t scope = pt2__library_enter(library, false);
  assert_int_equal(function(container), 0);
  pt2__library_leave(scope);
}

static pt2__library_t* load_digits(const pt2__library_options_t* options) {
  pt2__library_t* library = NULL;
  pt2_error_clear();
  pt2_status_t status = pt2__library_load(digits, options, &library);
  if (status != PT2_STATUS_OK) {
    fail_msg("%s", pt2_error_message());
  }
  return library;
}

static void test_load_create_unload_leaves_nothing(void** state) {
  (void)state;
  int descriptors = descriptor_count();
  pt2__library_t* library = load_digits(&plain_options);
  assert_true(mapping_count() > 0);
  assert_null(pt2__library_symbol(library, "AOTInductorNoSuchThing"));
  void* container = NULL;
  assert_int_equal(create(library, "cpu", &container), 0);
  // All weights but the small ones lie in the package and were not copied.
  assert_true(pt2__library_spared_bytes(library) > 100000);
  destroy(library, container);
  assert_int_equal(pt2__library_spared_bytes(library), 0);
  pt2__library_unload(library);
  assert_int_equal(mapping_count(), 0);
  assert_int_equal(descriptor_count(), descriptors);
  pt2__library_unload(NULL);
}

// 200 times with an instance each: maps, descriptors and memory stay flat.
static void test_many_loads_stay_flat(void** state) {
  (void)state;
  int descriptors = descriptor_count();
  long before = 0;
  for (int i = 0; i < 200; ++i) {
    if (i == 50) {
      before = resident_kib();
    }
    pt2__library_t* library = load_digits(&plain_options);
    void* container = NULL;
    assert_int_equal(create(library, "cpu", &container), 0);
    destroy(library, container);
    pt2__library_unload(library);
  }
  assert_int_equal(mapping_count(), 0);
  assert_int_equal(descriptor_count(), descriptors);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // (Sanitizers keep what is freed.)
  assert_true(resident_kib() - before < 512);
#else
  (void)before;
#endif
}

// The dynamic linker tells libraries apart by path, and descriptors are used
// again: two copies must not be taken for one.
static void test_copies_are_told_apart(void** state) {
  (void)state;
  pt2__library_t* first = load_digits(&plain_options);
  pt2__library_t* second = load_digits(&plain_options);
  const char* name = "AOTInductorModelContainerRun";
  void* in_second = pt2__library_symbol(second, name);
  assert_ptr_not_equal(pt2__library_symbol(first, name), in_second);
  pt2__library_unload(first);
  pt2__library_t* third = load_digits(&plain_options);
  assert_ptr_equal(pt2__library_symbol(second, name), in_second);
  assert_ptr_not_equal(pt2__library_symbol(third, name), in_second);
  pt2__library_unload(second);
  pt2__library_unload(third);
  assert_int_equal(mapping_count(), 0);
}

static void test_model_exception_reaches_the_record(void** state) {
  (void)state;
  pt2__library_t* library = load_digits(&plain_options);
  void* container = NULL;
  pt2_error_clear();
  assert_int_not_equal(create(library, "nonsense:7", &container), 0);
  assert_int_equal(pt2_error_status(), PT2_STATUS_MODEL_ERROR);
  assert_true(strlen(pt2_error_message()) > 0);
  pt2__library_unload(library);
  assert_int_equal(mapping_count(), 0);
}

// An operator that is not here fails with its own name.
static void* resolve_without_dtype(void* user, const char* symbol) {
  (void)user;
  return strcmp(symbol, "aoti_torch_create_tensor_from_blob_v2") != 0
             ? pt2__shim_resolve("cpu", symbol)
             : NULL;
}

static void test_missing_function_fails_by_name(void** state) {
  (void)state;
  pt2__library_options_t options = {.resolve = resolve_without_dtype};
  pt2__library_t* library = load_digits(&options);
  void* container = NULL;
  pt2_error_clear();
  assert_int_not_equal(create(library, "cpu", &container), 0);
  assert_int_equal(pt2_error_status(), PT2_STATUS_UNSUPPORTED);
  assert_string_equal(
      pt2_error_message(),
      "aoti_torch_create_tensor_from_blob_v2 is not implemented");
  pt2__library_unload(library);
}

static void test_debug_copy_is_kept(void** state) {
  (void)state;
  char folder[] = "/tmp/pt2-test-XXXXXX";
  assert_non_null(mkdtemp(folder));
  char path[128];
  snprintf(path, sizeof(path), "%s/model.so", folder);
  pt2__library_options_t options = plain_options;
  options.debug_copy_path = path;
  pt2__library_t* library = load_digits(&options);
  void* container = NULL;
  assert_int_equal(create(library, "cpu", &container), 0);
  destroy(library, container);
  pt2__library_unload(library);
  struct stat info;
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_size, digits->so.size_bytes);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(folder), 0);
  pt2_error_clear();
  library = NULL;
  assert_int_equal(pt2__library_load(digits, &options, &library),
                   PT2_STATUS_IO);
  assert_non_null(strstr(pt2_error_message(), path));
  assert_null(library);
}

// Makes memfd_create fail in this process, as vm.memfd_noexec=2 does.
static void forbid_memory_files(void) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog program = {.len = 4, .filter = code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    _exit(77);
  }
}

static int entries_in(const char* folder) {
  DIR* entries = opendir(folder);
  int count = 0;
  while (entries != NULL && readdir(entries) != NULL) {
    ++count;
  }
  if (entries != NULL) {
    closedir(entries);
  }
  return count;
}

static void test_without_memory_files_an_unlinked_one(void** state) {
  (void)state;
  char folder[] = "/tmp/pt2-test-XXXXXX";
  assert_non_null(mkdtemp(folder));
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    forbid_memory_files();
    pt2__library_options_t options = plain_options;
    options.temp_folder = folder;
    pt2__library_t* library = NULL;
    if (pt2__library_load(digits, &options, &library) != PT2_STATUS_OK ||
        entries_in(folder) != 2) {
      _exit(1);
    }
    pt2__library_unload(library);
    options.temp_folder = "/nowhere/at/all";
    library = NULL;
    pt2_error_clear();
    bool refused =
        pt2__library_load(digits, &options, &library) == PT2_STATUS_IO &&
        strstr(pt2_error_message(), "/nowhere/at/all") != NULL;
    _exit(refused && library == NULL ? 0 : 2);
  }
  int status;
  waitpid(child, &status, 0);
  assert_int_equal(entries_in(folder), 2);
  rmdir(folder);
  assert_true(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) {
    SKIP("no seccomp in this container");
  }
  assert_int_equal(WEXITSTATUS(status), 0);
}

// ---- Failure and threads ---------------------------------------------------

static void test_every_allocation_may_fail(void** state) {
  (void)state;
  int descriptors = descriptor_count();
  bool loaded = false;
  unsigned failures = 0;
  for (uint64_t nth = 1; !loaded && nth < 1000; ++nth) {
    pt2__library_t* library = NULL;
    pt2_error_clear();
    pt2__fault_set(nth, false);
    pt2_status_t status = pt2__library_load(digits, &plain_options, &library);
    uint64_t seen = pt2__fault_set(0, false);
    // Some failures only cost a convenience; the load then succeeds.
    loaded = status == PT2_STATUS_OK && seen < nth;
    if (status == PT2_STATUS_OK) {
      pt2__library_unload(library);
    } else {
      assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
      assert_null(library);
      ++failures;
    }
    assert_int_equal(mapping_count(), 0);
    assert_int_equal(descriptor_count(), descriptors);
  }
  assert_true(loaded);
  assert_true(failures >= 4);
}

static void test_inspection_out_of_memory(void** state) {
  (void)state;
  pt2__code_info_t info;
  pt2_error_clear();
  pt2__fault_set(1, false);
  assert_int_equal(pt2__code_inspect(digits->so.data, digits->so.size_bytes,
                                     "digits", &info),
                   PT2_STATUS_OUT_OF_MEMORY);
  pt2__fault_set(0, false);
}

// The weights noted while a creation runs out of memory are copied instead.
static void test_creation_with_failing_notes(void** state) {
  (void)state;
  pt2__library_t* library = load_digits(&plain_options);
  for (uint64_t nth = 1; nth < 40; ++nth) {
    void* container = NULL;
    pt2_error_clear();
    pt2__fault_set(nth, false);
    int32_t failed = create(library, "cpu", &container);
    pt2__fault_set(0, false);
    if (failed == 0) {
      destroy(library, container);
    }
    assert_int_equal(pt2__library_spared_bytes(library), 0);
  }
  pt2__library_unload(library);
}

static void* load_often(void* failed) {
  for (int i = 0; i < 20; ++i) {
    pt2__library_t* library = NULL;
    if (pt2__library_load(digits, &plain_options, &library) != PT2_STATUS_OK) {
      ++*(int*)failed;
      continue;
    }
    void* container = NULL;
    if (create(library, "cpu", &container) != 0) {
      ++*(int*)failed;
    } else {
      destroy(library, container);
    }
    pt2__library_unload(library);
  }
  return NULL;
}

static void test_threads_load_at_once(void** state) {
  (void)state;
  int descriptors = descriptor_count();
  pthread_t threads[4];
  int failed[4] = {0};
  for (int i = 0; i < 4; ++i) {
    assert_int_equal(pthread_create(&threads[i], NULL, load_often, &failed[i]),
                     0);
  }
  for (int i = 0; i < 4; ++i) {
    pthread_join(threads[i], NULL);
    assert_int_equal(failed[i], 0);
  }
  assert_int_equal(mapping_count(), 0);
  assert_int_equal(descriptor_count(), descriptors);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_inspect_tells_what_the_model_is),
      cmocka_unit_test(test_inspect_knows_other_platforms),
      cmocka_unit_test(test_cut_anywhere_is_refused),
      cmocka_unit_test(test_changed_bytes_of_tables_never_crash),
      cmocka_unit_test(test_inspection_bears_any_change),
      cmocka_unit_test(test_load_create_unload_leaves_nothing),
      cmocka_unit_test(test_many_loads_stay_flat),
      cmocka_unit_test(test_copies_are_told_apart),
      cmocka_unit_test(test_model_exception_reaches_the_record),
      cmocka_unit_test(test_missing_function_fails_by_name),
      cmocka_unit_test(test_debug_copy_is_kept),
      cmocka_unit_test(test_without_memory_files_an_unlinked_one),
      cmocka_unit_test(test_every_allocation_may_fail),
      cmocka_unit_test(test_inspection_out_of_memory),
      cmocka_unit_test(test_creation_with_failing_notes),
      cmocka_unit_test(test_threads_load_at_once),
  };
  return cmocka_run_group_tests(tests, open_digits, close_digits);
}

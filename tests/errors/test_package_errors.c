// SPDX-License-Identifier: Apache-2.0
//
// Packages that must be refused, each with its status and message, and unusual
// ones that must not.
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "package/package.h"
#include "pt2/package.h"
#include "support/skip.h"
#include "support/zip_writer.h"

#define MODEL "data/aotinductor/model/"

static const zip_item_t good[] = {
    {.name = "version", .data = "1"},
    {.name = MODEL "x.wrapper.so",
     .data = "\x7f"
             "ELF, not really"},
    {.name = MODEL "x.wrapper_metadata.json",
     .data = "{\"AOTI_DEVICE_KEY\": \"cpu\"}"},
};
#define GOOD_COUNT (sizeof(good) / sizeof(good[0]))

static pt2_package_t* open_bytes(const zip_bytes_t* bytes) {
  pt2_package_t* package = NULL;
  if (pt2_package_open_memory(bytes->data, bytes->size, NULL, &package) !=
      PT2_STATUS_OK) {
    print_message("%s\n", pt2_error_message());
    assert_null(package);
  }
  return package;
}

static void expect_error(const zip_bytes_t* bytes, pt2_status_t status,
                         const char* message) {
  pt2_package_t* package = NULL;
  pt2_status_t got =
      pt2_package_open_memory(bytes->data, bytes->size, NULL, &package);
  if (got != status || strstr(pt2_error_message(), message) == NULL) {
    print_message("expected %s \"%s\", got %s \"%s\"\n",
                  pt2_status_name(status), message, pt2_status_name(got),
                  pt2_error_message());
  }
  assert_int_equal(got, status);
  assert_int_equal(pt2_error_status(), status);
  assert_null(package);
  assert_non_null(strstr(pt2_error_message(), message));
}

static void expect_zip_error(const zip_item_t* items, size_t count,
                             zip_options_t options, pt2_status_t status,
                             const char* message) {
  zip_bytes_t bytes = zip_make(items, count, options);
  expect_error(&bytes, status, message);
  free(bytes.data);
}

// The good archive with |item| added.
static void expect_item_error(zip_item_t item, pt2_status_t status,
                              const char* message) {
  zip_item_t items[GOOD_COUNT + 1];
  memcpy(items, good, sizeof(good));
  items[GOOD_COUNT] = item;
  expect_zip_error(items, GOOD_COUNT + 1, (zip_options_t){0}, status, message);
}

static void test_good(void** state) {
  (void)state;
  zip_bytes_t bytes = zip_make(good, GOOD_COUNT, (zip_options_t){0});
  pt2_package_t* package = open_bytes(&bytes);
  assert_non_null(package);
  assert_int_equal(pt2_package_model_count(package), 1);
  assert_string_equal(pt2_package_peek_metadata(package, 0, "AOTI_DEVICE_KEY"),
                      "cpu");
  assert_string_equal(pt2_package_peek_path(package), "<memory>");
  const pt2__model_files_t* files = pt2__package_model_files(package, 0);
  assert_string_equal(files->so_name, "<memory>/" MODEL "x.wrapper.so");
  assert_int_equal(files->so_fd, -1);
  // Stored entries are used in place.
  assert_true(files->so.data > bytes.data &&
              files->so.data < bytes.data + bytes.size);
  pt2_package_release(package);
  free(bytes.data);
}

static void test_names(void** state) {
  (void)state;
  static const struct {
    const char* name;
    const char* message;
  } cases[] = {
      {"../x.so", "<memory>: entry \"../x.so\": a name with \"..\""},
      {"data/../../x", "entry \"data/../../x\": a name with \"..\""},
      {"data/..", "entry \"data/..\": a name with \"..\""},
      {"/etc/x", "entry \"/etc/x\": an absolute name"},
      {"\\x", "entry \"\\x\": an absolute name"},
      {"C:x", "entry \"C:x\": an absolute name"},
      {"", "an empty name"},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    expect_item_error((zip_item_t){.name = cases[i].name, .data = "?"},
                      PT2_STATUS_CORRUPT, cases[i].message);
  }
  expect_item_error((zip_item_t){.name = "version", .data = "2"},
                    PT2_STATUS_CORRUPT,
                    "<memory>/version: two entries have this name");
}

static void test_headers(void** state) {
  (void)state;
  const char* const name = MODEL "y.bin";
  const char* const disagrees =
      "<memory>/" MODEL "y.bin: the entry's own header does not agree";
  zip_item_t item = {.name = name, .data = "12345678"};
  item.local_name = MODEL "z.bin";
  expect_item_error(item, PT2_STATUS_CORRUPT, disagrees);
  item = (zip_item_t){.name = name, .data = "12345678", .local_crc_xor = 1};
  expect_item_error(item, PT2_STATUS_CORRUPT, disagrees);
  item = (zip_item_t){.name = name, .data = "12345678", .offset_shift = 1};
  expect_item_error(item, PT2_STATUS_CORRUPT, disagrees);
  item = (zip_item_t){.name = name, .data = "1", .offset_shift = 1u << 30};
  expect_item_error(item, PT2_STATUS_CORRUPT, disagrees);
  item = (zip_item_t){.name = name, .data = "1", .flags = 1};
  expect_item_error(item, PT2_STATUS_UNSUPPORTED,
                    "<memory>/" MODEL "y.bin: the entry is encrypted");
  item = (zip_item_t){.name = name, .data = "1", .method = 12};
  expect_item_error(item, PT2_STATUS_UNSUPPORTED,
                    "y.bin: compression method 12");
  item = (zip_item_t){.name = name, .data = "1", .method = 99};
  expect_item_error(item, PT2_STATUS_UNSUPPORTED,
                    "y.bin: compression method 99");
}

static void test_sizes(void** state) {
  (void)state;
  zip_item_t item = {.name = "y", .data = "1", .claimed_size = 100};
  expect_item_error(item, PT2_STATUS_CORRUPT,
                    "<memory>/y: 100 bytes cannot come out of 1 stored");
  item = (zip_item_t){
      .name = "y", .data = "1", .deflate = true, .claimed_size = 0xf0000000u};
  expect_item_error(item, PT2_STATUS_CORRUPT, "cannot come out of");
  item = (zip_item_t){.name = "y",
                      .data = "1",
                      .claimed_size = 1000000,
                      .claimed_stored = 1000000};
  expect_item_error(item, PT2_STATUS_CORRUPT,
                    "<memory>/y: the entry's 1000000 bytes at ");
  item.claimed_size = item.claimed_stored = 3;
  expect_item_error(item, PT2_STATUS_CORRUPT,
                    " overlap the archive's directory at ");
  zip_item_t items[GOOD_COUNT];
  memcpy(items, good, sizeof(good));
  items[0].claimed_size = items[0].claimed_stored = 40;
  expect_zip_error(items, GOOD_COUNT, (zip_options_t){0}, PT2_STATUS_CORRUPT,
                   "<memory>/version: the entry's bytes overlap " MODEL
                   "x.wrapper.so");
}

static void test_crc(void** state) {
  (void)state;
  zip_item_t items[GOOD_COUNT];
  memcpy(items, good, sizeof(good));
  items[1].crc_xor = 0x10;
  expect_zip_error(items, GOOD_COUNT, (zip_options_t){0}, PT2_STATUS_CORRUPT,
                   "<memory>/" MODEL "x.wrapper.so: wrong CRC-32");
  items[1].deflate = true;
  expect_zip_error(items, GOOD_COUNT, (zip_options_t){0}, PT2_STATUS_CORRUPT,
                   "<memory>/" MODEL "x.wrapper.so: wrong CRC-32");
  // An entry that is not read is verified only if asked for.
  memcpy(items, good, sizeof(good));
  items[0].crc_xor = 1;
  zip_bytes_t bytes = zip_make(items, GOOD_COUNT, (zip_options_t){0});
  pt2_package_t* package = open_bytes(&bytes);
  assert_non_null(package);
  pt2_package_release(package);
  package = NULL;
  pt2_package_options_t options;
  pt2_package_options_init(&options);
  options.verify = true;
  assert_int_equal(
      pt2_package_open_memory(bytes.data, bytes.size, &options, &package),
      PT2_STATUS_CORRUPT);
  assert_non_null(
      strstr(pt2_error_message(), "<memory>/version: wrong CRC-32"));
  assert_null(package);
  free(bytes.data);
}

// 20 MB: beyond what is verified at every open.
static void test_large_library(void** state) {
  (void)state;
  size_t size = 20u << 20;
  char* library = calloc(1, size);
  assert_non_null(library);
  zip_item_t items[GOOD_COUNT];
  memcpy(items, good, sizeof(good));
  items[1].data = library;
  items[1].size = size;
  items[1].crc_xor = 1;
  zip_bytes_t bytes = zip_make(items, GOOD_COUNT, (zip_options_t){0});
  pt2_package_t* package = open_bytes(&bytes);
  assert_non_null(package);
  pt2_package_release(package);
  pt2_package_options_t options;
  pt2_package_options_init(&options);
  options.verify = true;
  package = NULL;
  assert_int_equal(
      pt2_package_open_memory(bytes.data, bytes.size, &options, &package),
      PT2_STATUS_CORRUPT);
  assert_null(package);
  free(bytes.data);
  free(library);
}

static void test_deflate(void** state) {
  (void)state;
  zip_item_t items[GOOD_COUNT];
  memcpy(items, good, sizeof(good));
  for (size_t i = 0; i < GOOD_COUNT; ++i) {
    items[i].deflate = true;
  }
  zip_bytes_t bytes = zip_make(items, GOOD_COUNT, (zip_options_t){0});
  pt2_package_t* package = open_bytes(&bytes);
  assert_non_null(package);
  const pt2__model_files_t* files = pt2__package_model_files(package, 0);
  assert_int_equal(files->so.size_bytes, strlen(good[1].data));
  assert_memory_equal(files->so.data, good[1].data, files->so.size_bytes);
  assert_int_equal(files->so_fd, -1);
  pt2_package_release(package);
  free(bytes.data);
  // A stream that ends early, and one that is none.
  memcpy(items, good, sizeof(good));
  items[1].deflate = true;
  items[1].claimed_size = 4000;
  expect_zip_error(items, GOOD_COUNT, (zip_options_t){0}, PT2_STATUS_CORRUPT,
                   "x.wrapper.so: damaged deflate stream: 16 of 4000 bytes");
  memcpy(items, good, sizeof(good));
  items[1].method = 8;
  expect_zip_error(items, GOOD_COUNT, (zip_options_t){0}, PT2_STATUS_CORRUPT,
                   "x.wrapper.so: damaged deflate stream");
}

static void test_end_records(void** state) {
  (void)state;
  expect_zip_error(good, GOOD_COUNT, (zip_options_t){.count_shift = 1},
                   PT2_STATUS_CORRUPT, "<memory>: record 3 of the archive's");
  expect_zip_error(good, GOOD_COUNT,
                   (zip_options_t){.count_shift = (uint32_t)-1},
                   PT2_STATUS_CORRUPT, "more than the 2 records it says");
  expect_zip_error(good, GOOD_COUNT, (zip_options_t){.count_shift = 60000},
                   PT2_STATUS_CORRUPT, "end record does not agree");
  expect_zip_error(good, GOOD_COUNT, (zip_options_t){.trailing_bytes = 1},
                   PT2_STATUS_CORRUPT, "missing or cut; is the file complete?");
  // Something in front of an archive.
  zip_bytes_t bytes = zip_make(good, GOOD_COUNT, (zip_options_t){0});
  zip_bytes_t shifted = {0};
  zip_put(&shifted, "1234567", 7);
  zip_put(&shifted, bytes.data, bytes.size);
  expect_error(&shifted, PT2_STATUS_CORRUPT, "end record does not agree");
  free(bytes.data);
  free(shifted.data);
  expect_zip_error(good, 0, (zip_options_t){0}, PT2_STATUS_UNSUPPORTED,
                   "<memory>: the archive is empty");
}

static void test_layouts(void** state) {
  (void)state;
  // What torch writes since 2.8, and zip64 throughout.
  static const zip_options_t options[] = {
      {.pad_data_to = 64}, {.zip64 = true}, {.zip64 = true, .pad_data_to = 64}};
  for (size_t o = 0; o < 3; ++o) {
    zip_item_t items[GOOD_COUNT];
    memcpy(items, good, sizeof(good));
    items[1].name = "net/" MODEL "x.wrapper.so";
    items[2].name = "net/" MODEL "x.wrapper_metadata.json";
    for (size_t i = 0; i < GOOD_COUNT; ++i) {
      items[i].data_descriptor = !options[o].zip64;
      items[i].zip64 = options[o].zip64;
    }
    zip_bytes_t bytes = zip_make(items, GOOD_COUNT, options[o]);
    pt2_package_t* package = open_bytes(&bytes);
    assert_non_null(package);
    assert_string_equal(pt2_package_peek_model_name(package, 0), "model");
    const pt2__model_files_t* files = pt2__package_model_files(package, 0);
    assert_string_equal(files->so_name, "<memory>/net/" MODEL "x.wrapper.so");
    if (options[o].pad_data_to > 0) {
      assert_int_equal((size_t)(files->so.data - bytes.data) % 64, 0);
    }
    pt2_package_release(package);
    free(bytes.data);
  }
}

// A library of 5 GiB, all of it a hole: sizes, offsets and positions that need
// more than 32 bits.
static void test_beyond_4_gib(void** state) {
  (void)state;
  const uint64_t size = 5ull << 30;
  static const char name[] = MODEL "x.so";
  const size_t name_length = sizeof(name) - 1;
  zip_bytes_t head = {0};
  zip_bytes_t tail = {0};
  for (int is_record = 0; is_record < 2; ++is_record) {
    zip_bytes_t* out = is_record ? &tail : &head;
    zip_number(out, is_record ? 0x02014b50u : 0x04034b50u, 4);
    zip_number(out, 45, is_record ? 4 : 2);
    zip_number(out, 0, 8);  // flags, method, time
    zip_number(out, 0, 4);  // CRC, not verified for an entry of this size
    zip_number(out, 0xffffffffu, 4);
    zip_number(out, 0xffffffffu, 4);
    zip_number(out, name_length, 2);
    zip_number(out, 20, 2);
    zip_number(out, 0, is_record ? 14 : 0);
    zip_put(out, name, name_length);
    zip_number(out, 1, 2);
    zip_number(out, 16, 2);
    zip_number(out, size, 8);
    zip_number(out, size, 8);
  }
  uint64_t begin = head.size + size;
  zip_end(&tail, &(zip_options_t){.zip64 = true}, 1, begin, tail.size);
  // zip_end took what is in |tail| for positions: the zip64 record is at
  // |begin| + its place there.
  uint64_t record = begin + 46 + name_length + 20;
  memcpy(tail.data + tail.size - 22 - 12, &record, 8);

  char path[] = "/tmp/pt2_test_XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  unlink(path);
  assert_int_equal(write(fd, head.data, head.size), head.size);
  if (ftruncate(fd, (off_t)begin) != 0 ||
      pwrite(fd, "end", 3, (off_t)begin - 3) != 3 ||
      pwrite(fd, tail.data, tail.size, (off_t)begin) != (ssize_t)tail.size) {
    SKIP("no room for a sparse file of 5 GiB");
  }
  pt2_package_t* package = NULL;
  pt2_status_t status = pt2_package_open_fd(fd, NULL, &package);
  if (status != PT2_STATUS_OK) {
    print_message("%s\n", pt2_error_message());
  }
  assert_int_equal(status, PT2_STATUS_OK);
  close(fd);
  const pt2__model_files_t* files = pt2__package_model_files(package, 0);
  assert_int_equal(files->so.size_bytes, size);
  assert_memory_equal(files->so.data + size - 3, "end", 3);
  pt2_package_release(package);
  free(head.data);
  free(tail.data);
}

static void test_models(void** state) {
  (void)state;
  const zip_item_t two[] = {
      {.name = "data/aotinductor/model2/b.so", .data = "second"},
      {.name = "data/aotinductor/model/a.so", .data = "first"},
      {.name = "data/aotinductor/model/other.txt", .data = "?"},
  };
  zip_bytes_t bytes = zip_make(two, 3, (zip_options_t){0});
  pt2_package_t* package = open_bytes(&bytes);
  assert_int_equal(pt2_package_model_count(package), 2);
  size_t model = 9;
  assert_int_equal(pt2_package_find_model(package, NULL, &model), 0);
  assert_int_equal(model, 0);
  assert_memory_equal(pt2__package_model_files(package, 0)->so.data, "first",
                      5);
  assert_int_equal(pt2_package_find_model(package, "model2", &model), 0);
  assert_memory_equal(pt2__package_model_files(package, model)->so.data,
                      "second", 6);
  assert_int_equal(pt2_package_find_model(package, "mode", &model),
                   PT2_STATUS_NOT_FOUND);
  assert_string_equal(
      pt2_error_message(),
      "<memory>: no model \"mode\"; there is \"model\", \"model2\"");
  assert_null(pt2_package_peek_model_name(package, 2));
  pt2_value_info_t info;
  assert_int_equal(pt2_package_input_info(package, 2, 0, &info),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_package_input_info(package, 0, 0, &info),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2_package_release(package);
  free(bytes.data);
}

static void test_choice_of_library(void** state) {
  (void)state;
  zip_item_t items[] = {
      {.name = MODEL "kernel.so", .data = "kernel"},
      {.name = MODEL "x.wrapper.so", .data = "model"},
      {.name = MODEL "kernel.cpp", .data = "kernel's"},
      {.name = MODEL "x.wrapper.cpp", .data = "wrapper's"},
  };
  zip_bytes_t bytes = zip_make(items, 4, (zip_options_t){0});
  pt2_package_t* package = open_bytes(&bytes);
  const pt2__model_files_t* files = pt2__package_model_files(package, 0);
  assert_memory_equal(files->so.data, "model", 5);
  assert_memory_equal(files->source.data, "wrapper's", 9);
  pt2_package_release(package);
  free(bytes.data);
  items[1].name = MODEL "x.so";
  expect_zip_error(items, 4, (zip_options_t){0}, PT2_STATUS_UNSUPPORTED,
                   "<memory>/" MODEL ": 2 shared libraries");
}

static void test_no_model(void** state) {
  (void)state;
  zip_item_t items[] = {{.name = "archive_format", .data = "pt2"}};
  expect_zip_error(items, 1, (zip_options_t){0}, PT2_STATUS_UNSUPPORTED,
                   "<memory>: no model inside");
  items[0].name = MODEL "x.wrapper.cpp";
  expect_zip_error(items, 1, (zip_options_t){0}, PT2_STATUS_UNSUPPORTED,
                   "model \"model\" is packaged as sources only "
                   "(package_cpp_only)");
  const zip_item_t twins[] = {{.name = "a/" MODEL "x.so", .data = "1"},
                              {.name = "b/" MODEL "x.so", .data = "1"}};
  expect_zip_error(twins, 2, (zip_options_t){0}, PT2_STATUS_UNSUPPORTED,
                   "<memory>: holds two packages: a/ and b/");
}

static void test_metadata(void** state) {
  (void)state;
  static const char* const bad[] = {"", "{", "[1]", "{\"a\": \"\xff\"}",
                                    "{\"a\": 1} x"};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
    zip_item_t items[GOOD_COUNT];
    memcpy(items, good, sizeof(good));
    items[2].data = bad[i];
    expect_zip_error(items, GOOD_COUNT, (zip_options_t){0}, PT2_STATUS_CORRUPT,
                     "<memory>/" MODEL
                     "x.wrapper_metadata.json: metadata is no JSON");
  }
  zip_item_t items[GOOD_COUNT];
  memcpy(items, good, sizeof(good));
  items[2].data = "{\"a\": 1, \"b\": {\"c\": [true]}, \"d\": \"\"}";
  zip_bytes_t bytes = zip_make(items, GOOD_COUNT, (zip_options_t){0});
  pt2_package_t* package = open_bytes(&bytes);
  assert_int_equal(pt2_package_metadata_count(package, 0), 3);
  assert_string_equal(pt2_package_peek_metadata(package, 0, "a"), "1");
  assert_string_equal(pt2_package_peek_metadata(package, 0, "b"),
                      "{\"c\":[true]}");
  assert_string_equal(pt2_package_peek_metadata(package, 0, "d"), "");
  assert_null(pt2_package_peek_metadata(package, 0, "e"));
  pt2_package_release(package);
  free(bytes.data);
}

static void test_no_archive(void** state) {
  (void)state;
  zip_bytes_t text = {(uint8_t*)"just some text", 14, 0};
  expect_error(&text, PT2_STATUS_CORRUPT,
               "<memory>: neither a zip archive nor a shared library");
  zip_bytes_t begun = {(uint8_t*)"PK\3\4 and so on", 14, 0};
  expect_error(&begun, PT2_STATUS_CORRUPT, "is the file complete?");
}

static void test_paths(void** state) {
  (void)state;
  pt2_package_t* package = NULL;
  assert_int_equal(pt2_package_open("/no/such.pt2", NULL, &package),
                   PT2_STATUS_NOT_FOUND);
  assert_string_equal(
      pt2_error_message(),
      "/no/such.pt2: cannot be opened: No such file or directory");
  assert_int_equal(pt2_package_open(NULL, NULL, &package),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_package_open("", NULL, &package),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_package_open("/dev/null", NULL, &package),
                   PT2_STATUS_IO);
  assert_int_equal(pt2_package_open_fd(-1, NULL, &package), PT2_STATUS_IO);
  assert_int_equal(pt2_package_open_memory(NULL, 4, NULL, &package),
                   PT2_STATUS_INVALID_ARGUMENT);
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(pt2_package_open_fd(ends[0], NULL, &package), PT2_STATUS_IO);
  close(ends[0]);
  close(ends[1]);
  pt2_package_options_t options = {0};
  assert_int_equal(pt2_package_open("/no/such", &options, &package),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_null(package);
  char folder[] = "/tmp/pt2_test_XXXXXX";
  assert_non_null(mkdtemp(folder));
  assert_int_equal(pt2_package_open(folder, NULL, &package),
                   PT2_STATUS_UNSUPPORTED);
  assert_non_null(strstr(pt2_error_message(), "no model inside"));
  char file[64];
  snprintf(file, sizeof(file), "%s/empty", folder);
  close(open(file, O_CREAT | O_WRONLY, 0600));
  assert_int_equal(pt2_package_open(file, NULL, &package), PT2_STATUS_CORRUPT);
  assert_non_null(strstr(pt2_error_message(), "the file is empty"));
  unlink(file);
  rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_good),
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_headers),
      cmocka_unit_test(test_sizes),
      cmocka_unit_test(test_crc),
      cmocka_unit_test(test_large_library),
      cmocka_unit_test(test_deflate),
      cmocka_unit_test(test_end_records),
      cmocka_unit_test(test_layouts),
      cmocka_unit_test(test_beyond_4_gib),
      cmocka_unit_test(test_models),
      cmocka_unit_test(test_choice_of_library),
      cmocka_unit_test(test_no_model),
      cmocka_unit_test(test_metadata),
      cmocka_unit_test(test_no_archive),
      cmocka_unit_test(test_paths),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

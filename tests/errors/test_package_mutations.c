// SPDX-License-Identifier: Apache-2.0
//
// Packages cut at every byte and with every byte changed: an error or an
// answer, never a crash, a leak or a wild pointer (run it under the
// sanitizers).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "fuzz/exercise_package.h"
#include "support/zip_writer.h"

#define MODEL "data/aotinductor/model/"
#define GOLDEN PT2_TEST_GOLDEN "/avx512/"

// What a byte is replaced with: one bit flipped, all of them, and characters
// that mean something in text.
static uint8_t changed(uint8_t byte, int how) {
  static const char characters[] = {'"', '9', '}', '\0'};
  return how == 0   ? byte ^ 1
         : how == 1 ? (uint8_t)~byte
                    : (uint8_t)characters[how - 2];
}
#define CHANGES 6

// The part of a real wrapper's source that facts are read from.
static zip_bytes_t read_source(const char* path) {
  pt2_package_t* package = NULL;
  assert_int_equal(pt2_package_open(path, NULL, &package), PT2_STATUS_OK);
  pt2__bytes_t source = pt2__package_model_files(package, 0)->source;
  const uint8_t* begin = memmem(source.data, source.size_bytes,
                                "AOTInductorModel::AOTInductorModel(", 35);
  assert_non_null(begin);
  const uint8_t* end =
      memmem(begin, source.size_bytes - (size_t)(begin - source.data),
             "// Compile cmd", 14);
  assert_non_null(end);
  zip_bytes_t text = {0};
  zip_put(&text, begin, (size_t)(end - begin));
  pt2_package_release(package);
  return text;
}

static zip_bytes_t wrap(const void* text, size_t size, bool deflate) {
  const zip_item_t items[] = {
      {.name = "net/archive_format", .data = "pt2", .data_descriptor = true},
      {.name = "net/" MODEL "x.wrapper.so",
       .data = "\x7f"
               "ELF",
       .zip64 = true},
      {.name = "net/" MODEL "x.wrapper.cpp",
       .data = text,
       .size = size,
       .deflate = deflate},
      {.name = "net/" MODEL "x.wrapper_metadata.json",
       .data = "{\"AOTI_DEVICE_KEY\": \"cpu\"}"},
  };
  return zip_make(items, 4, (zip_options_t){.zip64 = true, .pad_data_to = 64});
}

// Every cut of an archive is refused; every changed byte is an error or harms
// nothing.
static void test_archive(void** state) {
  (void)state;
  for (int deflate = 0; deflate < 2; ++deflate) {
    zip_bytes_t bytes = wrap("int main() {}", 13, deflate);
    assert_int_equal(exercise_package(bytes.data, bytes.size, true),
                     PT2_STATUS_OK);
    for (size_t cut = 1; cut < bytes.size; ++cut) {
      // In memory of its own, so that reading behind the end is seen.
      uint8_t* copy = malloc(cut);
      assert_non_null(copy);
      memcpy(copy, bytes.data, cut);
      assert_int_not_equal(exercise_package(copy, cut, false), PT2_STATUS_OK);
      free(copy);
    }
    size_t refused = 0;
    for (size_t i = 0; i < bytes.size; ++i) {
      uint8_t kept = bytes.data[i];
      for (int how = 0; how < CHANGES; ++how) {
        bytes.data[i] = changed(kept, how);
        refused += exercise_package(bytes.data, bytes.size, true) != 0;
      }
      bytes.data[i] = kept;
    }
    // Padding, dates and attributes may change; most bytes may not.
    assert_true(refused > bytes.size * CHANGES / 3);
    free(bytes.data);
  }
}

static void mutate_source(const char* path) {
  zip_bytes_t text = read_source(path);
  zip_bytes_t bytes = wrap(text.data, text.size, false);
  pt2_package_t* package = NULL;
  assert_int_equal(
      pt2_package_open_memory(bytes.data, bytes.size, NULL, &package), 0);
  assert_int_equal(pt2_package_input_count(package, 0), 1);
  pt2_package_release(package);
  free(bytes.data);
  for (size_t cut = 0; cut < text.size; cut += 7) {
    // Of size 0 is text that ends by itself: zip_item_t.
    bytes = wrap(cut > 0 ? (const void*)text.data : "", cut, false);
    assert_int_equal(exercise_package(bytes.data, bytes.size, false), 0);
    free(bytes.data);
  }
  for (size_t i = 0; i < text.size; ++i) {
    uint8_t kept = text.data[i];
    int how = (int)(i % CHANGES);
    text.data[i] = changed(kept, how);
    bytes = wrap(text.data, text.size, false);
    assert_int_equal(exercise_package(bytes.data, bytes.size, false), 0);
    free(bytes.data);
    text.data[i] = kept;
  }
  free(text.data);
}

static void test_source(void** state) {
  (void)state;
  mutate_source(GOLDEN "2.6.0/mlpdyn.pt2");
  mutate_source(GOLDEN "2.15.0/mlpdyn.pt2");
}

// The tables of a real library, by which the weights are found.
static void test_library(void** state) {
  (void)state;
  pt2_package_t* package = NULL;
  assert_int_equal(pt2_package_open(GOLDEN "2.8.0/mlpmmap.pt2", NULL, &package),
                   0);
  pt2__bytes_t so = pt2__package_model_files(package, 0)->so;
  zip_bytes_t bytes = {0};
  zip_put(&bytes, so.data, so.size_bytes);
  assert_int_equal(exercise_package(bytes.data, bytes.size, false), 0);
  uint64_t table = 0;
  memcpy(&table, so.data + 40, sizeof(table));
  size_t begin = (size_t)table;
  assert_true(begin < so.size_bytes);
  for (size_t i = 0; i < so.size_bytes; ++i) {
    if (i == 64) {
      i = begin;  // the section headers lie behind everything else
    }
    if (i > begin + 64 * 48) {
      break;
    }
    uint8_t kept = bytes.data[i];
    for (int how = 0; how < 3; ++how) {
      bytes.data[i] = changed(kept, how);
      exercise_package(bytes.data, bytes.size, false);
    }
    bytes.data[i] = kept;
  }
  for (size_t cut = 1; cut < so.size_bytes; cut += 997) {
    uint8_t* copy = malloc(cut);
    assert_non_null(copy);
    memcpy(copy, so.data, cut);
    exercise_package(copy, cut, false);
    free(copy);
  }
  free(bytes.data);
  pt2_package_release(package);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_archive),
      cmocka_unit_test(test_source),
      cmocka_unit_test(test_library),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
//
// Memory runs out at every allocation of an open in turn: OUT_OF_MEMORY, no
// package, and nothing left behind (LeakSanitizer).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/memory.h"
#include "fuzz/exercise_package.h"
#include "support/zip_writer.h"

#define MODEL "data/aotinductor/model/"

static void fail_each(pt2_package_t* (*open)(void* user), void* user) {
  pt2__fault_set(0, false);
  uint64_t failures = 0;
  for (uint64_t nth = 1; nth < 100000; ++nth) {
    for (int sticky = 0; sticky < 2; ++sticky) {
      pt2__fault_set(nth, sticky);
      pt2_package_t* package = open(user);
      uint64_t seen = pt2__fault_set(0, false);
      if (package != NULL) {
        // Every allocation was made to fail once, and there were some.
        assert_true(seen < nth);
        assert_true(failures > 10);
        pt2_package_release(package);
        return;
      }
      assert_int_equal(pt2_error_status(), PT2_STATUS_OUT_OF_MEMORY);
      ++failures;
    }
  }
  fail();
}

static pt2_package_t* open_path(void* user) {
  pt2_package_t* package = NULL;
  pt2_status_t status = pt2_package_open(user, NULL, &package);
  return status == PT2_STATUS_OK ? package : NULL;
}

static pt2_package_t* open_bytes(void* user) {
  const zip_bytes_t* bytes = user;
  pt2_package_t* package = NULL;
  pt2_status_t status =
      pt2_package_open_memory(bytes->data, bytes->size, NULL, &package);
  return status == PT2_STATUS_OK ? package : NULL;
}

static void test_golden(void** state) {
  (void)state;
  static const char* const paths[] = {"2.6.0/mlpdyn.pt2", "2.15.0/mlpdyn.pt2",
                                      "2.15.0/mlpblob2.pt2"};
  for (size_t i = 0; i < 3; ++i) {
    char path[512];
    snprintf(path, sizeof(path), "%s/avx512/%s", PT2_TEST_GOLDEN, paths[i]);
    fail_each(open_path, path);
  }
}

static void test_deflated(void** state) {
  (void)state;
  const zip_item_t items[] = {
      {.name = MODEL "x.so", .data = "library", .deflate = true},
      {.name = MODEL "x_metadata.json",
       .data = "{\"a\": \"b\", \"c\": [1]}",
       .deflate = true},
  };
  zip_bytes_t bytes = zip_make(items, 2, (zip_options_t){0});
  fail_each(open_bytes, &bytes);
  free(bytes.data);
}

static void test_folder(void** state) {
  (void)state;
  // The sources' own folder: no package, but every allocation on the way to
  // that answer.
  pt2__fault_set(0, false);
  for (uint64_t nth = 1; nth < 1000; ++nth) {
    pt2__fault_set(nth, false);
    pt2_package_t* package = NULL;
    pt2_status_t status =
        pt2_package_open(PT2_TEST_DATA "/errors", NULL, &package);
    uint64_t seen = pt2__fault_set(0, false);
    assert_null(package);
    if (seen < nth) {
      assert_int_equal(status, PT2_STATUS_UNSUPPORTED);
      return;
    }
    assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
  }
  fail();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),
      cmocka_unit_test(test_deflated),
      cmocka_unit_test(test_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

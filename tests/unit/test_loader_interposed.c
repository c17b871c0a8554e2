// SPDX-License-Identifier: Apache-2.0
//
// A function of the C library that the host program defines anew is the one
// that a model calls too, as it would be for any other library.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>

#include "pt2/pt2.h"
#include "support/skip.h"

static atomic_int calls;

// The model takes this lock once for each run.
PT2_API int pthread_rwlock_rdlock(pthread_rwlock_t* lock) {
  atomic_fetch_add(&calls, 1);
  int (*next)(pthread_rwlock_t*);
  *(void**)&next = dlsym(RTLD_NEXT, "pthread_rwlock_rdlock");
  return next(lock);
}

static void test_a_model_calls_the_hosts_function(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  assert_int_equal(
      pt2_package_open(PT2_TEST_GOLDEN "/avx2/2.15.0/add.pt2", NULL, &package),
      0);
  assert_int_equal(pt2_runner_create(package, NULL, &runner), 0);
  pt2_tensor_t* input = NULL;
  pt2_tensor_t* output = NULL;
  const int64_t sizes[] = {8, 16};
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &input), 0);
  int before = atomic_load(&calls);
  assert_int_equal(pt2_runner_run(runner, &input, 1, &output, 1), 0);
  assert_true(atomic_load(&calls) > before);
  pt2_tensor_release(input);
  pt2_tensor_release(output);
  pt2_runner_release(runner);
  pt2_package_release(package);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_model_calls_the_hosts_function),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

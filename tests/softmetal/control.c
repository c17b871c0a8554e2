// SPDX-License-Identifier: Apache-2.0
#include "softmetal/control.h"

#include "backends/mps/mps.h"

static long close_all(void) {
  if (pt2__mps_stream_synchronize() != PT2_STATUS_OK) {
    return -1;
  }
  pt2__mps_own_kernels_release();
  pt2__mps_library_trim();
  pt2__mps_memory_trim();
  pt2__mps_reports_trim();
  pt2__metal_close();
  return softmetal_find_device()->live();
}

static void counts(uint64_t out_counts[3]) {
  pt2__mps_lock();
  const pt2__mps_stream_statistics_t* now = pt2__mps_stream_statistics();
  out_counts[0] = now->kernel_count;
  out_counts[1] = now->command_count;
  out_counts[2] = now->wait_count;
  pt2__mps_unlock();
}

static void set_seed(uint64_t seed) { softmetal_find_device()->set_seed(seed); }

static void fail(int what, int nth) {
  softmetal_find_device()->set_fault(what, nth);
}

static void options(long out_options[4]) {
  softmetal_find_device()->options(out_options);
}

static void set_simdgroup_matrix(bool has) {
  softmetal_find_device()->set_simdgroup_matrix(has);
}

static uint64_t kernel_runs(const char* name) {
  return softmetal_find_device()->kernel_runs(name);
}

static void reset(void) {
  softmetal_find_device()->reset();
  pt2__mps_memory_set_kept_most(SIZE_MAX);
}

static bool poisons(void) {
  return softmetal_find_device()->poisons_what_is_reused;
}

static const softmetal_control_t control = {
    .set_seed = set_seed,
    .set_fault = fail,
    .close = close_all,
    .counts = counts,
    .compiled = pt2__mps_library_compiled,
    .set_simdgroup_matrix = set_simdgroup_matrix,
    .kernel_runs = kernel_runs,
    .options = options,
    .set_kept_most = pt2__mps_memory_set_kept_most,
    .reset = reset,
    .poisons_what_is_reused = poisons,
};

__attribute__((visibility("default"))) const softmetal_control_t*
softmetal_control(void);

const softmetal_control_t* softmetal_control(void) { return &control; }

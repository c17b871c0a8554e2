// SPDX-License-Identifier: Apache-2.0
//
// What kernels of ours find wrong while they run: indices out of range. Each
// call has a place to write that to, which is looked at once its commands have
// run.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/mps/mps.h"

// The kernels' struct of the same name (kernels/index.metal).
typedef struct {
  uint32_t hits;
  uint32_t which;
  int64_t index;
} report_t;

#define REPORT_COUNT 128
#define BLOCK_BYTES (REPORT_COUNT * sizeof(report_t))

typedef struct pt2__mps_reports_t {
  struct pt2__mps_reports_t* next;
  pt2__metal_buffer_t* buffer;
  report_t* reports;
  size_t count;
  pt2__mps_indexed_t indexed[REPORT_COUNT];
} reports_t;

// Those whose commands have run, for the next: models that write by index do so
// at each run. Under the lock.
static reports_t* idle;

static pt2_status_t create_block(reports_t** out_block) {
  reports_t* block = calloc(1, sizeof(*block));
  if (block == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                         "mps: out of memory: %zu bytes wanted",
                         sizeof(*block));
  }
  void* contents = NULL;
  pt2__metal_error_t error;
  block->buffer = pt2__metal_buffer_create(BLOCK_BYTES, &contents, &error);
  if (block->buffer == NULL) {
    free(block);
    return PT2__MPS_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                         "mps: out of memory: %zu bytes wanted: %s",
                         BLOCK_BYTES, error.text);
  }
  block->reports = contents;
  *out_block = block;
  return PT2_STATUS_OK;
}

static pt2_status_t add_block(reports_t** list) {
  reports_t* block = idle;
  if (block != NULL) {
    idle = block->next;
  } else {
    PT2__MPS_TRY(create_block(&block));
  }
  pt2__metal_buffer_renew(block->buffer, BLOCK_BYTES);
  memset(block->reports, 0, BLOCK_BYTES);
  block->count = 0;
  block->next = *list;
  *list = block;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__mps_reports_add(struct pt2__mps_reports_t** list,
                                  const pt2__mps_indexed_t* indexed,
                                  pt2__metal_buffer_t** out_buffer,
                                  size_t* out_offset) {
  if (*list == NULL || (*list)->count == REPORT_COUNT) {
    PT2__MPS_TRY(add_block(list));
  }
  reports_t* block = *list;
  *out_buffer = block->buffer;
  *out_offset = block->count * sizeof(report_t);
  block->indexed[block->count++] = *indexed;
  return PT2_STATUS_OK;
}

static void describe(const pt2__mps_indexed_t* indexed, const report_t* report,
                     char* text, size_t text_bytes) {
  uint32_t which = report->which < PT2__MPS_INDEX_MAX ? report->which : 0;
  snprintf(text, text_bytes,
           "%s: index %lld is out of bounds for dimension %lld with size %lld",
           indexed->op, (long long)report->index,
           (long long)indexed->dims[which], (long long)indexed->sizes[which]);
}

bool pt2__mps_reports_finish(struct pt2__mps_reports_t* list, char* text,
                             size_t text_bytes) {
  bool fine = true;
  while (list != NULL) {
    reports_t* block = list;
    list = block->next;
    for (size_t i = 0; i < block->count; ++i) {
      if (block->reports[i].hits != 0) {
        // Those of a block before are overwritten: they are later.
        describe(&block->indexed[i], &block->reports[i], text, text_bytes);
        fine = false;
        break;
      }
    }
    block->next = idle;
    idle = block;
  }
  return fine;
}

void pt2__mps_reports_trim(void) {
  pt2__mps_lock();
  while (idle != NULL) {
    reports_t* block = idle;
    idle = block->next;
    pt2__metal_buffer_release(block->buffer);
    free(block);
  }
  pt2__mps_unlock();
}

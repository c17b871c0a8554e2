// SPDX-License-Identifier: Apache-2.0
//
// The one stream: an encoder that stays open over many kernels, and command
// buffers on their way.
#include <stdio.h>

#include "backends/mps/mps.h"

// A queue of Metal's lets as many wait by itself.
#define IN_FLIGHT_MAX 32

// Under the lock.
static pt2__metal_commands_t* open_commands;
static pt2__metal_commands_t* in_flight[IN_FLIGHT_MAX];  // oldest first
// What their kernels report, and those of the open commands.
static struct pt2__mps_reports_t* in_flight_reports[IN_FLIGHT_MAX];
static struct pt2__mps_reports_t* open_reports;
static int in_flight_count;
static uint64_t committed;  // how many ever; the next one's number is one more
static pt2_status_t failed;
static pt2__metal_error_t first_error;
static pt2__mps_stream_statistics_t statistics;

pt2__mps_stream_statistics_t* pt2__mps_stream_statistics(void) {
  return &statistics;
}

struct pt2__mps_reports_t** pt2__mps_stream_reports(void) {
  return &open_reports;
}

pt2_status_t pt2__mps_stream_commands(pt2__metal_commands_t** out_commands) {
  if (open_commands == NULL) {
    pt2__metal_error_t error;
    open_commands = pt2__metal_commands_create(&error);
    if (open_commands == NULL) {
      return PT2__MPS_FAIL(PT2_STATUS_INTERNAL, "mps: %s", error.text);
    }
  }
  *out_commands = open_commands;
  return PT2_STATUS_OK;
}

// Waits for the oldest command buffer.
static void finish_oldest(void) {
  pt2__metal_error_t error;
  pt2_status_t status = PT2_STATUS_OK;
  if (!pt2__metal_commands_finish(in_flight[0], &error)) {
    status = PT2_STATUS_INTERNAL;
  }
  pt2__metal_error_t report;
  if (!pt2__mps_reports_finish(in_flight_reports[0], report.text,
                               sizeof(report.text)) &&
      status == PT2_STATUS_OK) {
    status = PT2_STATUS_INVALID_ARGUMENT;
    error = report;
  }
  if (status != PT2_STATUS_OK && failed == PT2_STATUS_OK) {
    failed = status;
    first_error = error;
  }
  --in_flight_count;
  for (int i = 0; i < in_flight_count; ++i) {
    in_flight[i] = in_flight[i + 1];
    in_flight_reports[i] = in_flight_reports[i + 1];
  }
}

static pt2_status_t take_error(void) {
  pt2_status_t status = failed;
  failed = PT2_STATUS_OK;
  return status == PT2_STATUS_OK
             ? status
             : PT2__MPS_FAIL(
                   status, "mps: %s%s",
                   status == PT2_STATUS_INTERNAL ? "the device failed: " : "",
                   first_error.text);
}

static void finish_those_done(void) {
  while (in_flight_count > 0 && pt2__metal_commands_done(in_flight[0])) {
    finish_oldest();
  }
}

uint64_t pt2__mps_stream_now(void) { return committed + 1; }

uint64_t pt2__mps_stream_done(void) {
  finish_those_done();
  return committed - (uint64_t)in_flight_count;
}

static void commit(void) {
  finish_those_done();
  if (open_commands != NULL) {
    if (in_flight_count == IN_FLIGHT_MAX) {
      finish_oldest();
    }
    pt2__metal_commands_commit(open_commands);
    ++statistics.command_count;
    in_flight_reports[in_flight_count] = open_reports;
    ++committed;
    in_flight[in_flight_count++] = open_commands;
    open_reports = NULL;
    open_commands = NULL;
  }
}

pt2_status_t pt2__mps_stream_commit(void) {
  commit();
  return take_error();
}

void pt2__mps_stream_finish(void) {
  commit();
  while (in_flight_count > 0) {
    finish_oldest();
  }
}

// The lock is held while waiting: who asks in between is to wait as well.
static pt2_status_t synchronize(void) {
  bool waits = open_commands != NULL || in_flight_count > 0;
  pt2__mps_stream_finish();
  statistics.wait_count += waits;
  return take_error();
}

pt2_status_t pt2__mps_stream_synchronize(void) {
  pt2__mps_lock();
  pt2_status_t status = synchronize();
  pt2__mps_unlock();
  return status;
}

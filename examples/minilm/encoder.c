// SPDX-License-Identifier: Apache-2.0
#include "encoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct encoder_t {
  pt2_package_t* package;
  pt2_runner_t* runner;
  wordpiece_t* vocabulary;
  int64_t ids[BATCH * MAX_TOKENS];
  int64_t mask[BATCH * MAX_TOKENS];  // 1: a token, 0: padding
};

void encoder_close(encoder_t* encoder) {
  if (!encoder) return;
  wordpiece_close(encoder->vocabulary);
  pt2_runner_release(encoder->runner);
  pt2_package_release(encoder->package);
  free(encoder);
}

wordpiece_t* open_vocabulary(const char* folder) {
  char path[4096];
  snprintf(path, sizeof path, "%s/vocab.txt", folder);
  return wordpiece_open(path);
}

encoder_t* encoder_open(const char* folder) {
  encoder_t* encoder = calloc(1, sizeof *encoder);
  if (!encoder) return NULL;
  encoder->vocabulary = open_vocabulary(folder);
  if (encoder->vocabulary) {
    char path[4096];
    snprintf(path, sizeof path, "%s/minilm.pt2", folder);
    if (!pt2_package_open(path, NULL, &encoder->package) &&
        !pt2_runner_create(encoder->package, NULL, &encoder->runner)) {
      return encoder;
    }
    fprintf(stderr, "%s\n", pt2_error_message());
  }
  encoder_close(encoder);
  return NULL;
}

// Fills ids and mask, row-major, as wide as the longest; returns that width.
static size_t tokenize(encoder_t* encoder, char* const* lines, size_t count) {
  size_t lengths[BATCH], width = 0;
  for (size_t i = 0; i < count; ++i) {
    int64_t* row = encoder->ids + i * MAX_TOKENS;
    lengths[i] =
        wordpiece_encode(encoder->vocabulary, lines[i], row, MAX_TOKENS);
    if (lengths[i] > width) width = lengths[i];
  }
  for (size_t i = 0; i < count; ++i) {
    int64_t* row = encoder->ids + i * width;
    memmove(row, encoder->ids + i * MAX_TOKENS, lengths[i] * sizeof *row);
    for (size_t j = 0; j < width; ++j) {
      if (j >= lengths[i]) row[j] = 0;
      encoder->mask[i * width + j] = j < lengths[i];
    }
  }
  return width;
}

pt2_tensor_t* encode(encoder_t* encoder, char* const* lines, size_t count) {
  const int64_t sizes[] = {(int64_t)count,
                           (int64_t)tokenize(encoder, lines, count)};
  int64_t* const data[] = {encoder->ids, encoder->mask};
  pt2_tensor_t *inputs[2] = {NULL, NULL}, *output = NULL;
  pt2_status_t status = PT2_STATUS_OK;
  for (int i = 0; i < 2 && !status; ++i) {
    status = pt2_tensor_from_blob(data[i], PT2_DTYPE_I64, 2, sizes, NULL, NULL,
                                  NULL, &inputs[i]);
  }
  if (!status) status = pt2_runner_run(encoder->runner, inputs, 2, &output, 1);
  if (status) fprintf(stderr, "%s\n", pt2_error_message());
  for (int i = 0; i < 2; ++i) pt2_tensor_release(inputs[i]);
  return output;
}

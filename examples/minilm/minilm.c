// SPDX-License-Identifier: Apache-2.0
//
// Finds the sentences of a file that mean most nearly what a query says: each
// sentence becomes a vector of length 1 (the model all-MiniLM-L6-v2), and the
// cosine between two vectors tells how near they are.
//
//   minilm build/minilm examples/minilm/sentences.txt "How do I bake bread?"
//   minilm --tokens build/minilm examples/minilm/sentences.txt
//
// The folder is what make_package.py makes: minilm.pt2 and vocab.txt.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pt2/pt2.h"
#include "wordpiece.h"

enum {
  MAX_TOKENS = 256,  // what the model was made for; longer text is cut
  BATCH = 32,
  SHOWN = 5,
};

typedef struct sentences_t {
  char* text;
  char** lines;
  size_t count;
} sentences_t;

static void free_sentences(sentences_t* sentences) {
  free(sentences->lines);
  free(sentences->text);
}

// Reads a text of one sentence a line; empty lines are left out.
static int read_sentences(const char* path, sentences_t* out) {
  FILE* file = fopen(path, "rb");
  if (!file) return perror(path), -1;
  size_t bytes = 0, room = 1 << 16;
  while ((out->text = realloc(out->text, room))) {
    bytes += fread(out->text + bytes, 1, room - bytes - 1, file);
    if (bytes < room - 1) break;
    room *= 2;
  }
  bool failed = ferror(file);
  fclose(file);
  if (failed) return fprintf(stderr, "%s: cannot be read\n", path), -1;
  if (out->text) {
    out->text[bytes] = '\0';
    size_t most = 1;
    for (size_t i = 0; i < bytes; ++i) {
      most += out->text[i] == '\n' || out->text[i] == '\r';
      if (!out->text[i]) out->text[i] = 1;  // a control character: dropped
    }
    out->lines = malloc(most * sizeof *out->lines);
  }
  if (!out->lines) return fprintf(stderr, "%s: out of memory\n", path), -1;
  for (char* line = strtok(out->text, "\r\n"); line;
       line = strtok(NULL, "\r\n")) {
    out->lines[out->count++] = line;
  }
  return 0;
}

// ---- The encoder ------------------------------------------------------------

typedef struct encoder_t {
  pt2_package_t* package;
  pt2_runner_t* runner;
  wordpiece_t* vocabulary;
  int64_t ids[BATCH * MAX_TOKENS];
  int64_t mask[BATCH * MAX_TOKENS];  // 1: a token, 0: padding
} encoder_t;

static void encoder_close(encoder_t* encoder) {
  if (!encoder) return;
  wordpiece_close(encoder->vocabulary);
  pt2_runner_release(encoder->runner);
  pt2_package_release(encoder->package);
  free(encoder);
}

static wordpiece_t* open_vocabulary(const char* folder) {
  char path[4096];
  snprintf(path, sizeof path, "%s/vocab.txt", folder);
  return wordpiece_open(path);
}

static encoder_t* encoder_open(const char* folder) {
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

// Runs the model on up to BATCH sentences; the caller releases the result.
static pt2_tensor_t* encode(encoder_t* encoder, char* const* lines,
                            size_t count) {
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

// ---- The search -------------------------------------------------------------

typedef struct match_t {
  float cosine;
  const char* sentence;
} match_t;

static int by_falling_cosine(const void* left, const void* right) {
  float a = ((const match_t*)left)->cosine, b = ((const match_t*)right)->cosine;
  return (a < b) - (a > b);
}

static int search(encoder_t* encoder, const sentences_t* sentences, char* query,
                  match_t* matches) {
  pt2_tensor_t* wanted = encode(encoder, &query, 1);
  if (!wanted) return -1;
  const float* direction = pt2_tensor_peek_data(wanted);
  const int64_t width = pt2_tensor_numel(wanted);
  size_t done = 0;
  while (done < sentences->count) {
    size_t count = sentences->count - done;
    if (count > BATCH) count = BATCH;
    pt2_tensor_t* output = encode(encoder, sentences->lines + done, count);
    if (!output) break;
    const float* vectors = pt2_tensor_peek_data(output);
    for (size_t i = 0; i < count; ++i) {
      float cosine = 0;
      for (int64_t k = 0; k < width; ++k) cosine += direction[k] * *vectors++;
      matches[done + i] = (match_t){cosine, sentences->lines[done + i]};
    }
    pt2_tensor_release(output);
    done += count;
  }
  pt2_tensor_release(wanted);
  return done == sentences->count ? 0 : -1;
}

static int find_and_print(encoder_t* encoder, const sentences_t* sentences,
                          char* query) {
  match_t* matches = calloc(sentences->count + 1, sizeof *matches);
  if (!matches) return -1;
  struct timespec start, end;
  timespec_get(&start, TIME_UTC);
  int failed = search(encoder, sentences, query, matches);
  timespec_get(&end, TIME_UTC);
  if (!failed) {
    qsort(matches, sentences->count, sizeof *matches, by_falling_cosine);
    for (size_t i = 0; i < sentences->count && i < SHOWN; ++i) {
      printf("%6.3f  %s\n", (double)matches[i].cosine, matches[i].sentence);
    }
    double seconds = (double)(end.tv_sec - start.tv_sec) +
                     1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    printf("\n%zu sentences in %.3f s\n", sentences->count, seconds);
  }
  free(matches);
  return failed;
}

// Prints the ids of each line.
static int print_tokens(const char* folder, const sentences_t* sentences) {
  wordpiece_t* vocabulary = open_vocabulary(folder);
  if (!vocabulary) return -1;
  int64_t ids[MAX_TOKENS];
  for (size_t i = 0; i < sentences->count; ++i) {
    size_t count =
        wordpiece_encode(vocabulary, sentences->lines[i], ids, MAX_TOKENS);
    for (size_t j = 0; j < count; ++j) {
      printf("%lld%c", (long long)ids[j], j + 1 < count ? ' ' : '\n');
    }
  }
  wordpiece_close(vocabulary);
  return 0;
}

int main(int argc, char** argv) {
  bool tokens_only = argc == 4 && strcmp(argv[1], "--tokens") == 0;
  if (argc != 4) {
    fprintf(stderr,
            "usage: %s FOLDER SENTENCES QUERY\n"
            "       %s --tokens FOLDER SENTENCES\n",
            argv[0], argv[0]);
    return 2;
  }
  sentences_t sentences = {0};
  int failed = read_sentences(argv[tokens_only ? 3 : 2], &sentences);
  if (!failed && tokens_only) {
    failed = print_tokens(argv[2], &sentences);
  } else if (!failed) {
    encoder_t* encoder = encoder_open(argv[1]);
    failed = encoder ? find_and_print(encoder, &sentences, argv[3]) : -1;
    encoder_close(encoder);
  }
  free_sentences(&sentences);
  return failed ? 1 : 0;
}

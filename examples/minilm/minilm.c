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

#include "encoder.h"
#include "sentences.h"

enum { SHOWN = 5 };

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

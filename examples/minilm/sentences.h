// SPDX-License-Identifier: Apache-2.0
//
// A text of one sentence a line.
#ifndef PT2_EXAMPLES_MINILM_SENTENCES_H_
#define PT2_EXAMPLES_MINILM_SENTENCES_H_

#include <stddef.h>

typedef struct sentences_t {
  char* text;
  char** lines;
  size_t count;
} sentences_t;

// Reads the text; empty lines are left out. On failure -1, after saying why on
// stderr; free_sentences is needed then too.
int read_sentences(const char* path, sentences_t* out);
void free_sentences(sentences_t* sentences);

#endif  // PT2_EXAMPLES_MINILM_SENTENCES_H_

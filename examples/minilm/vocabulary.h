// SPDX-License-Identifier: Apache-2.0
//
// A vocabulary in memory, as vocabulary.c reads it and wordpiece.c uses it.
#ifndef PT2_EXAMPLES_MINILM_VOCABULARY_H_
#define PT2_EXAMPLES_MINILM_VOCABULARY_H_

#include "wordpiece.h"

struct wordpiece_t {
  char* text;           // the file, each newline replaced by NUL
  const char** tokens;  // by id
  size_t count;
  int32_t* slots;  // hash table of ids, -1: free
  size_t slot_mask;
  int64_t unknown, begin, end;
};

// The id of a token, -1 if there is none.
int64_t vocabulary_find(const wordpiece_t* vocabulary, const char* bytes,
                        size_t length);

#endif  // PT2_EXAMPLES_MINILM_VOCABULARY_H_

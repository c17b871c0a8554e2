// SPDX-License-Identifier: Apache-2.0
#include "wordpiece.h"

#include <stdbool.h>
#include <string.h>

#include "characters.h"
#include "vocabulary.h"

enum {
  WORD_MAX = 100,                 // code points; a longer word is [UNK]
  WORD_BYTES = 4 * WORD_MAX + 4,  // room for "##" and the last code point
};

typedef struct encoder_t {
  const wordpiece_t* vocabulary;
  int64_t* ids;
  size_t count, limit;
  char word[WORD_BYTES];  // two bytes for "##", then the word
  size_t word_bytes, word_codes;
} encoder_t;

// Ends the word: the longest piece in the vocabulary, then the longest that
// continues it, and so on; one [UNK] if that leads nowhere.
static void end_word(encoder_t* encoder) {
  size_t pieces = encoder->count, start = 0;
  const size_t bytes = encoder->word_bytes;
  char* word = encoder->word + 2;
  bool known = encoder->word_codes <= WORD_MAX;
  while (known && start < bytes) {
    size_t end = bytes, marks = start > 0 ? 2 : 0;
    // What lies before the piece is done with: its place holds the marks.
    if (marks) memcpy(word + start - 2, "##", 2);
    int64_t id = -1;
    for (; end > start; --end) {
      if (end < bytes && ((unsigned char)word[end] & 0xc0) == 0x80) continue;
      id = vocabulary_find(encoder->vocabulary, word + start - marks,
                           end - start + marks);
      if (id >= 0) break;
    }
    known = id >= 0;
    if (known && pieces < encoder->limit) encoder->ids[pieces++] = id;
    start = end;
  }
  if (known) {
    encoder->count = pieces;
  } else if (encoder->count < encoder->limit) {
    encoder->ids[encoder->count++] = encoder->vocabulary->unknown;
  }
  encoder->word_bytes = encoder->word_codes = 0;
}

static void add_code(encoder_t* encoder, uint32_t code) {
  if (encoder->word_codes < WORD_MAX) {
    char* end = encoder->word + 2 + encoder->word_bytes;
    encoder->word_bytes += put_code(end, code);
  }
  ++encoder->word_codes;
}

size_t wordpiece_encode(const wordpiece_t* vocabulary, const char* text,
                        int64_t* ids, size_t max_ids) {
  encoder_t encoder = {
      .vocabulary = vocabulary, .ids = ids, .count = 1, .limit = max_ids - 1};
  ids[0] = vocabulary->begin;
  while (*text && encoder.count < encoder.limit) {
    uint32_t code = next_code(&text);
    kind_t kind = character_kind(code);
    if (kind == DROPPED) continue;
    if (kind == SPACE) {
      end_word(&encoder);
      continue;
    }
    bool stands_alone = kind == WORD_OF_ITS_OWN;
    if (stands_alone) end_word(&encoder);
    add_code(&encoder, fold(code));
    if (stands_alone) end_word(&encoder);
  }
  end_word(&encoder);
  ids[encoder.count++] = vocabulary->end;
  return encoder.count;
}

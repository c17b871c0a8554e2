// SPDX-License-Identifier: Apache-2.0
//
// UTF-8, and what BERT's uncased tokenizer asks of a character.
#ifndef PT2_EXAMPLES_MINILM_CHARACTERS_H_
#define PT2_EXAMPLES_MINILM_CHARACTERS_H_

#include <stddef.h>
#include <stdint.h>

// What becomes of a character.
typedef enum {
  PART_OF_WORD,
  WORD_OF_ITS_OWN,  // punctuation, Chinese characters
  SPACE,
  DROPPED,  // control and format characters, accents alone, damaged text
} kind_t;

kind_t character_kind(uint32_t code);

// Lower case without accents. Beyond Latin letters, text stays as it is.
uint32_t fold(uint32_t code);

// Takes the next code point off |*text|; U+FFFD for bytes that are not UTF-8.
uint32_t next_code(const char** text);

// Writes |code| as UTF-8, at most 4 bytes; returns how many.
size_t put_code(char* out, uint32_t code);

#endif  // PT2_EXAMPLES_MINILM_CHARACTERS_H_

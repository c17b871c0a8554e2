// SPDX-License-Identifier: Apache-2.0
//
// WordPiece: English text to the token ids that BERT-like models take, as
// BERT's uncased tokenizer does it.
#ifndef PT2_EXAMPLES_MINILM_WORDPIECE_H_
#define PT2_EXAMPLES_MINILM_WORDPIECE_H_

#include <stddef.h>
#include <stdint.h>

typedef struct wordpiece_t wordpiece_t;

// Reads a vocabulary: one token a line, the line's number is its id. Returns
// NULL and says why on stderr if it cannot be read or lacks [UNK], [CLS] or
// [SEP]. The caller frees it with wordpiece_close.
wordpiece_t* wordpiece_open(const char* path);
void wordpiece_close(wordpiece_t* vocabulary);

// Writes the ids of |text| (UTF-8) with [CLS] before and [SEP] behind, at most
// |max_ids| (at least 2) of them, and returns how many. What does not fit is
// left off, as the models are trained with.
size_t wordpiece_encode(const wordpiece_t* vocabulary, const char* text,
                        int64_t* ids, size_t max_ids);

#endif  // PT2_EXAMPLES_MINILM_WORDPIECE_H_

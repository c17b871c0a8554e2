// SPDX-License-Identifier: Apache-2.0
//
// The model: sentences to vectors of length 1. All that needs libpt2 but
// reading the vectors is in encoder.c.
#ifndef PT2_EXAMPLES_MINILM_ENCODER_H_
#define PT2_EXAMPLES_MINILM_ENCODER_H_

#include "pt2/pt2.h"
#include "wordpiece.h"

enum {
  MAX_TOKENS = 256,  // what the model was made for; longer text is cut
  BATCH = 32,
};

typedef struct encoder_t encoder_t;

// Opens minilm.pt2 and vocab.txt in |folder|; NULL, after saying why on stderr.
encoder_t* encoder_open(const char* folder);
void encoder_close(encoder_t* encoder);

// Only the vocabulary (wordpiece_open).
wordpiece_t* open_vocabulary(const char* folder);

// The vectors of up to BATCH sentences, float32[count, 384]; NULL, after saying
// why on stderr. The caller releases them.
pt2_tensor_t* encode(encoder_t* encoder, char* const* lines, size_t count);

#endif  // PT2_EXAMPLES_MINILM_ENCODER_H_

// SPDX-License-Identifier: Apache-2.0
#include "vocabulary.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t hash(const char* bytes, size_t length) {
  uint64_t value = 14695981039346656037u;  // FNV-1a
  for (size_t i = 0; i < length; ++i) {
    value = (value ^ (unsigned char)bytes[i]) * 1099511628211u;
  }
  return (size_t)(value ^ (value >> 32));
}

int64_t vocabulary_find(const wordpiece_t* vocabulary, const char* bytes,
                        size_t length) {
  size_t slot = hash(bytes, length) & vocabulary->slot_mask;
  for (; vocabulary->slots[slot] >= 0;
       slot = (slot + 1) & vocabulary->slot_mask) {
    const char* token = vocabulary->tokens[vocabulary->slots[slot]];
    if (strncmp(token, bytes, length) == 0 && !token[length]) {
      return vocabulary->slots[slot];
    }
  }
  return -1;
}

// Reads the whole file with a NUL behind; NULL if that fails.
static char* read_file(const char* path, size_t* out_bytes) {
  enum { LARGEST = 64 << 20 };  // a folder, for one, claims to be huge
  FILE* file = fopen(path, "rb");
  if (!file) return NULL;
  long bytes = fseek(file, 0, SEEK_END) ? -1 : ftell(file);
  char* text = bytes < 0 || bytes > LARGEST ? NULL : malloc((size_t)bytes + 1);
  if (text) {
    rewind(file);
    *out_bytes = fread(text, 1, (size_t)bytes, file);
    text[*out_bytes] = '\0';
  }
  fclose(file);
  return text;
}

// Splits the text into tokens and puts them into the hash table.
static bool index_tokens(wordpiece_t* vocabulary, size_t bytes) {
  size_t lines = 1, slots = 16;
  for (size_t i = 0; i < bytes; ++i) lines += vocabulary->text[i] == '\n';
  while (slots < 2 * lines) slots *= 2;
  vocabulary->tokens = malloc(lines * sizeof *vocabulary->tokens);
  vocabulary->slots = malloc(slots * sizeof *vocabulary->slots);
  if (!vocabulary->tokens || !vocabulary->slots) return false;
  memset(vocabulary->slots, -1, slots * sizeof *vocabulary->slots);
  vocabulary->slot_mask = slots - 1;
  for (char* line = vocabulary->text; *line;) {
    size_t length = strcspn(line, "\n");
    char* next = line + length + (line[length] == '\n');
    line[length] = '\0';
    if (length > 0 && line[length - 1] == '\r') line[--length] = '\0';
    size_t slot = hash(line, length) & vocabulary->slot_mask;
    while (vocabulary->slots[slot] >= 0) {
      slot = (slot + 1) & vocabulary->slot_mask;
    }
    vocabulary->slots[slot] = (int32_t)vocabulary->count;
    vocabulary->tokens[vocabulary->count++] = line;
    line = next;
  }
  vocabulary->unknown = vocabulary_find(vocabulary, "[UNK]", 5);
  vocabulary->begin = vocabulary_find(vocabulary, "[CLS]", 5);
  vocabulary->end = vocabulary_find(vocabulary, "[SEP]", 5);
  return vocabulary->unknown >= 0 && vocabulary->begin >= 0 &&
         vocabulary->end >= 0;
}

wordpiece_t* wordpiece_open(const char* path) {
  wordpiece_t* vocabulary = calloc(1, sizeof *vocabulary);
  size_t bytes = 0;
  if (vocabulary) vocabulary->text = read_file(path, &bytes);
  if (!vocabulary || !vocabulary->text) {
    fprintf(stderr, "%s: cannot be read as a vocabulary\n", path);
  } else if (!index_tokens(vocabulary, bytes)) {
    fprintf(stderr, "%s: no vocabulary with [UNK], [CLS] and [SEP]\n", path);
  } else {
    return vocabulary;
  }
  wordpiece_close(vocabulary);
  return NULL;
}

void wordpiece_close(wordpiece_t* vocabulary) {
  if (!vocabulary) return;
  free(vocabulary->slots);
  free(vocabulary->tokens);
  free(vocabulary->text);
  free(vocabulary);
}

// SPDX-License-Identifier: Apache-2.0
#include "sentences.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void free_sentences(sentences_t* sentences) {
  free(sentences->lines);
  free(sentences->text);
}

int read_sentences(const char* path, sentences_t* out) {
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

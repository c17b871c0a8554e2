// SPDX-License-Identifier: Apache-2.0
#include "wordpiece.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  WORD_MAX = 100,                 // code points; a longer word is [UNK]
  WORD_BYTES = 4 * WORD_MAX + 4,  // room for "##" and the last code point
};

struct wordpiece_t {
  char* text;           // the file, each newline replaced by NUL
  const char** tokens;  // by id
  size_t count;
  int32_t* slots;  // hash table of ids, -1: free
  size_t slot_mask;
  int64_t unknown, begin, end;
};

// ---- Vocabulary -------------------------------------------------------------

static size_t hash(const char* bytes, size_t length) {
  uint64_t value = 14695981039346656037u;  // FNV-1a
  for (size_t i = 0; i < length; ++i) {
    value = (value ^ (unsigned char)bytes[i]) * 1099511628211u;
  }
  return (size_t)(value ^ (value >> 32));
}

static int64_t find(const wordpiece_t* vocabulary, const char* bytes,
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
  vocabulary->unknown = find(vocabulary, "[UNK]", 5);
  vocabulary->begin = find(vocabulary, "[CLS]", 5);
  vocabulary->end = find(vocabulary, "[SEP]", 5);
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

// ---- Characters -------------------------------------------------------------

// Letters without their accents, in lower case; '.': has no other form.
static const char kLatin[] =  // from U+00C0
    "aaaaaa.ceeeeiiii.nooooo..uuuuy..aaaaaa.ceeeeiiii.nooooo..uuuuy.y"
    "aaaaaaccccccccdd..eeeeeeeeeegggggggghh..iiiiiiiii...jjkk.llllll."
    "...nnnnnn...oooooo..rrrrrrsssssssstttt..uuuuuuuuuuuuwwyyyzzzzzz.";
static const char kLatinAdditional[] =  // from U+1E00
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    "wwwwwwwwwwxxxxyyzzzzzzhtwy......aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";

typedef struct range_t {
  uint32_t first, last;
} range_t;

static const range_t kPunctuation[] = {
    {0x21, 0x2f},     {0x3a, 0x40},     {0x5b, 0x60},     {0x7b, 0x7e},
    {0xa1, 0xa1},     {0xa7, 0xa7},     {0xab, 0xab},     {0xb6, 0xb7},
    {0xbb, 0xbb},     {0xbf, 0xbf},     {0x2010, 0x2027}, {0x2030, 0x2043},
    {0x2045, 0x2051}, {0x2053, 0x205e}, {0x207d, 0x207e}, {0x208d, 0x208e},
    {0x2308, 0x230b}, {0x2329, 0x232a}, {0x2768, 0x2775}, {0x27e6, 0x27ef},
    {0x3001, 0x3003}, {0x3008, 0x3011}, {0x3014, 0x301f}, {0x3030, 0x3030},
    {0xfe30, 0xfe52}, {0xfe54, 0xfe61}, {0xff01, 0xff03}, {0xff05, 0xff0a},
    {0xff0c, 0xff0f}, {0xff1a, 0xff1b}, {0xff1f, 0xff20}, {0xff3b, 0xff3d},
    {0xff3f, 0xff3f}, {0xff5b, 0xff5b}, {0xff5d, 0xff5d}, {0xff5f, 0xff65},
};
// Chinese characters are words of their own.
static const range_t kIdeographs[] = {
    {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xf900, 0xfaff},
    {0x20000, 0x2a6df}, {0x2a700, 0x2b81f}, {0x2b920, 0x2ceaf},
    {0x2f800, 0x2fa1f},
};
static const range_t kSpaces[] = {
    {0x09, 0x0a},     {0x0d, 0x0d},     {0x20, 0x20},     {0xa0, 0xa0},
    {0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f},
    {0x205f, 0x205f}, {0x3000, 0x3000},
};
// Control and format characters, accents that stand alone, damaged text.
static const range_t kDropped[] = {
    {0x00, 0x08},     {0x0b, 0x0c},     {0x0e, 0x1f},     {0x7f, 0x9f},
    {0xad, 0xad},     {0x300, 0x36f},   {0x1ab0, 0x1ace}, {0x1dc0, 0x1dff},
    {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f}, {0x20d0, 0x20dc},
    {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xfffd, 0xfffd},
};

#define IS_IN(code, ranges) \
  is_in(code, ranges, sizeof(ranges) / sizeof((ranges)[0]))

static bool is_in(uint32_t code, const range_t* ranges, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (code >= ranges[i].first && code <= ranges[i].last) return true;
  }
  return false;
}

// Lower case without accents. Beyond Latin letters, text stays as it is.
static uint32_t fold(uint32_t code) {
  if (code < 0xc0) return code >= 'A' && code <= 'Z' ? code + 32 : code;
  if (code >= 0x1e00 && code <= 0x1eff) {
    char base = kLatinAdditional[code - 0x1e00];
    return base != '.' ? (uint32_t)base : code;
  }
  if (code == 0x1a0 || code == 0x1a1) return 'o';
  if (code == 0x1af || code == 0x1b0) return 'u';
  if (code >= 0x180) return code;
  char base = kLatin[code - 0xc0];
  if (base != '.') return (uint32_t)base;
  if (code <= 0xde) return code == 0xd7 ? code : code + 32;
  if (code < 0x100 || code == 0x131 || code == 0x138) return code;
  // Capitals are the even ones, but odd from U+0139 to U+0148.
  bool odd_capitals = code >= 0x139 && code <= 0x148;
  bool is_capital = (code % 2 == 1) == odd_capitals;
  return is_capital && code != 0x149 && code != 0x17f ? code + 1 : code;
}

// Takes the next code point off |*text|; U+FFFD for bytes that are not UTF-8.
static uint32_t next_code(const char** text) {
  const unsigned char* bytes = (const unsigned char*)*text;
  uint32_t code = bytes[0];
  int more = code < 0x80 ? 0 : code < 0xc2 ? -1 : code < 0xe0 ? 1 : 2;
  if (code >= 0xf0) more = code < 0xf5 ? 3 : -1;
  ++*text;
  if (more <= 0) return more == 0 ? code : 0xfffd;
  code &= 0x3fu >> more;
  for (int i = 1; i <= more; ++i) {
    if ((bytes[i] & 0xc0) != 0x80) return 0xfffd;
    code = code << 6 | (bytes[i] & 0x3f);
  }
  static const uint32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[more] || code > 0x10ffff ||
      (code >= 0xd800 && code <= 0xdfff)) {
    return 0xfffd;
  }
  *text += more;
  return code;
}

static size_t put_code(char* out, uint32_t code) {
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const unsigned char kLead[] = {0, 0xc0, 0xe0, 0xf0};
  out[0] = (char)(kLead[more] | code >> (6 * more));
  for (size_t i = 1; i <= more; ++i) {
    out[i] = (char)(0x80 | (code >> (6 * (more - i)) & 0x3f));
  }
  return more + 1;
}

// ---- Words ------------------------------------------------------------------

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
      id = find(encoder->vocabulary, word + start - marks, end - start + marks);
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
    if (IS_IN(code, kDropped)) continue;
    if (IS_IN(code, kSpaces)) {
      end_word(&encoder);
      continue;
    }
    bool stands_alone = IS_IN(code, kPunctuation) || IS_IN(code, kIdeographs);
    if (stands_alone) end_word(&encoder);
    add_code(&encoder, fold(code));
    if (stands_alone) end_word(&encoder);
  }
  end_word(&encoder);
  ids[encoder.count++] = vocabulary->end;
  return encoder.count;
}

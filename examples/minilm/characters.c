// SPDX-License-Identifier: Apache-2.0
#include "characters.h"

#include <stdbool.h>

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

kind_t character_kind(uint32_t code) {
  if (IS_IN(code, kDropped)) return DROPPED;
  if (IS_IN(code, kSpaces)) return SPACE;
  bool alone = IS_IN(code, kPunctuation) || IS_IN(code, kIdeographs);
  return alone ? WORD_OF_ITS_OWN : PART_OF_WORD;
}

uint32_t fold(uint32_t code) {
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

uint32_t next_code(const char** text) {
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

size_t put_code(char* out, uint32_t code) {
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

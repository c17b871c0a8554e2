// SPDX-License-Identifier: Apache-2.0
//
// The tool's readers and writers of .npy, .npz and .safetensors: round trips,
// foreign layouts, files that were cut, changed or that lie.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "tooling/files.h"

static const pt2_dtype_t kDtypes[] = {
    PT2_DTYPE_BOOL,       PT2_DTYPE_U8,         PT2_DTYPE_I8,
    PT2_DTYPE_U16,        PT2_DTYPE_I16,        PT2_DTYPE_U32,
    PT2_DTYPE_I32,        PT2_DTYPE_U64,        PT2_DTYPE_I64,
    PT2_DTYPE_F16,        PT2_DTYPE_BF16,       PT2_DTYPE_F32,
    PT2_DTYPE_F64,        PT2_DTYPE_COMPLEX64,  PT2_DTYPE_COMPLEX128,
    PT2_DTYPE_COMPLEX32,  PT2_DTYPE_F8E5M2,     PT2_DTYPE_F8E4M3FN,
    PT2_DTYPE_F8E5M2FNUZ, PT2_DTYPE_F8E4M3FNUZ, PT2_DTYPE_F8E8M0FNU};
#define DTYPE_COUNT (sizeof(kDtypes) / sizeof(kDtypes[0]))

static char folder[] = "/tmp/pt2-tooling-XXXXXX";
static char path[128];

static int make_folder(void** state) {
  (void)state;
  return mkdtemp(folder) == NULL;
}

static int remove_folder(void** state) {
  (void)state;
  pt2__reader_free_tables();
  return rmdir(folder);
}

static const char* in_folder(const char* name) {
  snprintf(path, sizeof(path), "%s/%s", folder, name);
  return path;
}

static int clear_error(void** state) {
  (void)state;
  pt2__tool_error_clear();
  return 0;
}

// A tensor whose bytes count up.
static pt2_tensor_t* make(pt2_dtype_t dtype, size_t rank,
                          const int64_t* sizes) {
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2__tensor_new("test", dtype, rank, sizes, &tensor), 0);
  uint8_t* data = pt2_tensor_peek_data(tensor);
  for (size_t i = 0; i < pt2__tensor_bytes(tensor); ++i) {
    data[i] = (uint8_t)(dtype == PT2_DTYPE_BOOL ? i % 2 : i * 7 + 1);
  }
  return tensor;
}

static void assert_same(const pt2_tensor_t* left, const pt2_tensor_t* right) {
  assert_int_equal(pt2_tensor_dtype(left), pt2_tensor_dtype(right));
  assert_int_equal(pt2_tensor_rank(left), pt2_tensor_rank(right));
  for (size_t d = 0; d < pt2_tensor_rank(left); ++d) {
    assert_int_equal(pt2_tensor_peek_sizes(left)[d],
                     pt2_tensor_peek_sizes(right)[d]);
  }
  size_t bytes = pt2__tensor_bytes(left);
  if (bytes > 0) {
    assert_memory_equal(pt2_tensor_peek_data(left), pt2_tensor_peek_data(right),
                        bytes);
  }
}

static void assert_error(const char* part) {
  if (strstr(pt2__tool_error(), part) == NULL) {
    fail_msg("'%s' is not in '%s'", part, pt2__tool_error());
  }
  pt2__tool_error_clear();
}

static void test_npy_round_trip(void** state) {
  (void)state;
  const int64_t shapes[][3] = {{2, 3, 5}, {0, 4, 1}, {7, 1, 1}};
  for (size_t i = 0; i < DTYPE_COUNT; ++i) {
    for (size_t rank = 0; rank <= 3; ++rank) {
      pt2_tensor_t* tensor = make(kDtypes[i], rank, shapes[i % 3]);
      pt2__text_t file = {0};
      int result = pt2__npy_format_header("x.npy", tensor, &file);
      if (!pt2__npy_holds(kDtypes[i])) {
        assert_int_equal(result, PT2__EXIT_FAILED);
        assert_error("numpy has no ");
        pt2_tensor_release(tensor);
        continue;
      }
      assert_int_equal(result, 0);
      assert_int_equal(file.length % 64, 0);
      pt2__text_append(&file, pt2_tensor_peek_data(tensor),
                       pt2__tensor_bytes(tensor));
      pt2_tensor_t* again = NULL;
      assert_int_equal(pt2__npy_parse("x.npy", file.data, file.length, &again),
                       0);
      assert_same(tensor, again);
      pt2_tensor_release(again);
      pt2_tensor_release(tensor);
      pt2__text_free(&file);
    }
  }
}

static int parse_npy(const char* dict, int version, const void* data,
                     size_t bytes, pt2_tensor_t** out_tensor) {
  pt2__text_t file = {0};
  uint8_t head[12] = {0x93, 'N', 'U', 'M', 'P', 'Y', (uint8_t)version, 0};
  head[8] = (uint8_t)strlen(dict);
  head[9] = (uint8_t)(strlen(dict) >> 8);
  pt2__text_append(&file, head, version == 1 ? 10 : 12);
  pt2__text_append(&file, dict, strlen(dict));
  pt2__text_append(&file, data, bytes);
  int result = pt2__npy_parse("x.npy", file.data, file.length, out_tensor);
  pt2__text_free(&file);
  return result;
}

static void test_npy_foreign_layouts(void** state) {
  (void)state;
  pt2_tensor_t* tensor = NULL;
  // Column-major [[1, 2, 3], [4, 5, 6]], version 3, double quotes, Python 2's
  // long integers.
  const uint8_t columns[] = {1, 4, 2, 5, 3, 6};
  assert_int_equal(parse_npy("{\"fortran_order\": True, \"shape\": (2L, 3L), "
                             "\"descr\": \"|u1\"}\n",
                             3, columns, 6, &tensor),
                   0);
  assert_memory_equal(pt2_tensor_peek_data(tensor), "\1\2\3\4\5\6", 6);
  assert_true(pt2_tensor_is_contiguous(tensor));
  pt2_tensor_release(tensor);
  const uint8_t big[] = {0, 0, 1, 2, 0xff, 0xff, 0xff, 0xfe};
  assert_int_equal(parse_npy("{'descr': '>i4', 'fortran_order': False, "
                             "'shape': (2,), }",
                             2, big, 8, &tensor),
                   0);
  const int32_t* integers = pt2_tensor_peek_data(tensor);
  assert_int_equal(integers[0], 258);
  assert_int_equal(integers[1], -2);
  pt2_tensor_release(tensor);
  // Each part of a complex number is swapped, not the pair.
  const uint8_t complex[] = {0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0};
  assert_int_equal(parse_npy("{'descr': '>c8', 'fortran_order': False, "
                             "'shape': ()}",
                             1, complex, 8, &tensor),
                   0);
  const float* parts = pt2_tensor_peek_data(tensor);
  assert_true(parts[0] == 1.0f && parts[1] == -2.0f);
  pt2_tensor_release(tensor);
  // Whatever is not 0 is true.
  assert_int_equal(parse_npy("{'descr': '|b1', 'fortran_order': False, "
                             "'shape': (3,)}",
                             1, "\0\1\x80", 3, &tensor),
                   0);
  assert_memory_equal(pt2_tensor_peek_data(tensor), "\0\1\1", 3);
  pt2_tensor_release(tensor);
}

static void test_npy_that_lies(void** state) {
  (void)state;
  static const struct {
    const char* dict;
    const char* error;
  } kBad[] = {
      {"", "it is no dict"},
      {"{", "a key is expected"},
      {"{}", "is missing"},
      {"{'descr': '<f4', 'shape': (1,)}", "is missing"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
       "something follows"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)",
       "the dict does not end"},
      {"{'descr': '<f4', 'descr': '<f4'}", "a key twice"},
      {"{'dtype': '<f4'}", "an unknown key"},
      {"{'descr': [('a', '<f4')]}", "a structured array is no tensor"},
      {"{'descr': 4}", "'descr' is no string"},
      {"{'descr': '|O'}", "numpy type '|O' is no dtype"},
      {"{'descr': '<U5'}", "numpy type '<U5' is no dtype"},
      {"{'descr': '<f16'}", "numpy type '<f16' is no dtype"},
      {"{'descr': '<M8[ns]'}", "numpy type '<M8[ns]' is no dtype"},
      {"{'descr': '<V2'}", "use a .safetensors file"},
      {"{'fortran_order': Maybe}", "neither True nor False"},
      {"{'shape': 3}", "'shape' is no tuple"},
      {"{'shape': (3,", "holds something that is no size"},
      {"{'shape': (3", "'shape' does not end"},
      {"{'shape': (-3,)}", "holds something that is no size"},
      {"{'shape': (,)}", "holds something that is no size"},
      {"{'shape': (99999999999999999999,)}", "is too large"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
       "f32[2] takes 8 bytes, 4 are there"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}",
       "f32[0] takes 0 bytes, 4 are there"},
      {"{'descr': '<f4', 'fortran_order': True, "
       "'shape': (4294967296, 4294967296)}",
       "the shape is too large"},
      {"{'descr': '<f4', 'fortran_order': True, "
       "'shape': (9223372036854775807, 4, 0)}",
       "the shape is too large"},
  };
  for (size_t i = 0; i < sizeof(kBad) / sizeof(kBad[0]); ++i) {
    pt2_tensor_t* tensor = NULL;
    assert_int_equal(parse_npy(kBad[i].dict, 1, "abcd", 4, &tensor),
                     PT2__EXIT_FAILED);
    assert_null(tensor);
    assert_error(kBad[i].error);
  }
  char many[512] = "{'shape': (";
  for (int i = 0; i < 65; ++i) {
    strcat(many, "1,");
  }
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(parse_npy(many, 1, "", 0, &tensor), PT2__EXIT_FAILED);
  assert_error("more than 64 dimensions");
  assert_int_equal(parse_npy("{}", 4, "", 0, &tensor), PT2__EXIT_FAILED);
  assert_error("version 4.0 is not known");
}

// Calls |parse| with every cut and every changed byte of |file|: it must give
// a tensor or an error with a text. The copy has no byte to spare, so that a
// sanitizer sees a read too far.
static void try_mutations(const pt2__text_t* file,
                          int (*parse)(const void*, size_t)) {
  for (size_t length = 0; length < file->length; ++length) {
    char* cut = malloc(length > 0 ? length : 1);
    memcpy(cut, file->data, length);
    assert_int_equal(parse(cut, length), PT2__EXIT_FAILED);
    assert_true(pt2__tool_error()[0] != '\0');
    pt2__tool_error_clear();
    free(cut);
  }
  static const uint8_t kBytes[] = {0, 1, 0x7f, 0x80, 0xff, '"', '9', '-', '('};
  for (size_t i = 0; i < file->length; ++i) {
    for (size_t j = 0; j < sizeof(kBytes); ++j) {
      char* changed = malloc(file->length);
      memcpy(changed, file->data, file->length);
      changed[i] = (char)kBytes[j];
      int result = parse(changed, file->length);
      assert_true(result == 0 || pt2__tool_error()[0] != '\0');
      pt2__tool_error_clear();
      free(changed);
    }
  }
}

static int parse_as_npy(const void* data, size_t bytes) {
  pt2_tensor_t* tensor = NULL;
  int result = pt2__npy_parse("x.npy", data, bytes, &tensor);
  pt2_tensor_release(tensor);
  return result;
}

static int parse_as_safetensors(const void* data, size_t bytes) {
  pt2__tensor_list_t list = {0};
  int result = pt2__safetensors_parse("x.safetensors", data, bytes, &list);
  pt2__tensor_list_free(&list);
  return result;
}

static void test_npy_mutations(void** state) {
  (void)state;
  const int64_t sizes[] = {2, 3};
  pt2_tensor_t* tensor = make(PT2_DTYPE_F32, 2, sizes);
  pt2__text_t file = {0};
  assert_int_equal(pt2__npy_format_header("x.npy", tensor, &file), 0);
  pt2__text_append(&file, pt2_tensor_peek_data(tensor),
                   pt2__tensor_bytes(tensor));
  try_mutations(&file, parse_as_npy);
  pt2__text_free(&file);
  pt2_tensor_release(tensor);
}

// One tensor of each dtype that |holds|, with keys "0", "2", "10", ….
static void make_list(bool (*holds)(pt2_dtype_t), pt2__tensor_list_t* list) {
  const int64_t sizes[] = {3, 2};
  for (size_t i = 0; i < DTYPE_COUNT; ++i) {
    char key[16];
    snprintf(key, sizeof(key), "%zu", 2 * i);
    // A None output has no key.
    pt2_tensor_t* tensor =
        holds(kDtypes[i]) ? make(kDtypes[i], i % 3, sizes) : NULL;
    pt2__tensor_list_add(list, tensor, key);
  }
}

static void check_round_trip(const char* name, bool (*holds)(pt2_dtype_t)) {
  pt2__tensor_list_t list = {0};
  pt2__tensor_list_t again = {0};
  make_list(holds, &list);
  assert_int_equal(pt2__file_save(in_folder(name), &list), 0);
  assert_int_equal(pt2__file_load(path, &again), 0);
  size_t at = 0;
  for (size_t i = 0; i < list.count; ++i) {
    if (list.items[i] != NULL) {
      assert_true(at < again.count);
      assert_string_equal(list.keys[i], again.keys[at]);
      assert_same(list.items[i], again.items[at]);
      ++at;
    }
  }
  assert_int_equal(at, again.count);
  pt2__tensor_list_free(&again);
  pt2__tensor_list_free(&list);
  unlink(path);
}

static void test_safetensors_round_trip(void** state) {
  (void)state;
  check_round_trip("x.safetensors", pt2__safetensors_holds);
}

static void test_npz_round_trip(void** state) {
  (void)state;
  check_round_trip("x.npz", pt2__npy_holds);
}

static void test_no_tensors(void** state) {
  (void)state;
  static const char* const kNames[] = {"x.safetensors", "x.npz"};
  for (size_t i = 0; i < 2; ++i) {
    pt2__tensor_list_t none = {0};
    pt2__tensor_list_t again = {0};
    assert_int_equal(pt2__file_save(in_folder(kNames[i]), &none), 0);
    assert_int_equal(pt2__file_load(path, &again), 0);
    assert_int_equal(again.count, 0);
    pt2__tensor_list_free(&again);
    unlink(path);
  }
}

// Tensors that are views are written as their elements.
static void test_strided_tensors(void** state) {
  (void)state;
  const int64_t sizes[] = {2, 3};
  const int64_t strides[] = {1, 2};
  int32_t data[] = {1, 4, 2, 5, 3, 6};
  const int32_t wanted[] = {1, 2, 3, 4, 5, 6};
  static const char* const kNames[] = {"x.npy", "x.npz", "x.safetensors"};
  for (size_t i = 0; i < 3; ++i) {
    pt2__tensor_list_t list = {0};
    pt2__tensor_list_t again = {0};
    pt2_tensor_t* tensor = NULL;
    assert_int_equal(pt2_tensor_from_blob(data, PT2_DTYPE_I32, 2, sizes,
                                          strides, NULL, NULL, &tensor),
                     0);
    pt2__tensor_list_add(&list, tensor, "0");
    assert_int_equal(pt2__file_save(in_folder(kNames[i]), &list), 0);
    assert_int_equal(pt2__file_load(path, &again), 0);
    assert_memory_equal(pt2_tensor_peek_data(again.items[0]), wanted,
                        sizeof(wanted));
    pt2__tensor_list_free(&again);
    pt2__tensor_list_free(&list);
    unlink(path);
  }
}

static pt2__text_t make_safetensors(const char* header, const char* data) {
  pt2__text_t file = {0};
  uint8_t length[8] = {(uint8_t)strlen(header), (uint8_t)(strlen(header) >> 8)};
  pt2__text_append(&file, length, 8);
  pt2__text_append(&file, header, strlen(header));
  pt2__text_append(&file, data, strlen(data));
  return file;
}

static void test_safetensors_mutations(void** state) {
  (void)state;
  pt2__text_t file = make_safetensors(
      "{\"__metadata__\":{\"format\":\"pt\"},"
      "\"a\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[4,8]},"
      "\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}",
      "abcdefgh");
  assert_int_equal(parse_as_safetensors(file.data, file.length), 0);
  try_mutations(&file, parse_as_safetensors);
  pt2__text_free(&file);
}

static void test_safetensors_that_lie(void** state) {
  (void)state;
  static const struct {
    const char* header;
    const char* error;
  } kBad[] = {
      {"", "damaged .safetensors header"},
      {"[]", "it is no object"},
      {"{\"a\":1}", "tensor 'a': no dtype"},
      {"{\"a\":{\"dtype\":\"F31\"}}", "dtype 'F31' is not known"},
      {"{\"a\":{\"dtype\":\"U8\"}}", "no shape"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[-1]}}", "no size"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1.5]}}", "no size"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4]}}", "no byte range"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0]}}",
       "no byte range"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,0]}}",
       "no byte range"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[-4,0]}}",
       "no byte range"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[0,5]}}",
       "bytes 0 to 5 lie outside the file's 4 bytes"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,4]}}",
       "its shape and its byte range disagree"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,2,2],"
       "\"data_offsets\":[0,0]}}",
       "its shape and its byte range disagree"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}",
       "1 bytes belong to no tensor"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[1,4]}}",
       "a gap lies before its bytes"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
       "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
       "tensor 'b': its bytes overlap another's"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
       "\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}",
       "duplicate"},
  };
  for (size_t i = 0; i < sizeof(kBad) / sizeof(kBad[0]); ++i) {
    pt2__text_t file = make_safetensors(kBad[i].header, "abcd");
    pt2__tensor_list_t list = {0};
    assert_int_equal(
        pt2__safetensors_parse("x.safetensors", file.data, file.length, &list),
        PT2__EXIT_FAILED);
    assert_error(kBad[i].error);
    pt2__tensor_list_free(&list);
    pt2__text_free(&file);
  }
  assert_int_equal(
      parse_as_safetensors("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10),
      PT2__EXIT_FAILED);
  assert_error("a header of 18446744073709551615 bytes in a file of 10");
}

static void put(pt2__text_t* text, size_t bytes, uint64_t value) {
  for (size_t i = 0; i < bytes; ++i) {
    uint8_t byte = (uint8_t)value;
    pt2__text_append(text, &byte, 1);
    value >>= 8;
  }
}

static pt2__text_t deflated(const pt2__text_t* data) {
  z_stream stream;
  memset(&stream, 0, sizeof(stream));
  pt2__text_t packed = {0};
  uint8_t buffer[4096];
  assert_int_equal(
      deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
      Z_OK);
  stream.next_in = (uint8_t*)data->data;
  stream.avail_in = (uInt)data->length;
  stream.next_out = buffer;
  stream.avail_out = sizeof(buffer);
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  pt2__text_append(&packed, buffer, stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// Writes a .npz whose only member is there |times| times; |packed_bytes| gets
// the length of its data.
static void write_zip(const char* name, const char* member, int method,
                      const pt2__text_t* data, size_t times,
                      size_t* packed_bytes) {
  pt2__text_t file = {0};
  pt2__text_t directory = {0};
  pt2__text_t packed = {0};
  if (method == Z_DEFLATED) {
    packed = deflated(data);
  } else {
    pt2__text_append(&packed, data->data, data->length);
  }
  uint32_t crc =
      (uint32_t)crc32(0, (const uint8_t*)data->data, (uInt)data->length);
  for (size_t i = 0; i < times; ++i) {
    pt2__text_t* texts[] = {&file, &directory};
    uint64_t offset = file.length;
    for (int j = 0; j < 2; ++j) {
      pt2__text_append(texts[j], j == 0 ? "PK\3\4" : "PK\1\2", 4);
      put(texts[j], j == 0 ? 2 : 4, 20);
      put(texts[j], 2, 0);
      put(texts[j], 2, (uint64_t)method);
      put(texts[j], 4, 0);
      put(texts[j], 4, crc);
      put(texts[j], 4, packed.length);
      put(texts[j], 4, data->length);
      put(texts[j], 2, strlen(member));
      put(texts[j], j == 0 ? 2 : 12, 0);
      put(texts[j], j == 0 ? 0 : 4, offset);
      pt2__text_append(texts[j], member, strlen(member));
    }
    pt2__text_append(&file, packed.data, packed.length);
  }
  uint64_t begin = file.length;
  pt2__text_append(&file, directory.data, directory.length);
  pt2__text_append(&file, "PK\5\6", 4);
  put(&file, 4, 0);
  put(&file, 2, times);
  put(&file, 2, times);
  put(&file, 4, directory.length);
  put(&file, 4, begin);
  put(&file, 2, 0);
  *packed_bytes = packed.length;
  pt2__piece_t piece = {file.data, file.length};
  assert_int_equal(pt2__file_write(in_folder(name), &piece, 1), 0);
  pt2__text_free(&packed);
  pt2__text_free(&directory);
  pt2__text_free(&file);
}

static pt2__text_t make_npy(void) {
  const int64_t sizes[] = {40};
  pt2_tensor_t* tensor = make(PT2_DTYPE_I64, 1, sizes);
  pt2__text_t file = {0};
  assert_int_equal(pt2__npy_format_header("x.npy", tensor, &file), 0);
  pt2__text_append(&file, pt2_tensor_peek_data(tensor),
                   pt2__tensor_bytes(tensor));
  pt2_tensor_release(tensor);
  return file;
}

static int load_path(size_t* out_count) {
  pt2__tensor_list_t list = {0};
  int result = pt2__file_load(path, &list);
  *out_count = list.count;
  pt2__tensor_list_free(&list);
  return result;
}

static void test_npz_members(void** state) {
  (void)state;
  size_t count = 0;
  size_t packed = 0;
  pt2__text_t npy = make_npy();
  write_zip("x.npz", "arr_0.npy", Z_DEFLATED, &npy, 1, &packed);
  assert_int_equal(load_path(&count), 0);
  assert_int_equal(count, 1);
  write_zip("x.npz", "a.npy", 0, &npy, 2, &packed);
  assert_int_equal(load_path(&count), PT2__EXIT_FAILED);
  assert_error("member 'a.npy' is there twice");
  write_zip("x.npz", "a.txt", 0, &npy, 1, &packed);
  assert_int_equal(load_path(&count), PT2__EXIT_FAILED);
  assert_error("member 'a.txt' is no .npy");
  write_zip("x.npz", "a.npy", 12, &npy, 1, &packed);
  assert_int_equal(load_path(&count), PT2__EXIT_FAILED);
  assert_error("member 'a.npy' is neither stored nor deflated");
  unlink(path);
  pt2__text_free(&npy);
}

// Cut and changed archives, stored and deflated. A changed byte of the data is
// seen by its checksum.
static void test_npz_mutations(void** state) {
  (void)state;
  pt2__text_t npy = make_npy();
  for (int method = 0; method <= Z_DEFLATED; method += Z_DEFLATED) {
    size_t count = 0;
    pt2__text_t file = {0};
    size_t packed = 0;
    write_zip("x.npz", "0.npy", method, &npy, 1, &packed);
    assert_int_equal(pt2__file_read(path, &file), 0);
    for (size_t length = 0; length < file.length; ++length) {
      pt2__piece_t piece = {file.data, length};
      assert_int_equal(pt2__file_write(path, &piece, 1), 0);
      assert_int_equal(load_path(&count), PT2__EXIT_FAILED);
      assert_true(pt2__tool_error()[0] != '\0');
      pt2__tool_error_clear();
    }
    for (size_t i = 0; i < file.length; ++i) {
      file.data[i] ^= 0x55;
      pt2__piece_t piece = {file.data, file.length};
      assert_int_equal(pt2__file_write(path, &piece, 1), 0);
      int result = load_path(&count);
      assert_true(result == 0 || pt2__tool_error()[0] != '\0');
      // 30 bytes of local header and the name, then the data.
      if (i >= 35 && i < 35 + packed) {
        assert_int_equal(result, PT2__EXIT_FAILED);
      }
      pt2__tool_error_clear();
      file.data[i] ^= 0x55;
    }
    pt2__text_free(&file);
    unlink(path);
  }
  pt2__text_free(&npy);
}

static void test_files_that_cannot_be(void** state) {
  (void)state;
  static const char* const kNames[] = {"no.npy", "no.npz", "no.safetensors"};
  size_t count = 0;
  for (size_t i = 0; i < 3; ++i) {
    in_folder(kNames[i]);
    assert_int_equal(load_path(&count), PT2__EXIT_FAILED);
    assert_error("No such file");
  }
  in_folder("x.txt");
  assert_int_equal(load_path(&count), PT2__EXIT_USAGE);
  assert_error("ends in none of .npy .npz .safetensors .bin");
  in_folder("x.bin");
  assert_int_equal(load_path(&count), PT2__EXIT_USAGE);
  assert_error("raw bytes want a type in front");
  snprintf(path, sizeof(path), "%s", folder);
  pt2__text_t file = {0};
  assert_int_equal(pt2__file_read(path, &file), PT2__EXIT_FAILED);
  assert_error("Is a directory");
  pt2__piece_t piece = {"abc", 3};
  assert_int_equal(pt2__file_write("/dev/full", &piece, 1), PT2__EXIT_FAILED);
  assert_error("No space left");
  assert_int_equal(pt2__file_write(in_folder("no/x.npy"), &piece, 1),
                   PT2__EXIT_FAILED);
  assert_error("cannot create");
  pt2__tensor_list_t list = {0};
  pt2__tensor_list_add(&list, make(PT2_DTYPE_F32, 0, NULL), "0");
  assert_int_equal(pt2__file_save(in_folder("no/x.npz"), &list),
                   PT2__EXIT_FAILED);
  assert_error("cannot create");
  pt2__tensor_list_free(&list);
}

// A dtype that the format cannot hold leaves no file behind.
static void test_dtypes_that_do_not_fit(void** state) {
  (void)state;
  static const struct {
    const char* name;
    pt2_dtype_t dtype;
  } kBad[] = {{"x.npy", PT2_DTYPE_BF16},
              {"x.npz", PT2_DTYPE_F8E4M3FN},
              {"x.safetensors", PT2_DTYPE_COMPLEX128}};
  for (size_t i = 0; i < 3; ++i) {
    pt2__tensor_list_t list = {0};
    pt2__tensor_list_add(&list, make(kBad[i].dtype, 0, NULL), "0");
    assert_int_equal(pt2__file_save(in_folder(kBad[i].name), &list),
                     PT2__EXIT_FAILED);
    assert_error(pt2_dtype_name(kBad[i].dtype));
    assert_int_not_equal(access(path, F_OK), 0);
    pt2__tensor_list_free(&list);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_npy_round_trip, clear_error),
      cmocka_unit_test_setup(test_npy_foreign_layouts, clear_error),
      cmocka_unit_test_setup(test_npy_that_lies, clear_error),
      cmocka_unit_test_setup(test_npy_mutations, clear_error),
      cmocka_unit_test_setup(test_safetensors_round_trip, clear_error),
      cmocka_unit_test_setup(test_safetensors_mutations, clear_error),
      cmocka_unit_test_setup(test_safetensors_that_lie, clear_error),
      cmocka_unit_test_setup(test_npz_round_trip, clear_error),
      cmocka_unit_test_setup(test_no_tensors, clear_error),
      cmocka_unit_test_setup(test_strided_tensors, clear_error),
      cmocka_unit_test_setup(test_npz_members, clear_error),
      cmocka_unit_test_setup(test_npz_mutations, clear_error),
      cmocka_unit_test_setup(test_files_that_cannot_be, clear_error),
      cmocka_unit_test_setup(test_dtypes_that_do_not_fit, clear_error),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

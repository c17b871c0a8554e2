// SPDX-License-Identifier: Apache-2.0
//
// Files of weights made by hand: good ones, cut and lying ones, pickles that
// want more than tensors, and every allocation that can fail.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/memory.h"
#include "pt2/pt2.h"
#include "support/zip_writer.h"

// ---- Building --------------------------------------------------------------

// Raw opcodes, NULs included.
#define RAW(out, literal) zip_put((out), (literal), sizeof(literal) - 1)

static void text(zip_bytes_t* out, const char* value) {
  RAW(out, "X");
  zip_number(out, strlen(value), 4);
  zip_put(out, value, strlen(value));
}

static void global(zip_bytes_t* out, const char* module, const char* name) {
  RAW(out, "c");
  zip_put(out, module, strlen(module));
  RAW(out, "\n");
  zip_put(out, name, strlen(name));
  RAW(out, "\n");
}

static void integer(zip_bytes_t* out, uint32_t value) {
  RAW(out, "J");
  zip_number(out, value, 4);
}

static void storage(zip_bytes_t* out, const char* type, const char* key,
                    uint32_t count) {
  RAW(out, "(");
  text(out, "storage");
  global(out, "torch", type);
  text(out, key);
  text(out, "cpu");
  integer(out, count);
  RAW(out, "tQ");
}

typedef struct {
  const char* type;
  const char* key;
  uint32_t count;
  uint32_t offset;
  uint32_t rows;
  uint32_t columns;
  uint32_t row_stride;
} view_t;

// A tensor of two dimensions.
static void tensor(zip_bytes_t* out, view_t view) {
  global(out, "torch._utils", "_rebuild_tensor_v2");
  RAW(out, "(");
  storage(out, view.type, view.key, view.count);
  integer(out, view.offset);
  integer(out, view.rows);
  integer(out, view.columns);
  RAW(out, "\x86");
  integer(out, view.row_stride);
  integer(out, 1);
  RAW(out, "\x86\x89");
  global(out, "collections", "OrderedDict");
  RAW(out, ")RtR");
}

static const float kData[6] = {0, 1, 2, 3, 4, 5};
static const view_t kWhole = {"FloatStorage", "0", 6, 0, 2, 3, 3};

// {"b": the whole storage, "a": its last two rows of two}
static zip_bytes_t good_pickle(void) {
  zip_bytes_t out = {0};
  RAW(&out, "\x80\x02");
  global(&out, "collections", "OrderedDict");
  RAW(&out, ")Rq\x00(");
  text(&out, "b");
  tensor(&out, kWhole);
  text(&out, "a");
  tensor(&out, (view_t){"FloatStorage", "0", 6, 2, 2, 2, 2});
  // What a state dict of a module has besides.
  RAW(&out, "u}");
  text(&out, "_metadata");
  RAW(&out, "h\x00sb.");
  return out;
}

// A file of torch.save around |pickle|, which it frees.
static zip_bytes_t torch_file(zip_bytes_t pickle) {
  const zip_item_t items[] = {
      {.name = "x/data.pkl", .data = pickle.data, .size = pickle.size},
      {.name = "x/byteorder", .data = "little", .size = 6},
      {.name = "x/data/0", .data = kData, .size = sizeof(kData)},
      {.name = "x/version", .data = "3\n", .size = 2},
  };
  zip_bytes_t file = zip_make(items, 4, (zip_options_t){.pad_data_to = 64});
  free(pickle.data);
  return file;
}

static zip_bytes_t safetensors_file(const char* header, size_t data_bytes) {
  zip_bytes_t out = {0};
  zip_number(&out, strlen(header), 8);
  zip_put(&out, header, strlen(header));
  for (size_t i = 0; i < data_bytes; ++i) {
    zip_number(&out, i, 1);
  }
  return out;
}

static const char kHeader[] =
    "{\"__metadata__\":{\"k\":\"v\"},"
    "\"b\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
    "\"a\":{\"dtype\":\"I16\",\"shape\":[],\"data_offsets\":[24,26]},"
    "\"none\":{\"dtype\":\"U8\",\"shape\":[0,5],\"data_offsets\":[26,26]}}";

// ---- Checking --------------------------------------------------------------

// Each file is opened from a block of its exact size, so that a step beyond its
// end is seen.
static pt2_status_t open(const zip_bytes_t* file, size_t bytes,
                         pt2_weights_t** out_weights, void** out_copy) {
  *out_copy = malloc(bytes > 0 ? bytes : 1);
  assert_non_null(*out_copy);
  memcpy(*out_copy, file->data, bytes);
  *out_weights = NULL;
  return pt2_weights_open_memory("w", *out_copy, bytes, out_weights);
}

static void check_refused(zip_bytes_t file, pt2_status_t status,
                          const char* message) {
  pt2_weights_t* weights;
  void* copy;
  pt2_status_t got = open(&file, file.size, &weights, &copy);
  if (got != status || strstr(pt2_error_message(), message) == NULL) {
    fail_msg("wanted %s \"%s\", got %s \"%s\"", pt2_status_name(status),
             message, pt2_status_name(got),
             got == PT2_STATUS_OK ? "" : pt2_error_message());
  }
  assert_null(weights);
  assert_int_equal(strncmp(pt2_error_message(), "w", 1), 0);
  free(copy);
  free(file.data);
}

static float at(const pt2_tensor_t* tensor, int64_t row, int64_t column) {
  const int64_t* strides = pt2_tensor_peek_strides(tensor);
  return ((const float*)pt2_tensor_peek_data(
      tensor))[row * strides[0] + column * strides[1]];
}

static void test_torch_file(void** state) {
  (void)state;
  zip_bytes_t file = torch_file(good_pickle());
  pt2_weights_t* weights;
  void* copy;
  assert_int_equal(open(&file, file.size, &weights, &copy), 0);
  assert_int_equal(pt2_weights_count(weights), 2);
  assert_string_equal(pt2_weights_peek_name(weights, 0), "a");
  assert_string_equal(pt2_weights_peek_name(weights, 1), "b");
  assert_null(pt2_weights_peek_name(weights, 2));
  assert_null(pt2_weights_peek_tensor(weights, 2));
  pt2_tensor_t* a = pt2_weights_peek_tensor(weights, 0);
  pt2_tensor_t* b = pt2_weights_peek_tensor(weights, 1);
  assert_int_equal(pt2_tensor_dtype(a), PT2_DTYPE_F32);
  assert_int_equal(pt2_tensor_peek_sizes(b)[1], 3);
  assert_true(at(a, 0, 0) == 2 && at(a, 1, 1) == 5);
  assert_true(at(b, 0, 2) == 2 && at(b, 1, 0) == 3);
  // In place, and both in one storage.
  char* data = pt2_tensor_peek_data(b);
  assert_true(data > (char*)copy && data < (char*)copy + file.size);
  assert_ptr_equal(pt2_tensor_peek_data(a), data + 8);
  // A tensor keeps the file.
  pt2_tensor_retain(a);
  pt2_weights_retain(weights);
  pt2_weights_release(weights);
  pt2_weights_release(weights);
  assert_true(at(a, 1, 0) == 4);
  pt2_tensor_release(a);
  free(copy);
  free(file.data);
}

// One tensor without a name, as a parameter; a dtype apart from its storage.
static void test_single_tensors(void** state) {
  (void)state;
  for (int way = 0; way < 2; ++way) {
    zip_bytes_t pickle = {0};
    RAW(&pickle, "\x80\x02");
    if (way == 0) {
      global(&pickle, "torch._utils", "_rebuild_parameter");
      tensor(&pickle, kWhole);
      RAW(&pickle, "\x88}\x87R.");
    } else {
      global(&pickle, "torch._utils", "_rebuild_tensor_v3");
      RAW(&pickle, "((");
      text(&pickle, "storage");
      global(&pickle, "torch.storage", "UntypedStorage");
      text(&pickle, "0");
      text(&pickle, "cuda:0");
      RAW(&pickle, "\x8a\x01\x18tQK\x04K\x08\x85K\x01\x85\x89}");
      global(&pickle, "torch", "uint16");
      RAW(&pickle, "tR.");
    }
    zip_bytes_t file = torch_file(pickle);
    pt2_weights_t* weights;
    void* copy;
    assert_int_equal(open(&file, file.size, &weights, &copy), 0);
    assert_int_equal(pt2_weights_count(weights), 1);
    assert_string_equal(pt2_weights_peek_name(weights, 0), "");
    pt2_tensor_t* only = pt2_weights_peek_tensor(weights, 0);
    assert_int_equal(pt2_tensor_dtype(only),
                     way == 0 ? PT2_DTYPE_F32 : PT2_DTYPE_U16);
    assert_int_equal(pt2_tensor_numel(only), way == 0 ? 6 : 8);
    pt2_weights_release(weights);
    free(copy);
    free(file.data);
  }
}

static void test_safetensors(void** state) {
  (void)state;
  zip_bytes_t file = safetensors_file(kHeader, 26);
  pt2_weights_t* weights;
  void* copy;
  assert_int_equal(open(&file, file.size, &weights, &copy), 0);
  assert_int_equal(pt2_weights_count(weights), 3);
  assert_string_equal(pt2_weights_peek_name(weights, 0), "b");
  pt2_tensor_t* a = pt2_weights_peek_tensor(weights, 1);
  assert_int_equal(pt2_tensor_dtype(a), PT2_DTYPE_I16);
  assert_int_equal(pt2_tensor_rank(a), 0);
  assert_int_equal(*(const uint8_t*)pt2_tensor_peek_data(a), 24);
  assert_int_equal(pt2_tensor_numel(pt2_weights_peek_tensor(weights, 2)), 0);
  pt2_weights_release(weights);
  free(copy);
  for (size_t bytes = 0; bytes < file.size; ++bytes) {
    assert_int_equal(open(&file, bytes, &weights, &copy), PT2_STATUS_CORRUPT);
    free(copy);
  }
  free(file.data);
}

static void test_safetensors_that_lie(void** state) {
  (void)state;
  static const struct {
    const char* header;
    const char* message;
  } kBad[] = {
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[0,5]}}",
       "tensor 'a': bytes 0 to 5 lie outside the file's 4 bytes"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,0]}}",
       "tensor 'a': its data_offsets are no byte range"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,4]}}",
       "tensor 'a': its shape and its byte range disagree"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,2,2],"
       "\"data_offsets\":[0,0]}}",
       "tensor 'a': its shape and its byte range disagree"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
       "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
       "tensor 'b': its bytes overlap another's"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[1,4]}}",
       "tensor 'a': a gap lies before its bytes"},
      {"{\"a\":0,\"b\":0,\"c\":0,\"d\":0}", "tensor 'a': no dtype"},
      {"{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}",
       "1 bytes belong to no tensor"},
  };
  for (size_t i = 0; i < sizeof(kBad) / sizeof(kBad[0]); ++i) {
    check_refused(safetensors_file(kBad[i].header, 4), PT2_STATUS_CORRUPT,
                  kBad[i].message);
  }
  check_refused(safetensors_file("{\"a\":{\"dtype\":\"F31\"}}", 4),
                PT2_STATUS_UNSUPPORTED, "tensor 'a': dtype 'F31' is not known");
  zip_bytes_t long_header = {0};
  zip_number(&long_header, UINT64_MAX, 8);
  RAW(&long_header, "{}");
  check_refused(long_header, PT2_STATUS_CORRUPT,
                "a header of 18446744073709551615 bytes in a file of 10");
}

// ---- Pickles that are refused ----------------------------------------------

static zip_bytes_t pickle_of(const char* bytes, size_t count) {
  zip_bytes_t out = {0};
  zip_put(&out, bytes, count);
  return torch_file(out);
}
#define PICKLE(literal) pickle_of((literal), sizeof(literal) - 1)

static void test_pickles_that_want_more(void** state) {
  (void)state;
  check_refused(PICKLE("\x80\x02"
                       "cos\nsystem\nX\x02\0\0\0ls\x85R."),
                PT2_STATUS_UNSUPPORTED, "the pickle names os.system");
  check_refused(PICKLE("\x80\x02"
                       "cbuiltins\neval\n."),
                PT2_STATUS_UNSUPPORTED, "the pickle names builtins.eval");
  check_refused(PICKLE("\x80\x02"
                       "ctorch\nload\n."),
                PT2_STATUS_UNSUPPORTED, "the pickle names torch.load");
  check_refused(PICKLE("\x80\x02"
                       "ctorch._utils\n_rebuild_qtensor\n."),
                PT2_STATUS_UNSUPPORTED, "torch._utils._rebuild_qtensor");
  check_refused(PICKLE("\x80\x02(ios\nsystem\n."), PT2_STATUS_UNSUPPORTED,
                "opcode INST");
  check_refused(PICKLE("\x80\x02\x8c\x02os\x8c\x06system\x93."),
                PT2_STATUS_UNSUPPORTED, "opcode SHORT_BINUNICODE");
  check_refused(PICKLE("\x80\x02)\x81."), PT2_STATUS_UNSUPPORTED,
                "opcode NEWOBJ");
  check_refused(PICKLE("\x80\x02(o."), PT2_STATUS_UNSUPPORTED, "opcode OBJ");
  check_refused(PICKLE("\x80\x02\x82\x01."), PT2_STATUS_UNSUPPORTED,
                "opcode EXT1");
  check_refused(PICKLE("\x80\x02\xff."), PT2_STATUS_CORRUPT,
                "0xff is no opcode");
  check_refused(PICKLE("\x80\x04N."), PT2_STATUS_UNSUPPORTED,
                "pickle protocol 4");
  check_refused(PICKLE("\x80\x02N."), PT2_STATUS_UNSUPPORTED,
                "it holds None; a tensor");
  check_refused(PICKLE("\x80\x02}X\x01\0\0\0aK\x03s."), PT2_STATUS_UNSUPPORTED,
                "'a' is an int, not a tensor");
}

static void test_pickles_that_are_damaged(void** state) {
  (void)state;
  check_refused(PICKLE("\x80\x02"), PT2_STATUS_CORRUPT, "the pickle is cut");
  check_refused(PICKLE("\x80\x02."), PT2_STATUS_CORRUPT, "without a result");
  check_refused(PICKLE("\x80\x02NN."), PT2_STATUS_CORRUPT, "without a result");
  check_refused(PICKLE("\x80\x02R."), PT2_STATUS_CORRUPT, "stack is empty");
  check_refused(PICKLE("\x80\x02t."), PT2_STATUS_CORRUPT, "no mark");
  check_refused(PICKLE("\x80\x02}(Nu."), PT2_STATUS_CORRUPT, "takes none");
  check_refused(PICKLE("\x80\x02N(NNu."), PT2_STATUS_CORRUPT, "takes none");
  check_refused(PICKLE("\x80\x02h\x07."), PT2_STATUS_CORRUPT, "not remember");
  check_refused(PICKLE("\x80\x02Nr\xff\xff\xff\xff."), PT2_STATUS_CORRUPT,
                "it remembers what is not there");
  check_refused(PICKLE("\x80\x02X\xff\xff\xff\xff"
                       "a."),
                PT2_STATUS_CORRUPT, "the pickle is cut");
  check_refused(PICKLE("\x80\x02\x8a\x09"
                       "123456789."),
                PT2_STATUS_CORRUPT, "more than 64 bits");
  check_refused(PICKLE("\x80\x02N)R."), PT2_STATUS_CORRUPT, "no function");
  check_refused(PICKLE("\x80\x02NQ."), PT2_STATUS_CORRUPT, "no storage");
  check_refused(PICKLE("\x80\x02N}b."), PT2_STATUS_CORRUPT, "no dict");
  check_refused(PICKLE("\x80\x02"
                       "ccollections\nOrderedDict\n(Nt"
                       "R."),
                PT2_STATUS_CORRUPT, "an OrderedDict with arguments");
}

static void check_view(view_t view, const char* message) {
  zip_bytes_t pickle = {0};
  RAW(&pickle, "\x80\x02");
  tensor(&pickle, view);
  RAW(&pickle, ".");
  check_refused(torch_file(pickle), PT2_STATUS_CORRUPT, message);
}

static void test_tensors_that_lie(void** state) {
  (void)state;
  check_view((view_t){"FloatStorage", "7", 6, 0, 2, 3, 3}, "lacks storage '7'");
  check_view((view_t){"FloatStorage", "../0", 6, 0, 2, 3, 3},
             "lacks storage '../0'");
  check_view((view_t){"FloatStorage", "0", 7, 0, 2, 3, 3},
             "the storage has 24 bytes, the pickle says 28");
  check_view((view_t){"DoubleStorage", "0", 6, 0, 2, 3, 3},
             "the storage has 24 bytes, the pickle says 48");
  check_view((view_t){"FloatStorage", "0", 6, 1, 2, 3, 3},
             "beyond its storage");
  check_view((view_t){"FloatStorage", "0", 6, 0, 3, 3, 3},
             "beyond its storage");
  check_view((view_t){"FloatStorage", "0", 6, 0, 2, 3, 0x7fffffff},
             "beyond its storage");
  check_view((view_t){"FloatStorage", "0", 6, 7, 0, 3, 3},
             "beyond its storage");
  check_view((view_t){"FloatStorage", "0", 6, 0, 0x80000000u, 3, 3},
             "sizes or strides that are none");
  check_view((view_t){"FloatStorage", "0", 0x80000000u, 0, 2, 3, 3},
             "no storage");
  // A view whose bytes mean other numbers.
  zip_bytes_t pickle = {0};
  RAW(&pickle, "\x80\x02");
  global(&pickle, "torch._utils", "_rebuild_tensor_v2");
  RAW(&pickle, "(");
  storage(&pickle, "FloatStorage", "0", 6);
  RAW(&pickle, "K\x00))\x89}}");
  text(&pickle, "neg");
  RAW(&pickle, "\x88stR.");
  check_refused(torch_file(pickle), PT2_STATUS_UNSUPPORTED, "negative view");
  // One name twice.
  pickle = (zip_bytes_t){0};
  RAW(&pickle, "\x80\x02}(");
  for (int i = 0; i < 2; ++i) {
    text(&pickle, "a");
    tensor(&pickle, kWhole);
  }
  RAW(&pickle, "u.");
  check_refused(torch_file(pickle), PT2_STATUS_CORRUPT,
                "two tensors are called 'a'");
}

// Programs whose result, written out, would fill any memory, and deep ones.
static void test_bombs(void** state) {
  (void)state;
  enum { DEPTH = 100000 };
  zip_bytes_t pickle = {0};
  RAW(&pickle, "\x80\x02)q\x00");
  for (int i = 0; i < DEPTH; ++i) {
    RAW(&pickle, "h\x00h\x00\x86q\x00");  // each holds the last one twice
    RAW(&pickle, "\x85");
  }
  RAW(&pickle, ".");
  check_refused(torch_file(pickle), PT2_STATUS_CORRUPT, "without a result");
  pickle = (zip_bytes_t){0};
  RAW(&pickle, "\x80\x02]q\x00");
  for (int i = 0; i < DEPTH; ++i) {
    RAW(&pickle,
        "h\x00"
        "a");  // into itself
  }
  RAW(&pickle, ".");
  check_refused(torch_file(pickle), PT2_STATUS_UNSUPPORTED, "holds a list");
  pickle = (zip_bytes_t){0};
  RAW(&pickle, "\x80\x02");
  for (int i = 0; i < DEPTH; ++i) {
    RAW(&pickle, "(");
  }
  RAW(&pickle, ".");
  check_refused(torch_file(pickle), PT2_STATUS_CORRUPT, "without a result");
  pickle = (zip_bytes_t){0};
  RAW(&pickle, "\x80\x02");
  for (int i = 0; i < DEPTH; ++i) {
    storage(&pickle, "FloatStorage", "0", 6);
  }
  check_refused(torch_file(pickle), PT2_STATUS_CORRUPT, "the pickle is cut");
  // Larger than any state dict, as an entry that inflates to it.
  size_t size = (16 << 20) + 1;
  char* zeros = calloc(1, size);
  assert_non_null(zeros);
  const zip_item_t item = {
      .name = "x/data.pkl", .data = zeros, .size = size, .deflate = true};
  check_refused(zip_make(&item, 1, (zip_options_t){0}), PT2_STATUS_UNSUPPORTED,
                "a pickle of 16777217 bytes");
  free(zeros);
}

static void test_other_archives(void** state) {
  (void)state;
  const zip_item_t items[] = {
      {.name = "x/data.pkl", .data = "\x80\x02}.", .size = 4},
      {.name = "x/byteorder", .data = "big", .size = 3},
      {.name = "y/data.pkl", .data = "\x80\x02}.", .size = 4},
      {.name = "data.json", .data = "{}", .size = 2},
  };
  check_refused(zip_make(items, 2, (zip_options_t){0}), PT2_STATUS_UNSUPPORTED,
                "byte order 'big'");
  check_refused(zip_make(items, 3, (zip_options_t){0}), PT2_STATUS_CORRUPT,
                "holds two pickles");
  check_refused(zip_make(items + 3, 1, (zip_options_t){0}),
                PT2_STATUS_UNSUPPORTED, "no file of torch.save");
  zip_item_t wrong = items[0];
  wrong.crc_xor = 1;
  check_refused(zip_make(&wrong, 1, (zip_options_t){0}), PT2_STATUS_CORRUPT,
                "wrong CRC-32");
}

// Whatever one byte is changed to, the file is read or refused, and what is
// read lies inside of it.
static void try_all(const zip_bytes_t* pickle, size_t bytes) {
  zip_bytes_t cut = {0};
  zip_put(&cut, pickle->data, bytes);
  zip_bytes_t file = torch_file(cut);
  pt2_weights_t* weights;
  void* copy;
  if (open(&file, file.size, &weights, &copy) == PT2_STATUS_OK) {
    for (size_t i = 0; i < pt2_weights_count(weights); ++i) {
      pt2_tensor_t* clone = NULL;
      assert_int_equal(
          pt2_tensor_clone(pt2_weights_peek_tensor(weights, i), &clone), 0);
      pt2_tensor_release(clone);
    }
    pt2_weights_release(weights);
  }
  free(copy);
  free(file.data);
}

static void test_mutations(void** state) {
  (void)state;
  static const uint8_t kBytes[] = {0,   1,   0x7f, 0x80, 0xff, '(', ')', '}',
                                   'R', 't', 'u',  'Q',  'b',  '.', 'h', 0x86};
  zip_bytes_t pickle = good_pickle();
  for (size_t i = 0; i < pickle.size; ++i) {
    if (i > 0) {
      try_all(&pickle, i);
    }
    uint8_t before = pickle.data[i];
    for (size_t k = 0; k < sizeof(kBytes); ++k) {
      pickle.data[i] = kBytes[k];
      try_all(&pickle, pickle.size);
    }
    pickle.data[i] = before;
  }
  free(pickle.data);
  zip_bytes_t file = torch_file(good_pickle());
  pt2_weights_t* weights;
  void* copy;
  for (size_t bytes = 0; bytes < file.size; ++bytes) {
    assert_int_not_equal(open(&file, bytes, &weights, &copy), PT2_STATUS_OK);
    free(copy);
  }
  free(file.data);
}

static void test_every_failed_allocation(void** state) {
  (void)state;
  for (int kind = 0; kind < 2; ++kind) {
    zip_bytes_t file =
        kind == 0 ? torch_file(good_pickle()) : safetensors_file(kHeader, 26);
    size_t failures = 0;
    for (uint64_t nth = 1;; ++nth) {
      pt2_weights_t* weights;
      void* copy;
      pt2__fault_set(nth, false);
      pt2_status_t status = open(&file, file.size, &weights, &copy);
      uint64_t seen = pt2__fault_set(0, false);
      if (status == PT2_STATUS_OK) {
        pt2_weights_release(weights);
      } else {
        assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
        assert_null(weights);
        ++failures;
      }
      free(copy);
      if (seen < nth) {
        assert_int_equal(status, PT2_STATUS_OK);
        break;
      }
    }
    assert_true(failures > 5);
    free(file.data);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_torch_file),
      cmocka_unit_test(test_single_tensors),
      cmocka_unit_test(test_safetensors),
      cmocka_unit_test(test_safetensors_that_lie),
      cmocka_unit_test(test_pickles_that_want_more),
      cmocka_unit_test(test_pickles_that_are_damaged),
      cmocka_unit_test(test_tensors_that_lie),
      cmocka_unit_test(test_bombs),
      cmocka_unit_test(test_other_archives),
      cmocka_unit_test(test_mutations),
      cmocka_unit_test(test_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

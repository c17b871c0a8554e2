// SPDX-License-Identifier: Apache-2.0
//
// Call specs: parsing torch's text, finding leaves, checking structures.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pt2/call_spec.h"
#include "pt2/pt2.h"

#define LEAF "{\"type\":null,\"context\":null,\"children_spec\":[]}"
#define NODE(type, context, children)           \
  "{\"type\":\"" type "\",\"context\":" context \
  ",\"children_spec\":[" children "]}"
#define TUPLE(children) NODE("builtins.tuple", "\"null\"", children)
#define LIST(children) NODE("builtins.list", "\"null\"", children)
#define DICT(keys, children) NODE("builtins.dict", "\"[" keys "]\"", children)
#define Q(text) "\\\"" text "\\\""
#define CALL(args, kwargs) "[1," TUPLE(args "," kwargs) "]"

static pt2_call_spec_t* parse(const char* json, int32_t what) {
  pt2_call_spec_t* spec = NULL;
  if (pt2_call_spec_parse(json, what, &spec) != PT2_STATUS_OK) {
    print_error("%s\n", pt2_error_message());
  }
  assert_non_null(spec);
  return spec;
}

static void expect_leaves(const char* json, int32_t what,
                          const char* const* expected, size_t count) {
  pt2_call_spec_t* spec = parse(json, what);
  assert_int_equal(pt2_call_spec_leaf_count(spec), count);
  for (size_t i = 0; i < count; ++i) {
    size_t leaf = 99;
    assert_string_equal(pt2_call_spec_peek_leaf(spec, i)->name, expected[i]);
    assert_int_equal(pt2_call_spec_find_leaf(spec, expected[i], &leaf), 0);
    assert_int_equal(leaf, i);
  }
  assert_null(pt2_call_spec_peek_leaf(spec, count));
  pt2_call_spec_destroy(spec);
}

// ---- Parsing ---------------------------------------------------------------

static const char kCall[] =
    CALL(TUPLE(LEAF "," LIST(LEAF "," DICT(Q("a"), LIST(LEAF)))),
         DICT(Q("mask") ", 7", LEAF "," LEAF));

static void test_names(void** state) {
  (void)state;
  const char* const in[] = {"ARGS[0]", "ARGS[1][0]", "ARGS[1][1][a][0]",
                            "KWARGS[mask]", "KWARGS[7]"};
  expect_leaves(kCall, PT2_CALL_SPEC_INPUTS, in, 5);
  const char* const result[] = {"RESULT"};
  expect_leaves("[1," LEAF "]", PT2_CALL_SPEC_RESULT, result, 1);
  const char* out = "[1," TUPLE(
      NODE("collections.OrderedDict", "\"[\\\"logits\\\"]\"", LEAF) "," NODE(
          "collections.defaultdict", "{\"dict_context\":[\"x\"]}",
          LEAF) "," NODE("my.Data", "\"[[\\\"field\\\"],[\\\"none\\\"]]\"",
                         LEAF) "," NODE("collections.namedtuple", "\"my.Pair\"",
                                        LEAF "," LEAF) "," NODE("my.Other",
                                                                "\"{}\"",
                                                                LEAF)) "]";
  const char* const names[] = {"RESULT[0][logits]", "RESULT[1][x]",
                               "RESULT[2][field]",  "RESULT[3][0]",
                               "RESULT[3][1]",      "RESULT[4][0]"};
  expect_leaves(out, PT2_CALL_SPEC_RESULT, names, 6);
}

static void test_no_arguments(void** state) {
  (void)state;
  expect_leaves(CALL(TUPLE(""), DICT("", "")), PT2_CALL_SPEC_INPUTS, NULL, 0);
  pt2_call_spec_t* spec =
      parse(CALL(TUPLE(""), DICT("", "")), PT2_CALL_SPEC_INPUTS);
  size_t leaf = 5;
  assert_int_equal(pt2_call_spec_find_leaf(spec, "ARGS[0]", &leaf),
                   PT2_STATUS_NOT_FOUND);
  assert_string_equal(pt2_error_message(),
                      "nothing is called 'ARGS[0]'; there are no leaves");
  assert_int_equal(leaf, 5);
  pt2_call_spec_destroy(spec);
  pt2_call_spec_destroy(NULL);
}

static void test_the_tree(void** state) {
  (void)state;
  pt2_call_spec_t* spec = parse(kCall, PT2_CALL_SPEC_INPUTS);
  // call, ARGS, 0, 1, 1.0, 1.1, 1.1.a, 1.1.a.0, KWARGS, mask, 7
  assert_int_equal(pt2_call_spec_node_count(spec), 11);
  assert_null(pt2_call_spec_peek_node(spec, 11));
  const pt2_spec_node_t* root = pt2_call_spec_peek_node(spec, 0);
  assert_int_equal(root->kind, PT2_SPEC_TUPLE);
  assert_int_equal(root->next, 11);
  assert_int_equal(root->leaf_count, 5);
  assert_string_equal(root->name, "");
  const pt2_spec_node_t* args = pt2_call_spec_peek_node(spec, 1);
  assert_string_equal(args->name, "ARGS");
  assert_int_equal(args->next, 8);
  assert_int_equal(args->child_count, 2);
  assert_null(args->context);
  const pt2_spec_node_t* kwargs = pt2_call_spec_peek_node(spec, args->next);
  assert_string_equal(kwargs->name, "KWARGS");
  assert_int_equal(kwargs->kind, PT2_SPEC_DICT);
  assert_string_equal(kwargs->type_name, "builtins.dict");
  assert_string_equal(kwargs->context, "[\"mask\", 7]");
  assert_int_equal(kwargs->first_leaf, 3);
  assert_int_equal(kwargs->leaf_count, 2);
  const pt2_spec_node_t* seven = pt2_call_spec_peek_node(spec, 10);
  assert_int_equal(seven->kind, PT2_SPEC_LEAF);
  assert_null(seven->type_name);
  assert_int_equal(seven->key.kind, PT2_KEY_INT);
  assert_string_equal(seven->key.text, "7");
  assert_int_equal(seven->parent, 8);
  assert_int_equal(seven->position, 1);
  assert_ptr_equal(pt2_call_spec_peek_leaf(spec, 4), seven);
  const pt2_spec_node_t* first = pt2_call_spec_peek_node(spec, 2);
  assert_int_equal(first->key.kind, PT2_KEY_POSITION);
  assert_null(first->key.text);
  pt2_call_spec_destroy(spec);
}

// The texts are what torch 2.15 writes.
static void test_kinds(void** state) {
  (void)state;
  static const struct {
    const char* json;
    int32_t kind;
    const char* type_name;
    const char* context;
  } kKinds[] = {
      {LIST(""), PT2_SPEC_LIST, "builtins.list", NULL},
      {NODE("collections.namedtuple", "\"m.NT\"", LEAF), PT2_SPEC_NAMEDTUPLE,
       "m.NT", "m.NT"},
      {NODE("collections.deque", "\"3\"", LEAF), PT2_SPEC_DEQUE,
       "collections.deque", "3"},
      {NODE("m.D", "\"[[\\\"a\\\"], [\\\"b\\\"]]\"", LEAF), PT2_SPEC_CUSTOM,
       "m.D", "[[\"a\"], [\"b\"]]"},
      {NODE("torch.Size", "\"null\"", LEAF), PT2_SPEC_CUSTOM, "torch.Size",
       NULL},
      {NODE("collections.OrderedDict", "\"[]\"", ""), PT2_SPEC_ORDERED_DICT,
       "collections.OrderedDict", "[]"},
      {NODE("collections.defaultdict",
            "{\"default_factory_module\":\"builtins\",\"default_factory_name\":"
            "\"list\",\"dict_context\":[\"a\"]}",
            LEAF),
       PT2_SPEC_DEFAULTDICT, "collections.defaultdict",
       "{\"default_factory_module\":\"builtins\",\"default_factory_name\":"
       "\"list\",\"dict_context\":[\"a\"]}"},
  };
  for (size_t i = 0; i < sizeof(kKinds) / sizeof(kKinds[0]); ++i) {
    char json[512];
    snprintf(json, sizeof(json), "[1, %s]", kKinds[i].json);
    pt2_call_spec_t* spec = parse(json, PT2_CALL_SPEC_RESULT);
    const pt2_spec_node_t* node = pt2_call_spec_peek_node(spec, 0);
    assert_int_equal(node->kind, kKinds[i].kind);
    assert_string_equal(node->type_name, kKinds[i].type_name);
    if (kKinds[i].context == NULL) {
      assert_null(node->context);
    } else {
      assert_string_equal(node->context, kKinds[i].context);
    }
    pt2_call_spec_destroy(spec);
  }
}

static void test_kinds_of_keys(void** state) {
  (void)state;
  pt2_call_spec_t* spec =
      parse("[1," DICT(
                "1, " Q("1") ", null, 1.5, true, {" Q("__enum__") ": true, " Q(
                    "fqn") ": " Q("m:E") ", " Q("name") ": " Q("A") "}, [1]",
                LEAF "," LEAF "," LEAF "," LEAF "," LEAF "," LEAF "," LEAF) "]",
            PT2_CALL_SPEC_RESULT);
  static const pt2_spec_key_t kKeys[] = {
      {PT2_KEY_INT, "1"},     {PT2_KEY_STRING, "1"},  {PT2_KEY_NONE, "None"},
      {PT2_KEY_FLOAT, "1.5"}, {PT2_KEY_BOOL, "True"}, {PT2_KEY_ENUM, "m:E.A"},
      {PT2_KEY_OTHER, "[1]"}};
  for (size_t i = 0; i < 7; ++i) {
    const pt2_spec_node_t* node = pt2_call_spec_peek_leaf(spec, i);
    assert_int_equal(node->key.kind, kKeys[i].kind);
    assert_string_equal(node->key.text, kKeys[i].text);
  }
  // 1 and "1" look alike.
  size_t leaf = 9;
  assert_int_equal(pt2_call_spec_find_leaf(spec, "RESULT[1]", &leaf),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "leaves 0 and 1 are both called 'RESULT[1]'");
  assert_int_equal(leaf, 9);
  assert_int_equal(
      pt2_call_spec_check(spec, 0, PT2_SPEC_DICT, NULL, 7, kKeys, NULL), 0);
  pt2_call_spec_destroy(spec);
}

static void test_find_lists_what_there_is(void** state) {
  (void)state;
  pt2_call_spec_t* spec = parse(kCall, PT2_CALL_SPEC_INPUTS);
  size_t leaf = 7;
  assert_int_equal(pt2_call_spec_find_leaf(spec, "KWARGS[maks]", &leaf),
                   PT2_STATUS_NOT_FOUND);
  assert_string_equal(
      pt2_error_message(),
      "nothing is called 'KWARGS[maks]'; there are: ARGS[0], ARGS[1][0], "
      "ARGS[1][1][a][0], KWARGS[mask], KWARGS[7]");
  assert_int_equal(leaf, 7);
  pt2_call_spec_destroy(spec);
}

// ---- Hostile texts ---------------------------------------------------------

static void expect_refused(const char* json, int32_t what,
                           const char* message) {
  pt2_call_spec_t* spec = (pt2_call_spec_t*)1;
  assert_int_equal(pt2_call_spec_parse(json, what, &spec), PT2_STATUS_CORRUPT);
  assert_ptr_equal(spec, (pt2_call_spec_t*)1);
  if (strstr(pt2_error_message(), message) == NULL) {
    fail_msg("\"%s\" is not in \"%s\"", message, pt2_error_message());
  }
}

static void test_bad_texts(void** state) {
  (void)state;
  static const struct {
    const char* json;
    const char* message;
  } kBad[] = {
      {"", "call spec: '[' or '{' expected"},
      {"[", "call spec"},
      {"[1," LEAF "] x", "call spec"},
      {"[]", "call spec: not a pair of a protocol's number and a tree"},
      {"{}", "not a pair of a protocol's number and a tree"},
      {"[2," LEAF "]", "call spec: protocol 2, only 1 is known"},
      {"[1, 3]", "call spec, at RESULT: a node is a number, not an object"},
      {"[1, {\"type\": null}]",
       "call spec, at RESULT: \"children_spec\" is missing, not an array"},
      {"[1, {\"type\": 3, \"children_spec\": []}]",
       "call spec, at RESULT: \"type\" is a number, not a string or null"},
      {"[1, {\"type\": null, \"children_spec\": [" LEAF "]}]",
       "call spec, at RESULT: a leaf has children"},
      {"[1," TUPLE(LEAF ", null") "]",
       "call spec, at RESULT[1]: a node is null, not an object"},
      {"[1," TUPLE(DICT(Q("a"), LEAF "," LEAF)) "]",
       "call spec, at RESULT[0]: a dict of 1 keys has 2 children"},
      {"[1," NODE("builtins.dict", "\"null\"", "") "]",
       "call spec, at RESULT: the keys of a dict are null, not an array"},
      {"[1," NODE("builtins.dict", "\"{\"", "") "]",
       "the keys of a dict are missing, not an array"},
      {"[1," NODE("collections.defaultdict", "[]", "") "]",
       "the keys of a dict are missing, not an array"},
      {"[1," DICT(Q("a") "," Q("b") "," Q("a"), LEAF "," LEAF "," LEAF) "]",
       "call spec, at RESULT: key 'a' twice"},
      {"[1, {\"type\": null, \"type\": null, \"children_spec\": []}]",
       "duplicate object key"},
      {"[99999999999999999999," LEAF "]", "too big integer"},
  };
  for (size_t i = 0; i < sizeof(kBad) / sizeof(kBad[0]); ++i) {
    expect_refused(kBad[i].json, PT2_CALL_SPEC_RESULT, kBad[i].message);
  }
  static const struct {
    const char* json;
    const char* message;
  } kBadCalls[] = {
      {"[1," LEAF "]", "call spec: the inputs are no pair of args and kwargs"},
      {"[1," TUPLE(TUPLE("")) "]", "no pair of args and kwargs"},
      {CALL(LEAF, DICT("", "")), "call spec, at ARGS: not a tuple"},
      {CALL(TUPLE(LEAF), TUPLE("")), "call spec, at KWARGS: not a dict"},
  };
  for (size_t i = 0; i < sizeof(kBadCalls) / sizeof(kBadCalls[0]); ++i) {
    expect_refused(kBadCalls[i].json, PT2_CALL_SPEC_INPUTS,
                   kBadCalls[i].message);
  }
  pt2_call_spec_t* spec = NULL;
  assert_int_equal(pt2_call_spec_parse(NULL, 0, &spec),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_call_spec_parse("[1," LEAF "]", 2, &spec),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_null(spec);
}

// |depth| lists, one in the other.
static char* nested(size_t depth) {
  static const char kOpen[] =
      "{\"type\":\"builtins.list\",\"context\":\"null\",\"children_spec\":[";
  char* json = malloc(depth * sizeof(kOpen) + 2 * depth + 200);
  char* at = json + sprintf(json, "[1,");
  for (size_t i = 0; i < depth; ++i) {
    at += sprintf(at, "%s", kOpen);
  }
  at += sprintf(at, "%s", LEAF);
  for (size_t i = 0; i < depth; ++i) {
    at += sprintf(at, "]}");
  }
  sprintf(at, "]");
  return json;
}

static void test_deep_nesting(void** state) {
  (void)state;
  char* json = nested(128);
  pt2_call_spec_t* spec = parse(json, PT2_CALL_SPEC_RESULT);
  assert_int_equal(pt2_call_spec_leaf_count(spec), 1);
  // Every level is checked.
  pt2_call_spec_t* other = parse(json, PT2_CALL_SPEC_RESULT);
  assert_int_equal(pt2_call_spec_match(spec, other, NULL), 0);
  pt2_call_spec_destroy(other);
  pt2_call_spec_destroy(spec);
  free(json);
  json = nested(129);
  expect_refused(json, PT2_CALL_SPEC_RESULT,
                 "call spec: nested more than 128 levels deep");
  free(json);
  json = nested(100000);
  expect_refused(json, PT2_CALL_SPEC_RESULT, "call spec: ");
  free(json);
}

static void test_huge_counts(void** state) {
  (void)state;
  // A key of 1 MiB above 200 leaves would be 200 MiB of names.
  enum { KEY = 1 << 20, LEAVES = 200 };
  char* json = malloc(KEY + LEAVES * 64 + 300);
  char* at = json + sprintf(json,
                            "[1,{\"type\":\"builtins.dict\",\"context\":"
                            "\"[\\\"");
  memset(at, 'k', KEY);
  at += KEY;
  at += sprintf(at,
                "\\\"]\",\"children_spec\":[{\"type\":\"builtins.list\","
                "\"context\":null,\"children_spec\":[");
  for (int i = 0; i < LEAVES; ++i) {
    at += sprintf(at, "%s%s", i > 0 ? "," : "", LEAF);
  }
  sprintf(at, "]}]}]");
  expect_refused(json, PT2_CALL_SPEC_RESULT,
                 "call spec: its names take more than 64 MiB");
  free(json);
}

// Reads all of a spec to its last byte.
static size_t read_all(const pt2_call_spec_t* spec) {
  size_t sum = 0;
  for (size_t i = 0; i < pt2_call_spec_node_count(spec); ++i) {
    const pt2_spec_node_t* node = pt2_call_spec_peek_node(spec, i);
    assert_true(node->next > i);
    assert_true(node->next <= pt2_call_spec_node_count(spec));
    assert_true(node->first_leaf + node->leaf_count <=
                pt2_call_spec_leaf_count(spec));
    sum += strlen(node->name);
    sum += node->type_name != NULL ? strlen(node->type_name) : 0;
    sum += node->context != NULL ? strlen(node->context) : 0;
    sum += node->key.text != NULL ? strlen(node->key.text) : 0;
  }
  return sum;
}

static void test_changed_texts(void** state) {
  (void)state;
  static const char kChanges[] = "\0\"[]{},:\\01n\xff";
  size_t length = strlen(kCall);
  size_t parsed = 0;
  size_t refused = 0;
  for (size_t at = 0; at < length; ++at) {
    for (size_t i = 0; i + 1 < sizeof(kChanges); ++i) {
      char* json = malloc(length + 1);
      memcpy(json, kCall, length + 1);
      json[at] = kChanges[i];
      pt2_call_spec_t* spec = NULL;
      pt2_status_t status =
          pt2_call_spec_parse(json, PT2_CALL_SPEC_INPUTS, &spec);
      if (status == PT2_STATUS_OK) {
        ++parsed;
        assert_true(read_all(spec) > 0);
        assert_int_equal(pt2_call_spec_match(spec, spec, NULL), 0);
      } else {
        ++refused;
        assert_int_equal(status, PT2_STATUS_CORRUPT);
        assert_int_equal(strncmp(pt2_error_message(), "call spec", 9), 0);
        assert_null(spec);
      }
      pt2_call_spec_destroy(spec);
      free(json);
    }
  }
  assert_true(parsed > 100 && refused > 1000);
}

static void test_every_failed_allocation(void** state) {
  (void)state;
  size_t failures = 0;
  for (uint64_t nth = 1;; ++nth) {
    pt2_call_spec_t* spec = NULL;
    pt2__fault_set(nth, false);
    pt2_status_t status =
        pt2_call_spec_parse(kCall, PT2_CALL_SPEC_INPUTS, &spec);
    if (status == PT2_STATUS_OK) {
      status = pt2_call_spec_match(spec, spec, NULL);
    }
    uint64_t seen = pt2__fault_set(0, false);
    pt2_call_spec_destroy(spec);
    if (seen < nth) {
      assert_int_equal(status, PT2_STATUS_OK);
      break;
    }
    assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
    assert_non_null(strstr(pt2_error_message(), "out of memory"));
    ++failures;
  }
  assert_true(failures > 20);
}

// ---- Structures ------------------------------------------------------------

static const pt2_spec_key_t kMask = {PT2_KEY_STRING, "mask"};
static const pt2_spec_key_t kSeven = {PT2_KEY_INT, "7"};

static void test_keywords_in_any_order(void** state) {
  (void)state;
  pt2_call_spec_t* spec = parse(kCall, PT2_CALL_SPEC_INPUTS);
  size_t kwargs = pt2_call_spec_peek_node(spec, 1)->next;
  const pt2_spec_key_t turned[] = {kSeven, kMask};
  size_t order[2] = {9, 9};
  assert_int_equal(pt2_call_spec_check(spec, kwargs, PT2_SPEC_ORDERED_DICT,
                                       NULL, 2, turned, order),
                   0);
  assert_int_equal(order[0], 1);
  assert_int_equal(order[1], 0);
  const pt2_spec_key_t wrong[] = {
      {PT2_KEY_STRING, "maks"}, {PT2_KEY_STRING, "7"}, kMask, kMask};
  order[0] = order[1] = 9;
  assert_int_equal(
      pt2_call_spec_check(spec, kwargs, PT2_SPEC_DICT, NULL, 2, wrong, order),
      PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "KWARGS: 'mask' is missing, '7' is missing, 'maks' is "
                      "unexpected, '7' is unexpected");
  assert_int_equal(order[0], 9);
  assert_int_equal(
      pt2_call_spec_check(spec, kwargs, PT2_SPEC_DICT, NULL, 0, wrong, order),
      PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "KWARGS: 'mask' is missing, '7' is missing");
  const pt2_spec_key_t twice[] = {kMask, kSeven, kMask};
  assert_int_equal(
      pt2_call_spec_check(spec, kwargs, PT2_SPEC_DICT, NULL, 3, twice, order),
      PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(), "KWARGS: 'mask' is given twice");
  pt2_call_spec_destroy(spec);
}

static void test_unexpected_keyword_of_a_call_without(void** state) {
  (void)state;
  pt2_call_spec_t* spec =
      parse(CALL(TUPLE(LEAF), DICT("", "")), PT2_CALL_SPEC_INPUTS);
  size_t kwargs = pt2_call_spec_peek_node(spec, 1)->next;
  assert_int_equal(
      pt2_call_spec_check(spec, kwargs, PT2_SPEC_DICT, NULL, 1, &kMask, NULL),
      PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(), "KWARGS: 'mask' is unexpected");
  pt2_call_spec_destroy(spec);
}

static void expect_mismatch(const pt2_call_spec_t* spec, size_t node,
                            int32_t kind, const char* type_name, size_t count,
                            const char* message) {
  assert_int_equal(
      pt2_call_spec_check(spec, node, kind, type_name, count, NULL, NULL),
      PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(), message);
}

static void test_wrong_containers(void** state) {
  (void)state;
  pt2_call_spec_t* spec =
      parse("[1," TUPLE(LIST(LEAF "," LEAF) "," LEAF "," NODE(
                "collections.namedtuple", "\"m.NT\"",
                LEAF) "," NODE("m.D", "\"null\"", LEAF)) "]",
            PT2_CALL_SPEC_RESULT);
  // RESULT, 0, 0.0, 0.1, 1, 2, 2.0, 3, 3.0
  expect_mismatch(spec, 0, PT2_SPEC_TUPLE, NULL, 3,
                  "RESULT: expected a tuple of 4, got a tuple of 3");
  expect_mismatch(spec, 1, PT2_SPEC_TUPLE, NULL, 2,
                  "RESULT[0]: expected a list of 2, got a tuple of 2");
  expect_mismatch(spec, 1, PT2_SPEC_LEAF, NULL, 0,
                  "RESULT[0]: expected a list of 2, got a leaf");
  expect_mismatch(spec, 4, PT2_SPEC_LIST, NULL, 3,
                  "RESULT[1]: expected a leaf, got a list of 3");
  expect_mismatch(
      spec, 5, PT2_SPEC_NAMEDTUPLE, "m.Other", 1,
      "RESULT[2]: expected a namedtuple m.NT of 1, got a namedtuple m.Other of "
      "1");
  expect_mismatch(spec, 7, PT2_SPEC_CUSTOM, NULL, 2,
                  "RESULT[3]: expected a m.D of 1, got a custom container of "
                  "2");
  size_t order[4] = {9, 9, 9, 9};
  assert_int_equal(
      pt2_call_spec_check(spec, 0, PT2_SPEC_ANY, NULL, 4, NULL, order), 0);
  assert_int_equal(order[3], 3);
  assert_int_equal(
      pt2_call_spec_check(spec, 5, PT2_SPEC_NAMEDTUPLE, "m.NT", 1, NULL, NULL),
      0);
  assert_int_equal(
      pt2_call_spec_check(spec, 99, PT2_SPEC_ANY, NULL, 4, NULL, NULL),
      PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_call_spec_check(spec, 0, 77, NULL, 4, NULL, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2_call_spec_destroy(spec);
}

static void test_whole_structures(void** state) {
  (void)state;
  pt2_call_spec_t* spec = parse(kCall, PT2_CALL_SPEC_INPUTS);
  pt2_call_spec_t* turned =
      parse(CALL(TUPLE(LEAF "," LIST(LEAF "," DICT(Q("a"), LIST(LEAF)))),
                 DICT("7, " Q("mask"), LEAF "," LEAF)),
            PT2_CALL_SPEC_INPUTS);
  size_t leaves[5] = {9, 9, 9, 9, 9};
  assert_int_equal(pt2_call_spec_match(spec, turned, leaves), 0);
  const size_t expected[] = {0, 1, 2, 4, 3};
  assert_memory_equal(leaves, expected, sizeof(expected));
  pt2_call_spec_destroy(turned);
  static const struct {
    const char* json;
    const char* message;
  } kWrong[] = {
      {CALL(TUPLE(LEAF), DICT(Q("mask") ", 7", LEAF "," LEAF)),
       "ARGS: expected a tuple of 2, got a tuple of 1"},
      {CALL(TUPLE(LEAF "," LIST(LEAF "," DICT(Q("a"), LEAF))),
            DICT(Q("mask") ", 7", LEAF "," LEAF)),
       "ARGS[1][1][a]: expected a list of 1, got a leaf"},
      {CALL(TUPLE(LEAF "," LIST(LEAF "," DICT(Q("b"), LIST(LEAF)))),
            DICT(Q("mask") ", 7", LEAF "," LEAF)),
       "ARGS[1][1]: 'a' is missing, 'b' is unexpected"},
      {CALL(TUPLE(LEAF "," LIST(LEAF "," DICT(Q("a"), LIST(LEAF)))),
            DICT("", "")),
       // An empty dict has keys too: none.
       "KWARGS: 'mask' is missing, '7' is missing"},
  };
  for (size_t i = 0; i < 4; ++i) {
    pt2_call_spec_t* given = parse(kWrong[i].json, PT2_CALL_SPEC_INPUTS);
    assert_int_equal(pt2_call_spec_match(spec, given, NULL),
                     PT2_STATUS_INVALID_ARGUMENT);
    assert_string_equal(pt2_error_message(), kWrong[i].message);
    pt2_call_spec_destroy(given);
  }
  assert_int_equal(pt2_call_spec_match(spec, NULL, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2_call_spec_destroy(spec);
}

// ---- Packages --------------------------------------------------------------

static void test_spec_of_a_package(void** state) {
  (void)state;
  pt2_package_t* package = NULL;
  assert_int_equal(pt2_package_open(PT2_TEST_GOLDEN "/avx2/2.15.0/kwargs.pt2",
                                    NULL, &package),
                   0);
  pt2_call_spec_t* spec =
      parse(pt2_package_peek_in_spec(package, 0), PT2_CALL_SPEC_INPUTS);
  // Every input is a leaf by its name.
  size_t count = pt2_package_input_count(package, 0);
  assert_true(count > 1);
  size_t keywords = 0;
  for (size_t i = 0; i < count; ++i) {
    pt2_value_info_t info;
    size_t leaf;
    assert_int_equal(pt2_package_input_info(package, 0, i, &info), 0);
    assert_int_equal(pt2_call_spec_find_leaf(spec, info.name, &leaf), 0);
    keywords += strncmp(info.name, "KWARGS", 6) == 0;
  }
  assert_true(keywords > 0);
  assert_null(pt2_package_peek_in_spec(package, 1));
  assert_non_null(pt2_package_peek_out_spec(package, 0));
  pt2_call_spec_destroy(spec);
  pt2_package_release(package);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_no_arguments),
      cmocka_unit_test(test_the_tree),
      cmocka_unit_test(test_kinds),
      cmocka_unit_test(test_kinds_of_keys),
      cmocka_unit_test(test_find_lists_what_there_is),
      cmocka_unit_test(test_bad_texts),
      cmocka_unit_test(test_deep_nesting),
      cmocka_unit_test(test_huge_counts),
      cmocka_unit_test(test_changed_texts),
      cmocka_unit_test(test_every_failed_allocation),
      cmocka_unit_test(test_keywords_in_any_order),
      cmocka_unit_test(test_unexpected_keyword_of_a_call_without),
      cmocka_unit_test(test_wrong_containers),
      cmocka_unit_test(test_whole_structures),
      cmocka_unit_test(test_spec_of_a_package),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

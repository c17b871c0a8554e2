// SPDX-License-Identifier: Apache-2.0
//
// The pickles of torch.save, for tensors and dicts of tensors.
//
// A pickle is a program for a small stack machine that can call any function of
// Python by name. The machine here has values and no functions: it knows the
// opcodes and the names that torch.save of tensors uses, gives the few "calls"
// among them their meaning itself and refuses everything else by name. Each
// step makes at most one value and nothing is walked more than one level deep,
// so that a program takes time and memory in proportion to its length.
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "package/weight_set.h"
#include "pt2/tensor.h"

#define MAX_RANK 64
// Far beyond what a state dict takes: some 300 bytes for each tensor.
#define TEXT_LIMIT ((size_t)16 << 20)

enum {
  VALUE_NONE,
  VALUE_BOOL,
  VALUE_INT,
  VALUE_FLOAT,
  VALUE_TEXT,
  VALUE_MARK,
  VALUE_TUPLE,
  VALUE_LIST,
  VALUE_DICT,
  VALUE_GLOBAL,
  VALUE_STORAGE,
  VALUE_TENSOR,
};

static const char* const kKinds[] = {
    "None",    "a bool", "an int", "a float", "a str",     "a mark",
    "a tuple", "a list", "a dict", "a name",  "a storage", "a tensor"};

// What the names that are known stand for.
enum {
  GLOBAL_ORDERED_DICT,
  GLOBAL_REBUILD_TENSOR,     // _rebuild_tensor_v2
  GLOBAL_REBUILD_TENSOR_V3,  // with a dtype
  GLOBAL_REBUILD_PARAMETER,
  GLOBAL_STORAGE,  // torch.FloatStorage …: |dtype|
  GLOBAL_DTYPE,    // torch.uint16 …: |dtype|
};

typedef struct value_t value_t;

// Things that several values may be one of.
typedef struct {
  const uint8_t* data;
  uint64_t bytes;
  int32_t dtype;  // PT2_DTYPE_UNDEFINED: the tensor tells it
} storage_t;

typedef struct {
  size_t count;
  size_t capacity;
  value_t* items;  // of a dict: key, value, key, value …
} items_t;

struct value_t {
  int32_t kind;
  int32_t global;
  int32_t dtype;
  union {
    int64_t number;  // int, bool
    struct {
      const char* text;
      size_t length;
    };
    items_t* items;
    storage_t* storage;
    pt2__weight_t* tensor;
  };
};

typedef struct {
  const char* name;
  const uint8_t* begin;
  const uint8_t* at;
  const uint8_t* end;
  pt2__pickle_storage_fn find_storage;
  void* user;
  pt2__weight_set_t* set;
  items_t stack;
  items_t memo;  // by index; entries not set are marks
  bool stopped;
} machine_t;

// ---- Failures --------------------------------------------------------------

static pt2_status_t cut(const machine_t* machine) {
  return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: the pickle is cut", machine->name);
}

static pt2_status_t damaged(const machine_t* machine, const char* what) {
  return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: damaged pickle at byte %zu: %s",
                  machine->name, (size_t)(machine->at - machine->begin), what);
}

// Opcodes that Python knows and that are not for tensors.
static const char* opcode_name(uint8_t opcode) {
  static const struct {
    uint8_t opcode;
    const char* name;
  } kRefused[] = {
      {'0', "POP"},
      {'1', "POP_MARK"},
      {'2', "DUP"},
      {'F', "FLOAT"},
      {'I', "INT"},
      {'L', "LONG"},
      {'P', "PERSID"},
      {'S', "STRING"},
      {'T', "BINSTRING"},
      {'U', "SHORT_BINSTRING"},
      {'V', "UNICODE"},
      {'d', "DICT"},
      {'g', "GET"},
      {'i', "INST"},
      {'l', "LIST"},
      {'o', "OBJ"},
      {'p', "PUT"},
      {'B', "BINBYTES"},
      {'C', "SHORT_BINBYTES"},
      {0x81, "NEWOBJ"},
      {0x82, "EXT1"},
      {0x83, "EXT2"},
      {0x84, "EXT4"},
      {0x8b, "LONG4"},
      {0x8c, "SHORT_BINUNICODE"},
      {0x8d, "BINUNICODE8"},
      {0x8e, "BINBYTES8"},
      {0x8f, "EMPTY_SET"},
      {0x90, "ADDITEMS"},
      {0x91, "FROZENSET"},
      {0x92, "NEWOBJ_EX"},
      {0x93, "STACK_GLOBAL"},
      {0x94, "MEMOIZE"},
      {0x95, "FRAME"},
      {0x96, "BYTEARRAY8"},
      {0x97, "NEXT_BUFFER"},
      {0x98, "READONLY_BUFFER"},
  };
  for (size_t i = 0; i < sizeof(kRefused) / sizeof(kRefused[0]); ++i) {
    if (kRefused[i].opcode == opcode) {
      return kRefused[i].name;
    }
  }
  return NULL;
}

static pt2_status_t refuse_opcode(const machine_t* machine, uint8_t opcode) {
  const char* name = opcode_name(opcode);
  if (name == NULL) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: damaged pickle at byte %zu: 0x%02x is no opcode",
                    machine->name, (size_t)(machine->at - machine->begin) - 1,
                    opcode);
  }
  return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                  "%s: the pickle's opcode %s is not needed for tensors and "
                  "refused",
                  machine->name, name);
}

// ---- Memory ----------------------------------------------------------------

static pt2_status_t append(items_t* items, value_t value) {
  if (items->count == items->capacity) {
    size_t capacity = items->capacity > 0 ? 2 * items->capacity : 16;
    value_t* grown = pt2__realloc(items->items, capacity * sizeof(*grown));
    if (grown == NULL) {
      return PT2_OUT_OF_MEMORY(capacity * sizeof(*grown));
    }
    items->items = grown;
    items->capacity = capacity;
  }
  items->items[items->count++] = value;
  return PT2_STATUS_OK;
}

static pt2_status_t push(machine_t* machine, value_t value) {
  return append(&machine->stack, value);
}

static pt2_status_t push_number(machine_t* machine, int32_t kind,
                                int64_t number) {
  return push(machine, (value_t){.kind = kind, .number = number});
}

static pt2_status_t pop(machine_t* machine, value_t* out_value) {
  if (machine->stack.count == 0) {
    return damaged(machine, "its stack is empty");
  }
  *out_value = machine->stack.items[--machine->stack.count];
  return PT2_STATUS_OK;
}

static value_t* top(machine_t* machine) {
  return machine->stack.count > 0
             ? &machine->stack.items[machine->stack.count - 1]
             : NULL;
}

// The values above the last mark, which is taken off with them. They stay valid
// until the next push.
static pt2_status_t pop_to_mark(machine_t* machine, value_t** out_items,
                                size_t* out_count) {
  size_t at = machine->stack.count;
  while (at > 0 && machine->stack.items[at - 1].kind != VALUE_MARK) {
    --at;
  }
  if (at == 0) {
    return damaged(machine, "no mark is on its stack");
  }
  *out_items = machine->stack.items + at;
  *out_count = machine->stack.count - at;
  machine->stack.count = at - 1;
  return PT2_STATUS_OK;
}

// Items of values that grow no more, in the set's arena.
static pt2_status_t new_items(machine_t* machine, const value_t* values,
                              size_t count, items_t** out_items) {
  items_t* items;
  PT2_TRY(pt2__arena_array(&machine->set->arena, 1, sizeof(*items), &items));
  if (count > 0) {
    PT2_TRY(pt2__arena_array(&machine->set->arena, count, sizeof(*values),
                             &items->items));
    memcpy(items->items, values, count * sizeof(*values));
  }
  items->count = items->capacity = count;
  *out_items = items;
  return PT2_STATUS_OK;
}

// Adds to the items of a list or dict. What is left behind when they grow stays
// in the arena; the sum of it is in proportion to what there is.
static pt2_status_t extend(machine_t* machine, items_t* items,
                           const value_t* values, size_t count) {
  if (count > items->capacity - items->count) {
    size_t capacity = 2 * items->count + count;
    value_t* grown;
    PT2_TRY(pt2__arena_array(&machine->set->arena, capacity, sizeof(*grown),
                             &grown));
    if (items->count > 0) {
      memcpy(grown, items->items, items->count * sizeof(*grown));
    }
    items->items = grown;
    items->capacity = capacity;
  }
  if (count > 0) {
    memcpy(items->items + items->count, values, count * sizeof(*values));
  }
  items->count += count;
  return PT2_STATUS_OK;
}

static pt2_status_t push_items(machine_t* machine, int32_t kind,
                               const value_t* values, size_t count) {
  value_t value = {.kind = kind};
  PT2_TRY(new_items(machine, values, count, &value.items));
  return push(machine, value);
}

// ---- Reading the program ---------------------------------------------------

static pt2_status_t take(machine_t* machine, size_t bytes,
                         const uint8_t** out_at) {
  if ((size_t)(machine->end - machine->at) < bytes) {
    return cut(machine);
  }
  *out_at = machine->at;
  machine->at += bytes;
  return PT2_STATUS_OK;
}

static pt2_status_t take_number(machine_t* machine, size_t bytes,
                                uint64_t* out_number) {
  const uint8_t* at = NULL;
  PT2_TRY(take(machine, bytes, &at));
  *out_number = 0;
  for (size_t i = bytes; i-- > 0;) {
    *out_number = *out_number << 8 | at[i];
  }
  return PT2_STATUS_OK;
}

// A line without its end, as GLOBAL has two of them.
static pt2_status_t take_line(machine_t* machine, const char** out_text,
                              size_t* out_length) {
  const uint8_t* end =
      memchr(machine->at, '\n', (size_t)(machine->end - machine->at));
  if (end == NULL) {
    return cut(machine);
  }
  *out_text = (const char*)machine->at;
  *out_length = (size_t)(end - machine->at);
  machine->at = end + 1;
  return PT2_STATUS_OK;
}

// ---- Names -----------------------------------------------------------------

static bool is(const char* text, size_t length, const char* wanted) {
  return strlen(wanted) == length && memcmp(text, wanted, length) == 0;
}

static const struct {
  const char* name;  // torch.<name>
  int32_t dtype;
} kStorages[] = {
    {"FloatStorage", PT2_DTYPE_F32},
    {"DoubleStorage", PT2_DTYPE_F64},
    {"HalfStorage", PT2_DTYPE_F16},
    {"BFloat16Storage", PT2_DTYPE_BF16},
    {"LongStorage", PT2_DTYPE_I64},
    {"IntStorage", PT2_DTYPE_I32},
    {"ShortStorage", PT2_DTYPE_I16},
    {"CharStorage", PT2_DTYPE_I8},
    {"ByteStorage", PT2_DTYPE_U8},
    {"BoolStorage", PT2_DTYPE_BOOL},
    {"ComplexFloatStorage", PT2_DTYPE_COMPLEX64},
    {"ComplexDoubleStorage", PT2_DTYPE_COMPLEX128},
};

// torch.float8_e5m2, torch.uint16 …; pt2_dtype_parse knows other spellings too.
static int32_t find_dtype(const char* text, size_t length) {
  static const char* const kNames[] = {
      "float32",        "float64",       "float16",         "bfloat16",
      "uint8",          "int8",          "int16",           "int32",
      "int64",          "uint16",        "uint32",          "uint64",
      "bool",           "complex32",     "complex64",       "complex128",
      "float8_e5m2",    "float8_e4m3fn", "float8_e5m2fnuz", "float8_e4m3fnuz",
      "float8_e8m0fnu",
  };
  for (size_t i = 0; i < sizeof(kNames) / sizeof(kNames[0]); ++i) {
    if (is(text, length, kNames[i])) {
      return pt2_dtype_parse(kNames[i]);
    }
  }
  return PT2_DTYPE_UNDEFINED;
}

static bool find_global(const char* module, size_t module_length,
                        const char* name, size_t length, value_t* value) {
  *value = (value_t){.kind = VALUE_GLOBAL, .dtype = PT2_DTYPE_UNDEFINED};
  if (is(module, module_length, "collections")) {
    value->global = GLOBAL_ORDERED_DICT;
    return is(name, length, "OrderedDict");
  }
  if (is(module, module_length, "torch._utils")) {
    value->global =
        is(name, length, "_rebuild_tensor_v2")   ? GLOBAL_REBUILD_TENSOR
        : is(name, length, "_rebuild_tensor_v3") ? GLOBAL_REBUILD_TENSOR_V3
                                                 : GLOBAL_REBUILD_PARAMETER;
    return value->global != GLOBAL_REBUILD_PARAMETER ||
           is(name, length, "_rebuild_parameter");
  }
  if (is(module, module_length, "torch.storage")) {
    value->global = GLOBAL_STORAGE;
    return is(name, length, "UntypedStorage");
  }
  if (!is(module, module_length, "torch")) {
    return false;
  }
  value->global = GLOBAL_STORAGE;
  for (size_t i = 0; i < sizeof(kStorages) / sizeof(kStorages[0]); ++i) {
    if (is(name, length, kStorages[i].name)) {
      value->dtype = kStorages[i].dtype;
      return true;
    }
  }
  value->global = GLOBAL_DTYPE;
  value->dtype = find_dtype(name, length);
  return value->dtype != PT2_DTYPE_UNDEFINED;
}

static pt2_status_t do_global(machine_t* machine) {
  const char* module = NULL;
  const char* name = NULL;
  size_t module_length = 0;
  size_t length = 0;
  value_t value;
  PT2_TRY(take_line(machine, &module, &module_length));
  PT2_TRY(take_line(machine, &name, &length));
  if (!find_global(module, module_length, name, length, &value)) {
    return PT2_FAIL(
        PT2_STATUS_UNSUPPORTED,
        "%s: the pickle names %.*s.%.*s, which is not needed for tensors and "
        "refused",
        machine->name, (int)(module_length < 200 ? module_length : 200), module,
        (int)(length < 200 ? length : 200), name);
  }
  return push(machine, value);
}

// ---- Storages and tensors --------------------------------------------------

// ("storage", type, key, location, count of elements)
static pt2_status_t do_storage(machine_t* machine) {
  value_t id = {0};
  PT2_TRY(pop(machine, &id));
  const value_t* parts = id.kind == VALUE_TUPLE ? id.items->items : NULL;
  if (parts == NULL || id.items->count != 5 || parts[0].kind != VALUE_TEXT ||
      !is(parts[0].text, parts[0].length, "storage") ||
      parts[1].kind != VALUE_GLOBAL || parts[1].global != GLOBAL_STORAGE ||
      parts[2].kind != VALUE_TEXT || parts[3].kind != VALUE_TEXT ||
      parts[4].kind != VALUE_INT || parts[4].number < 0) {
    return damaged(machine, "a persistent id that is no storage");
  }
  storage_t* storage;
  PT2_TRY(
      pt2__arena_array(&machine->set->arena, 1, sizeof(*storage), &storage));
  storage->dtype = parts[1].dtype;
  uint64_t element = storage->dtype == PT2_DTYPE_UNDEFINED
                         ? 1
                         : pt2_dtype_size_bytes(storage->dtype);
  if (__builtin_mul_overflow((uint64_t)parts[4].number, element,
                             &storage->bytes)) {
    return damaged(machine, "a storage larger than memory");
  }
  const char* key = NULL;
  PT2_TRY(pt2__arena_text(&machine->set->arena, parts[2].text, parts[2].length,
                          &key));
  PT2_TRY(machine->find_storage(machine->user, key, storage->bytes,
                                &storage->data));
  return push(machine, (value_t){.kind = VALUE_STORAGE, .storage = storage});
}

static pt2_status_t read_sizes(machine_t* machine, value_t tuple,
                               int64_t* out_sizes) {
  for (size_t i = 0; i < tuple.items->count; ++i) {
    const value_t* item = &tuple.items->items[i];
    if (item->kind != VALUE_INT || item->number < 0) {
      return damaged(machine, "sizes or strides that are none");
    }
    out_sizes[i] = item->number;
  }
  return PT2_STATUS_OK;
}

// (storage, offset, sizes, strides, requires_grad, hooks [, dtype] [,
// metadata])
static pt2_status_t rebuild_tensor(machine_t* machine, const items_t* args,
                                   bool has_dtype, value_t* out_value) {
  const value_t* arg = args->items;
  size_t fixed = has_dtype ? 7 : 6;
  if (args->count < fixed || arg[0].kind != VALUE_STORAGE ||
      arg[1].kind != VALUE_INT || arg[1].number < 0 ||
      arg[2].kind != VALUE_TUPLE || arg[3].kind != VALUE_TUPLE ||
      arg[2].items->count != arg[3].items->count ||
      arg[2].items->count > MAX_RANK ||
      (has_dtype &&
       (arg[6].kind != VALUE_GLOBAL || arg[6].global != GLOBAL_DTYPE))) {
    return damaged(machine, "a tensor is rebuilt from what is none");
  }
  if (args->count > fixed) {
    // What torch keeps there changes what the bytes mean: a conjugate or
    // negative view.
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s: a tensor with the metadata of a conjugate or negative "
                    "view is refused; save a resolved copy of it",
                    machine->name);
  }
  const storage_t* storage = arg[0].storage;
  pt2__weight_t* weight;
  int64_t* sizes;
  size_t rank = arg[2].items->count;
  pt2__arena_t* arena = &machine->set->arena;
  PT2_TRY(pt2__arena_array(arena, 1, sizeof(*weight), &weight));
  PT2_TRY(pt2__arena_array(arena, 2 * rank, sizeof(*sizes), &sizes));
  PT2_TRY(read_sizes(machine, arg[2], sizes));
  PT2_TRY(read_sizes(machine, arg[3], sizes + rank));
  *weight = (pt2__weight_t){.name = "",
                            .dtype = has_dtype ? arg[6].dtype : storage->dtype,
                            .rank = (int32_t)rank,
                            .sizes = sizes,
                            .strides = sizes + rank,
                            .storage_offset = (uint64_t)arg[1].number,
                            .storage = storage->data,
                            .storage_bytes = storage->bytes};
  if (!pt2__weight_fits(weight->dtype, weight->rank, sizes, sizes + rank,
                        weight->storage_offset, storage->bytes)) {
    return damaged(machine, "a tensor reaches beyond its storage");
  }
  *out_value = (value_t){.kind = VALUE_TENSOR, .tensor = weight};
  return PT2_STATUS_OK;
}

static pt2_status_t do_reduce(machine_t* machine) {
  value_t args = {0};
  value_t callee = {0};
  value_t result = {.kind = VALUE_DICT};
  PT2_TRY(pop(machine, &args));
  PT2_TRY(pop(machine, &callee));
  if (args.kind != VALUE_TUPLE || callee.kind != VALUE_GLOBAL) {
    return damaged(machine, "it calls what is no function");
  }
  switch (callee.global) {
    case GLOBAL_ORDERED_DICT:
      if (args.items->count != 0) {
        return damaged(machine, "an OrderedDict with arguments");
      }
      PT2_TRY(new_items(machine, NULL, 0, &result.items));
      break;
    case GLOBAL_REBUILD_TENSOR:
    case GLOBAL_REBUILD_TENSOR_V3:
      PT2_TRY(rebuild_tensor(machine, args.items,
                             callee.global == GLOBAL_REBUILD_TENSOR_V3,
                             &result));
      break;
    case GLOBAL_REBUILD_PARAMETER:
      if (args.items->count != 3 || args.items->items[0].kind != VALUE_TENSOR) {
        return damaged(machine, "a parameter that is no tensor");
      }
      result = args.items->items[0];
      break;
    default:
      return damaged(machine, "it calls what is no function");
  }
  return push(machine, result);
}

// ---- The other opcodes -----------------------------------------------------

static pt2_status_t do_text(machine_t* machine) {
  uint64_t length = 0;
  const uint8_t* text = NULL;
  PT2_TRY(take_number(machine, 4, &length));
  PT2_TRY(take(machine, (size_t)length, &text));
  return push(machine, (value_t){.kind = VALUE_TEXT,
                                 .text = (const char*)text,
                                 .length = (size_t)length});
}

static pt2_status_t do_long(machine_t* machine) {
  uint64_t length = 0;
  const uint8_t* bytes = NULL;
  PT2_TRY(take_number(machine, 1, &length));
  PT2_TRY(take(machine, (size_t)length, &bytes));
  if (length > 8) {
    return damaged(machine, "an integer of more than 64 bits");
  }
  uint64_t number = length > 0 && bytes[length - 1] >= 0x80 ? UINT64_MAX : 0;
  for (size_t i = (size_t)length; i-- > 0;) {
    number = number << 8 | bytes[i];
  }
  return push_number(machine, VALUE_INT, (int64_t)number);
}

static pt2_status_t do_put(machine_t* machine, size_t bytes) {
  uint64_t index = 0;
  PT2_TRY(take_number(machine, bytes, &index));
  // Python numbers them one after another; a gap of more than the program's
  // own length is only there to take memory.
  if (top(machine) == NULL ||
      index > (uint64_t)(machine->end - machine->begin)) {
    return damaged(machine, "it remembers what is not there");
  }
  while (machine->memo.count <= index) {
    PT2_TRY(append(&machine->memo, (value_t){.kind = VALUE_MARK}));
  }
  machine->memo.items[index] = *top(machine);
  return PT2_STATUS_OK;
}

static pt2_status_t do_get(machine_t* machine, size_t bytes) {
  uint64_t index = 0;
  PT2_TRY(take_number(machine, bytes, &index));
  if (index >= machine->memo.count ||
      machine->memo.items[index].kind == VALUE_MARK) {
    return damaged(machine, "it recalls what it does not remember");
  }
  return push(machine, machine->memo.items[index]);
}

// A tuple of the last |count| values.
static pt2_status_t do_tuple(machine_t* machine, size_t count) {
  if (machine->stack.count < count) {
    return damaged(machine, "its stack is empty");
  }
  machine->stack.count -= count;
  return push_items(machine, VALUE_TUPLE,
                    machine->stack.items + machine->stack.count, count);
}

static pt2_status_t do_marked(machine_t* machine, uint8_t opcode) {
  value_t* items = NULL;
  size_t count = 0;
  PT2_TRY(pop_to_mark(machine, &items, &count));
  if (opcode == 't') {
    return push_items(machine, VALUE_TUPLE, items, count);
  }
  value_t* target = top(machine);
  int32_t wanted = opcode == 'u' ? VALUE_DICT : VALUE_LIST;
  if (target == NULL || target->kind != wanted ||
      (opcode == 'u' && count % 2 != 0)) {
    return damaged(machine, "items for what takes none");
  }
  return extend(machine, target->items, items, count);
}

static pt2_status_t do_add(machine_t* machine, uint8_t opcode) {
  size_t count = opcode == 's' ? 2 : 1;
  int32_t wanted = opcode == 's' ? VALUE_DICT : VALUE_LIST;
  if (machine->stack.count < count + 1) {
    return damaged(machine, "its stack is empty");
  }
  machine->stack.count -= count;
  value_t* target = top(machine);
  if (target->kind != wanted) {
    return damaged(machine, "items for what takes none");
  }
  return extend(machine, target->items,
                machine->stack.items + machine->stack.count, count);
}

// The attributes of an OrderedDict: torch keeps versions of modules there.
static pt2_status_t do_build(machine_t* machine) {
  value_t state = {0};
  PT2_TRY(pop(machine, &state));
  value_t* target = top(machine);
  if (target == NULL || target->kind != VALUE_DICT ||
      state.kind != VALUE_DICT) {
    return damaged(machine, "it gives attributes to what is no dict");
  }
  return PT2_STATUS_OK;
}

static pt2_status_t do_protocol(machine_t* machine) {
  uint64_t version = 0;
  PT2_TRY(take_number(machine, 1, &version));
  if (version != 2) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s: pickle protocol %llu; torch.save writes 2",
                    machine->name, (unsigned long long)version);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t push_taken(machine_t* machine, size_t bytes, int32_t kind) {
  uint64_t number = 0;
  PT2_TRY(take_number(machine, bytes, &number));
  // BININT is signed, the shorter ones are not.
  int64_t value = bytes == 4 ? (int32_t)(uint32_t)number : (int64_t)number;
  return push_number(machine, kind, value);
}

static pt2_status_t do_stop(machine_t* machine) {
  machine->stopped = true;
  if (machine->stack.count != 1 || top(machine)->kind == VALUE_MARK) {
    return damaged(machine, "it stops without a result");
  }
  return PT2_STATUS_OK;
}

static pt2_status_t step(machine_t* machine) {
  uint64_t opcode = 0;
  PT2_TRY(take_number(machine, 1, &opcode));
  switch (opcode) {
    case 0x80:
      return do_protocol(machine);
    case 'c':
      return do_global(machine);
    case 'q':
    case 'r':
      return do_put(machine, opcode == 'q' ? 1 : 4);
    case 'h':
    case 'j':
      return do_get(machine, opcode == 'h' ? 1 : 4);
    case '(':
      return push_number(machine, VALUE_MARK, 0);
    case 'X':
      return do_text(machine);
    case 'K':
      return push_taken(machine, 1, VALUE_INT);
    case 'M':
      return push_taken(machine, 2, VALUE_INT);
    case 'J':
      return push_taken(machine, 4, VALUE_INT);
    case 'G':
      return push_taken(machine, 8, VALUE_FLOAT);
    case 0x8a:
      return do_long(machine);
    case 'N':
      return push_number(machine, VALUE_NONE, 0);
    case 0x88:
    case 0x89:
      return push_number(machine, VALUE_BOOL, opcode == 0x88);
    case ')':
      return push_items(machine, VALUE_TUPLE, NULL, 0);
    case ']':
      return push_items(machine, VALUE_LIST, NULL, 0);
    case '}':
      return push_items(machine, VALUE_DICT, NULL, 0);
    case 0x85:
    case 0x86:
    case 0x87:
      return do_tuple(machine, (size_t)opcode - 0x84);
    case 't':
    case 'u':
    case 'e':
      return do_marked(machine, (uint8_t)opcode);
    case 's':
    case 'a':
      return do_add(machine, (uint8_t)opcode);
    case 'R':
      return do_reduce(machine);
    case 'Q':
      return do_storage(machine);
    case 'b':
      return do_build(machine);
    case '.':
      return do_stop(machine);
    default:
      return refuse_opcode(machine, (uint8_t)opcode);
  }
}

// ---- The result ------------------------------------------------------------

static int compare_names(const void* left, const void* right) {
  return strcmp(((const pt2__weight_t*)left)->name,
                ((const pt2__weight_t*)right)->name);
}

static pt2_status_t add_named(machine_t* machine, const value_t* key,
                              const value_t* value) {
  pt2__weight_set_t* set = machine->set;
  if (key->kind != VALUE_TEXT || memchr(key->text, '\0', key->length) != NULL) {
    return damaged(machine, "a dict of tensors whose key is no name");
  }
  if (value->kind != VALUE_TENSOR) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s: '%.*s' is %s, not a tensor; a dict of tensors (a "
                    "state dict) is wanted",
                    machine->name, (int)(key->length < 200 ? key->length : 200),
                    key->text, kKinds[value->kind]);
  }
  pt2__weight_t* weight = &set->items[set->count];
  *weight = *value->tensor;
  PT2_TRY(pt2__arena_text(&set->arena, key->text, key->length, &weight->name));
  ++set->count;
  return PT2_STATUS_OK;
}

static pt2_status_t deliver(machine_t* machine) {
  pt2__weight_set_t* set = machine->set;
  value_t result = *top(machine);
  if (result.kind == VALUE_TENSOR) {
    set->items = result.tensor;
    set->count = 1;
    return PT2_STATUS_OK;
  }
  if (result.kind != VALUE_DICT) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s: it holds %s; a tensor or a dict of tensors (a state "
                    "dict) is wanted",
                    machine->name, kKinds[result.kind]);
  }
  size_t count = result.items->count / 2;
  PT2_TRY(
      pt2__arena_array(&set->arena, count, sizeof(*set->items), &set->items));
  for (size_t i = 0; i < count; ++i) {
    PT2_TRY(add_named(machine, &result.items->items[2 * i],
                      &result.items->items[2 * i + 1]));
  }
  if (count > 0) {
    qsort(set->items, count, sizeof(*set->items), compare_names);
  }
  for (size_t i = 1; i < count; ++i) {
    if (strcmp(set->items[i - 1].name, set->items[i].name) == 0) {
      return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: two tensors are called '%s'",
                      machine->name, set->items[i].name);
    }
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pickle_read(const char* name, pt2__bytes_t text,
                              pt2__pickle_storage_fn find_storage, void* user,
                              pt2__weight_set_t* set) {
  if (text.size_bytes > TEXT_LIMIT) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "%s: a pickle of %zu bytes", name,
                    text.size_bytes);
  }
  machine_t machine = {.name = name,
                       .begin = text.data,
                       .at = text.data,
                       .end = text.data + text.size_bytes,
                       .find_storage = find_storage,
                       .user = user,
                       .set = set};
  pt2_status_t status = PT2_STATUS_OK;
  while (status == PT2_STATUS_OK && !machine.stopped) {
    status = step(&machine);
  }
  if (status == PT2_STATUS_OK) {
    status = deliver(&machine);
  }
  pt2__free(machine.stack.items);
  pt2__free(machine.memo.items);
  return status;
}

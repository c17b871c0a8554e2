// SPDX-License-Identifier: Apache-2.0
//
// An Objective-C runtime and the classes of Metal that metal_apple.c talks to,
// on the software device: what it opens with dlopen in place of Apple's. So the
// very file that runs on a Mac is tested.
//
// Stricter than the real ones: objects are counted, messages to freed ones and
// messages that a class does not have end the process, commands run only when
// somebody waits, and misuse ends the process as Metal's own validation does.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "softmetal/control.h"
#include "softmetal/soft.h"

#if !defined(__x86_64__)
#error "the trampoline below is for x86-64"
#endif

#define EXPORT __attribute__((visibility("default")))
#define DIE(...)                     \
  do {                               \
    fprintf(stderr, "fake Metal: "); \
    fprintf(stderr, __VA_ARGS__);    \
    fputc('\n', stderr);             \
    abort();                         \
  } while (0)

typedef unsigned long NSUInteger;
typedef const char* SEL;
typedef struct object_t {
  const char* class_name;
  long references;
  struct object_t* next_freed;
} object_t;
typedef object_t* id;
typedef struct {
  NSUInteger width, height, depth;
} size_3d_t;

typedef struct {
  object_t object;
  char* text;
} string_t;
typedef struct {
  object_t object;
  long values[4];  // language version, math mode, functions, fast math
} options_t;
typedef struct {
  object_t object;
  char* memory;
  size_t bytes;
} buffer_t;
typedef struct {
  object_t object;
  soft_library_t* soft;
} library_t;
typedef struct {  // a function and a pipeline
  object_t object;
  library_t* library;
  soft_kernel_t* soft;
} function_t;
typedef struct {
  buffer_t* buffer;  // or bytes
  NSUInteger offset;
  char* bytes;
  size_t count;
} argument_t;
typedef struct call_t {
  struct call_t* next;
  function_t* pipeline;
  argument_t arguments[SOFT_ARGUMENT_COUNT];
  size_3d_t threads;
  size_3d_t group;
} call_t;
typedef struct {
  object_t object;
  call_t* first;
  call_t** last;
  NSUInteger status;
  bool encoding;
  string_t* error;
} command_buffer_t;
typedef struct {
  object_t object;
  command_buffer_t* target;
  call_t now;
  bool ended;
} encoder_t;

enum { NOT_COMMITTED = 0, COMMITTED = 2, COMPLETED = 4, FAILED = 5 };

static long live_objects;
static bool memory_damaged;
static long last_options[4];
static object_t* freed;  // their memory stays, so that a late message is seen

// ---- Objects ----------------------------------------------------------------

static void* create(const char* class_name, size_t bytes) {
  id object = calloc(1, bytes);
  object->class_name = class_name;
  object->references = 1;
  ++live_objects;
  return object;
}

static bool is(id object, const char* class_name) {
  return object != NULL && strcmp(object->class_name, class_name) == 0;
}

static void* expect(id object, const char* class_name) {
  if (!is(object, class_name)) {
    DIE("a %s where a %s is wanted",
        object != NULL ? object->class_name : "nil", class_name);
  }
  return object;
}

static void* retain(void* object) {
  ++((id)object)->references;
  return object;
}

static void release(void* object);

static void clear_argument(argument_t* argument) {
  if (argument->buffer != NULL) {
    release(argument->buffer);
  }
  free(argument->bytes);
  *argument = (argument_t){0};
}

static void clear_call(call_t* call) {
  if (call->pipeline != NULL) {
    release(call->pipeline);
  }
  for (int i = 0; i < SOFT_ARGUMENT_COUNT; ++i) {
    clear_argument(&call->arguments[i]);
  }
}

static void destroy_command_buffer(command_buffer_t* commands) {
  call_t* call = commands->first;
  while (call != NULL) {
    call_t* next = call->next;
    clear_call(call);
    free(call);
    call = next;
  }
  if (commands->error != NULL) {
    release(commands->error);
  }
}

// What an object holds on to.
static void destroy_parts(id object) {
  if (is(object, "NSString")) {
    free(((string_t*)object)->text);
  } else if (is(object, "MTLBuffer")) {
    buffer_t* buffer = (buffer_t*)object;
    memory_damaged |= !soft_memory_intact(buffer->memory, buffer->bytes);
    soft_memory_destroy(buffer->memory, buffer->bytes);
  } else if (is(object, "MTLLibrary")) {
    soft_library_destroy(((library_t*)object)->soft);
  } else if (is(object, "MTLFunction") ||
             is(object, "MTLComputePipelineState")) {
    release(((function_t*)object)->library);
  } else if (is(object, "MTLComputeCommandEncoder")) {
    encoder_t* encoder = (encoder_t*)object;
    if (!encoder->ended) {
      DIE("a command encoder goes without endEncoding");
    }
    clear_call(&encoder->now);
    release(encoder->target);
  } else if (is(object, "MTLCommandBuffer")) {
    destroy_command_buffer((command_buffer_t*)object);
  }
}

static void release(void* pointer) {
  id object = pointer;
  if (object->references <= 0) {
    DIE("a %s is released too often", object->class_name);
  }
  if (--object->references > 0) {
    return;
  }
  destroy_parts(object);
  --live_objects;
  object->next_freed = freed;
  freed = object;
}

// ---- The runtime ------------------------------------------------------------

#define POOL_COUNT 4096
static id pooled[POOL_COUNT];
static size_t pooled_count;
static long pool_depth;

EXPORT void* objc_autoreleasePoolPush(void);
void* objc_autoreleasePoolPush(void) {
  ++pool_depth;
  return (void*)(pooled_count + 1);
}

EXPORT void objc_autoreleasePoolPop(void* pool);
void objc_autoreleasePoolPop(void* pool) {
  --pool_depth;
  while (pooled_count > (size_t)pool - 1) {
    release(pooled[--pooled_count]);
  }
}

static void* autorelease(void* object) {
  if (pool_depth == 0) {
    DIE("a %s is autoreleased without a pool", ((id)object)->class_name);
  }
  if (pooled_count == POOL_COUNT) {
    DIE("an autorelease pool is never popped");
  }
  return pooled[pooled_count++] = object;
}

EXPORT SEL sel_registerName(const char* name);
SEL sel_registerName(const char* name) {
  static const char* names[256];
  static size_t count;
  for (size_t i = 0; i < count; ++i) {
    if (strcmp(names[i], name) == 0) {
      return names[i];
    }
  }
  return names[count++] = strdup(name);
}

EXPORT id objc_getClass(const char* name);
id objc_getClass(const char* name) {
  static object_t string_class = {"NSString class", 1, NULL};
  static object_t options_class = {"MTLCompileOptions class", 1, NULL};
  return strcmp(name, "NSString") == 0            ? &string_class
         : strcmp(name, "MTLCompileOptions") == 0 ? &options_class
                                                  : NULL;
}

EXPORT id MTLCreateSystemDefaultDevice(void);
id MTLCreateSystemDefaultDevice(void) {
  return soft_is_to_fail(SOFTMETAL_FAIL_OPEN)
             ? NULL
             : create("MTLDevice", sizeof(object_t));
}

// ---- Methods ----------------------------------------------------------------

static id m_retain(id self, SEL sel) {
  (void)sel;
  return retain(self);
}

static void m_release(id self, SEL sel) {
  (void)sel;
  release(self);
}

static string_t* make_string(const char* text) {
  string_t* string = create("NSString", sizeof(*string));
  string->text = strdup(text);
  return string;
}

static id m_string(id self, SEL sel, const char* text) {
  (void)self, (void)sel;
  return autorelease(make_string(text));
}

static const char* m_utf8(id self, SEL sel) {
  (void)sel;
  return ((string_t*)self)->text;
}

// Errors are strings here.
static id m_description(id self, SEL sel) {
  (void)sel;
  return self;
}

static id m_new_options(id self, SEL sel) {
  (void)self, (void)sel;
  options_t* options = create("MTLCompileOptions", sizeof(options_t));
  for (int i = 0; i < 4; ++i) {
    options->values[i] = -1;
  }
  return &options->object;
}

static void m_set_language(id self, SEL sel, NSUInteger language) {
  (void)sel;
  ((options_t*)self)->values[0] = (long)language;
}

static void m_set_mode(id self, SEL sel, long mode) {
  (void)sel;
  if (mode != 0 && mode != 2) {
    DIE("setMathMode: %ld", mode);
  }
  ((options_t*)self)->values[1] = mode;
}

static void m_set_functions(id self, SEL sel, long mode) {
  (void)sel;
  if (mode != 0 && mode != 1) {
    DIE("setMathFloatingPointFunctions: %ld", mode);
  }
  ((options_t*)self)->values[2] = mode;
}

static void m_set_fast_math(id self, SEL sel, signed char fast) {
  (void)sel;
  ((options_t*)self)->values[3] = fast;
}

// Modes came with macOS 15.
static bool m_responds(id self, SEL sel, SEL asked) {
  (void)sel;
  const char* major = getenv("SOFTMETAL_MACOS");
  return is(self, "MTLCompileOptions") && strcmp(asked, "setMathMode:") == 0 &&
         (major == NULL || atoi(major) >= 15);
}

static bool m_supports_family(id self, SEL sel, long family) {
  (void)self, (void)sel;
  if (family != 1007) {
    DIE("supportsFamily: %ld", family);
  }
  return soft_has_simdgroup_matrix();
}

static id m_new_queue(id self, SEL sel) {
  (void)self, (void)sel;
  return create("MTLCommandQueue", sizeof(object_t));
}

static id m_new_buffer(id self, SEL sel, NSUInteger bytes, NSUInteger options) {
  (void)self, (void)sel;
  if (bytes == 0 || options != 0) {
    DIE("newBufferWithLength:%lu options:%lu", bytes, options);
  }
  void* memory =
      soft_is_to_fail(SOFTMETAL_FAIL_BUFFER) ? NULL : soft_memory_create(bytes);
  if (memory == NULL) {
    return NULL;
  }
  buffer_t* buffer = create("MTLBuffer", sizeof(*buffer));
  buffer->memory = memory;
  buffer->bytes = bytes;
  return &buffer->object;
}

static void* m_contents(id self, SEL sel) {
  (void)sel;
  return ((buffer_t*)self)->memory;
}

static id m_new_library(id self, SEL sel, id source, id options,
                        id* out_error) {
  (void)self, (void)sel;
  const string_t* text = expect(source, "NSString");
  const options_t* how = expect(options, "MTLCompileOptions");
  if (how->values[0] < 0x30001) {
    DIE("a shader in language version %#lx", how->values[0]);
  }
  memcpy(last_options, how->values, sizeof(last_options));
  char error[2048] = "an error in the shader, as wanted";
  soft_library_t* soft =
      soft_is_to_fail(SOFTMETAL_FAIL_LIBRARY)
          ? NULL
          : soft_library_create(text->text, error, sizeof(error));
  if (soft == NULL) {
    *out_error = autorelease(make_string(error));
    return NULL;
  }
  library_t* library = create("MTLLibrary", sizeof(*library));
  library->soft = soft;
  return &library->object;
}

static id make_function(const char* class_name, library_t* library,
                        soft_kernel_t* soft) {
  function_t* function = create(class_name, sizeof(*function));
  function->library = retain(library);
  function->soft = soft;
  return &function->object;
}

static id m_new_function(id self, SEL sel, id name) {
  (void)sel;
  const string_t* text = expect(name, "NSString");
  char error[256];
  library_t* library = (library_t*)self;
  soft_kernel_t* soft =
      soft_library_kernel(library->soft, text->text, error, sizeof(error));
  return soft != NULL ? make_function("MTLFunction", library, soft) : NULL;
}

static id m_new_pipeline(id self, SEL sel, id function, id* out_error) {
  (void)self, (void)sel, (void)out_error;
  const function_t* of = expect(function, "MTLFunction");
  return make_function("MTLComputePipelineState", of->library, of->soft);
}

static NSUInteger m_max_threads(id self, SEL sel) {
  (void)sel;
  return soft_kernel_max_threads(((function_t*)self)->soft);
}

static id m_command_buffer(id self, SEL sel) {
  (void)self, (void)sel;
  command_buffer_t* commands = create("MTLCommandBuffer", sizeof(*commands));
  commands->last = &commands->first;
  return autorelease(commands);
}

static id m_encoder(id self, SEL sel) {
  (void)sel;
  command_buffer_t* commands = (command_buffer_t*)self;
  if (commands->status != NOT_COMMITTED || commands->encoding) {
    DIE("an encoder for a command buffer that is committed or has one");
  }
  if (soft_is_to_fail(SOFTMETAL_FAIL_COMMANDS)) {
    return NULL;
  }
  encoder_t* encoder = create("MTLComputeCommandEncoder", sizeof(*encoder));
  encoder->target = retain(commands);
  commands->encoding = true;
  return autorelease(encoder);
}

static encoder_t* open_encoder(id self) {
  encoder_t* encoder = (encoder_t*)self;
  if (encoder->ended) {
    DIE("encoding after endEncoding");
  }
  return encoder;
}

static void m_set_pipeline(id self, SEL sel, id pipeline) {
  (void)sel;
  encoder_t* encoder = open_encoder(self);
  function_t* fresh = retain(expect(pipeline, "MTLComputePipelineState"));
  if (encoder->now.pipeline != NULL) {
    release(encoder->now.pipeline);
  }
  encoder->now.pipeline = fresh;
}

static void m_set_buffer(id self, SEL sel, id buffer, NSUInteger offset,
                         NSUInteger index) {
  (void)sel;
  encoder_t* encoder = open_encoder(self);
  buffer_t* fresh = retain(expect(buffer, "MTLBuffer"));
  if (index >= SOFT_ARGUMENT_COUNT || offset >= fresh->bytes) {
    DIE("setBuffer:offset:%lu atIndex:%lu", offset, index);
  }
  clear_argument(&encoder->now.arguments[index]);
  encoder->now.arguments[index] =
      (argument_t){.buffer = fresh, .offset = offset};
}

// Followed by something else, for a kernel that reads on.
static char* copy_bytes(const void* data, size_t bytes) {
  char* copy = malloc(bytes + 64);
  memset(copy, 0xa5, bytes + 64);
  return memcpy(copy, data, bytes);
}

static void m_set_bytes(id self, SEL sel, const void* data, NSUInteger bytes,
                        NSUInteger index) {
  (void)sel;
  encoder_t* encoder = open_encoder(self);
  if (index >= SOFT_ARGUMENT_COUNT || bytes == 0 || bytes > 4096) {
    DIE("setBytes:length:%lu atIndex:%lu", bytes, index);
  }
  clear_argument(&encoder->now.arguments[index]);
  encoder->now.arguments[index] =
      (argument_t){.bytes = copy_bytes(data, bytes), .count = bytes};
}

static size_t product(size_3d_t size) {
  return size.width * size.height * size.depth;
}

static void m_dispatch(id self, SEL sel, size_3d_t threads, size_3d_t group) {
  (void)sel;
  encoder_t* encoder = open_encoder(self);
  if (encoder->now.pipeline == NULL || product(threads) == 0 ||
      product(group) == 0 ||
      product(group) > soft_kernel_max_threads(encoder->now.pipeline->soft)) {
    DIE("dispatchThreads: without a pipeline, or a size that is not allowed");
  }
  call_t* call = malloc(sizeof(*call));
  *call = encoder->now;
  call->next = NULL;
  call->threads = threads;
  call->group = group;
  retain(call->pipeline);
  for (int i = 0; i < SOFT_ARGUMENT_COUNT; ++i) {
    argument_t* argument = &call->arguments[i];
    if (argument->buffer != NULL) {
      retain(argument->buffer);
    }
    if (argument->bytes != NULL) {
      argument->bytes = copy_bytes(argument->bytes, argument->count);
    }
  }
  *encoder->target->last = call;
  encoder->target->last = &call->next;
}

static void m_end_encoding(id self, SEL sel) {
  (void)sel;
  open_encoder(self)->ended = true;
  ((encoder_t*)self)->target->encoding = false;
}

static void m_commit(id self, SEL sel) {
  (void)sel;
  command_buffer_t* commands = (command_buffer_t*)self;
  if (commands->status != NOT_COMMITTED || commands->encoding) {
    DIE("commit of a command buffer that is committed or still encoding");
  }
  commands->status = COMMITTED;
}

static bool run_call(const call_t* call, char* error, size_t error_bytes) {
  void* arguments[SOFT_ARGUMENT_COUNT];
  for (int i = 0; i < SOFT_ARGUMENT_COUNT; ++i) {
    const argument_t* argument = &call->arguments[i];
    arguments[i] = argument->buffer != NULL
                       ? argument->buffer->memory + argument->offset
                       : argument->bytes;
  }
  const size_t threads[3] = {call->threads.width, call->threads.height,
                             call->threads.depth};
  const size_t group[3] = {call->group.width, call->group.height,
                           call->group.depth};
  return soft_dispatch(call->pipeline->soft, arguments, threads, group, error,
                       error_bytes);
}

static void m_wait(id self, SEL sel) {
  (void)sel;
  command_buffer_t* commands = (command_buffer_t*)self;
  if (commands->status == NOT_COMMITTED) {
    DIE("waitUntilCompleted before commit");
  }
  char error[512] = "a fault of the device, as wanted";
  bool fine = !soft_is_to_fail(SOFTMETAL_FAIL_FINISH);
  for (call_t* call = commands->first; fine && call != NULL;
       call = call->next) {
    fine = run_call(call, error, sizeof(error));
  }
  commands->status = fine ? COMPLETED : FAILED;
  if (!fine) {
    commands->error = make_string(error);
  }
}

static NSUInteger m_status(id self, SEL sel) {
  (void)sel;
  return ((command_buffer_t*)self)->status;
}

static id m_error(id self, SEL sel) {
  (void)sel;
  return (id)((command_buffer_t*)self)->error;
}

// ---- Sending ----------------------------------------------------------------

static const struct {
  const char* class_name;  // "": any
  const char* selector;
  void* method;
} methods[] = {
    {"", "retain", (void*)m_retain},
    {"", "release", (void*)m_release},
    {"NSString class", "stringWithUTF8String:", (void*)m_string},
    {"NSString", "UTF8String", (void*)m_utf8},
    {"NSString", "localizedDescription", (void*)m_description},
    {"MTLCompileOptions class", "new", (void*)m_new_options},
    {"MTLCompileOptions", "respondsToSelector:", (void*)m_responds},
    {"MTLCompileOptions", "setLanguageVersion:", (void*)m_set_language},
    {"MTLCompileOptions", "setMathMode:", (void*)m_set_mode},
    {"MTLCompileOptions",
     "setMathFloatingPointFunctions:", (void*)m_set_functions},
    {"MTLCompileOptions", "setFastMathEnabled:", (void*)m_set_fast_math},
    {"MTLDevice", "supportsFamily:", (void*)m_supports_family},
    {"MTLDevice", "newCommandQueue", (void*)m_new_queue},
    {"MTLDevice", "newBufferWithLength:options:", (void*)m_new_buffer},
    {"MTLDevice", "newLibraryWithSource:options:error:", (void*)m_new_library},
    {"MTLDevice",
     "newComputePipelineStateWithFunction:error:", (void*)m_new_pipeline},
    {"MTLBuffer", "contents", (void*)m_contents},
    {"MTLLibrary", "newFunctionWithName:", (void*)m_new_function},
    {"MTLComputePipelineState", "maxTotalThreadsPerThreadgroup",
     (void*)m_max_threads},
    {"MTLCommandQueue", "commandBuffer", (void*)m_command_buffer},
    {"MTLCommandBuffer", "computeCommandEncoder", (void*)m_encoder},
    {"MTLCommandBuffer", "commit", (void*)m_commit},
    {"MTLCommandBuffer", "waitUntilCompleted", (void*)m_wait},
    {"MTLCommandBuffer", "status", (void*)m_status},
    {"MTLCommandBuffer", "error", (void*)m_error},
    {"MTLComputeCommandEncoder",
     "setComputePipelineState:", (void*)m_set_pipeline},
    {"MTLComputeCommandEncoder",
     "setBuffer:offset:atIndex:", (void*)m_set_buffer},
    {"MTLComputeCommandEncoder",
     "setBytes:length:atIndex:", (void*)m_set_bytes},
    {"MTLComputeCommandEncoder",
     "dispatchThreads:threadsPerThreadgroup:", (void*)m_dispatch},
    {"MTLComputeCommandEncoder", "endEncoding", (void*)m_end_encoding},
};

// Messages to nil give 0.
static long answer_of_nil(void) { return 0; }

void* fake_objc_find(id self, SEL selector);

__attribute__((used)) void* fake_objc_find(id self, SEL selector) {
  if (self == NULL) {
    return (void*)answer_of_nil;
  }
  if (self->references <= 0) {
    DIE("message %s to a freed %s", selector, self->class_name);
  }
  for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); ++i) {
    if ((methods[i].class_name[0] == '\0' ||
         strcmp(methods[i].class_name, self->class_name) == 0) &&
        strcmp(methods[i].selector, selector) == 0) {
      return methods[i].method;
    }
  }
  DIE("-[%s %s]: no such method", self->class_name, selector);
}

// As the real one: finds the method and jumps to it with all registers of
// arguments as they were.
__asm__(
    ".globl objc_msgSend\n"
    ".type objc_msgSend, @function\n"
    "objc_msgSend:\n"
    "  push %rbp\n"
    "  mov %rsp, %rbp\n"
    "  push %rdi\n"
    "  push %rsi\n"
    "  push %rdx\n"
    "  push %rcx\n"
    "  push %r8\n"
    "  push %r9\n"
    "  sub $128, %rsp\n"
    "  movups %xmm0, (%rsp)\n"
    "  movups %xmm1, 16(%rsp)\n"
    "  movups %xmm2, 32(%rsp)\n"
    "  movups %xmm3, 48(%rsp)\n"
    "  movups %xmm4, 64(%rsp)\n"
    "  movups %xmm5, 80(%rsp)\n"
    "  movups %xmm6, 96(%rsp)\n"
    "  movups %xmm7, 112(%rsp)\n"
    "  call fake_objc_find\n"
    "  mov %rax, %r11\n"
    "  movups (%rsp), %xmm0\n"
    "  movups 16(%rsp), %xmm1\n"
    "  movups 32(%rsp), %xmm2\n"
    "  movups 48(%rsp), %xmm3\n"
    "  movups 64(%rsp), %xmm4\n"
    "  movups 80(%rsp), %xmm5\n"
    "  movups 96(%rsp), %xmm6\n"
    "  movups 112(%rsp), %xmm7\n"
    "  add $128, %rsp\n"
    "  pop %r9\n"
    "  pop %r8\n"
    "  pop %rcx\n"
    "  pop %rdx\n"
    "  pop %rsi\n"
    "  pop %rdi\n"
    "  pop %rbp\n"
    "  jmp *%r11\n"
    ".size objc_msgSend, . - objc_msgSend\n");

// ---- For tests --------------------------------------------------------------

EXPORT const softmetal_device_t* softmetal_device(void);

static void options(long out_options[4]) {
  memcpy(out_options, last_options, sizeof(last_options));
}

static long live(void) { return memory_damaged ? -1 : live_objects; }

const softmetal_device_t* softmetal_device(void) {
  static const softmetal_device_t device = {
      .set_seed = soft_set_seed,
      .set_fault = soft_set_fault,
      .live = live,
      .options = options,
      .set_simdgroup_matrix = soft_set_simdgroup_matrix,
      .kernel_runs = soft_kernel_runs,
      .reset = soft_reset,
      .poisons_what_is_reused = false};  // Metal is not told
  return &device;
}

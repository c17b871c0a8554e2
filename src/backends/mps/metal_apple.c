// SPDX-License-Identifier: Apache-2.0
//
// The seam on Apple's Metal, in plain C on the Objective-C runtime. Everything
// of Apple's is found at run time, so any compiler for the target builds this,
// with no framework at hand. (The tests name other libraries, in which an
// Objective-C runtime and the classes below are imitated.)
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#include "backends/mps/metal.h"

#if !defined(PT2_METAL_OBJC)
#define PT2_METAL_OBJC "/usr/lib/libobjc.A.dylib"
#define PT2_METAL_METAL "/System/Library/Frameworks/Metal.framework/Metal"
// Without it a program that has no window gets no default device.
#define PT2_METAL_GRAPHICS \
  "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics"
#endif

typedef struct objc_object* id;
typedef struct objc_selector* SEL;
typedef unsigned long NSUInteger;
typedef long NSInteger;
#if defined(__aarch64__) || !defined(__APPLE__)
typedef bool BOOL_t;
#else
typedef signed char BOOL_t;
#endif
typedef struct {
  NSUInteger width, height, depth;
} size_3d_t;  // MTLSize

// Numbers of Metal's headers.
enum {
  STORAGE_SHARED = 0,      // MTLResourceStorageModeShared, tracked
  MATH_SAFE = 0,           // MTLMathModeSafe
  MATH_FAST = 2,           // MTLMathModeFast
  FUNCTIONS_FAST = 0,      // MTLMathFloatingPointFunctionsFast
  FUNCTIONS_PRECISE = 1,   // MTLMathFloatingPointFunctionsPrecise
  STATUS_COMPLETED = 4,    // MTLCommandBufferStatusCompleted
  FAMILY_APPLE_7 = 1007,   // MTLGPUFamilyApple7
  LANGUAGE_3_1 = 0x30001,  // MTLLanguageVersion3_1
  LANGUAGE_3_2 = 0x30002,  // MTLLanguageVersion3_2
  LANGUAGE_4_0 = 0x40000,  // MTLLanguageVersion4_0
};

#define SELECTORS(X)                                            \
  X(retain, "retain")                                           \
  X(release, "release")                                         \
  X(new_, "new")                                                \
  X(responds, "respondsToSelector:")                            \
  X(string, "stringWithUTF8String:")                            \
  X(utf8, "UTF8String")                                         \
  X(description, "localizedDescription")                        \
  X(supports_family, "supportsFamily:")                         \
  X(new_queue, "newCommandQueue")                               \
  X(new_buffer, "newBufferWithLength:options:")                 \
  X(contents, "contents")                                       \
  X(set_language, "setLanguageVersion:")                        \
  X(set_math_mode, "setMathMode:")                              \
  X(set_functions, "setMathFloatingPointFunctions:")            \
  X(set_fast_math, "setFastMathEnabled:")                       \
  X(new_library, "newLibraryWithSource:options:error:")         \
  X(new_function, "newFunctionWithName:")                       \
  X(new_pipeline, "newComputePipelineStateWithFunction:error:") \
  X(max_threads, "maxTotalThreadsPerThreadgroup")               \
  X(command_buffer, "commandBuffer")                            \
  X(encoder, "computeCommandEncoder")                           \
  X(set_pipeline, "setComputePipelineState:")                   \
  X(set_buffer, "setBuffer:offset:atIndex:")                    \
  X(set_bytes, "setBytes:length:atIndex:")                      \
  X(dispatch, "dispatchThreads:threadsPerThreadgroup:")         \
  X(end_encoding, "endEncoding")                                \
  X(commit, "commit")                                           \
  X(wait, "waitUntilCompleted")                                 \
  X(status, "status")                                           \
  X(error, "error")

static struct {
  id (*get_class)(const char* name);
  SEL (*register_name)(const char* name);
  void* (*push)(void);
  void (*pop)(void* pool);
  void (*send)(void);  // objc_msgSend, cast at each call
  id (*default_device)(void);
#define FIELD(name, text) SEL name;
  struct {
    SELECTORS(FIELD)
  } sel;
#undef FIELD
  id device;
  id queue;
  char why[256];
  bool opened;
  bool has_simdgroup_matrix;
} metal;

// SEND(result type, receiver, selector), and with types of its parameters.
#define SEND(result, receiver, selector) \
  ((result(*)(id, SEL))metal.send)(receiver, metal.sel.selector)
#define SEND_WITH(result, receiver, selector, types, ...)                     \
  ((result(*)(id, SEL, TYPES types))metal.send)(receiver, metal.sel.selector, \
                                                __VA_ARGS__)
#define TYPES(...) __VA_ARGS__

struct pt2__metal_commands_t {
  id buffer;
  id encoder;  // NULL once they are committed
};

static id retain(id object) {
  return object != NULL ? SEND(id, object, retain) : NULL;
}

static void release(id object) {
  if (object != NULL) {
    SEND(void, object, release);
  }
}

// Autoreleased.
static id make_string(const char* text) {
  return SEND_WITH(id, metal.get_class("NSString"), string, (const char*),
                   text);
}

// "WHAT: what |ns_error| says"; NULL.
static void* failed(pt2__metal_error_t* error, const char* what, id ns_error) {
  const char* text = NULL;
  if (ns_error != NULL) {
    id description = SEND(id, ns_error, description);
    text = description != NULL ? SEND(const char*, description, utf8) : NULL;
  }
  snprintf(error->text, sizeof(error->text), "%s%s%s", what,
           text != NULL ? ": " : "", text != NULL ? text : "");
  return NULL;
}

// ---- The device -------------------------------------------------------------

static const char* unavailable(const char* what) {
  snprintf(metal.why, sizeof(metal.why), "%s", what);
  return metal.why;
}

static const char* find_functions(void) {
  void* objc = dlopen(PT2_METAL_OBJC, RTLD_LAZY);
  void* framework = dlopen(PT2_METAL_METAL, RTLD_LAZY);
  dlopen(PT2_METAL_GRAPHICS, RTLD_LAZY);
  if (objc == NULL || framework == NULL) {
    return unavailable("this system has no Metal");
  }
  *(void**)&metal.get_class = dlsym(objc, "objc_getClass");
  *(void**)&metal.register_name = dlsym(objc, "sel_registerName");
  *(void**)&metal.push = dlsym(objc, "objc_autoreleasePoolPush");
  *(void**)&metal.pop = dlsym(objc, "objc_autoreleasePoolPop");
  *(void**)&metal.send = dlsym(objc, "objc_msgSend");
  *(void**)&metal.default_device =
      dlsym(framework, "MTLCreateSystemDefaultDevice");
  if (metal.get_class == NULL || metal.register_name == NULL ||
      metal.push == NULL || metal.pop == NULL || metal.send == NULL ||
      metal.default_device == NULL) {
    return unavailable("the Objective-C runtime or Metal lacks a function");
  }
#define REGISTER(name, text) metal.sel.name = metal.register_name(text);
  SELECTORS(REGISTER)
#undef REGISTER
  return NULL;
}

static const char* open_device(void) {
  const char* why = find_functions();
  if (why != NULL) {
    return why;
  }
  void* pool = metal.push();
  metal.device = metal.default_device();
  if (metal.device == NULL) {
    why = unavailable("there is no Metal device");
  } else {
    metal.queue = SEND(id, metal.device, new_queue);
    if (metal.queue == NULL) {
      release(metal.device);
      metal.device = NULL;
      why = unavailable("the Metal device gives no command queue");
    } else {
      metal.has_simdgroup_matrix = SEND_WITH(
          BOOL_t, metal.device, supports_family, (NSInteger), FAMILY_APPLE_7);
    }
  }
  metal.pop(pool);
  return why;
}

// Looked for once: devices do not come later.
const char* pt2__metal_open(void) {
  if (!metal.opened) {
    metal.opened = true;
    return open_device();
  }
  return metal.queue != NULL ? NULL : metal.why;
}

void pt2__metal_close(void) {
  release(metal.queue);
  release(metal.device);
  metal.queue = NULL;
  metal.device = NULL;
  metal.opened = false;
}

bool pt2__metal_has_simdgroup_matrix(void) {
  return metal.has_simdgroup_matrix;
}

// ---- Memory -----------------------------------------------------------------

pt2__metal_buffer_t* pt2__metal_buffer_create(size_t bytes, void** out_contents,
                                              pt2__metal_error_t* error) {
  void* pool = metal.push();
  id buffer = SEND_WITH(id, metal.device, new_buffer, (NSUInteger, NSUInteger),
                        bytes, STORAGE_SHARED);
  if (buffer == NULL) {
    failed(error, "Metal has no buffer of that size", NULL);
  } else {
    *out_contents = SEND(void*, buffer, contents);
  }
  metal.pop(pool);
  return (pt2__metal_buffer_t*)buffer;
}

void pt2__metal_buffer_renew(pt2__metal_buffer_t* buffer, size_t bytes) {
  (void)buffer, (void)bytes;
}

void pt2__metal_buffer_release(pt2__metal_buffer_t* buffer) {
  release((id)buffer);
}

// ---- Libraries and kernels --------------------------------------------------

// macOS 26 is 26; 0 if it is not known.
#if defined(PT2_METAL_OS_MAJOR)
int PT2_METAL_OS_MAJOR(void);  // a test's
static int os_major(void) { return PT2_METAL_OS_MAJOR(); }
#elif defined(__APPLE__)
static int os_major(void) {
  char text[32] = "";
  size_t bytes = sizeof(text);
  return sysctlbyname("kern.osproductversion", text, &bytes, NULL, 0) == 0
             ? atoi(text)
             : 0;
}
#else
static int os_major(void) { return 0; }
#endif

// As PyTorch chooses it.
static NSUInteger language_version(void) {
  int major = os_major();
  return major >= 26 ? LANGUAGE_4_0 : major >= 15 ? LANGUAGE_3_2 : LANGUAGE_3_1;
}

static bool responds(id object, SEL selector) {
  return SEND_WITH(BOOL_t, object, responds, (SEL), selector) != 0;
}

static id make_options(bool fast_math) {
  id options = SEND(id, metal.get_class("MTLCompileOptions"), new_);
  SEND_WITH(void, options, set_language, (NSUInteger), language_version());
  if (responds(options, metal.sel.set_math_mode)) {
    SEND_WITH(void, options, set_math_mode, (NSInteger),
              fast_math ? MATH_FAST : MATH_SAFE);
    SEND_WITH(void, options, set_functions, (NSInteger),
              fast_math ? FUNCTIONS_FAST : FUNCTIONS_PRECISE);
  } else {
    SEND_WITH(void, options, set_fast_math, (BOOL_t), fast_math);
  }
  return options;
}

pt2__metal_library_t* pt2__metal_library_create(const char* source,
                                                bool fast_math,
                                                pt2__metal_error_t* error) {
  void* pool = metal.push();
  id options = make_options(fast_math);
  id ns_error = NULL;
  id library = SEND_WITH(id, metal.device, new_library, (id, id, id*),
                         make_string(source), options, &ns_error);
  release(options);
  if (library == NULL) {
    failed(error, "Metal's compiler", ns_error);
  }
  metal.pop(pool);
  return (pt2__metal_library_t*)library;
}

void pt2__metal_library_release(pt2__metal_library_t* library) {
  release((id)library);
}

pt2__metal_kernel_t* pt2__metal_kernel_create(pt2__metal_library_t* library,
                                              const char* name,
                                              size_t* out_max_threads,
                                              pt2__metal_error_t* error) {
  void* pool = metal.push();
  id ns_error = NULL;
  id pipeline = NULL;
  id function =
      SEND_WITH(id, (id)library, new_function, (id), make_string(name));
  if (function == NULL) {
    failed(error, "the library has no such function", NULL);
  } else {
    pipeline = SEND_WITH(id, metal.device, new_pipeline, (id, id*), function,
                         &ns_error);
    release(function);
    if (pipeline == NULL) {
      failed(error, "no pipeline", ns_error);
    } else {
      *out_max_threads = SEND(NSUInteger, pipeline, max_threads);
    }
  }
  metal.pop(pool);
  return (pt2__metal_kernel_t*)pipeline;
}

void pt2__metal_kernel_release(pt2__metal_kernel_t* kernel) {
  release((id)kernel);
}

// ---- Commands ---------------------------------------------------------------

pt2__metal_commands_t* pt2__metal_commands_create(pt2__metal_error_t* error) {
  pt2__metal_commands_t* commands = calloc(1, sizeof(*commands));
  if (commands == NULL) {
    return failed(error, "out of memory", NULL);
  }
  void* pool = metal.push();
  commands->buffer = retain(SEND(id, metal.queue, command_buffer));
  if (commands->buffer != NULL) {
    commands->encoder = retain(SEND(id, commands->buffer, encoder));
  }
  metal.pop(pool);
  if (commands->encoder == NULL) {
    release(commands->buffer);
    free(commands);
    return failed(error, "Metal gives no command encoder", NULL);
  }
  return commands;
}

void pt2__metal_commands_set_kernel(pt2__metal_commands_t* commands,
                                    pt2__metal_kernel_t* kernel) {
  SEND_WITH(void, commands->encoder, set_pipeline, (id), (id)kernel);
}

void pt2__metal_commands_set_buffer(pt2__metal_commands_t* commands,
                                    unsigned index, pt2__metal_buffer_t* buffer,
                                    size_t offset) {
  SEND_WITH(void, commands->encoder, set_buffer, (id, NSUInteger, NSUInteger),
            (id)buffer, offset, index);
}

void pt2__metal_commands_set_bytes(pt2__metal_commands_t* commands,
                                   unsigned index, const void* data,
                                   size_t bytes) {
  SEND_WITH(void, commands->encoder, set_bytes,
            (const void*, NSUInteger, NSUInteger), data, bytes, index);
}

void pt2__metal_commands_dispatch(pt2__metal_commands_t* commands,
                                  const size_t threads[3],
                                  const size_t group[3]) {
  size_3d_t all = {threads[0], threads[1], threads[2]};
  size_3d_t each = {group[0], group[1], group[2]};
  SEND_WITH(void, commands->encoder, dispatch, (size_3d_t, size_3d_t), all,
            each);
}

void pt2__metal_commands_commit(pt2__metal_commands_t* commands) {
  void* pool = metal.push();
  SEND(void, commands->encoder, end_encoding);
  release(commands->encoder);
  commands->encoder = NULL;
  SEND(void, commands->buffer, commit);
  metal.pop(pool);
}

bool pt2__metal_commands_done(pt2__metal_commands_t* commands) {
  return SEND(NSUInteger, commands->buffer, status) >= STATUS_COMPLETED;
}

bool pt2__metal_commands_finish(pt2__metal_commands_t* commands,
                                pt2__metal_error_t* error) {
  void* pool = metal.push();
  SEND(void, commands->buffer, wait);
  bool fine = SEND(NSUInteger, commands->buffer, status) == STATUS_COMPLETED;
  if (!fine) {
    failed(error, "a command buffer failed", SEND(id, commands->buffer, error));
  }
  release(commands->buffer);
  free(commands);
  metal.pop(pool);
  return fine;
}

// SPDX-License-Identifier: Apache-2.0
//
// From Metal source to a shared library: the source is rewritten a little, an
// entry function is written for each kernel, and g++ does the rest. Results are
// kept by content.
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "softmetal/msl/runtime.h"
#include "softmetal/soft.h"

#define KERNEL_COUNT 64
#define DEFAULT_MAX_THREADS 1024

struct soft_library_t {
  void* handle;
  size_t kernel_count;
  soft_kernel_t kernels[KERNEL_COUNT];
};

static bool fail(char* error, size_t error_bytes, const char* format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(error, error_bytes, format, args);
  va_end(args);
  return false;
}

// ---- Rewriting --------------------------------------------------------------

static bool starts_with(const char* text, const char* what) {
  return strncmp(text, what, strlen(what)) == 0;
}

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

// A declaration "threadgroup T name[…];", as opposed to a parameter or a cast.
// |*out_end| is its semicolon, |*out_name| and |*out_length| its name.
static bool is_threadgroup_variable(const char* text, const char** out_end,
                                    const char** out_name, int* out_length) {
  if (!starts_with(text, "threadgroup ")) {
    return false;
  }
  const char* at = text + strlen("threadgroup ");
  const char* bracket = NULL;
  for (; *at != '\0' && *at != ';'; ++at) {
    if (*at == '[' && bracket == NULL) {
      bracket = at;
    }
    // A size may be a product.
    if (strchr(bracket == NULL ? "*&(),={}\n" : "&,={}\n", *at) != NULL) {
      return false;
    }
  }
  if (*at != ';') {
    return false;
  }
  const char* end = bracket != NULL ? bracket : at;
  while (end > text && isspace((unsigned char)end[-1])) {
    --end;
  }
  const char* name = end;
  while (name > text && is_word(name[-1])) {
    --name;
  }
  *out_end = at;
  *out_name = name;
  *out_length = (int)(end - name);
  return *out_length > 0;
}

// Variables of a threadgroup become static, and are made known on first use.
static void write_source(FILE* out, const char* source) {
  int number = 0;
  for (const char* at = source; *at != '\0'; ++at) {
    const char *end, *name;
    int length;
    bool begins = at == source || !is_word(at[-1]);
    if (begins && is_threadgroup_variable(at, &end, &name, &length)) {
      const char* type = at + strlen("threadgroup ");
      fprintf(out,
              "static %.*s; static const bool soft_known_%d = "
              "(soft_rt.threadgroup_variable(&%.*s, sizeof(%.*s)), true); "
              "(void)soft_known_%d;",
              (int)(end - type), type, number, length, name, length, name,
              number);
      ++number;
      at = end;
    } else {
      putc(*at, out);
    }
  }
}

// ---- Kernels ----------------------------------------------------------------

static const char* const vectors[] = {
    "thread_position_in_grid",      "thread_position_in_threadgroup",
    "threadgroup_position_in_grid", "threads_per_grid",
    "threads_per_threadgroup",      "threadgroups_per_grid"};
static const char* const scalars[] = {
    "thread_index_in_simdgroup", "simdgroup_index_in_threadgroup",
    "thread_index_in_threadgroup", "simdgroups_per_threadgroup",
    "threads_per_simdgroup"};

static const char* find_name(const char* const* names, size_t count,
                             const char* attribute) {
  for (size_t i = 0; i < count; ++i) {
    size_t length = strlen(names[i]);
    if (strncmp(attribute, names[i], length) == 0 &&
        !is_word(attribute[length])) {
      return names[i];
    }
  }
  return NULL;
}

// Writes what the entry function passes for one parameter, e.g. "constant int&
// n [[buffer(3)]]".
static bool write_argument(FILE* out, const char* text, soft_kernel_t* kernel) {
  char copy[512];
  if (strlen(text) >= sizeof(copy)) {
    return false;
  }
  strcpy(copy, text);
  char* attribute = strstr(copy, "[[");
  const char* inside = "";
  if (attribute != NULL) {
    *attribute = '\0';
    inside = attribute + 2;
  }
  char type[128] = "";
  sscanf(copy, " %127s", type);
  const char* name =
      find_name(vectors, sizeof(vectors) / sizeof(*vectors), inside);
  if (name != NULL) {
    fprintf(out, "soft_in<%s>::of(p->%s)", type, name);
    return true;
  }
  name = find_name(scalars, sizeof(scalars) / sizeof(*scalars), inside);
  if (name != NULL) {
    fprintf(out, "soft_in<%s>::of(&p->%s)", type, name);
    return true;
  }
  unsigned index = kernel->argument_count;
  if (attribute != NULL && sscanf(inside, "buffer(%u)", &index) != 1) {
    return false;
  }
  if (index >= SOFT_ARGUMENT_COUNT) {
    return false;
  }
  if (index >= kernel->argument_count) {
    kernel->argument_count = index + 1;
  }
  kernel->argument_mask |= UINT32_C(1) << index;
  fprintf(out,
          strchr(copy, '&') != NULL ? "soft_ref{b[%u]}" : "soft_ptr{b[%u]}",
          index);
  return true;
}

// The end of the parameter that starts at |text|: its comma or parenthesis.
static const char* parameter_end(const char* text) {
  int depth = 0;
  for (; *text != '\0'; ++text) {
    if (depth == 0 && (*text == ',' || *text == ')')) {
      return text;
    }
    depth += (strchr("[<(", *text) != NULL) - (strchr("]>)", *text) != NULL);
  }
  return NULL;
}

static bool write_entry(FILE* out, const char* parameters,
                        soft_kernel_t* kernel) {
  fprintf(out,
          "\nextern \"C\" void soft_entry_%s(void* const* b, const "
          "soft_place_t* p) { (void)b; (void)p; %s(",
          kernel->name, kernel->name);
  for (bool first = true;; first = false) {
    const char* end = parameter_end(parameters);
    if (end == NULL) {
      return false;
    }
    char text[512];
    int length = snprintf(text, sizeof(text), "%.*s", (int)(end - parameters),
                          parameters);
    if (length >= (int)sizeof(text)) {
      return false;
    }
    if (!first) {
      fputs(", ", out);
    }
    if (!write_argument(out, text, kernel)) {
      return false;
    }
    if (*end == ')') {
      break;
    }
    parameters = end + 1;
  }
  fputs("); }\n", out);
  return true;
}

// What an attribute between the kernel and what ends before it says.
static size_t read_max_threads(const char* source, const char* kernel) {
  static const char mark[] = "max_total_threads_per_threadgroup(";
  const char* from = kernel;
  while (from > source && from[-1] != '}' && from[-1] != ';') {
    --from;
  }
  size_t found = DEFAULT_MAX_THREADS;
  for (const char* at = strstr(from, mark); at != NULL && at < kernel;
       at = strstr(at + 1, mark)) {
    found = (size_t)strtoul(at + strlen(mark), NULL, 10);
  }
  return found;
}

// Whether threads of the kernel wait for one another.
static bool reads_in_step(const char* parameters) {
  const char* end = strstr(parameters, "\n}");
  size_t length = end != NULL ? (size_t)(end - parameters) : strlen(parameters);
  char* body = strndup(parameters, length);
  bool found = body == NULL || strstr(body, "barrier") != NULL ||
               strstr(body, "simd") != NULL ||
               strstr(body, "threadgroup ") != NULL ||
               strstr(body, "threadgroup_") != NULL;
  free(body);
  return found;
}

static bool write_entries(FILE* out, const char* source,
                          soft_library_t* library, char* error,
                          size_t error_bytes) {
  static const char mark[] = "kernel void ";
  for (const char* at = strstr(source, mark); at != NULL;
       at = strstr(at + 1, mark)) {
    const char* name = at + strlen(mark);
    size_t length = 0;
    while (is_word(name[length])) {
      ++length;
    }
    if ((at != source && is_word(at[-1])) || name[length] != '(') {
      continue;  // in a comment, or a template
    }
    soft_kernel_t* kernel = &library->kernels[library->kernel_count];
    if (library->kernel_count == KERNEL_COUNT ||
        length >= sizeof(kernel->name)) {
      return fail(error, error_bytes, "too many kernels");
    }
    memcpy(kernel->name, name, length);
    kernel->max_threads = read_max_threads(source, at);
    kernel->in_step = reads_in_step(name + length);
    if (!write_entry(out, name + length + 1, kernel)) {
      return fail(error, error_bytes, "the parameters of kernel %s",
                  kernel->name);
    }
    ++library->kernel_count;
  }
  return true;
}

// ---- Compiling --------------------------------------------------------------

static uint64_t hash_text(uint64_t hash, const char* text) {
  for (; *text != '\0'; ++text) {
    hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
  }
  return hash;
}

static char* read_file(const char* path) {
  FILE* file = fopen(path, "r");
  char* text = NULL;
  size_t bytes = 0;
  if (file == NULL) {
    return NULL;
  }
  ssize_t length = getdelim(&text, &bytes, '\0', file);
  fclose(file);
  return length < 0 ? (free(text), NULL) : text;
}

// What is compiled depends on the source and on the headers here.
static bool hash_all(const char* source, uint64_t* out_hash) {
  static const char* const headers[] = {"msl.h", "matrix.h", "runtime.h"};
  uint64_t hash = hash_text(UINT64_C(0xcbf29ce484222325), source);
  hash = hash_text(hash, "2");  // the way of rewriting
  for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); ++i) {
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s", PT2_SOFTMETAL_MSL, headers[i]);
    char* text = read_file(path);
    if (text == NULL) {
      return false;
    }
    hash = hash_text(hash, text);
    free(text);
  }
  *out_hash = hash;
  return true;
}

static bool run_compiler(const char* base, char* error, size_t error_bytes) {
  char command[16384];
  // 1.0 is a float in Metal; contraction would hide what a GPU rounds.
  snprintf(command, sizeof(command),
           "g++ -std=c++17 -O1 -fsingle-precision-constant -ffp-contract=off "
           "-fPIC -shared -w -D__METAL__ -D__METAL_VERSION__=310 -I'%s' "
           "-include msl.h '%s.%d.cpp' -o '%s.%d.so' >'%s.%d.log' 2>&1 && "
           "mv '%s.%d.so' '%s.so'",
           PT2_SOFTMETAL_MSL, base, getpid(), base, getpid(), base, getpid(),
           base, getpid(), base);
  int code = system(command);
  char path[1100];
  snprintf(path, sizeof(path), "%s.%d.log", base, getpid());
  if (code != 0) {
    char* log = read_file(path);
    fail(error, error_bytes, "%.900s",
         log != NULL ? log : "the compiler cannot be run");
    free(log);
  }
  unlink(path);
  return code == 0;
}

// Writes the C++ and, unless it is there from before, its library.
static bool build(const char* source, const char* base, soft_library_t* library,
                  char* error, size_t error_bytes) {
  char path[1100];
  snprintf(path, sizeof(path), "%s.%d.cpp", base, getpid());
  FILE* out = fopen(path, "w");
  if (out == NULL) {
    return fail(error, error_bytes, "cannot write %s: %s", path,
                strerror(errno));
  }
  fputs(
      "soft_runtime_t soft_rt;\nextern \"C\" void soft_bind(const "
      "soft_runtime_t* r) { soft_rt = *r; }\n",
      out);
  write_source(out, source);
  bool fine = write_entries(out, source, library, error, error_bytes);
  fine = fclose(out) == 0 && fine;
  char built[1100];
  snprintf(built, sizeof(built), "%s.so", base);
  if (fine && access(built, R_OK) != 0) {
    fine = run_compiler(base, error, error_bytes);
  }
  unlink(path);
  return fine;
}

static bool load(const char* base, soft_library_t* library, char* error,
                 size_t error_bytes) {
  char path[1100];
  snprintf(path, sizeof(path), "%s.so", base);
  library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library->handle == NULL) {
    return fail(error, error_bytes, "%s", dlerror());
  }
  void (*bind)(const struct soft_runtime_t*);
  *(void**)&bind = dlsym(library->handle, "soft_bind");
  bind(&soft_runtime);
  for (size_t i = 0; i < library->kernel_count; ++i) {
    char name[160];
    snprintf(name, sizeof(name), "soft_entry_%s", library->kernels[i].name);
    *(void**)&library->kernels[i].entry = dlsym(library->handle, name);
  }
  return true;
}

soft_library_t* soft_library_create(const char* source, char* error,
                                    size_t error_bytes) {
  uint64_t hash;
  if (!soft_has_simdgroup_matrix() &&
      strstr(source, "simdgroup_multiply") != NULL) {
    fail(error, error_bytes, "this device has no matrices of simdgroups");
    return NULL;
  }
  if (!hash_all(source, &hash)) {
    fail(error, error_bytes, "no headers in %s", PT2_SOFTMETAL_MSL);
    return NULL;
  }
  mkdir(PT2_SOFTMETAL_CACHE, 0777);
  char base[1024];
  snprintf(base, sizeof(base), "%s/%016llx", PT2_SOFTMETAL_CACHE,
           (unsigned long long)hash);
  soft_library_t* library = calloc(1, sizeof(*library));
  if (library == NULL) {
    fail(error, error_bytes, "out of memory");
    return NULL;
  }
  if (!build(source, base, library, error, error_bytes) ||
      !load(base, library, error, error_bytes)) {
    free(library);
    return NULL;
  }
  return library;
}

soft_kernel_t* soft_library_kernel(soft_library_t* library, const char* name,
                                   char* error, size_t error_bytes) {
  for (size_t i = 0; i < library->kernel_count; ++i) {
    if (strcmp(library->kernels[i].name, name) == 0) {
      return &library->kernels[i];
    }
  }
  fail(error, error_bytes, "the library has no function %s", name);
  return NULL;
}

void soft_library_destroy(soft_library_t* library) {
  if (library != NULL) {
    dlclose(library->handle);
    free(library);
  }
}

// SPDX-License-Identifier: Apache-2.0
//
// C library functions that a model is given instead of the process's own.
//
// From torch 2.7 on a model allocates one block for all its weights, copies
// each of them there and makes tensors of the copies: weights are in memory
// twice. Here a copy whose source lies in the package is only noted; whoever
// makes the tensor asks where the bytes really are. A later write to the block
// makes the notes it touches real first.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/status.h"
#include "loader/library.h"
#include "loader/model_cxx.h"

// Initial-exec: read at each memcpy of a kernel, so it must cost one
// instruction.
static _Thread_local pt2__library_t* current
    __attribute__((tls_model("initial-exec")));
static _Thread_local bool current_creating
    __attribute__((tls_model("initial-exec")));

pt2__library_t* pt2__library_current(void) { return current; }

void* pt2__library_current_tracer(void) {
  return current != NULL ? current->tracer : NULL;
}

pt2__library_scope_t pt2__library_enter(pt2__library_t* library,
                                        bool creating) {
  pt2__library_scope_t scope = {.previous = current,
                                .previous_creating = current_creating};
  current = library;
  current_creating = creating;
  return scope;
}

void pt2__library_leave(pt2__library_scope_t scope) {
  current = scope.previous;
  current_creating = scope.previous_creating;
}

void pt2__library_note_exception(const char* text) {
  if (current != NULL) {
    pt2__fail(PT2_STATUS_MODEL_ERROR, "%s", text);
  }
}

// ---- Blocks of weights and the copies noted in them ------------------------

// |bytes| at |target| are those at |source|, but were not moved there.
typedef struct {
  uintptr_t target;
  const uint8_t* source;
  size_t bytes;
} note_t;

typedef struct block_t {
  struct block_t* next;
  uintptr_t begin;
  uintptr_t end;
  pt2__library_t* library;
  note_t* notes;
  size_t note_count;
  size_t note_capacity;
} block_t;

static pthread_mutex_t blocks_lock = PTHREAD_MUTEX_INITIALIZER;
static block_t* blocks;

// The least range that holds every block, so that a memcpy that concerns none
// is told by two comparisons. It only grows while there are blocks, so values
// of two moments still cover every block that a caller can know.
static atomic_uintptr_t hull_begin = UINTPTR_MAX;
static atomic_uintptr_t hull_end;

static bool in_hull(const void* data, size_t bytes) {
  uintptr_t begin = (uintptr_t)data;
  return begin < atomic_load_explicit(&hull_end, memory_order_relaxed) &&
         begin + bytes >
             atomic_load_explicit(&hull_begin, memory_order_relaxed);
}

static void grow_hull(const block_t* block) {
  if (block->begin < atomic_load(&hull_begin)) {
    atomic_store(&hull_begin, block->begin);
  }
  if (block->end > atomic_load(&hull_end)) {
    atomic_store(&hull_end, block->end);
  }
}

static void shrink_hull_if_empty(void) {
  if (blocks == NULL) {
    atomic_store(&hull_begin, UINTPTR_MAX);
    atomic_store(&hull_end, 0);
  }
}

static block_t* find_block(const void* data, size_t bytes) {
  uintptr_t begin = (uintptr_t)data;
  for (block_t* block = blocks; block != NULL; block = block->next) {
    if (begin < block->end && begin + bytes > block->begin) {
      return block;
    }
  }
  return NULL;
}

static void drop_note(block_t* block, size_t index) {
  atomic_fetch_sub(&block->library->spared_bytes, block->notes[index].bytes);
  block->notes[index] = block->notes[--block->note_count];
}

// Moves the bytes of the notes that touch a range. Notes inside it that are
// about to be written over whole are only dropped.
static void make_real(block_t* block, const void* data, size_t bytes,
                      bool overwritten) {
  uintptr_t begin = (uintptr_t)data;
  for (size_t i = 0; i < block->note_count;) {
    note_t note = block->notes[i];
    if (note.target >= begin + bytes || note.target + note.bytes <= begin) {
      ++i;
      continue;
    }
    bool covered =
        note.target >= begin && note.target + note.bytes <= begin + bytes;
    if (!(overwritten && covered)) {
      memcpy((void*)note.target, note.source, note.bytes);
    }
    drop_note(block, i);
  }
}

static bool add_note(block_t* block, void* target, const void* source,
                     size_t bytes) {
  if (block->note_count == block->note_capacity) {
    size_t capacity = block->note_capacity > 0 ? 2 * block->note_capacity : 16;
    note_t* notes = pt2__realloc(block->notes, capacity * sizeof(*notes));
    if (notes == NULL) {
      return false;  // then it is copied
    }
    block->notes = notes;
    block->note_capacity = capacity;
  }
  block->notes[block->note_count++] =
      (note_t){.target = (uintptr_t)target, .source = source, .bytes = bytes};
  atomic_fetch_add(&block->library->spared_bytes, bytes);
  return true;
}

static bool in_weights(const pt2__library_t* library, const void* data,
                       size_t bytes) {
  uintptr_t begin = (uintptr_t)library->weights;
  uintptr_t at = (uintptr_t)data;
  return library->weights != NULL && at >= begin &&
         at - begin <= library->weights_bytes &&
         bytes <= library->weights_bytes - (at - begin);
}

// Notes a copy instead of making it, if it is one of weights into a block.
static bool spare_copy(block_t* block, void* target, const void* source,
                       size_t bytes) {
  return block != NULL && current != NULL && current_creating &&
         current->spares_copies && block->library == current &&
         bytes >= PT2__SPARE_MIN_BYTES &&
         (uintptr_t)source % PT2__WEIGHT_ALIGNMENT == 0 &&
         (uintptr_t)target >= block->begin &&
         (uintptr_t)target + bytes <= block->end &&
         in_weights(current, source, bytes) &&
         add_note(block, target, source, bytes);
}

static void* copy_with_notes(void* target, const void* source, size_t bytes) {
  pthread_mutex_lock(&blocks_lock);
  block_t* to = find_block(target, bytes);
  if (to != NULL) {
    make_real(to, target, bytes, true);
  }
  bool spared = spare_copy(to, target, source, bytes);
  block_t* from = spared ? NULL : find_block(source, bytes);
  if (from != NULL) {
    make_real(from, source, bytes, false);
  }
  pthread_mutex_unlock(&blocks_lock);
  return spared ? target : memcpy(target, source, bytes);
}

static void* model_memcpy(void* target, const void* source, size_t bytes) {
  if (in_hull(target, bytes) || in_hull(source, bytes)) {
    return copy_with_notes(target, source, bytes);
  }
  return memcpy(target, source, bytes);
}

static void* model_malloc(size_t bytes) {
  void* data = malloc(bytes);
  if (data == NULL || current == NULL || !current_creating ||
      !current->spares_copies || bytes < PT2__SPARE_MIN_BYTES) {
    return data;
  }
  block_t* block = pt2__calloc(1, sizeof(*block));
  if (block == NULL) {
    return data;  // then its copies are made
  }
  block->begin = (uintptr_t)data;
  block->end = block->begin + bytes;
  block->library = current;
  pthread_mutex_lock(&blocks_lock);
  block->next = blocks;
  blocks = block;
  grow_hull(block);
  pthread_mutex_unlock(&blocks_lock);
  return data;
}

static void free_block(block_t* block) {
  while (block->note_count > 0) {
    drop_note(block, block->note_count - 1);
  }
  pt2__free(block->notes);
  pt2__free(block);
}

static void model_free(void* data) {
  if (in_hull(data, 1)) {
    pthread_mutex_lock(&blocks_lock);
    for (block_t** at = &blocks; *at != NULL; at = &(*at)->next) {
      block_t* block = *at;
      if (block->begin == (uintptr_t)data) {
        *at = block->next;
        free_block(block);
        break;
      }
    }
    shrink_hull_if_empty();
    pthread_mutex_unlock(&blocks_lock);
  }
  free(data);
}

void pt2__hook_forget(pt2__library_t* library) {
  pthread_mutex_lock(&blocks_lock);
  for (block_t** at = &blocks; *at != NULL;) {
    block_t* block = *at;
    if (block->library == library) {
      *at = block->next;
      free_block(block);
    } else {
      at = &block->next;
    }
  }
  shrink_hull_if_empty();
  pthread_mutex_unlock(&blocks_lock);
}

void* pt2__library_locate_blob(void* data, size_t bytes, bool* out_immutable) {
  *out_immutable = false;
  if (current != NULL && current->in_place &&
      in_weights(current, data, bytes)) {
    *out_immutable = true;
    return data;
  }
  if (data == NULL || !in_hull(data, bytes)) {
    // Too few weights for a block: what is made while the container is made
    // are its constants all the same.
    *out_immutable = data != NULL && bytes > 0 && current != NULL &&
                     current_creating && current->model_copies &&
                     !current->weights_writable;
    return data;
  }
  void* found = data;
  uintptr_t at = (uintptr_t)data;
  pthread_mutex_lock(&blocks_lock);
  block_t* block = find_block(data, bytes);
  if (block != NULL) {
    bool noted = false;
    // The newest note is the likely one: a tensor follows its copy.
    for (size_t i = block->note_count; i-- > 0 && !noted;) {
      note_t note = block->notes[i];
      noted = at >= note.target && at + bytes <= note.target + note.bytes;
      if (noted) {
        found = (void*)(uintptr_t)(note.source + (at - note.target));
      }
    }
    if (!noted) {
      make_real(block, data, bytes, false);
    }
    // Blocks are kept for weights that no code of the model writes; an update
    // makes new tensors.
    *out_immutable = bytes > 0 && (noted || current_creating);
  }
  pthread_mutex_unlock(&blocks_lock);
  return found;
}

bool pt2__library_has_weights_at(const pt2__library_t* library,
                                 const void* data, size_t bytes) {
  return in_weights(library, data, bytes);
}

size_t pt2__library_code_bytes(const pt2__library_t* library) {
  return library->code_bytes;
}

uint64_t pt2__library_spared_bytes(const pt2__library_t* library) {
  return atomic_load(&((pt2__library_t*)(uintptr_t)library)->spared_bytes);
}

// ---- Tensors of constants
// ----------------------------------------------------

void pt2__library_note_tensors(pt2__library_t* library, int what) {
  library->notes = what;
}

pt2_status_t pt2__library_note_tensor(int what, void* of, void* tensor,
                                      bool* out_noted) {
  *out_noted = false;
  if (current == NULL || !current_creating || current->notes != what) {
    return PT2_STATUS_OK;
  }
  if (current->noted_capacity - current->noted_count < 2) {
    size_t capacity = 2 * current->noted_capacity + 16;
    void** noted = pt2__realloc(current->noted, capacity * sizeof(*noted));
    if (noted == NULL) {
      return PT2_OUT_OF_MEMORY(capacity * sizeof(*noted));
    }
    current->noted = noted;
    current->noted_capacity = capacity;
  }
  if (of != NULL) {
    current->noted[current->noted_count++] = of;
  }
  current->noted[current->noted_count++] = tensor;
  *out_noted = true;
  return PT2_STATUS_OK;
}

void* const* pt2__library_noted_tensors(const pt2__library_t* library,
                                        size_t* out_count) {
  *out_count = library->noted_count;
  return library->noted;
}

void pt2__library_forget_tensors(pt2__library_t* library) {
  pt2__free(library->noted);
  library->noted = NULL;
  library->noted_count = library->noted_capacity = 0;
}

// ---- Weights behind the tables ---------------------------------------------

// A model of torch 2.6 uses them where they are mapped and may change them:
// then it gets pages of its own.
static void* private_weights(pt2__library_t* library) {
  if (library->own_weights == NULL) {
    size_t bytes = (size_t)library->weights_bytes;
    void* own = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (own == MAP_FAILED) {
      return own;
    }
    memcpy(own, library->weights, bytes);
    library->own_weights = own;
    library->own_weights_bytes = bytes;
  }
  return library->own_weights;
}

// The model opens its own file to map its tail. The private copy has no tail:
// the bytes are those of the package.
static void* model_mmap(void* address, size_t bytes, int protection, int flags,
                        int fd, off_t offset) {
  struct stat info;
  pt2__library_t* library = current;
  if (library == NULL || fd < 0 || fstat(fd, &info) != 0 ||
      info.st_dev != library->device || info.st_ino != library->inode ||
      bytes != library->weights_bytes || offset < 0 ||
      (uint64_t)offset + bytes != library->so_bytes) {
    return mmap(address, bytes, protection, flags, fd, offset);
  }
  bool aligned = (uintptr_t)library->weights % PT2__WEIGHT_ALIGNMENT == 0;
  if (library->model_copies || (aligned && !library->weights_writable)) {
    return (void*)(uintptr_t)library->weights;
  }
  return private_weights(library);
}

static int model_munmap(void* address, size_t bytes) {
  pt2__library_t* library = current;
  if (library != NULL && address != NULL &&
      (address == library->own_weights || address == library->weights)) {
    return 0;  // goes with the library or the package
  }
  return munmap(address, bytes);
}

// ---- The environment -------------------------------------------------------

static char* model_getenv(const char* name) {
  static char yes[] = "1";
  if (current != NULL && current->model_checks_inputs &&
      strcmp(name, "AOTI_RUNTIME_CHECK_INPUTS") == 0) {
    return yes;
  }
  return getenv(name);
}

void* pt2__hook_find(const pt2__library_t* library, const char* symbol) {
  const struct {
    const char* symbol;
    void* address;
    bool wanted;
  } rows[] = {
      {"memcpy", (void*)model_memcpy, library->spares_copies},
      {"malloc", (void*)model_malloc, library->spares_copies},
      {"free", (void*)model_free, library->spares_copies},
      {"mmap", (void*)model_mmap, library->weights_appended},
      {"mmap64", (void*)model_mmap, library->weights_appended},
      {"munmap", (void*)model_munmap, library->weights_appended},
      {"getenv", (void*)model_getenv, library->model_checks_inputs},
      {"__cxa_thread_atexit", (void*)pt2__thread_exit_register, true},
      {"_ZSt4cerr", NULL, true},
      {"__cxa_throw", NULL, true},
  };
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    if (rows[i].wanted && strcmp(symbol, rows[i].symbol) == 0) {
      return rows[i].address != NULL ? rows[i].address
             : symbol[2] == 'S'      ? pt2__model_cerr()
                                     : pt2__model_throw();
    }
  }
  return NULL;
}

// SPDX-License-Identifier: Apache-2.0
//
// Loads a model's .so as a private copy whose imports are bound by address.
#ifndef PT2_SRC_LOADER_LOADER_H_
#define PT2_SRC_LOADER_LOADER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/constant_map.h"
#include "package/package.h"
#include "pt2/status.h"

// ---- Inspection: reads, runs nothing ---------------------------------------

// Facts of a model's shared object. |imports| are the undefined names of its
// dynamic symbol table, |exports| the defined ones that start with
// "AOTInductor"; |needed| its DT_NEEDED; |versions| the symbol versions it
// wants
// ("GLIBCXX_3.4.30"). All strings are borrowed from the bytes inspected.
typedef struct {
  const char* format;        // "ELF", "Mach-O", "PE", "unknown"
  const char* architecture;  // "x86_64", "aarch64", …
  bool loads_here;           // format, class, byte order, machine are ours
  const char** imports;
  size_t import_count;
  const char** exports;
  size_t export_count;
  const char** needed;
  size_t needed_count;
  const char** versions;
  size_t version_count;
  bool old_string_abi;  // std::string without __cxx11 (torch 2.6)
  // The weights section, 0 bytes if there is none.
  uint64_t weights_offset;  // in the file
  uint64_t weights_bytes;
  bool weights_writable;
  bool weights_appended;  // behind the tables, where the model maps them itself
  // Vector extensions that the machine code uses, told by decoding it, in the
  // words of AOTI_CPU_ISA ("AVX2 FMA", "AVX512 AVX512_VNNI"); "" if none or if
  // the code could not be told from data. The bits are PT2__X86_*.
  const char* vector_isa;
  uint32_t x86_features;
  bool code_scanned;  // the two above say all that there is
  void* storage;      // owns the arrays
} pt2__code_info_t;

// Takes a shared object apart; |data| is borrowed and may have any alignment.
//
// Errors: CORRUPT (a table leaves the file, …), OUT_OF_MEMORY. A file of
// another platform is no error: |loads_here| is false.
// Cost:   some 0.3 µs a symbol and 3 ns a byte of machine code.
PT2_MUST_USE pt2_status_t pt2__code_inspect(const uint8_t* data,
                                            size_t size_bytes, const char* name,
                                            pt2__code_info_t* out_info);
void pt2__code_info_free(pt2__code_info_t* info);

// Errors: CORRUPT (no program of any platform), INCOMPATIBLE (another
// platform's; the message names it)
PT2_MUST_USE pt2_status_t pt2__code_require_native(const uint8_t* data,
                                                   size_t size_bytes,
                                                   const char* name);

// Calls |missing| for each symbol version that the shared object asks of a
// library of the system (libstdc++, libgcc_s, libgomp, glibc) and that the one
// here does not define; |newest| is the newest of its kind here, NULL if there
// is no such library. Loads those libraries, never the object itself.
//
// Errors: CORRUPT, and those of |missing|
typedef pt2_status_t (*pt2__missing_version_fn)(void* user, const char* library,
                                                const char* version,
                                                const char* newest);
PT2_MUST_USE pt2_status_t pt2__elf_missing_versions(
    const uint8_t* data, size_t size_bytes, const char* name,
    pt2__missing_version_fn missing, void* user);

// ---- Loading ---------------------------------------------------------------

typedef struct pt2__library_t pt2__library_t;

// Returns the address to bind |symbol| to, NULL to leave it to the dynamic
// linker. A name of PyTorch's (aoti_*, torch_*) for which it returns NULL is
// bound to a function that fails with that name.
typedef void* (*pt2__resolve_fn)(void* user, const char* symbol);

typedef struct {
  pt2__resolve_fn resolve;
  void* user;
  // Make the model's own input checks run (torch >= 2.7): its getenv answers
  // AOTI_RUNTIME_CHECK_INPUTS=1, that of the process is left alone.
  bool model_checks_inputs;
  const char* debug_copy_path;  // keep the copy as this file; may be NULL
  const char* temp_folder;      // may be NULL
  void* tracer;  // what pt2__library_current_tracer returns; may be NULL
} pt2__library_options_t;

// Errors: INCOMPATIBLE, CORRUPT, IO, OUT_OF_MEMORY; the dynamic linker's own
// words where it refused.
PT2_MUST_USE pt2_status_t pt2__library_load(
    const pt2__model_files_t* files, const pt2__library_options_t* options,
    pt2__library_t** out_library);

// Runs the model's destructors and unmaps it. NULL is allowed.
void pt2__library_unload(pt2__library_t* library);

// An exported function, NULL if this release does not have it.
void* pt2__library_symbol(const pt2__library_t* library, const char* name);

// The functions that make and read the maps of constants which a model of this
// one's release takes (loader/constant_map.h).
const pt2__constant_map_api_t* pt2__library_constant_map_api(
    const pt2__library_t* library);

// The model copies constants to memory of its own (torch 2.7 and later); one
// that does not keeps the tensors that it is given as its own.
bool pt2__library_copies_constants(const pt2__library_t* library);

// The model may write to its own weights.
bool pt2__library_weights_writable(const pt2__library_t* library);

// Brackets every call into the model's code on this thread, so that hooks
// (memcpy of weights, thread-local destructors, blobs) know whose code runs.
// enter returns what leave wants back. |creating| is true while the container
// is created or its constants are updated.
typedef struct {
  pt2__library_t* previous;
  bool previous_creating;
} pt2__library_scope_t;
pt2__library_scope_t pt2__library_enter(pt2__library_t* library, bool creating);
void pt2__library_leave(pt2__library_scope_t scope);

// The |tracer| of the library whose code runs on this thread, NULL if none
// does.
void* pt2__library_current_tracer(void);

// For aoti_torch_create_tensor_from_blob: where the bytes that the running
// model put at |data| really are (in the mapped package, if its copy was
// spared), and whether they can never change (then kernels may pack them).
// Returns |data| itself and false outside a scope or for anything else.
void* pt2__library_locate_blob(void* data, size_t bytes, bool* out_immutable);

// Bytes of the model's code and tables, without its weights.
size_t pt2__library_code_bytes(const pt2__library_t* library);

// True if |bytes| at |data| are weights in the mapped package.
bool pt2__library_has_weights_at(const pt2__library_t* library,
                                 const void* data, size_t bytes);

// Notes tensors that the model asks for while its container is created or its
// constants are updated, in their order: those that it makes of blobs (its
// constants, before torch 2.8); or its own handles of the tensors that it is
// given, as pairs of both, where the list has a reference of the handle.
// note_tensor is for the functions that make them; |of| is the first of a pair,
// |*out_noted| tells whether the list wants that reference. Who reads the list
// forgets it.
enum { PT2__NOTE_NOTHING = 0, PT2__NOTE_BLOBS, PT2__NOTE_HANDLES };
void pt2__library_note_tensors(pt2__library_t* library, int what);
PT2_MUST_USE pt2_status_t pt2__library_note_tensor(int what, void* of,
                                                   void* tensor,
                                                   bool* out_noted);
void* const* pt2__library_noted_tensors(const pt2__library_t* library,
                                        size_t* out_count);
void pt2__library_forget_tensors(pt2__library_t* library);

// Bytes of weights that were used in place and not copied so far.
uint64_t pt2__library_spared_bytes(const pt2__library_t* library);

// Records |text| as the reason why the model's code threw; called by the hooks.
// (The first record of the thread wins, so an operator's own message stays.)
void pt2__library_note_exception(const char* text);

#endif  // PT2_SRC_LOADER_LOADER_H_

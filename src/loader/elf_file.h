// SPDX-License-Identifier: Apache-2.0
//
// The tables of an ELF shared object, read as the dynamic linker reads them:
// through program headers and .dynamic, never trusting a number in the file.
#ifndef PT2_SRC_LOADER_ELF_FILE_H_
#define PT2_SRC_LOADER_ELF_FILE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/status.h"

#if defined(__has_include)
#if __has_include(<elf.h>)
#define PT2_HAVE_ELF 1
#endif
#endif
#if !defined(PT2_HAVE_ELF)
#define PT2_HAVE_ELF 0
#endif

#if PT2_HAVE_ELF
#include <elf.h>

// Newer names that an older <elf.h> may lack.
#if !defined(DT_RELR)
#define DT_RELRSZ 35
#define DT_RELR 36
#define DT_RELRENT 37
#endif

typedef struct {
  uint64_t offset;  // in the file
  uint64_t count;   // entries
} pt2__elf_table_t;

typedef struct {
  const uint8_t* data;
  uint64_t size;
  const char* name;  // for messages
  Elf64_Ehdr header;
  pt2__elf_table_t segments;
  pt2__elf_table_t sections;  // count 0: stripped
  pt2__elf_table_t dynamic;   // DT_NULL included; |count| counts spare ones too
  uint64_t dynamic_used;      // entries before the first DT_NULL
  pt2__elf_table_t strings;   // count is bytes; the last one is 0
  pt2__elf_table_t symbols;
  pt2__elf_table_t versions;  // one uint16_t a symbol; count 0: none
  pt2__elf_table_t needs;     // count is DT_VERNEEDNUM
} pt2__elf_file_t;

// Reads the headers of a 64-bit ELF file of this machine's byte order and finds
// its tables; |data| is borrowed and may have any alignment.
//
// Errors: CORRUPT  a table leaves the file, misses or contradicts itself
PT2_MUST_USE pt2_status_t pt2__elf_file_open(const uint8_t* data,
                                             size_t size_bytes,
                                             const char* name,
                                             pt2__elf_file_t* out_file);

// Checks what the dynamic linker trusts: segments, relocations, symbol
// versions, hash chains, initialisers. It would read or write through any
// number it finds there.
//
// Errors: CORRUPT
PT2_MUST_USE pt2_status_t pt2__elf_file_check(const pt2__elf_file_t* file);

// Copies |bytes| at |offset|; false if they leave the file.
bool pt2__elf_read(const pt2__elf_file_t* file, uint64_t offset, void* out,
                   size_t bytes);

// Finds the file offset of |bytes| at virtual address |address|; false unless
// one PT_LOAD holds them all in the file. |out_segment| may be NULL.
bool pt2__elf_locate(const pt2__elf_file_t* file, uint64_t address,
                     uint64_t bytes, uint64_t* out_offset,
                     Elf64_Phdr* out_segment);

// A string of the dynamic string table, NULL if |index| leaves it.
const char* pt2__elf_string(const pt2__elf_file_t* file, uint64_t index);

// Entries by index; the index must be within the table.
Elf64_Phdr pt2__elf_segment(const pt2__elf_file_t* file, uint64_t index);
Elf64_Shdr pt2__elf_section(const pt2__elf_file_t* file, uint64_t index);
Elf64_Dyn pt2__elf_dynamic(const pt2__elf_file_t* file, uint64_t index);
Elf64_Sym pt2__elf_symbol(const pt2__elf_file_t* file, uint64_t index);

// The first value of |tag| in .dynamic; false if there is none.
bool pt2__elf_dynamic_value(const pt2__elf_file_t* file, int64_t tag,
                            uint64_t* out_value);

// True for a member of the std::string that came before __cxx11.
bool pt2__elf_is_old_string(const char* name);

// The version that symbol |index| asks for ("GLIBC_2.14"), NULL if none.
const char* pt2__elf_symbol_version(const pt2__elf_file_t* file,
                                    uint64_t index);

// Calls |visit| for each version that the file needs, with the library that
// shall have it; stops at the first failure.
//
// Errors: CORRUPT, and those of |visit|
typedef pt2_status_t (*pt2__elf_need_fn)(void* user, const char* library,
                                         const char* version, uint16_t index);
PT2_MUST_USE pt2_status_t pt2__elf_visit_needs(const pt2__elf_file_t* file,
                                               pt2__elf_need_fn visit,
                                               void* user);

#endif  // PT2_HAVE_ELF
#endif  // PT2_SRC_LOADER_ELF_FILE_H_

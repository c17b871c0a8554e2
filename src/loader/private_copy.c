// SPDX-License-Identifier: Apache-2.0
//
// The file that the dynamic linker gets: sparse, in memory, seen by no one
// else.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "loader/library.h"

#if PT2_HAVE_ELF

#if !defined(MFD_EXEC)
#define MFD_EXEC 0x0010U
#endif

// ---- Where it lies ---------------------------------------------------------

// False where files of this kind must not be executed (vm.memfd_noexec, a
// folder mounted noexec, a security module).
static bool may_execute(int fd) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  void* at = mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
  if (at == MAP_FAILED) {
    return false;
  }
  munmap(at, page);
  return true;
}

static int keep_if_executable(int fd) {
  if (fd >= 0 && !may_execute(fd)) {
    close(fd);
    errno = EACCES;
    return -1;
  }
  return fd;
}

static int open_memory(void) {
  int fd = memfd_create("pt2-model", MFD_CLOEXEC | MFD_EXEC);
  if (fd < 0 && errno == EINVAL) {
    fd = memfd_create("pt2-model", MFD_CLOEXEC);  // Linux before 6.3
  }
  return keep_if_executable(fd);
}

static int open_unlinked(const char* folder) {
  int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0700);
  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    char path[4096];
    int length = snprintf(path, sizeof(path), "%s/pt2-model-XXXXXX", folder);
    if (length < 0 || (size_t)length >= sizeof(path)) {
      errno = ENAMETOOLONG;
      return -1;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) {
      unlink(path);
    }
  }
  return keep_if_executable(fd);
}

// Opens the copy's file. With |debug_copy_path| it keeps that name.
static pt2_status_t open_copy(const pt2__library_options_t* options,
                              const char* so_name, int* out_fd) {
  int fd;
  if (options->debug_copy_path != NULL) {
    fd = open(options->debug_copy_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
              0700);
    if (fd < 0) {
      return PT2_FAIL(PT2_STATUS_IO, "cannot write the copy \"%s\": %s",
                      options->debug_copy_path, strerror(errno));
    }
    *out_fd = fd;
    return PT2_STATUS_OK;
  }
  fd = open_memory();
  if (fd < 0) {
    const char* folder = options->temp_folder;
    folder = folder != NULL ? folder : getenv("TMPDIR");
    folder = folder != NULL ? folder : "/tmp";
    fd = open_unlinked(folder);
    if (fd < 0) {
      return PT2_FAIL(PT2_STATUS_IO,
                      "%s: no place for executable code: memory files are "
                      "refused, and in \"%s\": %s",
                      so_name, folder, strerror(errno));
    }
  }
  *out_fd = fd;
  return PT2_STATUS_OK;
}

// ---- What is in it ---------------------------------------------------------

static pt2_status_t write_at(int fd, uint64_t offset, const void* data,
                             uint64_t bytes) {
  const uint8_t* from = data;
  while (bytes > 0) {
    ssize_t wrote = pwrite(fd, from, (size_t)bytes, (off_t)offset);
    if (wrote < 0 && errno == EINTR) {
      continue;
    }
    if (wrote <= 0) {
      return PT2_FAIL(PT2_STATUS_IO, "cannot write the model's copy: %s",
                      wrote < 0 ? strerror(errno) : "no space");
    }
    from += wrote;
    offset += (uint64_t)wrote;
    bytes -= (uint64_t)wrote;
  }
  return PT2_STATUS_OK;
}

// Copies a range of the file but for the hole.
static pt2_status_t write_range(int fd, const pt2__elf_file_t* file,
                                const pt2__edits_t* edits, uint64_t begin,
                                uint64_t end) {
  uint64_t hole = edits->hole_offset;
  uint64_t hole_end = hole + edits->hole_bytes;
  if (edits->hole_bytes == 0 || hole >= end || hole_end <= begin) {
    return write_at(fd, begin, file->data + begin, end - begin);
  }
  if (hole > begin) {
    PT2_TRY(write_at(fd, begin, file->data + begin, hole - begin));
  }
  if (hole_end < end) {
    PT2_TRY(write_at(fd, hole_end, file->data + hole_end, end - hole_end));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t write_copy(int fd, const pt2__elf_file_t* file,
                               pt2__edits_t edits, bool whole) {
  if (ftruncate(fd, (off_t)file->size) != 0) {
    return PT2_FAIL(PT2_STATUS_IO, "cannot size the model's copy: %s",
                    strerror(errno));
  }
  if (whole) {
    PT2_TRY(write_range(fd, file, &edits, 0, file->size));
  } else {
    // Only what is loaded; sections are not.
    edits.header.e_shoff = 0;
    edits.header.e_shnum = 0;
    edits.header.e_shstrndx = 0;
    for (uint64_t i = 0; i < file->segments.count; ++i) {
      Elf64_Phdr segment = edits.segments[i];
      if (segment.p_type == PT_LOAD) {
        PT2_TRY(write_range(fd, file, &edits, segment.p_offset,
                            segment.p_offset + segment.p_filesz));
      }
    }
  }
  PT2_TRY(write_at(fd, 0, &edits.header, sizeof(edits.header)));
  PT2_TRY(write_at(fd, file->segments.offset, edits.segments,
                   file->segments.count * sizeof(Elf64_Phdr)));
  PT2_TRY(write_at(fd, file->dynamic.offset, edits.dynamic,
                   file->dynamic.count * sizeof(Elf64_Dyn)));
  return write_at(fd, file->symbols.offset, edits.symbols,
                  file->symbols.count * sizeof(Elf64_Sym));
}

pt2_status_t pt2__copy_write(const pt2__elf_file_t* file,
                             const pt2__edits_t* edits,
                             const pt2__library_options_t* options,
                             pt2__library_t* library) {
  int fd = -1;
  PT2_TRY(open_copy(options, library->so_name, &fd));
  bool named = options->debug_copy_path != NULL;
  char in_proc[32];
  snprintf(in_proc, sizeof(in_proc), "/proc/self/fd/%d", fd);
  struct stat info = {0};
  pt2_status_t status = write_copy(fd, file, *edits, named);
  if (status == PT2_STATUS_OK && fstat(fd, &info) != 0) {
    status = PT2_FAIL(PT2_STATUS_IO, "cannot read the model's copy: %s",
                      strerror(errno));
  }
  char* path = NULL;
  if (status == PT2_STATUS_OK) {
    path = pt2__strdup(named ? options->debug_copy_path : in_proc);
    status = path != NULL ? status : PT2_OUT_OF_MEMORY(sizeof(in_proc));
  }
  if (status != PT2_STATUS_OK) {
    pt2__error_prefix("%s", library->so_name);
    close(fd);
    if (named) {
      unlink(options->debug_copy_path);
    }
    return status;
  }
  library->fd = fd;
  library->path = path;
  library->device = info.st_dev;
  library->inode = info.st_ino;
  return PT2_STATUS_OK;
}

#endif  // PT2_HAVE_ELF

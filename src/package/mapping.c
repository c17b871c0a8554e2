// SPDX-License-Identifier: Apache-2.0
#include "package/mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"

static pt2_status_t fail_errno(const char* name, const char* what, int error) {
  pt2_status_t status = error == ENOENT || error == ENOTDIR
                            ? PT2_STATUS_NOT_FOUND
                        : error == ENOMEM ? PT2_STATUS_OUT_OF_MEMORY
                                          : PT2_STATUS_IO;
  return PT2_FAIL(status, "%s: %s: %s", name, what, strerror(error));
}

// Maps |fd| and keeps it in |mapping|; the caller closes it on failure.
static pt2_status_t map_descriptor(int fd, const char* name,
                                   pt2__mapping_t* mapping) {
  struct stat facts;
  if (fstat(fd, &facts) != 0) {
    return fail_errno(name, "cannot be read", errno);
  }
  if (S_ISDIR(facts.st_mode)) {
    return PT2_FAIL(PT2_STATUS_IO, "%s: is a directory", name);
  }
  if (!S_ISREG(facts.st_mode)) {
    return PT2_FAIL(PT2_STATUS_IO, "%s: not a regular file", name);
  }
  if (facts.st_size == 0) {
    return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: the file is empty", name);
  }
  if ((uintmax_t)facts.st_size > SIZE_MAX / 2) {
    return PT2_FAIL(PT2_STATUS_IO, "%s: too large to map", name);
  }
  size_t size = (size_t)facts.st_size;
  void* data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (data == MAP_FAILED) {
    return fail_errno(name, "cannot be mapped", errno);
  }
  *mapping = (pt2__mapping_t){
      .data = data, .size_bytes = size, .fd = fd, .is_mapped = true};
  return PT2_STATUS_OK;
}

pt2_status_t pt2__mapping_open(const char* path, pt2__mapping_t* out_mapping) {
  // Not blocking: a FIFO would otherwise wait for a writer before it is
  // refused.
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    return fail_errno(path, "cannot be opened", errno);
  }
  pt2_status_t status = map_descriptor(fd, path, out_mapping);
  if (status != PT2_STATUS_OK) {
    close(fd);
  }
  return status;
}

pt2_status_t pt2__mapping_open_fd(int fd, const char* name,
                                  pt2__mapping_t* out_mapping) {
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) {
    return fail_errno(name, "cannot be duplicated", errno);
  }
  pt2_status_t status = map_descriptor(copy, name, out_mapping);
  if (status != PT2_STATUS_OK) {
    close(copy);
  }
  return status;
}

void pt2__mapping_close(pt2__mapping_t* mapping) {
  if (mapping->is_mapped) {
    munmap((void*)(uintptr_t)mapping->data, mapping->size_bytes);
  }
  if (mapping->fd >= 0) {
    close(mapping->fd);
  }
  *mapping = PT2__MAPPING_NONE;
}

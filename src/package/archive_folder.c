// SPDX-License-Identifier: Apache-2.0
//
// Packages that are no archive: unpacked folders, and a bare model.so.
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/status.h"
#include "package/archive.h"

// Deeper than any package's folders, and more files.
#define MAX_DEPTH 16
#define MAX_FILES 1000000u

typedef struct {
  pt2__archive_t* archive;
  size_t capacity;
  pt2__entry_t* entries;
} listing_t;

static bool is_folder(const char* path) {
  struct stat facts;
  return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

static pt2_status_t add_file(listing_t* listing, const char* path,
                             const char* name, uint64_t size) {
  pt2__archive_t* archive = listing->archive;
  if (archive->count == listing->capacity) {
    size_t capacity = listing->capacity == 0 ? 16 : listing->capacity * 2;
    if (capacity > MAX_FILES) {
      return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "%s: more than %u files",
                      archive->name, MAX_FILES);
    }
    pt2__entry_t* entries =
        pt2__realloc(listing->entries, capacity * sizeof(*entries));
    if (entries == NULL) {
      return PT2_OUT_OF_MEMORY(capacity * sizeof(*entries));
    }
    listing->entries = entries;
    listing->capacity = capacity;
  }
  pt2__entry_t entry = {.size_bytes = size, .file = PT2__MAPPING_NONE};
  PT2_TRY(pt2__arena_text(archive->arena, name, strlen(name), &entry.name));
  PT2_TRY(pt2__arena_text(archive->arena, path, strlen(path), &entry.label));
  entry.file_path = entry.label;
  listing->entries[archive->count++] = entry;
  return PT2_STATUS_OK;
}

static pt2_status_t list_folder(listing_t* listing, const char* path,
                                const char* prefix, int depth);

static pt2_status_t cannot_read(const char* path) {
  return PT2_FAIL(PT2_STATUS_IO, "%s: cannot be read: %s", path,
                  strerror(errno));
}

// The next entry of |folder|, NULL at its end. A folder that cannot be read to
// its end must not pass for one with fewer files.
static pt2_status_t next_entry(DIR* folder, const char* path,
                               struct dirent** out_item) {
  errno = 0;
  *out_item = readdir(folder);
  return *out_item != NULL || errno == 0 ? PT2_STATUS_OK : cannot_read(path);
}

static pt2_status_t list_one(listing_t* listing, const char* path,
                             const char* prefix, const char* name, int depth) {
  const char* child;
  const char* child_name;
  pt2__arena_t* arena = listing->archive->arena;
  PT2_TRY(pt2__arena_printf(arena, &child, "%s/%s", path, name));
  PT2_TRY(pt2__arena_printf(arena, &child_name, "%s%s%s", prefix,
                            prefix[0] != '\0' ? "/" : "", name));
  struct stat facts;
  // A folder behind a symbolic link is not followed: it may be above this one.
  if (lstat(child, &facts) != 0) {
    return errno == ENOENT ? PT2_STATUS_OK : cannot_read(child);
  }
  if (S_ISDIR(facts.st_mode)) {
    return depth < MAX_DEPTH
               ? list_folder(listing, child, child_name, depth + 1)
               : PT2_STATUS_OK;
  }
  if (stat(child, &facts) != 0) {
    // A link that leads nowhere is no file of ours.
    return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
                   errno == EACCES
               ? PT2_STATUS_OK
               : cannot_read(child);
  }
  return S_ISREG(facts.st_mode)
             ? add_file(listing, child, child_name, (uint64_t)facts.st_size)
             : PT2_STATUS_OK;
}

static pt2_status_t list_folder(listing_t* listing, const char* path,
                                const char* prefix, int depth) {
  DIR* folder = opendir(path);
  if (folder == NULL) {
    return PT2_FAIL(errno == ENOENT || errno == ENOTDIR ? PT2_STATUS_NOT_FOUND
                                                        : PT2_STATUS_IO,
                    "%s: cannot be listed: %s", path, strerror(errno));
  }
  pt2_status_t status = PT2_STATUS_OK;
  struct dirent* item;
  while (status == PT2_STATUS_OK &&
         (status = next_entry(folder, path, &item)) == PT2_STATUS_OK &&
         item != NULL) {
    if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0) {
      status = list_one(listing, path, prefix, item->d_name, depth);
    }
  }
  closedir(folder);
  return status;
}

// Finds the one subfolder that holds data/aotinductor, as an archive of torch
// 2.8 and later unpacks. |*out_root| is NULL if there is none.
static pt2_status_t find_prefix(pt2__archive_t* archive, const char* path,
                                const char** out_root) {
  *out_root = NULL;
  DIR* folder = opendir(path);
  if (folder == NULL) {
    return PT2_FAIL(PT2_STATUS_IO, "%s: cannot be listed: %s", path,
                    strerror(errno));
  }
  pt2_status_t status = PT2_STATUS_OK;
  struct dirent* item;
  while (status == PT2_STATUS_OK &&
         (status = next_entry(folder, path, &item)) == PT2_STATUS_OK &&
         item != NULL) {
    if (item->d_name[0] == '.') {
      continue;
    }
    const char* root;
    const char* models;
    status =
        pt2__arena_printf(archive->arena, &root, "%s/%s", path, item->d_name);
    if (status == PT2_STATUS_OK) {
      status = pt2__arena_printf(archive->arena, &models, "%s/data/aotinductor",
                                 root);
    }
    if (status == PT2_STATUS_OK && is_folder(models)) {
      status = *out_root == NULL ? PT2_STATUS_OK
                                 : PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                                            "%s: holds two packages: %s and %s",
                                            path, *out_root, root);
      *out_root = root;
    }
  }
  closedir(folder);
  return status;
}

static pt2_status_t list_package(pt2__archive_t* archive, listing_t* listing,
                                 const char* path) {
  const char* models;
  PT2_TRY(
      pt2__arena_printf(archive->arena, &models, "%s/data/aotinductor", path));
  const char* root = path;
  if (!is_folder(models)) {
    PT2_TRY(find_prefix(archive, path, &root));
    archive->has_prefix = root != NULL;
  }
  if (root != NULL) {
    return list_folder(listing, root, "", 0);
  }
  // A folder that holds a model's files themselves; what is below it is not
  // ours.
  return list_folder(listing, path, PT2__MODELS_FOLDER "model", MAX_DEPTH);
}

pt2_status_t pt2__archive_read_folder(pt2__archive_t* archive,
                                      const char* path) {
  archive->folder = path;
  listing_t listing = {.archive = archive};
  pt2_status_t status = list_package(archive, &listing, path);
  if (status == PT2_STATUS_OK) {
    status = pt2__arena_array(archive->arena, archive->count,
                              sizeof(pt2__entry_t), &archive->entries);
  }
  if (status == PT2_STATUS_OK && archive->count > 0) {
    memcpy(archive->entries, listing.entries,
           archive->count * sizeof(pt2__entry_t));
  }
  if (status != PT2_STATUS_OK) {
    archive->count = 0;
  }
  pt2__free(listing.entries);
  return status;
}

// Ends of the names of the files that belong to <stem>.so.
static const char* const side_files[] = {".cpp", ".json", "_metadata.json",
                                         "_weights.blob", ".blob"};
#define SIDE_FILE_COUNT (sizeof(side_files) / sizeof(side_files[0]))

pt2_status_t pt2__archive_read_library(pt2__archive_t* archive,
                                       const char* path) {
  pt2__arena_t* arena = archive->arena;
  PT2_TRY(pt2__arena_array(arena, 1 + SIDE_FILE_COUNT, sizeof(pt2__entry_t),
                           &archive->entries));
  const char* slash = path != NULL ? strrchr(path, '/') : NULL;
  const char* file = path == NULL ? "model.so" : slash ? slash + 1 : path;
  const char* dot = strrchr(file, '.');
  size_t stem = dot != NULL ? (size_t)(dot - file) : strlen(file);
  pt2__entry_t* library = &archive->entries[0];
  *library = (pt2__entry_t){.label = archive->name,
                            .size_bytes = archive->file.size_bytes,
                            .file = PT2__MAPPING_NONE};
  // The model is found by its ending, whatever the file is called.
  PT2_TRY(pt2__arena_printf(arena, &library->name,
                            PT2__MODELS_FOLDER "model/%.*s.so", (int)stem,
                            file));
  archive->count = 1;
  if (path == NULL) {
    return PT2_STATUS_OK;
  }
  PT2_TRY(pt2__arena_text(
      arena, slash != NULL ? path : ".",
      slash != NULL ? (size_t)(slash - path) + (slash == path) : 1,
      &archive->folder));
  for (size_t i = 0; i < SIDE_FILE_COUNT; ++i) {
    pt2__entry_t* entry = &archive->entries[archive->count];
    *entry = (pt2__entry_t){.file = PT2__MAPPING_NONE};
    PT2_TRY(pt2__arena_printf(arena, &entry->file_path, "%.*s%.*s%s",
                              (int)(file - path), path, (int)stem, file,
                              side_files[i]));
    PT2_TRY(pt2__arena_printf(arena, &entry->name,
                              PT2__MODELS_FOLDER "model/%.*s%s", (int)stem,
                              file, side_files[i]));
    struct stat facts;
    if (stat(entry->file_path, &facts) == 0 && S_ISREG(facts.st_mode)) {
      entry->label = entry->file_path;
      entry->size_bytes = (uint64_t)facts.st_size;
      ++archive->count;
    }
  }
  return PT2_STATUS_OK;
}

// SPDX-License-Identifier: Apache-2.0
//
// Files of torch.save: a zip archive "NAME/data.pkl", which describes the
// tensors, and "NAME/data/KEY", the bytes of each storage.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "package/model.h"
#include "package/weight_set.h"

#define PICKLE_NAME "data.pkl"
#define MAX_RANK 64

bool pt2__is_torch_file(pt2__bytes_t bytes) {
  return bytes.size_bytes >= 4 && memcmp(bytes.data, "PK\3\4", 4) == 0;
}

// The archive while its pickle is read: entries by name, since a pickle may ask
// for as many storages as it has bytes.
typedef struct {
  pt2__archive_t* archive;
  pt2__entry_t** sorted;
  const char* prefix;
  size_t prefix_length;
} reader_t;

static int compare_entries(const void* left, const void* right) {
  return strcmp((*(pt2__entry_t* const*)left)->name,
                (*(pt2__entry_t* const*)right)->name);
}

// The entry prefix + |folder| + |key|, NULL if there is none.
static pt2__entry_t* find_entry(const reader_t* reader, const char* folder,
                                const char* key) {
  size_t low = 0;
  size_t high = reader->archive->count;
  size_t folder_length = strlen(folder);
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const char* name = reader->sorted[middle]->name;
    int order = strncmp(reader->prefix, name, reader->prefix_length);
    if (order == 0) {
      name += reader->prefix_length;
      order = strncmp(folder, name, folder_length);
      order = order != 0 ? order : strcmp(key, name + folder_length);
    }
    if (order == 0) {
      return reader->sorted[middle];
    }
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return NULL;
}

static pt2_status_t find_storage(void* user, const char* key, uint64_t bytes,
                                 const uint8_t** out_data) {
  reader_t* reader = user;
  pt2__entry_t* entry = find_entry(reader, "data/", key);
  if (entry == NULL) {
    return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: the file lacks storage '%.200s'",
                    reader->archive->name, key);
  }
  if (entry->size_bytes != bytes) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: the storage has %llu bytes, the pickle says %llu",
                    entry->label, (unsigned long long)entry->size_bytes,
                    (unsigned long long)bytes);
  }
  // Its CRC is not compared: that would read all weights before they are used.
  PT2_TRY(pt2__archive_load(reader->archive, entry, false));
  *out_data = entry->bytes.data;
  return PT2_STATUS_OK;
}

// The one entry data.pkl, in whatever root folder.
static pt2_status_t find_pickle(reader_t* reader, pt2__entry_t** out_entry) {
  pt2__archive_t* archive = reader->archive;
  pt2__entry_t* found = NULL;
  for (size_t i = 0; i < archive->count; ++i) {
    pt2__entry_t* entry = &archive->entries[i];
    const char* slash = strchr(entry->name, '/');
    if (slash != NULL && strcmp(slash + 1, PICKLE_NAME) == 0) {
      found = found == NULL ? entry : found;
      if (found != entry) {
        return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: holds two pickles: %s and %s",
                        archive->name, found->name, entry->name);
      }
      reader->prefix = entry->name;
      reader->prefix_length = (size_t)(slash + 1 - entry->name);
    }
  }
  if (found == NULL) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s: no file of torch.save: nothing in */" PICKLE_NAME,
                    archive->name);
  }
  *out_entry = found;
  return PT2_STATUS_OK;
}

static pt2_status_t check_byte_order(const reader_t* reader) {
  pt2__entry_t* entry = find_entry(reader, "", "byteorder");
  if (entry == NULL) {
    return PT2_STATUS_OK;  // before torch 2.1
  }
  PT2_TRY(pt2__archive_load(reader->archive, entry, true));
  if (entry->bytes.size_bytes != 6 ||
      memcmp(entry->bytes.data, "little", 6) != 0) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s: byte order '%.*s'; only 'little' can be read",
                    entry->label,
                    (int)(entry->size_bytes < 16 ? entry->size_bytes : 16),
                    (const char*)entry->bytes.data);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t read_archive(reader_t* reader, pt2__weight_set_t* set) {
  pt2__archive_t* archive = reader->archive;
  PT2_TRY(pt2__archive_read_zip(archive));
  pt2__entry_t* pickle = NULL;
  PT2_TRY(find_pickle(reader, &pickle));
  PT2_TRY(pt2__arena_array(archive->arena, archive->count,
                           sizeof(*reader->sorted), &reader->sorted));
  for (size_t i = 0; i < archive->count; ++i) {
    reader->sorted[i] = &archive->entries[i];
  }
  qsort(reader->sorted, archive->count, sizeof(*reader->sorted),
        compare_entries);
  PT2_TRY(check_byte_order(reader));
  PT2_TRY(pt2__archive_load(archive, pickle, true));
  return pt2__pickle_read(pickle->label, pickle->bytes, find_storage, reader,
                          set);
}

// Room for one more archive in |set|, which closes it.
static pt2_status_t add_archive(const char* name, pt2__bytes_t bytes,
                                pt2__weight_set_t* set,
                                pt2__archive_t** out_archive) {
  size_t size = (set->archive_count + 1) * sizeof(*set->archives);
  pt2__archive_t* grown = pt2__realloc(set->archives, size);
  if (grown == NULL) {
    return PT2_OUT_OF_MEMORY(size);
  }
  set->archives = grown;
  pt2__archive_t* archive = &grown[set->archive_count++];
  *archive = (pt2__archive_t){
      .arena = &set->arena,
      .is_zip = true,
      .file = {.data = bytes.data, .size_bytes = bytes.size_bytes, .fd = -1}};
  *out_archive = archive;
  return pt2__arena_text(&set->arena, name, strlen(name), &archive->name);
}

pt2_status_t pt2__torch_file_read(const char* name, pt2__bytes_t bytes,
                                  pt2__weight_set_t* set) {
  pt2__archive_t* archive = NULL;
  PT2_TRY(add_archive(name, bytes, set, &archive));
  reader_t reader = {.archive = archive};
  return read_archive(&reader, set);
}

// ---- Weights in a package --------------------------------------------------

static pt2_status_t bad_config(const char* label, const char* key,
                               const char* what) {
  return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: '%.200s': %s", label, key, what);
}

static bool read_integers(json_t* list, size_t capacity, int64_t* out_values) {
  for (size_t i = 0; i < capacity; ++i) {
    json_t* item = json_array_get(list, i);
    if (!json_is_integer(item) || json_integer_value(item) < 0) {
      return false;
    }
    out_values[i] = json_integer_value(item);
  }
  return true;
}

// Reads the whole tensor that a file holds; those that share it are told by
// sizes, strides and offset.
static pt2_status_t read_file(const pt2__archive_t* archive, const char* label,
                              const char* key, const char* file,
                              pt2__weight_set_t* set,
                              pt2__weight_t* out_whole) {
  const char* name;
  PT2_TRY(
      pt2__arena_printf(&set->arena, &name, PT2__WEIGHTS_FOLDER "%s", file));
  pt2__entry_t* entry = pt2__archive_find(archive, name);
  if (entry == NULL || entry->bytes.data == NULL) {
    return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: '%.200s': the package lacks %s",
                    label, key, name);
  }
  pt2__weight_t* items = set->items;
  size_t count = set->count;
  pt2_status_t status = pt2__torch_file_read(entry->label, entry->bytes, set);
  if (status == PT2_STATUS_OK &&
      (set->count != 1 || set->items[0].name[0] != '\0')) {
    status = PT2_FAIL(PT2_STATUS_CORRUPT, "%s: it holds no single tensor",
                      entry->label);
  }
  if (status == PT2_STATUS_OK) {
    *out_whole = set->items[0];
  }
  set->items = items;
  set->count = count;
  return status;
}

static pt2_status_t read_config_entry(const pt2__archive_t* archive,
                                      const char* label, const char* key,
                                      json_t* value, pt2__weight_set_t* set) {
  const char* file = json_string_value(json_array_get(value, 0));
  json_t* sizes = json_array_get(value, 1);
  json_t* strides = json_array_get(value, 2);
  json_t* offset = json_array_get(value, 3);
  size_t rank = json_array_size(sizes);
  int64_t* dims;
  if (file == NULL || !json_is_array(sizes) || !json_is_array(strides) ||
      !json_is_integer(offset) || json_integer_value(offset) < 0 ||
      rank > MAX_RANK || json_array_size(strides) != rank) {
    return bad_config(label, key, "no file, sizes, strides and offset");
  }
  PT2_TRY(pt2__arena_array(&set->arena, 2 * rank, sizeof(*dims), &dims));
  if (!read_integers(sizes, rank, dims) ||
      !read_integers(strides, rank, dims + rank)) {
    return bad_config(label, key, "sizes or strides that are none");
  }
  pt2__weight_t weight;
  PT2_TRY(read_file(archive, label, key, file, set, &weight));
  weight.rank = (int32_t)rank;
  weight.sizes = dims;
  weight.strides = dims + rank;
  weight.storage_offset = (uint64_t)json_integer_value(offset);
  if (!pt2__weight_fits(weight.dtype, weight.rank, dims, dims + rank,
                        weight.storage_offset, weight.storage_bytes)) {
    return bad_config(label, key, "it reaches beyond the tensor in its file");
  }
  PT2_TRY(pt2__arena_text(&set->arena, key, strlen(key), &weight.name));
  set->items[set->count++] = weight;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__weights_config_read(const pt2__archive_t* archive,
                                      const char* label, pt2__bytes_t config,
                                      pt2__weight_set_t* set) {
  json_error_t error;
  json_t* object = json_loadb((const char*)config.data, config.size_bytes,
                              JSON_REJECT_DUPLICATES, &error);
  if (!json_is_object(object)) {
    json_decref(object);
    return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: no JSON object: %s", label,
                    object == NULL ? error.text : "another type");
  }
  pt2_status_t status = pt2__arena_array(&set->arena, json_object_size(object),
                                         sizeof(*set->items), &set->items);
  const char* key;
  json_t* value;
  json_object_foreach(object, key, value) {
    if (status == PT2_STATUS_OK) {
      status = read_config_entry(archive, label, key, value, set);
    }
  }
  json_decref(object);
  return status;
}

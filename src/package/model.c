// SPDX-License-Identifier: Apache-2.0
#include "package/model.h"

#include <jansson.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "package/weight_set.h"

bool pt2__is_file_of(const char* name, const char* folder, const char* ending) {
  size_t length = strlen(name);
  size_t folder_length = strlen(folder);
  size_t ending_length = strlen(ending);
  return length > folder_length + ending_length &&
         memcmp(name, folder, folder_length) == 0 &&
         strchr(name + folder_length, '/') == NULL &&
         strcmp(name + length - ending_length, ending) == 0;
}

// The only file of |folder| with that ending, NULL if there is none or several.
static pt2__entry_t* find_only(pt2__archive_t* archive, const char* folder,
                               const char* ending, size_t* out_count) {
  pt2__entry_t* found = NULL;
  size_t count = 0;
  for (size_t i = 0; i < archive->count; ++i) {
    if (pt2__is_file_of(archive->entries[i].name, folder, ending)) {
      found = &archive->entries[i];
      ++count;
    }
  }
  *out_count = count;
  return count == 1 ? found : NULL;
}

// Since 2.13 a folder may hold other libraries too (kernels of Triton for CPU):
// the model is then the one that is called *.wrapper.so.
static pt2_status_t choose_library(pt2__archive_t* archive, const char* folder,
                                   pt2__entry_t** out_entry) {
  size_t wrappers;
  size_t libraries;
  pt2__entry_t* entry = find_only(archive, folder, ".wrapper.so", &wrappers);
  pt2__entry_t* only = find_only(archive, folder, ".so", &libraries);
  entry = entry != NULL ? entry : only;
  if (entry == NULL) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s/%s: %zu shared libraries, and no telling which is the "
                    "model's",
                    archive->name, folder, libraries);
  }
  *out_entry = entry;
  return PT2_STATUS_OK;
}

// The file that shares the library's stem: "x.wrapper" + |ending|.
static pt2_status_t find_beside(pt2__archive_t* archive,
                                const pt2__entry_t* library, const char* ending,
                                pt2__entry_t** out_entry) {
  const char* name;
  PT2_TRY(pt2__arena_printf(archive->arena, &name, "%.*s%s",
                            (int)(strlen(library->name) - strlen(".so")),
                            library->name, ending));
  *out_entry = pt2__archive_find(archive, name);
  return PT2_STATUS_OK;
}

static pt2_status_t load(pt2__archive_t* archive, pt2__entry_t* entry,
                         bool verify, pt2__bytes_t* out_bytes) {
  if (entry != NULL) {
    PT2_TRY(pt2__archive_load(
        archive, entry,
        verify || entry->size_bytes <= PT2__ALWAYS_VERIFIED_BYTES));
    *out_bytes = entry->bytes;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t copy_metadata(pt2__arena_t* arena, json_t* object,
                                  pt2__model_t* model) {
  size_t count = json_object_size(object);
  PT2_TRY(pt2__arena_array(arena, count, sizeof(*model->metadata_keys),
                           &model->metadata_keys));
  PT2_TRY(pt2__arena_array(arena, count, sizeof(*model->metadata_values),
                           &model->metadata_values));
  const char* key;
  json_t* value;
  json_object_foreach(object, key, value) {
    const char* text = json_string_value(value);
    char* dumped =
        text == NULL ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    text = text != NULL ? text : dumped;
    size_t at = model->metadata_count;
    pt2_status_t status = text == NULL
                              ? PT2_OUT_OF_MEMORY(0)
                              : pt2__arena_text(arena, text, strlen(text),
                                                &model->metadata_values[at]);
    // Made by jansson's default allocator, which is malloc.
    json_free_t free_dumped;
    json_get_alloc_funcs(NULL, &free_dumped);
    if (dumped != NULL) {
      free_dumped(dumped);
    }
    PT2_TRY(status);
    PT2_TRY(
        pt2__arena_text(arena, key, strlen(key), &model->metadata_keys[at]));
    ++model->metadata_count;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t read_metadata(pt2__archive_t* archive,
                                  const pt2__entry_t* entry, pt2__bytes_t bytes,
                                  pt2__model_t* model) {
  json_error_t error;
  json_t* object =
      json_loadb((const char*)bytes.data, bytes.size_bytes, 0, &error);
  if (!json_is_object(object)) {
    json_decref(object);
    return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: metadata is no JSON object: %s",
                    entry->label, object == NULL ? error.text : "another type");
  }
  pt2_status_t status = copy_metadata(archive->arena, object, model);
  json_decref(object);
  return status;
}

static pt2_status_t read_side_files(pt2__archive_t* archive,
                                    const pt2__entry_t* library,
                                    const char* folder, bool verify,
                                    pt2__model_t* model) {
  pt2__model_files_t* files = &model->files;
  pt2__entry_t* entry;
  size_t count;
  PT2_TRY(find_beside(archive, library, ".cpp", &entry));
  PT2_TRY(load(archive, entry, verify, &files->source));
  PT2_TRY(find_beside(archive, library, ".json", &entry));
  PT2_TRY(load(archive, entry, verify, &files->extern_nodes));
  PT2_TRY(find_beside(archive, library, "_weights.blob", &entry));
  if (entry == NULL) {
    entry = find_only(archive, folder, ".blob", &count);
  }
  PT2_TRY(load(archive, entry, verify, &files->weights_blob));
  PT2_TRY(find_beside(archive, library, "_metadata.json", &entry));
  if (entry == NULL) {
    entry = find_only(archive, folder, "_metadata.json", &count);
  }
  if (entry != NULL) {
    pt2__bytes_t bytes;
    PT2_TRY(load(archive, entry, verify, &bytes));
    PT2_TRY(read_metadata(archive, entry, bytes, model));
  }
  return PT2_STATUS_OK;
}

// Where the text does not say it (2.6, and inputs without checks), values live
// on the device that the model was compiled for, which is the CPU unless the
// metadata names another.
static void complete_devices(pt2_value_info_t* values, size_t count,
                             int32_t device) {
  for (size_t i = 0; i < count; ++i) {
    if (values[i].device_type < 0) {
      values[i].device_type = device >= 0 ? device : PT2_DEVICE_CPU;
    }
  }
}

static void apply_device(pt2__model_t* model) {
  int32_t device = PT2_DEVICE_CPU;
  for (size_t i = 0; i < model->metadata_count; ++i) {
    if (strcmp(model->metadata_keys[i], "AOTI_DEVICE_KEY") == 0) {
      const char* value = model->metadata_values[i];
      device = pt2__torch_device((pt2__span_t){value, value + strlen(value)});
    }
  }
  pt2__facts_t* facts = &model->facts;
  complete_devices(facts->inputs, facts->input_count, device);
  complete_devices(facts->outputs, facts->output_count, device);
}

pt2_status_t pt2__model_read(pt2__archive_t* archive, const char* name,
                             bool verify, pt2__model_t* out_model) {
  pt2__model_t model = {.files = {.name = name, .so_fd = -1}};
  pt2__model_files_t* files = &model.files;
  const char* folder;
  pt2__entry_t* library = NULL;
  PT2_TRY(pt2__arena_printf(archive->arena, &folder, PT2__MODELS_FOLDER "%s/",
                            name));
  PT2_TRY(choose_library(archive, folder, &library));
  PT2_TRY(load(archive, library, verify, &files->so));
  files->so_name = library->label;
  files->folder = archive->folder;
  if (library->file.fd >= 0) {
    files->so_fd = library->file.fd;
  } else if (!library->is_deflated) {
    // -1 for an archive in memory.
    files->so_fd = archive->file.fd;
    files->so_fd_offset = library->data_offset;
  }
  PT2_TRY(read_side_files(archive, library, folder, verify, &model));
  pt2__span_t text = {"", ""};
  if (files->source.data != NULL) {
    text.begin = (const char*)files->source.data;
    text.end = text.begin + files->source.size_bytes;
  }
  PT2_TRY(pt2__facts_read(text, archive->arena, &model.facts));
  apply_device(&model);
  files->in_spec = model.facts.in_spec;
  files->out_spec = model.facts.out_spec;
  pt2__shared_object_t object;
  pt2__shared_object_read(files->so, &object);
  PT2_TRY(pt2__model_find_weights(archive, &object, &model));
  PT2_TRY(pt2__model_tell_release(archive, &object, library->name, &model));
  *out_model = model;
  return PT2_STATUS_OK;
}

// ---- Weights ---------------------------------------------------------------

static uint64_t read_u64(const uint8_t* at) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) {
    value = value << 8 | at[i];
  }
  return value;
}

// force_mmap_weights: the section holds {size with the magic, magic}, the file
// ends in the weights and the magic.
static bool is_appended(pt2__bytes_t file, pt2__bytes_t section,
                        uint64_t* out_bytes) {
  if (section.size_bytes != 16 || file.size_bytes < 16) {
    return false;
  }
  uint64_t size = read_u64(section.data);
  if (size < 8 || size > file.size_bytes ||
      memcmp(section.data + 8, file.data + file.size_bytes - 8, 8) != 0) {
    return false;
  }
  *out_bytes = size - 8;
  return true;
}

static uint64_t sum_pickles(const pt2__archive_t* archive) {
  uint64_t sum = 0;
  for (size_t i = 0; i < archive->count; ++i) {
    const pt2__entry_t* entry = &archive->entries[i];
    if (strncmp(entry->name, PT2__WEIGHTS_FOLDER,
                strlen(PT2__WEIGHTS_FOLDER)) == 0 &&
        entry->size_bytes <= UINT64_MAX - sum) {
      sum += entry->size_bytes;
    }
  }
  return sum;
}

// weights_config.json of a model whose weights are files of torch.save, NULL if
// they are not.
static pt2__entry_t* find_pickles(pt2__archive_t* archive, const char* model) {
  for (size_t i = 0; i < archive->count; ++i) {
    const char* name = archive->entries[i].name;
    size_t folder = strlen(PT2__MODELS_FOLDER);
    size_t length = strlen(model);
    if (strncmp(name, PT2__MODELS_FOLDER, folder) == 0 &&
        strncmp(name + folder, model, length) == 0 &&
        strcmp(name + folder + length, "/weights_config.json") == 0) {
      return sum_pickles(archive) > 0 ? &archive->entries[i] : NULL;
    }
  }
  return NULL;
}

// Makes the files readable now, since runners are created on any thread.
static pt2_status_t load_pickles(pt2__archive_t* archive,
                                 pt2__entry_t* config) {
  PT2_TRY(pt2__archive_load(archive, config, true));
  for (size_t i = 0; i < archive->count; ++i) {
    pt2__entry_t* entry = &archive->entries[i];
    if (strncmp(entry->name, PT2__WEIGHTS_FOLDER,
                strlen(PT2__WEIGHTS_FOLDER)) == 0 &&
        entry->size_bytes > 0) {
      PT2_TRY(pt2__archive_load(archive, entry, false));
    }
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__model_find_weights(pt2__archive_t* archive,
                                     const pt2__shared_object_t* library,
                                     pt2__model_t* model) {
  const pt2__facts_t* facts = &model->facts;
  pt2__entry_t* pickles = find_pickles(archive, model->files.name);
  uint64_t wanted = pt2__facts_constant_bytes(facts);
  uint64_t appended;
  pt2__bytes_t section = library->weights;
  model->weights_bytes = wanted;
  if (facts->is_known && wanted == 0) {
    model->weights_kind = PT2_WEIGHTS_NONE;
  } else if (model->files.weights_blob.data != NULL) {
    model->weights_kind = PT2_WEIGHTS_BLOB;
    model->weights_bytes = model->files.weights_blob.size_bytes;
  } else if (is_appended(model->files.so, section, &appended)) {
    model->weights_kind = PT2_WEIGHTS_APPENDED;
    model->weights_bytes = appended;
  } else if (library->has_weights && section.size_bytes > 8) {
    model->weights_kind = PT2_WEIGHTS_IN_SO;
    model->weights_bytes = section.size_bytes;
  } else if (pickles != NULL) {
    model->weights_kind = PT2_WEIGHTS_PICKLES;
    model->weights_bytes = wanted > 0 ? wanted : sum_pickles(archive);
    model->weights_config = pickles;
    return load_pickles(archive, pickles);
  } else if (library->has_weights && !facts->is_known &&
             section.size_bytes <= 1) {
    // One byte stands for no weights; whether there should be some is in the
    // text, which is not here.
    model->weights_kind = PT2_WEIGHTS_NONE;
  } else if (!library->has_weights &&
             (!facts->is_known || facts->includes_weights)) {
    // Not ELF, or stripped: the text says that they are in it.
    model->weights_kind = PT2_WEIGHTS_IN_SO;
  } else {
    model->weights_kind = PT2_WEIGHTS_MISSING;
  }
  return PT2_STATUS_OK;
}

// SPDX-License-Identifier: Apache-2.0
//
// Opening packages, and what the public header asks of an open one.
#include "pt2/package.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/struct_bytes.h"
#include "package/model.h"
#include "package/weight_set.h"

struct pt2_package_t {
  atomic_size_t references;
  pt2__arena_t arena;
  pt2__archive_t archive;
  pt2__model_t* models;
  size_t model_count;
};

// ---- Finding the models ----------------------------------------------------

// Takes the root folder off the names of an archive of torch 2.8 and later.
static pt2_status_t strip_prefix(pt2__archive_t* archive) {
  const char* prefix = NULL;
  size_t length = 0;
  for (size_t i = 0; i < archive->count; ++i) {
    const char* name = archive->entries[i].name;
    if (strncmp(name, PT2__MODELS_FOLDER, strlen(PT2__MODELS_FOLDER)) == 0) {
      return PT2_STATUS_OK;
    }
    const char* slash = strchr(name, '/');
    if (slash == NULL || strncmp(slash + 1, PT2__MODELS_FOLDER,
                                 strlen(PT2__MODELS_FOLDER)) != 0) {
      continue;
    }
    size_t this_length = (size_t)(slash + 1 - name);
    if (prefix == NULL) {
      prefix = name;
      length = this_length;
    } else if (this_length != length || strncmp(prefix, name, length) != 0) {
      return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                      "%s: holds two packages: %.*s and %.*s", archive->name,
                      (int)length, prefix, (int)this_length, name);
    }
  }
  archive->has_prefix = prefix != NULL;
  for (size_t i = 0; i < archive->count && prefix != NULL; ++i) {
    // |prefix| points into an entry's name, so names are moved, not changed.
    if (strncmp(archive->entries[i].name, prefix, length) == 0) {
      archive->entries[i].name += length;
    }
  }
  return PT2_STATUS_OK;
}

// The model that the file |name| belongs to: the folder it is in, below
// data/aotinductor/. False if it lies elsewhere.
static bool model_of(const char* name, pt2__span_t* out_model) {
  size_t folder = strlen(PT2__MODELS_FOLDER);
  if (strncmp(name, PT2__MODELS_FOLDER, folder) != 0) {
    return false;
  }
  const char* slash = strrchr(name + folder, '/');
  if (slash == NULL || slash == name + folder) {
    return false;
  }
  *out_model = (pt2__span_t){name + folder, slash};
  return true;
}

static bool ends_in(const char* name, const char* ending) {
  size_t length = strlen(name);
  size_t ending_length = strlen(ending);
  return length > ending_length &&
         strcmp(name + length - ending_length, ending) == 0;
}

// Lists the folders that hold a file with that ending, each once, in the order
// of the archive.
static pt2_status_t list_models(pt2__archive_t* archive, const char* ending,
                                const char** names, size_t* out_count) {
  size_t count = 0;
  for (size_t i = 0; i < archive->count; ++i) {
    pt2__span_t model;
    bool is_new = ends_in(archive->entries[i].name, ending) &&
                  model_of(archive->entries[i].name, &model);
    for (size_t k = 0; k < count && is_new; ++k) {
      is_new = !pt2__span_equals(model, names[k]);
    }
    if (is_new) {
      PT2_TRY(pt2__arena_text(archive->arena, model.begin,
                              pt2__span_length(model), &names[count]));
      ++count;
    }
  }
  *out_count = count;
  return PT2_STATUS_OK;
}

static int compare_text(const void* left, const void* right) {
  return strcmp(*(const char* const*)left, *(const char* const*)right);
}

static pt2_status_t fail_no_model(pt2__archive_t* archive, const char** names) {
  size_t count;
  PT2_TRY(list_models(archive, ".cpp", names, &count));
  if (count > 0) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%s: model \"%s\" is packaged as sources only "
                    "(package_cpp_only); compile it into a .so first",
                    archive->name, names[0]);
  }
  return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                  "%s: no model inside: nothing in data/aotinductor/*/*.so",
                  archive->name);
}

static pt2_status_t read_models(pt2_package_t* package, bool verify) {
  pt2__archive_t* archive = &package->archive;
  const char** names;
  size_t count;
  PT2_TRY(
      pt2__arena_array(archive->arena, archive->count, sizeof(*names), &names));
  PT2_TRY(list_models(archive, ".so", names, &count));
  if (count == 0) {
    return fail_no_model(archive, names);
  }
  qsort(names, count, sizeof(*names), compare_text);
  PT2_TRY(pt2__arena_array(archive->arena, count, sizeof(*package->models),
                           &package->models));
  for (size_t i = 0; i < count; ++i) {
    PT2_TRY(pt2__model_read(archive, names[i], verify, &package->models[i]));
  }
  package->model_count = count;
  return PT2_STATUS_OK;
}

// ---- Opening ---------------------------------------------------------------

static void destroy(pt2_package_t* package) {
  pt2__archive_close(&package->archive);
  pt2__arena_free(&package->arena);
  pt2__free(package);
}

static pt2_status_t read_package(pt2_package_t* package, const char* path,
                                 bool is_folder, bool verify) {
  pt2__archive_t* archive = &package->archive;
  if (is_folder) {
    PT2_TRY(pt2__archive_read_folder(archive, archive->name));
  } else if (pt2__is_shared_object(archive->file.data,
                                   archive->file.size_bytes)) {
    PT2_TRY(pt2__archive_read_library(archive, path));
  } else {
    PT2_TRY(pt2__archive_read_zip(archive));
    PT2_TRY(strip_prefix(archive));
  }
  if (verify) {
    for (size_t i = 0; i < archive->count && archive->is_zip; ++i) {
      PT2_TRY(pt2__archive_load(archive, &archive->entries[i], true));
    }
  }
  return read_models(package, verify);
}

// Takes |file| over. |path| is NULL if only the file itself is known.
static pt2_status_t open_package(const char* name, const char* path,
                                 bool is_folder, pt2__mapping_t file,
                                 const pt2_package_options_t* options,
                                 pt2_package_t** out_package) {
  pt2_package_t* package = pt2__calloc(1, sizeof(*package));
  if (package == NULL) {
    pt2__mapping_close(&file);
    return PT2_OUT_OF_MEMORY(sizeof(*package));
  }
  atomic_init(&package->references, 1);
  package->archive.file = file;
  package->archive.arena = &package->arena;
  pt2_status_t status = pt2__arena_text(&package->arena, name, strlen(name),
                                        &package->archive.name);
  if (status == PT2_STATUS_OK) {
    status = read_package(package, path, is_folder, options->verify);
  }
  if (status != PT2_STATUS_OK) {
    destroy(package);
    return status;
  }
  *out_package = package;
  return PT2_STATUS_OK;
}

static const pt2_package_options_t default_options = {
    .struct_bytes = sizeof(default_options)};

void pt2_package_options_init_sized(pt2_package_options_t* options,
                                    size_t struct_bytes) {
  pt2__struct_init(options, struct_bytes, &default_options,
                   sizeof(default_options));
}

static pt2_status_t read_options(const pt2_package_options_t* given,
                                 pt2_package_t** out_package,
                                 pt2_package_options_t* out_options) {
  if (out_package == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "out_package is NULL");
  }
  *out_options = default_options;
  return pt2__struct_read(out_options, sizeof(*out_options), given,
                          "pt2_package_options_t");
}

pt2_status_t pt2_package_open(const char* path,
                              const pt2_package_options_t* options,
                              pt2_package_t** out_package) {
  pt2__error_begin();
  pt2_package_options_t all;
  PT2_TRY(read_options(options, out_package, &all));
  if (path == NULL || path[0] == '\0') {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "path is %s",
                    path == NULL ? "NULL" : "empty");
  }
  struct stat facts;
  pt2__mapping_t file = PT2__MAPPING_NONE;
  bool is_folder = stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
  if (!is_folder) {
    PT2_TRY(pt2__mapping_open(path, &file));
  }
  return open_package(path, path, is_folder, file, &all, out_package);
}

pt2_status_t pt2_package_open_fd(int fd, const pt2_package_options_t* options,
                                 pt2_package_t** out_package) {
  pt2__error_begin();
  pt2_package_options_t all;
  PT2_TRY(read_options(options, out_package, &all));
  pt2__mapping_t file;
  PT2_TRY(pt2__mapping_open_fd(fd, "<fd>", &file));
  return open_package("<fd>", NULL, false, file, &all, out_package);
}

pt2_status_t pt2_package_open_memory(const void* data, size_t size_bytes,
                                     const pt2_package_options_t* options,
                                     pt2_package_t** out_package) {
  pt2__error_begin();
  pt2_package_options_t all;
  PT2_TRY(read_options(options, out_package, &all));
  if (data == NULL || size_bytes == 0) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "no bytes are given");
  }
  pt2__mapping_t file = {.data = data, .size_bytes = size_bytes, .fd = -1};
  return open_package("<memory>", NULL, false, file, &all, out_package);
}

void pt2_package_retain(pt2_package_t* package) {
  if (package != NULL) {
    atomic_fetch_add_explicit(&package->references, 1, memory_order_relaxed);
  }
}

void pt2_package_release(pt2_package_t* package) {
  if (package != NULL && atomic_fetch_sub_explicit(&package->references, 1,
                                                   memory_order_acq_rel) == 1) {
    destroy(package);
  }
}

// ---- Queries ---------------------------------------------------------------

const char* pt2_package_peek_path(const pt2_package_t* package) {
  return package->archive.name;
}

size_t pt2_package_model_count(const pt2_package_t* package) {
  return package->model_count;
}

static const pt2__model_t* model_at(const pt2_package_t* package,
                                    size_t model) {
  return model < package->model_count ? &package->models[model] : NULL;
}

const pt2__model_files_t* pt2__package_model_files(const pt2_package_t* package,
                                                   size_t model) {
  return &package->models[model].files;
}

const char* pt2_package_peek_model_name(const pt2_package_t* package,
                                        size_t model) {
  const pt2__model_t* at = model_at(package, model);
  return at != NULL ? at->files.name : NULL;
}

pt2_status_t pt2__package_read_pickles(const pt2_package_t* package,
                                       size_t model, pt2__weight_set_t* set) {
  const pt2__entry_t* config = package->models[model].weights_config;
  return pt2__weights_config_read(&package->archive, config->label,
                                  config->bytes, set);
}

static bool lies_in(const uint8_t* data, size_t bytes, const uint8_t* begin,
                    size_t size) {
  return begin != NULL && data >= begin && (size_t)(data - begin) <= size &&
         bytes <= size - (size_t)(data - begin);
}

bool pt2__package_holds(const pt2_package_t* package, const void* data,
                        size_t bytes) {
  const pt2__archive_t* archive = &package->archive;
  if (lies_in(data, bytes, archive->file.data, archive->file.size_bytes)) {
    return archive->file.is_mapped;  // else it is the caller's
  }
  for (size_t i = 0; i < archive->count; ++i) {
    const pt2__entry_t* entry = &archive->entries[i];
    if ((entry->inflated != NULL || entry->file.is_mapped) &&
        lies_in(data, bytes, entry->bytes.data, entry->bytes.size_bytes)) {
      return true;
    }
  }
  return false;
}

int64_t pt2__package_constant_offset(const pt2_package_t* package, size_t model,
                                     size_t index) {
  const pt2__facts_t* facts = &package->models[model].facts;
  return index < facts->constant_count ? facts->constant_offsets[index] : -1;
}

static pt2_status_t fail_no_such_model(const pt2_package_t* package,
                                       const char* name) {
  pt2__buffer_t names = {0};
  pt2_status_t status = PT2_STATUS_OK;
  for (size_t i = 0; i < package->model_count && status == PT2_STATUS_OK; ++i) {
    status = pt2__buffer_printf(&names, "%s\"%s\"", i > 0 ? ", " : "",
                                package->models[i].files.name);
  }
  if (status == PT2_STATUS_OK) {
    status =
        name != NULL
            ? PT2_FAIL(PT2_STATUS_NOT_FOUND, "%s: no model \"%s\"; there is %s",
                       package->archive.name, name, names.data)
            : PT2_FAIL(PT2_STATUS_NOT_FOUND,
                       "%s: several models, and none is called \"model\": "
                       "name one of %s",
                       package->archive.name, names.data);
  }
  pt2__buffer_free(&names);
  return status;
}

pt2_status_t pt2_package_find_model(const pt2_package_t* package,
                                    const char* name, size_t* out_model) {
  pt2__error_begin();
  for (size_t i = 0; i < package->model_count; ++i) {
    if (strcmp(package->models[i].files.name, name != NULL ? name : "model") ==
        0) {
      *out_model = i;
      return PT2_STATUS_OK;
    }
  }
  if (name == NULL && package->model_count == 1) {
    *out_model = 0;
    return PT2_STATUS_OK;
  }
  return fail_no_such_model(package, name);
}

static pt2_status_t check_index(const pt2_package_t* package, size_t model,
                                const char* what, size_t index, size_t count) {
  if (model >= package->model_count) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%s: model %zu of %zu",
                    package->archive.name, model, package->model_count);
  }
  if (index >= count) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%s: %s %zu of %zu",
                    package->archive.name, what, index, count);
  }
  return PT2_STATUS_OK;
}

size_t pt2_package_metadata_count(const pt2_package_t* package, size_t model) {
  const pt2__model_t* at = model_at(package, model);
  return at != NULL ? at->metadata_count : 0;
}

pt2_status_t pt2_package_metadata_at(const pt2_package_t* package, size_t model,
                                     size_t index, const char** out_key,
                                     const char** out_value) {
  pt2__error_begin();
  PT2_TRY(check_index(package, model, "metadata", index,
                      pt2_package_metadata_count(package, model)));
  *out_key = package->models[model].metadata_keys[index];
  *out_value = package->models[model].metadata_values[index];
  return PT2_STATUS_OK;
}

const char* pt2_package_peek_metadata(const pt2_package_t* package,
                                      size_t model, const char* key) {
  const pt2__model_t* at = model_at(package, model);
  for (size_t i = 0; at != NULL && i < at->metadata_count; ++i) {
    if (strcmp(at->metadata_keys[i], key) == 0) {
      return at->metadata_values[i];
    }
  }
  return NULL;
}

size_t pt2_package_input_count(const pt2_package_t* package, size_t model) {
  const pt2__model_t* at = model_at(package, model);
  return at != NULL ? at->facts.input_count : 0;
}

pt2_status_t pt2_package_input_info(const pt2_package_t* package, size_t model,
                                    size_t index, pt2_value_info_t* out_info) {
  pt2__error_begin();
  PT2_TRY(check_index(package, model, "input", index,
                      pt2_package_input_count(package, model)));
  *out_info = package->models[model].facts.inputs[index];
  return PT2_STATUS_OK;
}

size_t pt2_package_output_count(const pt2_package_t* package, size_t model) {
  const pt2__model_t* at = model_at(package, model);
  return at != NULL ? at->facts.output_count : 0;
}

pt2_status_t pt2_package_output_info(const pt2_package_t* package, size_t model,
                                     size_t index, pt2_value_info_t* out_info) {
  pt2__error_begin();
  PT2_TRY(check_index(package, model, "output", index,
                      pt2_package_output_count(package, model)));
  *out_info = package->models[model].facts.outputs[index];
  return PT2_STATUS_OK;
}

size_t pt2_package_constant_count(const pt2_package_t* package, size_t model) {
  const pt2__model_t* at = model_at(package, model);
  return at != NULL ? at->facts.constant_count : 0;
}

pt2_status_t pt2_package_constant_info(const pt2_package_t* package,
                                       size_t model, size_t index,
                                       pt2_constant_info_t* out_info) {
  pt2__error_begin();
  PT2_TRY(check_index(package, model, "constant", index,
                      pt2_package_constant_count(package, model)));
  *out_info = package->models[model].facts.constants[index];
  return PT2_STATUS_OK;
}

int32_t pt2_package_weights_kind(const pt2_package_t* package, size_t model) {
  const pt2__model_t* at = model_at(package, model);
  return at != NULL ? at->weights_kind : PT2_WEIGHTS_NONE;
}

uint64_t pt2_package_weights_bytes(const pt2_package_t* package, size_t model) {
  const pt2__model_t* at = model_at(package, model);
  return at != NULL ? at->weights_bytes : 0;
}

int pt2__package_newest_torch_minor(const pt2_package_t* package,
                                    size_t model) {
  return model_at(package, model)->newest_torch_minor;
}

const char* pt2_package_peek_torch_release(const pt2_package_t* package,
                                           size_t model) {
  const pt2__model_t* at = model_at(package, model);
  return at != NULL ? at->torch_release : NULL;
}

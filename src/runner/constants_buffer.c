// SPDX-License-Identifier: Apache-2.0
//
// What the container holds in its two buffers.
//
// From torch 2.8 on a container takes tensors as they are ("user managed"):
// every update goes that way, with a copy of the library's own where the caller
// did not ask for none. So an update only puts handles into a map, and kernels
// may keep packed forms of the copies.
//
// Containers of 2.6 and 2.7 put what they are first given into a map for good:
// a later update leaves their handles as they are. But a handle is a tensor of
// this library, which can be made to mean another: so theirs are exchanged in
// place, an update of nothing makes them read the addresses anew, and the
// inactive buffer is kept here alone.
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "package/package.h"
#include "runner/constants_state.h"
#include "tensor/device.h"
#include "tensor/tensor.h"

void pt2__plan_free(pt2__plan_t* plan) {
  for (size_t i = 0; i < plan->count; ++i) {
    pt2__tensor_release(plan->tensors[i]);
  }
  pt2__free(plan->tensors);
}

pt2_status_t pt2__plan_make(size_t count, pt2__plan_t* out_plan) {
  out_plan->count = count;
  out_plan->tensors = pt2__calloc(count, sizeof(*out_plan->tensors));
  return out_plan->tensors != NULL
             ? PT2_STATUS_OK
             : PT2_OUT_OF_MEMORY(count * sizeof(*out_plan->tensors));
}

bool pt2__container_takes_tensors(const pt2_runner_t* runner) {
  return runner->api.update_user_managed != NULL ||
         runner->api.update_user_managed_pairs != NULL;
}

// Hands |entries| to the container.
static pt2_status_t hand_over(pt2_runner_t* runner,
                              const pt2__constant_entry_t* entries,
                              size_t count, bool use_inactive) {
  const pt2__container_api_t* api = &runner->api;
  uint64_t failures = pt2__error_count();
  int32_t failed;
  if (api->update_user_managed_pairs != NULL) {
    failed = api->update_user_managed_pairs(runner->container, entries, count,
                                            use_inactive, false);
  } else {
    const pt2__constant_map_api_t* maps =
        pt2__library_constant_map_api(runner->library);
    void* map = maps->create(entries, count);
    if (map == NULL) {
      return PT2_OUT_OF_MEMORY(count * sizeof(*entries));
    }
    failed = (pt2__container_takes_tensors(runner) ? api->update_user_managed
                                                   : api->update_constants)(
        runner->container, map, use_inactive, false);
    maps->destroy(map);
  }
  // Containers before torch 2.15 do not look whether a new handle was made.
  return failed != 0 || pt2__error_count() != failures
             ? pt2__runner_model_failed(runner, "updating the constants")
             : PT2_STATUS_OK;
}

// The container's own handles, borrowed, by constant; NULL for those that a
// buffer does not hold or that cannot be had.
static void container_tensors(pt2__constants_t* constants, bool use_inactive,
                              pt2_tensor_t** out_tensors) {
  pt2_runner_t* runner = constants->runner;
  const pt2__container_api_t* api = &runner->api;
  const pt2__constant_entry_t* entries = NULL;
  size_t count = 0;
  if (!pt2__container_takes_tensors(runner)) {
    for (size_t i = 0; !use_inactive && i < constants->count; ++i) {
      out_tensors[i] = constants->items[i].handle;
    }
  } else if (api->extract_constants_entries != NULL) {
    if (api->extract_constants_entries(runner->container, &entries, &count,
                                       use_inactive) != 0) {
      return;
    }
    // They come in the order of the constants, without those it lacks.
    for (size_t i = 0, next = 0; i < constants->count && next < count; ++i) {
      const pt2__constant_t* item = &constants->items[i];
      if (!item->folded && strcmp(entries[next].name, item->info.fqn) == 0) {
        out_tensors[i] = entries[next++].tensor;
      }
    }
  } else if (api->extract_constants != NULL) {
    const pt2__constant_map_api_t* maps =
        pt2__library_constant_map_api(runner->library);
    void* map = maps->create(NULL, 0);
    if (map == NULL) {
      return;
    }
    if (api->extract_constants(runner->container, map, use_inactive) == 0) {
      for (size_t i = 0; i < constants->count; ++i) {
        out_tensors[i] = maps->find(map, constants->items[i].info.fqn);
      }
    }
    maps->destroy(map);
  }
}

pt2_status_t pt2__buffer_current(pt2__constants_t* constants,
                                 const bool* wanted, bool use_inactive,
                                 pt2__plan_t* plan) {
  int buffer = use_inactive ? 1 - constants->active : constants->active;
  size_t bytes = constants->count * sizeof(pt2_tensor_t*);
  pt2_tensor_t** theirs = pt2__calloc(constants->count, sizeof(*theirs));
  if (theirs == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  bool asked = false;
  pt2_status_t status = PT2_STATUS_OK;
  for (size_t i = 0; status == PT2_STATUS_OK && i < constants->count; ++i) {
    const pt2__constant_t* item = &constants->items[i];
    if (!wanted[i]) {
      continue;
    }
    if (item->held[buffer] == NULL && !asked) {
      container_tensors(constants, use_inactive, theirs);
      asked = true;
    }
    pt2_tensor_t* tensor =
        item->held[buffer] != NULL ? item->held[buffer] : theirs[i];
    status = tensor != NULL
                 ? pt2__tensor_alias(tensor, &plan->tensors[i])
                 : PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                            "constant \"%s\": this model does not give its "
                            "constants out",
                            item->info.fqn);
  }
  pt2__free(theirs);
  return status;
}

// ---- Containers before torch 2.8 -------------------------------------------

pt2_status_t pt2__constants_require_exchange(
    const pt2__constants_t* constants) {
  if (pt2__container_takes_tensors(constants->runner)) {
    return PT2_STATUS_OK;
  }
  const char* release = pt2_package_peek_torch_release(
      constants->runner->package, constants->runner->model);
  if (constants->has_folded) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "the constants of a model before torch 2.8 with folded "
                    "ones among them cannot be exchanged: its container folds "
                    "once; this one was compiled by %s",
                    release);
  }
  for (size_t i = 0; i < constants->count; ++i) {
    if (constants->items[i].handle == NULL) {
      return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                      "constant \"%s\" cannot be exchanged: the container of "
                      "this model, compiled by %s, made other tensors than its "
                      "constants",
                      constants->items[i].info.fqn, release);
    }
  }
  return PT2_STATUS_OK;
}

// True if |handle| may stand for |item|.
static bool is_handle_of(const pt2_tensor_t* handle,
                         const pt2__constant_t* item) {
  const pt2_constant_info_t* info = &item->info;
  return pt2__tensor_is_defined(handle) && handle->dtype == info->dtype &&
         (info->rank < 0 ||
          (handle->rank == info->rank &&
           memcmp(handle->sizes, info->sizes,
                  (size_t)info->rank * sizeof(*info->sizes)) == 0));
}

void pt2__constants_learn_handles(pt2__constants_t* constants,
                                  const pt2__plan_t* plan) {
  size_t count = 0;
  size_t wanted = 0;
  bool good = true;
  void* const* noted =
      pt2__library_noted_tensors(constants->runner->library, &count);
  for (size_t i = 0; i < constants->count; ++i) {
    const pt2__constant_t* item = &constants->items[i];
    if (!item->folded && (plan == NULL || plan->tensors[i] != NULL)) {
      good = good && wanted < count && is_handle_of(noted[wanted], item);
      ++wanted;
    }
  }
  // The container makes one for each, in their order.
  for (size_t i = 0, next = 0; good && wanted == count && i < constants->count;
       ++i) {
    pt2__constant_t* item = &constants->items[i];
    if (!item->folded && (plan == NULL || plan->tensors[i] != NULL)) {
      item->handle = noted[next++];
    }
  }
  pt2__library_forget_tensors(constants->runner->library);
}

// Makes the container's handles mean the plan's tensors.
static pt2_status_t exchange(pt2__constants_t* constants,
                             const pt2__plan_t* plan) {
  for (size_t i = 0; i < constants->count; ++i) {
    if (plan->tensors[i] != NULL) {
      PT2_TRY(pt2__tensor_assign(constants->items[i].handle, plan->tensors[i]));
    }
  }
  return hand_over(constants->runner, NULL, 0, false);
}

// A container of torch 2.6 keeps the handles that it is given and deletes them:
// they are its own. Should it fail, what it took is not known, and they are
// lost.
static pt2_status_t give_away(pt2__constants_t* constants,
                              const pt2__plan_t* plan,
                              pt2__constant_entry_t* entries, size_t count) {
  pt2_status_t status = PT2_STATUS_OK;
  size_t made = 0;
  while (status == PT2_STATUS_OK && made < count) {
    pt2_tensor_t* alias = NULL;
    status = pt2__tensor_alias(entries[made].tensor, &alias);
    if (status == PT2_STATUS_OK) {
      entries[made++].tensor = alias;
    }
  }
  if (status != PT2_STATUS_OK) {
    for (size_t i = 0; i < made; ++i) {
      pt2__tensor_release(entries[i].tensor);
    }
    return status;
  }
  PT2_TRY(hand_over(constants->runner, entries, count, false));
  for (size_t i = 0, next = 0; i < constants->count; ++i) {
    if (plan->tensors[i] != NULL) {
      constants->items[i].handle = entries[next++].tensor;
    }
  }
  return PT2_STATUS_OK;
}

// Gives a container that has no constants yet all of them.
static pt2_status_t fill(pt2__constants_t* constants, const pt2__plan_t* plan,
                         pt2__constant_entry_t* entries, size_t count) {
  pt2_runner_t* runner = constants->runner;
  if (!pt2__library_copies_constants(runner->library)) {
    return give_away(constants, plan, entries, count);
  }
  pt2__library_forget_tensors(runner->library);
  PT2_TRY(hand_over(runner, entries, count, false));
  pt2__constants_learn_handles(constants, plan);
  return PT2_STATUS_OK;
}

static bool has_handles(const pt2__constants_t* constants) {
  for (size_t i = 0; i < constants->count; ++i) {
    if (constants->items[i].handle != NULL) {
      return true;
    }
  }
  return false;
}

// ---- Containers since torch 2.8 --------------------------------------------

void pt2__made_release(pt2_tensor_t* made) {
  // One of torch 2.15 has deleted it by now, those before never do.
  if (made != NULL && atomic_load(&made->references) > 1) {
    pt2__tensor_release(made);
  }
  pt2__tensor_release(made);
}

// The constant whose tensor in |plan| is |given|; false if there is none.
static bool find_given(const pt2__plan_t* plan, const void* given,
                       size_t* out_index) {
  for (size_t i = 0; i < plan->count; ++i) {
    if (plan->tensors[i] == given) {
      *out_index = i;
      return true;
    }
  }
  return false;
}

// Keeps a handle until the container is gone. Without memory for that it is
// lost, which is better than deleting what is in use.
static void keep_stray(pt2__constants_t* constants, pt2_tensor_t* made) {
  size_t bytes = (constants->stray_count + 1) * sizeof(*constants->stray);
  pt2_tensor_t** stray = pt2__realloc(constants->stray, bytes);
  if (stray != NULL) {
    constants->stray = stray;
    stray[constants->stray_count++] = made;
  }
}

// Takes over the handles that the container has made of the plan's tensors;
// |failed|: what it did with them is not known.
static void take_made(pt2__constants_t* constants, const pt2__plan_t* plan,
                      int buffer, bool failed) {
  size_t count = 0;
  void* const* noted =
      pt2__library_noted_tensors(constants->runner->library, &count);
  for (size_t k = 0; k + 1 < count; k += 2) {
    pt2_tensor_t* made = noted[k + 1];
    size_t index = 0;
    if (failed || !find_given(plan, noted[k], &index)) {
      keep_stray(constants, made);
      continue;
    }
    pt2__constant_t* item = &constants->items[index];
    pt2__made_release(item->made[buffer]);
    item->made[buffer] = made;
  }
  pt2__library_forget_tensors(constants->runner->library);
}

// ---- Changes ---------------------------------------------------------------

static pt2_status_t tell_container(pt2__constants_t* constants,
                                   const pt2__plan_t* plan,
                                   pt2__constant_entry_t* entries, size_t count,
                                   bool use_inactive) {
  if (pt2__container_takes_tensors(constants->runner)) {
    int buffer = use_inactive ? 1 - constants->active : constants->active;
    pt2__library_t* library = constants->runner->library;
    pt2__library_note_tensors(library, PT2__NOTE_HANDLES);
    pt2_status_t status =
        hand_over(constants->runner, entries, count, use_inactive);
    pt2__library_note_tensors(library, PT2__NOTE_NOTHING);
    take_made(constants, plan, buffer, status != PT2_STATUS_OK);
    return status;
  }
  if (use_inactive) {
    return PT2_STATUS_OK;  // it is told at the swap
  }
  return has_handles(constants) ? exchange(constants, plan)
                                : fill(constants, plan, entries, count);
}

static pt2_status_t apply(pt2__constants_t* constants, pt2__plan_t* plan,
                          bool use_inactive, bool restoring) {
  pt2__constant_entry_t* entries =
      pt2__malloc(constants->count * sizeof(*entries));
  if (entries == NULL) {
    return PT2_OUT_OF_MEMORY(constants->count * sizeof(*entries));
  }
  size_t count = 0;
  for (size_t i = 0; i < constants->count; ++i) {
    if (plan->tensors[i] != NULL) {
      entries[count++] = (pt2__constant_entry_t){
          .name = constants->items[i].info.name, .tensor = plan->tensors[i]};
    }
  }
  pt2_status_t status =
      tell_container(constants, plan, entries, count, use_inactive);
  pt2__free(entries);
  PT2_TRY(status);
  int buffer = use_inactive ? 1 - constants->active : constants->active;
  for (size_t i = 0; i < constants->count; ++i) {
    pt2__constant_t* item = &constants->items[i];
    if (plan->tensors[i] != NULL) {
      pt2_tensor_t* before = item->held[buffer];
      item->foreign[buffer] =
          restoring && (before == NULL || item->foreign[buffer]);
      item->held[buffer] = plan->tensors[i];
      item->present[buffer] = true;
      plan->tensors[i] = before;  // released with the plan
    }
  }
  if (!use_inactive) {
    atomic_store(&constants->usable,
                 pt2__constants_hold_all(constants, constants->active));
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__buffer_apply(pt2__constants_t* constants, pt2__plan_t* plan,
                               bool use_inactive) {
  return apply(constants, plan, use_inactive, false);
}

pt2_status_t pt2__buffer_restore(pt2__constants_t* constants,
                                 pt2__plan_t* before, bool use_inactive) {
  return apply(constants, before, use_inactive, true);
}

// ---- Memory ----------------------------------------------------------------

bool pt2__buffer_is_foreign(const pt2__constants_t* constants, size_t index,
                            bool use_inactive) {
  int buffer = use_inactive ? 1 - constants->active : constants->active;
  const pt2__constant_t* item = &constants->items[index];
  return item->present[buffer] &&
         (item->held[buffer] == NULL || item->foreign[buffer]);
}

static void release_package(void* package, void* data) {
  (void)data;
  pt2_package_release(package);
}

void pt2__constants_give_up(pt2__constants_t* constants, bool use_inactive,
                            const pt2__plan_t* plan) {
  if (!use_inactive) {
    atomic_store(&constants->usable, false);
  }
  for (size_t i = 0; use_inactive && i < constants->count; ++i) {
    if (plan->tensors[i] != NULL) {
      constants->items[i].present[1 - constants->active] = false;
    }
  }
}

// The same bytes in memory that is not the container's.
static pt2_status_t make_own(const pt2_runner_t* runner,
                             const pt2_tensor_t* theirs,
                             pt2_tensor_t** out_tensor) {
  const pt2__storage_t* old = theirs->storage;
  pt2_tensor_t* own = NULL;
  if (pt2__package_holds(runner->package, old->data, old->bytes)) {
    pt2__storage_t* storage;
    PT2_TRY(pt2__storage_from_blob(old->data, old->bytes, old->device_type,
                                   old->device_index, NULL, NULL, &storage));
    pt2_status_t status =
        pt2__tensor_over(storage, theirs->dtype, theirs->rank, theirs->sizes,
                         theirs->strides, theirs->storage_offset, &own);
    if (status == PT2_STATUS_OK) {
      pt2_package_retain(runner->package);
      storage->user = runner->package;
      storage->deleter = release_package;
      storage->read_only = true;
    }
    pt2__storage_release(storage);
    PT2_TRY(status);
  } else {
    PT2_TRY(pt2__tensor_empty_at(pt2__tensor_place(theirs), theirs->dtype,
                                 theirs->rank, theirs->sizes, theirs->strides,
                                 &own));
    pt2_status_t status = pt2__tensor_copy(own, theirs);
    if (status != PT2_STATUS_OK) {
      pt2__tensor_release(own);
      return status;
    }
  }
  own->storage->immutable = old->immutable;
  *out_tensor = own;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__buffer_adopt(pt2__constants_t* constants, const bool* wanted,
                               bool use_inactive) {
  pt2__plan_t current;
  pt2__plan_t own;
  PT2_TRY(pt2__plan_make(constants->count, &current));
  pt2_status_t status = pt2__plan_make(constants->count, &own);
  if (status != PT2_STATUS_OK) {
    pt2__plan_free(&current);
    return status;
  }
  status = pt2__buffer_current(constants, wanted, use_inactive, &current);
  size_t count = 0;
  for (size_t i = 0; status == PT2_STATUS_OK && i < constants->count; ++i) {
    if (wanted[i] && pt2__buffer_is_foreign(constants, i, use_inactive)) {
      status = make_own(constants->runner, current.tensors[i], &own.tensors[i]);
      ++count;
    }
  }
  if (status == PT2_STATUS_OK && count > 0) {
    status = pt2__buffer_apply(constants, &own, use_inactive);
    if (status != PT2_STATUS_OK &&
        pt2__buffer_restore(constants, &current, use_inactive) !=
            PT2_STATUS_OK) {
      pt2__constants_give_up(constants, use_inactive, &own);
    }
  }
  pt2__plan_free(&own);
  pt2__plan_free(&current);
  return status;
}

// Before torch 2.8: what is active stays here, and the handles are exchanged.
static pt2_status_t swap_handles(pt2__constants_t* constants) {
  pt2__plan_t before;
  pt2__plan_t next;
  bool* all = pt2__malloc(constants->count * sizeof(*all));
  if (all == NULL) {
    return PT2_OUT_OF_MEMORY(constants->count * sizeof(*all));
  }
  for (size_t i = 0; i < constants->count; ++i) {
    all[i] = true;
  }
  pt2_status_t status = pt2__plan_make(constants->count, &before);
  if (status == PT2_STATUS_OK) {
    status = pt2__plan_make(constants->count, &next);
    if (status == PT2_STATUS_OK) {
      status = pt2__buffer_current(constants, all, false, &before);
      status = status == PT2_STATUS_OK
                   ? pt2__buffer_current(constants, all, true, &next)
                   : status;
      if (status == PT2_STATUS_OK) {
        status = exchange(constants, &next);
        if (status != PT2_STATUS_OK &&
            exchange(constants, &before) != PT2_STATUS_OK) {
          atomic_store(&constants->usable, false);
        }
      }
      for (size_t i = 0; status == PT2_STATUS_OK && i < constants->count; ++i) {
        pt2__constant_t* item = &constants->items[i];
        if (item->held[constants->active] == NULL) {
          item->held[constants->active] = before.tensors[i];
          item->foreign[constants->active] = before.tensors[i] != NULL;
          before.tensors[i] = NULL;
        }
      }
      pt2__plan_free(&next);
    }
    pt2__plan_free(&before);
  }
  pt2__free(all);
  return status;
}

pt2_status_t pt2__buffer_swap(pt2__constants_t* constants) {
  pt2_runner_t* runner = constants->runner;
  if (!pt2__container_takes_tensors(runner)) {
    PT2_TRY(pt2__constants_require_exchange(constants));
    PT2_TRY(swap_handles(constants));
  } else if (runner->api.swap_constants(runner->container) != 0) {
    return pt2__runner_model_failed(runner, "swapping the constants");
  }
  constants->active = 1 - constants->active;
  atomic_store(&constants->usable, true);
  return PT2_STATUS_OK;
}

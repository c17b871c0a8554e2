// SPDX-License-Identifier: Apache-2.0
//
// Two runners with the same constants in the same memory.
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/struct_bytes.h"
#include "runner/constants_state.h"
#include "tensor/tensor.h"

// A sharing under way. |theirs| owns the tensors that |given| borrows.
typedef struct {
  pt2__constants_t* to;
  pt2__constants_t* from;
  const pt2_share_options_t* options;
  pt2__plan_t theirs;  // by constant of |from|
  bool* wanted;        // likewise
  pt2_named_tensor_t* given;
  size_t given_count;
  pt2__buffer_t left_out;
  size_t left_out_count;
} sharing_t;

static bool find_fqn(const pt2__constants_t* constants, const char* fqn,
                     size_t* out_index) {
  for (size_t i = 0; i < constants->count; ++i) {
    if (!constants->items[i].folded &&
        strcmp(constants->items[i].info.fqn, fqn) == 0) {
      *out_index = i;
      return true;
    }
  }
  return false;
}

static pt2_status_t leave_out(sharing_t* sharing, const char* fqn,
                              const char* reason) {
  if (sharing->options->not_shared != NULL) {
    sharing->options->not_shared(sharing->options->user, fqn, reason);
  }
  if (sharing->left_out_count++ >= 8) {
    return PT2_STATUS_OK;
  }
  return pt2__buffer_printf(&sharing->left_out, "%s\"%s\" (%s)",
                            sharing->left_out_count > 1 ? ", " : "", fqn,
                            reason);
}

// Takes aliases of what |from| has of the constants of |to|.
static pt2_status_t collect(sharing_t* sharing) {
  pt2__constants_t* from = sharing->from;
  for (size_t i = 0; i < sharing->to->count; ++i) {
    size_t index;
    if (!sharing->to->items[i].folded &&
        find_fqn(from, sharing->to->items[i].info.fqn, &index)) {
      sharing->wanted[index] = true;
    }
  }
  pt2__turn_t turn;
  PT2_TRY(pt2__turn_begin(from, true, &turn));
  for (size_t i = 0; i < from->count; ++i) {
    sharing->wanted[i] &= from->items[i].present[from->active];
  }
  pt2_status_t status = pt2__buffer_adopt(from, sharing->wanted, false);
  if (status == PT2_STATUS_OK) {
    status =
        pt2__buffer_current(from, sharing->wanted, false, &sharing->theirs);
  }
  pt2__turn_end(from, &turn);
  return status;
}

// Why |tensor| cannot be |item|'s, NULL if it can. Borrowed until the next
// record.
static const char* why_not(const sharing_t* sharing,
                           const pt2__constant_t* item,
                           const pt2_tensor_t* tensor) {
  if (tensor == NULL) {
    return "the other model does not have it";
  }
  if (pt2__constant_check(sharing->to->runner, item, tensor, true) !=
      PT2_STATUS_OK) {
    return pt2_error_message();
  }
  if (tensor->storage->immutable &&
      pt2__library_weights_writable(sharing->to->runner->library)) {
    return "this model writes to its constants, the other's never change";
  }
  return NULL;
}

static pt2_status_t choose(sharing_t* sharing) {
  for (size_t i = 0; i < sharing->to->count; ++i) {
    const pt2__constant_t* item = &sharing->to->items[i];
    size_t index = 0;
    if (item->folded) {
      continue;
    }
    pt2_tensor_t* tensor = find_fqn(sharing->from, item->info.fqn, &index)
                               ? sharing->theirs.tensors[index]
                               : NULL;
    const char* reason = why_not(sharing, item, tensor);
    if (reason == NULL) {
      sharing->given[sharing->given_count++] =
          (pt2_named_tensor_t){.name = item->info.fqn, .tensor = tensor};
      continue;
    }
    pt2_status_t status = leave_out(sharing, item->info.fqn, reason);
    pt2__error_begin();  // a reason is no failure
    if (status != PT2_STATUS_OK) {
      return PT2_OUT_OF_MEMORY(strlen(item->info.fqn));
    }
  }
  if (sharing->options->require_all && sharing->left_out_count > 0) {
    return PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                    "%zu of %zu constants cannot be shared: %s%s",
                    sharing->left_out_count, sharing->to->count,
                    sharing->left_out.data,
                    sharing->left_out_count > 8 ? ", …" : "");
  }
  return PT2_STATUS_OK;
}

static pt2_status_t share(sharing_t* sharing) {
  PT2_TRY(pt2__plan_make(sharing->from->count, &sharing->theirs));
  sharing->wanted = pt2__calloc(sharing->from->count, sizeof(*sharing->wanted));
  sharing->given = pt2__calloc(sharing->to->count, sizeof(*sharing->given));
  if (sharing->wanted == NULL || sharing->given == NULL) {
    return PT2_OUT_OF_MEMORY(sharing->to->count * sizeof(*sharing->given));
  }
  PT2_TRY(collect(sharing));
  PT2_TRY(choose(sharing));
  if (sharing->given_count == 0) {
    return PT2_STATUS_OK;
  }
  pt2__update_t update = {.use_inactive = sharing->options->use_inactive,
                          .memory = PT2__MEMORY_GIVEN};
  return pt2__constants_update(sharing->to, sharing->given,
                               sharing->given_count, &update);
}

static const pt2_share_options_t default_options = {
    .struct_bytes = sizeof(default_options)};

void pt2_share_options_init_sized(pt2_share_options_t* options,
                                  size_t struct_bytes) {
  pt2__struct_init(options, struct_bytes, &default_options,
                   sizeof(default_options));
}

pt2_status_t pt2_runner_share_constants(pt2_runner_t* to, pt2_runner_t* from,
                                        const pt2_share_options_t* options,
                                        size_t* out_shared_count) {
  pt2__error_begin();
  pt2_share_options_t all = default_options;
  if (to == NULL || from == NULL || to == from) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "two runners are needed to share constants");
  }
  PT2_TRY(pt2__struct_read(&all, sizeof(all), options, "pt2_share_options_t"));
  if (!pt2__container_takes_tensors(to) &&
      !pt2__constants_are_filled(to->constants)) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "a model before torch 2.8 that came without weights takes "
                    "its first ones as copies");
  }
  sharing_t sharing = {
      .to = to->constants, .from = from->constants, .options = &all};
  pt2_status_t status = share(&sharing);
  if (status == PT2_STATUS_OK && out_shared_count != NULL) {
    *out_shared_count = sharing.given_count;
  }
  if (sharing.theirs.tensors != NULL) {
    pt2__plan_free(&sharing.theirs);
  }
  pt2__free(sharing.wanted);
  pt2__free(sharing.given);
  pt2__buffer_free(&sharing.left_out);
  return status;
}

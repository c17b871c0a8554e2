// SPDX-License-Identifier: Apache-2.0
//
// As torch's kernels do it, parameters, gradients and states meet in the order
// of their memory.
#include "backends/cpu/kernels/optimizer/optimizer.h"

#include <math.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/optimizer/optimizer_step.h"

typedef pt2__optimizer_step_t step_t;

// ---- Steps -----------------------------------------------------------------

// STEP: by the CPU's instructions.
#if defined(__x86_64__)
#define STEP(suffix, real)                                              \
  static void step_##suffix(const step_t* s, int64_t count,             \
                            const real* const* from, real* const* to) { \
    if (pt2__cpu_level() >= PT2__CPU_AVX2) {                            \
      pt2__optimizer_step_##suffix##_avx2(s, count, from, to);          \
    } else {                                                            \
      pt2__optimizer_step_##suffix(s, count, from, to);                 \
    }                                                                   \
  }
#else
#define STEP(suffix, real)                                              \
  static void step_##suffix(const step_t* s, int64_t count,             \
                            const real* const* from, real* const* to) { \
    pt2__optimizer_step_##suffix(s, count, from, to);                   \
  }
#endif
STEP(f32, float)
STEP(f64, double)

// f16 and bf16 in float, rounded once.
#define NARROW(suffix, LOAD, STORE)                          \
  static void step_##suffix(const step_t* s, int64_t count,  \
                            const uint16_t* const* from,     \
                            uint16_t* const* to) {           \
    float wide[PT2__OPTIMIZER_LISTS][PT2__OPTIMIZER_BLOCK];  \
    float* rows[PT2__OPTIMIZER_LISTS];                       \
    for (int k = 0; k < PT2__OPTIMIZER_LISTS; ++k) {         \
      rows[k] = wide[k];                                     \
      for (int64_t i = 0; to[k] != NULL && i < count; ++i) { \
        wide[k][i] = LOAD(from[k][i]);                       \
      }                                                      \
    }                                                        \
    step_f32(s, count, (const float* const*)rows, rows);     \
    for (int k = 0; k < PT2__OPTIMIZER_LISTS; ++k) {         \
      for (int64_t i = 0; to[k] != NULL && i < count; ++i) { \
        to[k][i] = STORE(wide[k][i]);                        \
      }                                                      \
    }                                                        \
  }
NARROW(f16, pt2__f16_to_f32, pt2__f32_to_f16)
NARROW(bf16, pt2__bf16_to_f32, pt2__f32_to_bf16)

// The places of one parameter in all lists; NULL where a list is absent.
typedef struct {
  int32_t dtype;
  int64_t numel;
  const char* from[PT2__OPTIMIZER_LISTS];  // its result, where it was copied
  char* to[PT2__OPTIMIZER_LISTS];
} place_t;

static void run_block(const step_t* s, const place_t* place, int64_t first) {
  const int64_t left = place->numel - first;
  const int64_t count =
      left < PT2__OPTIMIZER_BLOCK ? left : PT2__OPTIMIZER_BLOCK;
#define RUN(suffix, type)                                           \
  {                                                                 \
    const type* from[PT2__OPTIMIZER_LISTS] = {NULL};                \
    type* to[PT2__OPTIMIZER_LISTS] = {NULL};                        \
    for (int k = 0; k < PT2__OPTIMIZER_LISTS; ++k) {                \
      if (place->to[k] != NULL) {                                   \
        from[k] = (const type*)(const void*)place->from[k] + first; \
        to[k] = (type*)(void*)place->to[k] + first;                 \
      }                                                             \
    }                                                               \
    step_##suffix(s, count, from, to);                              \
    break;                                                          \
  }
  switch (place->dtype) {
    case PT2_DTYPE_F16:
      RUN(f16, uint16_t)
    case PT2_DTYPE_BF16:
      RUN(bf16, uint16_t)
    case PT2_DTYPE_F64:
      RUN(f64, double)
    default:
      RUN(f32, float)
  }
#undef RUN
}

// ---- One parameter ---------------------------------------------------------

static step_t numbers_of(const pt2__optimizer_t* o, int64_t at) {
  double count = 0;
  if (o->has_steps) {
    const pt2_tensor_t* step = o->steps.tensors[at];
    count = pt2__element_get_f64(step->dtype, step->data);
  }
  step_t s = {.optimizer = o, .rate = o->lr, .root = 1};
  if (o->kind == PT2__OPTIMIZER_SGD) {
    s.keep1 = o->momentum;
    s.add1 = 1 - o->dampening;
  } else if (o->kind == PT2__OPTIMIZER_ADAGRAD) {
    s.rate = o->lr / (1 + (count - 1) * o->lr_decay);
  } else {
    s.keep1 = o->beta1;
    s.add1 = 1 - o->beta1;
    s.keep2 = o->beta2;
    s.add2 = 1 - o->beta2;
    s.rate = o->lr / (1 - pow(o->beta1, count));
    s.root = sqrt(1 - pow(o->beta2, count));
  }
  s.decay = o->kind == PT2__OPTIMIZER_ADAMW ? 1 - o->lr * o->weight_decay
                                            : o->weight_decay;
  return s;
}

// Makes the results of parameter |at|: those of list k at |results[k]|.
static pt2_status_t change(const pt2__optimizer_t* o, int64_t at,
                           pt2_tensor_t** const* results) {
  const pt2_tensor_t* param = o->lists[0].tensors[at];
  place_t place = {.dtype = param->dtype, .numel = param->numel};
  for (int k = 0; k < o->list_count; ++k) {
    if (o->lists[k].absent) {
      continue;
    }
    const pt2_tensor_t* source = o->lists[k].tensors[at];
    pt2_tensor_t** made = &results[k][at];
    PT2_TRY(pt2__tensor_empty_like(source, source->dtype, made));
    place.to[k] = (*made)->data;
    if (!o->found_inf && pt2__tensor_is_non_overlapping_and_dense(source)) {
      place.from[k] = source->data;
    } else {
      place.from[k] = place.to[k];
      PT2_TRY(pt2__tensor_copy(*made, source));
    }
  }
  if (o->found_inf || place.numel == 0) {
    return PT2_STATUS_OK;
  }
  const step_t step = numbers_of(o, at);
  const int64_t blocks =
      (place.numel + PT2__OPTIMIZER_BLOCK - 1) / PT2__OPTIMIZER_BLOCK;
  const int threads = pt2__op_threads(place.numel * 8);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t block = 0; block < blocks; ++block) {
    run_block(&step, &place, block * PT2__OPTIMIZER_BLOCK);
  }
  return PT2_STATUS_OK;
}

// ---- Checks ----------------------------------------------------------------

static pt2_status_t check_parameter(const pt2__optimizer_t* o, int64_t at) {
  const pt2_tensor_t* param = o->lists[0].tensors[at];
  int32_t dtype = param->dtype;
  PT2_OP_CHECK(dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16 ||
                   dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64,
               "\"fused_%s_kernel\" not implemented for '%s'",
               o->kind == PT2__OPTIMIZER_SGD       ? "sgd"
               : o->kind == PT2__OPTIMIZER_ADAGRAD ? "adagrad"
                                                   : "adam",
               pt2__dtype_torch_name(dtype));
  for (int k = 0; k < o->list_count; ++k) {
    if (o->lists[k].absent) {
      continue;
    }
    const pt2_tensor_t* other = o->lists[k].tensors[at];
    PT2_OP_CHECK(other->dtype == dtype,
                 "%s[%lld]: expected scalar type %s but found %s",
                 o->lists[k].name, (long long)at, pt2__dtype_torch_name(dtype),
                 pt2__dtype_torch_name(other->dtype));
    PT2_OP_CHECK(other->numel == param->numel,
                 "%s[%lld] has %lld elements, its parameter %lld",
                 o->lists[k].name, (long long)at, (long long)other->numel,
                 (long long)param->numel);
  }
  PT2_OP_CHECK(!o->has_steps || o->steps.tensors[at]->numel == 1,
               "state_steps[%lld]: expected a tensor of one element, got %lld",
               (long long)at, (long long)o->steps.tensors[at]->numel);
  return PT2_STATUS_OK;
}

static pt2_status_t check_list(const pt2__optimizer_list_t* list,
                               int64_t count) {
  PT2_OP_CHECK(list->count == (list->absent ? 0 : count),
               "%s: expected %lld tensors, got %lld", list->name,
               (long long)(list->absent ? 0 : count), (long long)list->count);
  for (int64_t i = 0; i < list->count; ++i) {
    PT2_OP_CHECK(list->tensors[i] != NULL, "%s[%lld] is None", list->name,
                 (long long)i);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check(const pt2__optimizer_t* o, size_t result_count) {
  const int64_t count = o->lists[0].count;
  size_t wanted = o->returns_steps ? (size_t)count : 0;
  for (int k = 0; k < o->list_count; ++k) {
    PT2_TRY(check_list(&o->lists[k], count));
    wanted += (size_t)o->lists[k].count;
  }
  if (o->has_steps) {
    PT2_TRY(check_list(&o->steps, count));
  }
  PT2_OP_CHECK(result_count == wanted,
               "the model has room for %zu results, there are %zu",
               result_count, wanted);
  for (int64_t i = 0; i < count; ++i) {
    PT2_TRY(check_parameter(o, i));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t run(const pt2__optimizer_t* o, pt2_tensor_t** results) {
  pt2_tensor_t** lists[PT2__OPTIMIZER_LISTS];
  for (int k = 0; k < o->list_count; ++k) {
    lists[k] = results;
    results += o->lists[k].count;
  }
  for (int64_t i = 0; i < o->lists[0].count; ++i) {
    PT2_TRY(change(o, i, lists));
    if (o->returns_steps) {
      const pt2_tensor_t* step = o->steps.tensors[i];
      PT2_TRY(pt2__tensor_empty_like(step, step->dtype, &results[i]));
      PT2_TRY(pt2__tensor_copy(results[i], step));
    }
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__optimizer_run(const pt2__optimizer_t* optimizer,
                                const pt2__boxed_t* boxed,
                                pt2_tensor_t** results) {
  PT2_TRY(check(optimizer, boxed->result_count));
  pt2_status_t status = run(optimizer, results);
  for (size_t i = 0; status != PT2_STATUS_OK && i < boxed->result_count; ++i) {
    pt2__tensor_release(results[i]);
    results[i] = NULL;
  }
  return status;
}

// ---- Arguments -------------------------------------------------------------

pt2_status_t pt2__optimizer_read_list(const pt2__boxed_t* boxed, size_t at,
                                      const char* name,
                                      pt2__optimizer_t* optimizer) {
  pt2__optimizer_list_t* list = &optimizer->lists[optimizer->list_count++];
  list->name = name;
  // An empty list may come as None: a package has no kind for it.
  if (optimizer->list_count > 2 &&
      pt2__boxed_kind(boxed, at, name) == PT2_VALUE_NONE) {
    return PT2_STATUS_OK;
  }
  return pt2__boxed_tensors(boxed, at, name, &list->tensors, &list->count);
}

pt2_status_t pt2__optimizer_read_steps(const pt2__boxed_t* boxed, size_t at,
                                       pt2__optimizer_t* optimizer) {
  optimizer->has_steps = true;
  optimizer->steps.name = "state_steps";
  return pt2__boxed_tensors(boxed, at, "state_steps", &optimizer->steps.tensors,
                            &optimizer->steps.count);
}

static pt2_status_t read_element(const pt2_tensor_t* tensor, const char* name,
                                 double* out_value) {
  PT2_OP_CHECK(tensor->numel == 1,
               "%s: a Tensor with %lld elements cannot be converted to Scalar",
               name, (long long)tensor->numel);
  *out_value = pt2__element_get_f64(tensor->dtype, tensor->data);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__optimizer_read_lr(const pt2__boxed_t* boxed, size_t at,
                                    pt2__optimizer_t* optimizer) {
  if (pt2__boxed_kind(boxed, at, "lr") != PT2_VALUE_TENSOR) {
    return pt2__boxed_number(boxed, at, "lr", &optimizer->lr, NULL);
  }
  pt2_tensor_t* tensor;
  PT2_TRY(pt2__boxed_tensor(boxed, at, "lr", &tensor));
  return read_element(tensor, "lr", &optimizer->lr);
}

pt2_status_t pt2__optimizer_read_scale(const pt2__boxed_t* boxed, size_t at,
                                       pt2__optimizer_t* optimizer) {
  static const char* const names[2] = {"grad_scale", "found_inf"};
  double values[2] = {0, 0};
  bool given[2];
  for (size_t i = 0; i < 2; ++i) {
    pt2_tensor_t* tensor;
    PT2_TRY(pt2__boxed_optional_tensor(boxed, at + i, names[i], &tensor));
    given[i] = tensor != NULL;
    if (given[i]) {
      PT2_OP_CHECK(tensor->dtype == PT2_DTYPE_F32,
                   "%s: expected scalar type Float but found %s", names[i],
                   pt2__dtype_torch_name(tensor->dtype));
      PT2_TRY(read_element(tensor, names[i], &values[i]));
    }
  }
  optimizer->has_grad_scale = given[0];
  optimizer->grad_scale = values[0];
  optimizer->found_inf = values[1] == 1;
  return PT2_STATUS_OK;
}

// ---- Adam ------------------------------------------------------------------

pt2_status_t pt2__optimizer_run_adam(const pt2__boxed_t* boxed,
                                     pt2__optimizer_kind_t kind,
                                     pt2_tensor_t** results) {
  static const char* const lists[5] = {"self", "grads", "exp_avgs",
                                       "exp_avg_sqs", "max_exp_avg_sqs"};
  pt2__optimizer_t o = {.kind = kind};
  for (size_t i = 0; i < 5; ++i) {
    PT2_TRY(pt2__optimizer_read_list(boxed, i, lists[i], &o));
  }
  PT2_TRY(pt2__optimizer_read_steps(boxed, 5, &o));
  PT2_TRY(pt2__optimizer_read_lr(boxed, 6, &o));
  PT2_TRY(pt2__boxed_number(boxed, 7, "beta1", &o.beta1, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 8, "beta2", &o.beta2, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 9, "weight_decay", &o.weight_decay, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 10, "eps", &o.eps, NULL));
  PT2_TRY(pt2__boxed_bool(boxed, 11, "amsgrad", &o.amsgrad));
  PT2_TRY(pt2__boxed_bool(boxed, 12, "maximize", &o.maximize));
  PT2_TRY(pt2__optimizer_read_scale(boxed, 13, &o));
  o.lists[4].absent = !o.amsgrad;
  return pt2__optimizer_run(&o, boxed, results);
}

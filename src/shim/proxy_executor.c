// SPDX-License-Identifier: Apache-2.0
//
// The proxy executor. Nodes do not change after create, so any number of
// threads may call them at once; what a call needs is one block of the pool.
#include "shim/proxy_executor.h"

#include <stdio.h>
#include <string.h>

#include "shim/op_registry.h"
#include "shim/proxy_node.h"
#include "shim/shim.h"

struct pt2__proxy_executor_t {
  json_t* root;  // the nodes' strings live here
  pt2__proxy_node_t* nodes;
  size_t node_count;
};

// ---- Creation --------------------------------------------------------------

static pt2_status_t resolve(pt2__proxy_node_t* node) {
  if (node->problem != NULL ||
      pt2__op_lookup(node->target, &node->function, &node->user)) {
    return PT2_STATUS_OK;
  }
  static const char text[] = "no such operator is registered (pt2_op_register)";
  node->problem = pt2__strdup(text);
  return node->problem != NULL ? PT2_STATUS_OK
                               : PT2_OUT_OF_MEMORY(sizeof(text));
}

static pt2_status_t parse_nodes(pt2__proxy_executor_t* executor) {
  const json_t* list = json_object_get(executor->root, "nodes");
  if (!json_is_array(list)) {
    return PT2_FAIL(PT2_STATUS_CORRUPT, "extern nodes: there is no list nodes");
  }
  size_t count = json_array_size(list);
  executor->nodes =
      pt2__calloc(count > 0 ? count : 1, sizeof(*executor->nodes));
  if (executor->nodes == NULL) {
    return PT2_OUT_OF_MEMORY(count * sizeof(*executor->nodes));
  }
  executor->node_count = count;
  for (size_t i = 0; i < count; ++i) {
    const json_t* node = json_object_get(json_array_get(list, i), "node");
    pt2_status_t status = pt2__proxy_node_parse(node, &executor->nodes[i]);
    if (status == PT2_STATUS_OK) {
      status = resolve(&executor->nodes[i]);
    }
    if (status != PT2_STATUS_OK) {
      pt2__error_prefix("extern node %zu", i);
      return status;
    }
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__proxy_executor_create(const char* extern_nodes_json,
                                        size_t bytes,
                                        pt2__proxy_executor_t** out_executor) {
  pt2__proxy_executor_t* executor = pt2__calloc(1, sizeof(*executor));
  if (executor == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*executor));
  }
  json_error_t error;
  executor->root = json_loadb(extern_nodes_json, bytes, 0, &error);
  pt2_status_t status;
  if (executor->root == NULL) {
    status = PT2_FAIL(PT2_STATUS_CORRUPT, "extern nodes: line %d: %s",
                      error.line, error.text);
  } else {
    status = parse_nodes(executor);
  }
  if (status != PT2_STATUS_OK) {
    pt2__proxy_executor_destroy(executor);
    return status;
  }
  *out_executor = executor;
  return PT2_STATUS_OK;
}

void pt2__proxy_executor_destroy(pt2__proxy_executor_t* executor) {
  if (executor == NULL) {
    return;
  }
  for (size_t i = 0; i < executor->node_count; ++i) {
    pt2__proxy_node_free(&executor->nodes[i]);
  }
  pt2__free(executor->nodes);
  json_decref(executor->root);
  pt2__free(executor);
}

size_t pt2__proxy_executor_node_count(const pt2__proxy_executor_t* executor) {
  return executor->node_count;
}

const char* pt2__proxy_executor_peek_target(
    const pt2__proxy_executor_t* executor, size_t node) {
  return executor->nodes[node].target;
}

const char* pt2__proxy_executor_peek_problem(
    const pt2__proxy_executor_t* executor, size_t node) {
  return executor->nodes[node].problem;
}

// ---- Calls -----------------------------------------------------------------

// The memory of a call: arguments, results, lists with gaps.
typedef struct {
  void* block;
  size_t bytes;
  pt2_value_t* values;
  pt2_tensor_t** results;
  pt2_tensor_t** listed;
} frame_t;

static pt2_status_t make_frame(const pt2__proxy_node_t* node,
                               frame_t* out_frame) {
  size_t value_bytes = node->argument_count * sizeof(pt2_value_t);
  size_t result_bytes = node->output_tensors * sizeof(pt2_tensor_t*);
  size_t listed_bytes = node->listed_tensors * sizeof(pt2_tensor_t*);
  // A pool block is never empty.
  out_frame->bytes = value_bytes + result_bytes + listed_bytes + 1;
  out_frame->block = pt2__pool_alloc(out_frame->bytes);
  if (out_frame->block == NULL) {
    return PT2_OUT_OF_MEMORY(out_frame->bytes);
  }
  char* at = out_frame->block;
  out_frame->values = (pt2_value_t*)at;
  out_frame->results = (pt2_tensor_t**)(at + value_bytes);
  out_frame->listed = (pt2_tensor_t**)(at + value_bytes + result_bytes);
  for (size_t i = 0; i < node->output_tensors; ++i) {
    out_frame->results[i] = NULL;
  }
  return PT2_STATUS_OK;
}

// Fills in the arguments; what a call hands over lies in the nodes' order.
static void bind_arguments(const pt2__proxy_node_t* node, const int64_t* ints,
                           AtenTensorHandle* tensors, frame_t* frame) {
  pt2_tensor_t** listed = frame->listed;
  for (size_t i = 0; i < node->argument_count; ++i) {
    const pt2__proxy_argument_t* argument = &node->arguments[i];
    pt2_value_t* value = &frame->values[i];
    *value = argument->value;
    switch (argument->source) {
      case PT2__FROM_NODE:
        break;
      case PT2__FROM_TENSOR:
        value->as.tensor = *tensors++;
        break;
      case PT2__FROM_TENSORS:
        value->as.tensors = tensors;
        tensors += value->count;
        break;
      case PT2__FROM_SOME_TENSORS:
        value->as.tensors = listed;
        for (size_t j = 0; j < value->count; ++j) {
          *listed++ = argument->present[j] ? *tensors++ : NULL;
        }
        break;
      case PT2__FROM_INT:
        value->as.integer = *ints++;
        break;
      case PT2__FROM_INTS:
        value->as.integers = ints;
        ints += value->count;
        break;
    }
  }
}

// Runs the operator and puts its results into the handles that are there for
// them; none of these is touched unless all results are good.
static pt2_status_t run_operator(const pt2__proxy_node_t* node,
                                 AtenTensorHandle* outputs, frame_t* frame) {
  pt2_status_t status =
      node->function(node->user, frame->values, node->argument_count,
                     frame->results, node->output_tensors);
  if (status != PT2_STATUS_OK) {
    return PT2_FAIL(status, "the operator failed with %s and gave no reason",
                    pt2_status_name(status));
  }
  for (size_t i = 0; i < node->output_tensors; ++i) {
    PT2_SHIM_CHECK(frame->results[i] != NULL,
                   "the operator left result %zu of %zu NULL", i,
                   node->output_tensors);
  }
  for (size_t i = 0; i < node->output_tensors; ++i) {
    PT2_TRY(pt2__tensor_assign(outputs[i], frame->results[i]));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_counts(const pt2__proxy_node_t* node, int num_ints,
                                 const int64_t* ints, int num_tensors,
                                 AtenTensorHandle* tensors) {
  size_t want_ints = node->input_ints + node->output_ints;
  size_t want_tensors = node->input_tensors + node->output_tensors;
  PT2_SHIM_CHECK(num_ints >= 0 && (size_t)num_ints == want_ints,
                 "the model passes %d integers, expected %zu", num_ints,
                 want_ints);
  PT2_SHIM_CHECK(num_tensors >= 0 && (size_t)num_tensors == want_tensors,
                 "the model passes %d tensors, expected %zu", num_tensors,
                 want_tensors);
  PT2_SHIM_CHECK(
      (ints != NULL || num_ints == 0) && (tensors != NULL || num_tensors == 0),
      "the lists of integers or tensors are NULL");
  for (int i = 0; i < num_tensors; ++i) {
    PT2_SHIM_CHECK(tensors[i] != NULL, "tensor %d is a NULL handle", i);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t call_node(const pt2__proxy_node_t* node, int num_ints,
                              const int64_t* ints, int num_tensors,
                              AtenTensorHandle* tensors) {
  if (node->problem != NULL) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "%s", node->problem);
  }
  PT2_TRY(check_counts(node, num_ints, ints, num_tensors, tensors));
  frame_t frame = {0};
  PT2_TRY(make_frame(node, &frame));
  bind_arguments(node, ints, tensors, &frame);
  pt2_status_t status =
      run_operator(node, tensors + node->input_tensors, &frame);
  for (size_t i = 0; i < node->output_tensors; ++i) {
    pt2__tensor_release(frame.results[i]);
  }
  pt2__pool_free(frame.block, frame.bytes);
  return status;
}

static pt2_status_t call(AOTIProxyExecutorHandle executor, int index,
                         int num_ints, const int64_t* ints, int num_tensors,
                         AtenTensorHandle* tensors) {
  PT2_SHIM_CHECK(executor != NULL,
                 "the model calls an operator by way of the proxy executor, "
                 "but its package has no extern nodes file");
  PT2_SHIM_CHECK(index >= 0 && (size_t)index < executor->node_count,
                 "there is no extern node %d, only %zu", index,
                 executor->node_count);
  const pt2__proxy_node_t* node = &executor->nodes[index];
  pt2_status_t status = call_node(node, num_ints, ints, num_tensors, tensors);
  if (status != PT2_STATUS_OK) {
    pt2__error_prefix("operator %s (extern node %d)", node->target, index);
  }
  return status;
}

AOTITorchError aoti_torch_proxy_executor_call_function(
    AOTIProxyExecutorHandle proxy_executor, int extern_node_index, int num_ints,
    int64_t* flatten_int_args, int num_tensors,
    AtenTensorHandle* flatten_tensor_args) {
  PT2_SHIM_RETURN(call(proxy_executor, extern_node_index, num_ints,
                       flatten_int_args, num_tensors, flatten_tensor_args));
}

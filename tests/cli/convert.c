// SPDX-License-Identifier: Apache-2.0
//
// For the tests of file formats: reads tensors as --input does and writes them
// as --output does.
//
//     convert SPEC FILE
#include <stdio.h>
#include <string.h>

#include "tooling/files.h"
#include "tooling/spec.h"

// Gives the tensors without a key their index.
static void number(pt2__tensor_list_t* from, pt2__tensor_list_t* to) {
  for (size_t i = 0; i < from->count; ++i) {
    char key[24];
    snprintf(key, sizeof(key), "%zu", i);
    pt2__tensor_list_add(to, from->items[i],
                         from->keys[i] != NULL ? from->keys[i] : key);
    from->items[i] = NULL;
  }
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: convert SPEC FILE\n");
    return PT2__EXIT_USAGE;
  }
  pt2__tensor_list_t loaded = {0};
  pt2__tensor_list_t list = {0};
  int result = pt2__spec_load(argv[1], &loaded);
  number(&loaded, &list);
  if (result == PT2__EXIT_OK) {
    result = pt2__file_save(argv[2], &list);
  }
  if (result != PT2__EXIT_OK) {
    fprintf(stderr, "%s\n", pt2__tool_error());
  }
  pt2__tensor_list_free(&list);
  pt2__tensor_list_free(&loaded);
  pt2__reader_free_tables();
  return result;
}

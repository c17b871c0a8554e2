// SPDX-License-Identifier: Apache-2.0
//
// Reads a handwritten digit: draws an 8x8 picture in the terminal, runs the
// model of a PyTorch package on it and shows the probability of each class.
//
//   digits examples/digits/digits.pt2 examples/digits/pictures/7.pgm
#include <stdio.h>

#include "pt2/pt2.h"

enum { SIDE = 8, CLASSES = 10, GREY_MAX = 16 };

// Reads the plain form of PGM: "P2", width, height, largest grey, the greys.
static int read_picture(const char* path, float* picture) {
  FILE* file = fopen(path, "r");
  if (!file) return perror(path), -1;
  int width = 0, height = 0, grey_max = 0, read = 0;
  if (fscanf(file, "P2 %d %d %d", &width, &height, &grey_max) == 3 &&
      width == SIDE && height == SIDE && grey_max == GREY_MAX) {
    while (read < SIDE * SIDE && fscanf(file, "%f", &picture[read]) == 1) {
      ++read;
    }
  }
  fclose(file);
  if (read == SIDE * SIDE) return 0;
  fprintf(stderr, "%s: not an 8x8 picture in plain PGM with greys 0 to 16\n",
          path);
  return -1;
}

static void draw(const float* picture) {
  static const char* const kShades[] = {"  ", "░░", "▒▒", "▓▓", "██"};
  for (int i = 0; i < SIDE * SIDE; ++i) {
    int grey = (int)picture[i];
    if (grey < 0) grey = 0;
    if (grey > GREY_MAX) grey = GREY_MAX;
    printf("%s%s", kShades[(grey * 4 + GREY_MAX / 2) / GREY_MAX],
           i % SIDE == SIDE - 1 ? "\n" : "");
  }
}

static void print_probabilities(const float* probabilities) {
  int best = 0;
  for (int i = 1; i < CLASSES; ++i) {
    if (probabilities[i] > probabilities[best]) best = i;
  }
  printf("\nThis is a %d.\n\n", best);
  for (int i = 0; i < CLASSES; ++i) {
    printf("  %d %6.2f %% ", i, 100.0 * probabilities[i]);
    for (int bar = (int)(probabilities[i] * 40 + 0.5f); bar > 0; --bar) {
      fputs("█", stdout);
    }
    puts("");
  }
}

// Runs the model; everything that needs libpt2 is here.
static pt2_status_t classify(const char* package_path, float* picture,
                             float* probabilities) {
  const int64_t sizes[] = {1, 1, SIDE, SIDE};
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  pt2_tensor_t *input = NULL, *output = NULL;

  pt2_status_t status = pt2_package_open(package_path, NULL, &package);
  if (!status) status = pt2_runner_create(package, NULL, &runner);
  if (!status) {
    status = pt2_tensor_from_blob(picture, PT2_DTYPE_F32, 4, sizes, NULL, NULL,
                                  NULL, &input);
  }
  if (!status) status = pt2_runner_run(runner, &input, 1, &output, 1);
  if (!status) {
    const float* values = pt2_tensor_peek_data(output);
    const int64_t count = pt2_tensor_numel(output);
    for (int i = 0; i < CLASSES && i < count; ++i) probabilities[i] = values[i];
  }
  pt2_tensor_release(output);
  pt2_tensor_release(input);
  pt2_runner_release(runner);
  pt2_package_release(package);
  return status;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s PACKAGE.pt2 PICTURE.pgm\n", argv[0]);
    return 2;
  }
  float picture[SIDE * SIDE], probabilities[CLASSES] = {0};
  if (read_picture(argv[2], picture)) return 1;
  draw(picture);
  if (classify(argv[1], picture, probabilities)) {
    fprintf(stderr, "%s\n", pt2_error_message());
    return 1;
  }
  print_probabilities(probabilities);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
//
// Complex numbers of two parts, which C11's CMPLX makes with some compilers
// only. (x + y * I is another number where y is infinite or NaN.)
#ifndef PT2_SRC_BASE_COMPLEX_PARTS_H_
#define PT2_SRC_BASE_COMPLEX_PARTS_H_

static inline float _Complex pt2__complex_f32(float real, float imaginary) {
  union {
    float parts[2];
    float _Complex value;
  } pun = {.parts = {real, imaginary}};
  return pun.value;
}

static inline double _Complex pt2__complex_f64(double real, double imaginary) {
  union {
    double parts[2];
    double _Complex value;
  } pun = {.parts = {real, imaginary}};
  return pun.value;
}

#endif  // PT2_SRC_BASE_COMPLEX_PARTS_H_

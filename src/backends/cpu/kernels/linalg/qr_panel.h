// SPDX-License-Identifier: Apache-2.0
//
// The innermost loops of QR, for each instruction set.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_QR_PANEL_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_QR_PANEL_H_

#include <stdint.h>

// Most columns.
#define PT2__QR_PANEL 16

// QR of |n| <= m columns that are |cs| apart, in place. |v|, whose columns are
// |v_cs| apart, gets the reflections' vectors with their ones and zeros; the
// triangle |t|, whose columns are |t_cs| apart, makes I - v t v^T their
// product.
typedef void (*pt2__qr_panel_fn)(int64_t m, int64_t n, void* a, int64_t cs,
                                 void* tau, void* v, int64_t v_cs, void* t,
                                 int64_t t_cs);

// Those of an instruction set, for f32, f64, complex64 and complex128.
extern const pt2__qr_panel_fn pt2__qr_panels_generic[4];
#if defined(__x86_64__)
extern const pt2__qr_panel_fn pt2__qr_panels_avx2[4];
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_QR_PANEL_H_

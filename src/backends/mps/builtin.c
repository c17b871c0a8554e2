// SPDX-License-Identifier: Apache-2.0
//
// The back end as a part of the library, on Apple systems: registered when the
// library is loaded, as PyTorch's runner is. The device is looked for later.
#include "backends/mps/mps.h"
#include "pt2/op.h"
#include "pt2/pt2.h"

static const pt2_backend_host_t host = {.struct_bytes = sizeof(host),
                                        .set_error = pt2_op_set_error,
                                        .shim_symbol = pt2_shim_symbol};

__attribute__((constructor)) static void register_mps(void) {
  const pt2_backend_t* backend = pt2__mps_backend(&host);
  // A name that is taken stays whose it is.
  if (backend == NULL || pt2_backend_register(backend) != PT2_STATUS_OK) {
    pt2_error_clear();
  }
}

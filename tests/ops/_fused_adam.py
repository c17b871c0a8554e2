# SPDX-License-Identifier: Apache-2.0
import fused_adam

fused_adam.register("_fused_adam")

// SPDX-License-Identifier: Apache-2.0
//
// The command line tool. What it does is in src/tooling.
#include "tooling/cli.h"

int main(int argc, char** argv) { return pt2__tool_main(argc, argv); }

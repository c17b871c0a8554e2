// SPDX-License-Identifier: Apache-2.0
//
// A shared library that is no back end.
int pt2_nothing_here;

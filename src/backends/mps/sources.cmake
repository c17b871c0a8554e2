# SPDX-License-Identifier: Apache-2.0
# PT2_MPS_SOURCES: the back end without its device (metal_apple.c, or the tests'
# own) and without the way it is registered (builtin.c, plugin.c). Its kernels
# become strings of C.
file(GLOB PT2_MPS_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.c)
list(FILTER PT2_MPS_SOURCES EXCLUDE REGEX "/(metal_apple|builtin|plugin)\\.c$")
list(APPEND PT2_MPS_SOURCES ${CMAKE_CURRENT_LIST_DIR}/callback.cpp)
set(text "// Made by sources.cmake from kernels/*.metal.\n")
string(APPEND text "#include \"backends/mps/mps.h\"\n")
file(GLOB kernels CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/kernels/*.metal)
foreach(kernel IN LISTS kernels)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${kernel})
  get_filename_component(name ${kernel} NAME_WE)
  file(READ ${kernel} source)
  string(REPLACE "\\" "\\\\" source "${source}")
  string(REPLACE "\"" "\\\"" source "${source}")
  string(REPLACE "\n" "\\n\"\n    \"" source "${source}")
  string(APPEND text
         "const char pt2__mps_${name}_source[] =\n    \"${source}\";\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/mps_kernels.c CONTENT "${text}" @ONLY)
list(APPEND PT2_MPS_SOURCES ${CMAKE_BINARY_DIR}/mps_kernels.c)

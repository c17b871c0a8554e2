# SPDX-License-Identifier: Apache-2.0
# Symbol versions: a node PT2_<major>.<minor> for each release, made from the
# recorded names of abi/libpt2.symbols ("NAME@NODE VERSION"). What is not
# recorded yet gets the node of the release that is being made, never that of an
# older one: a program that needs it is refused by an older library at its start.
set(PT2_NODE PT2_${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
file(STRINGS ${CMAKE_SOURCE_DIR}/abi/libpt2.symbols PT2_RECORDED REGEX "^ pt2_")
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND
             PROPERTY CMAKE_CONFIGURE_DEPENDS abi/libpt2.symbols)
set(PT2_NODES ${PT2_NODE})
foreach(line IN LISTS PT2_RECORDED)
  string(REGEX MATCH "^ (pt2_[a-z0-9_]+)@(PT2_[0-9.]+) " found "${line}")
  if(NOT found)
    message(FATAL_ERROR "abi/libpt2.symbols: not 'NAME@NODE VERSION': ${line}")
  endif()
  list(APPEND PT2_NODES ${CMAKE_MATCH_2})
  string(APPEND PT2_NAMES_${CMAKE_MATCH_2} "    ${CMAKE_MATCH_1};\n")
endforeach()
list(REMOVE_DUPLICATES PT2_NODES)
list(SORT PT2_NODES COMPARE NATURAL)
list(GET PT2_NODES -1 PT2_LAST_NODE)
if(NOT PT2_LAST_NODE STREQUAL PT2_NODE)
  message(FATAL_ERROR "abi/libpt2.symbols has ${PT2_LAST_NODE}, which is later "
                      "than this release, ${PROJECT_VERSION}")
endif()

set(PT2_SCRIPT "")
set(PT2_BEFORE "")
foreach(node IN LISTS PT2_NODES)
  set(names "${PT2_NAMES_${node}}")
  if(node STREQUAL PT2_NODE)
    string(APPEND names "    pt2_*;\n  local:\n    *;\n")
  endif()
  string(APPEND PT2_SCRIPT "${node} {\n  global:\n${names}}${PT2_BEFORE};\n")
  set(PT2_BEFORE " ${node}")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/libpt2.map CONTENT "${PT2_SCRIPT}")
target_link_options(pt2_shared PRIVATE
                    -Wl,--version-script=${CMAKE_BINARY_DIR}/libpt2.map)
set_property(TARGET pt2_shared APPEND PROPERTY LINK_DEPENDS
                                               ${CMAKE_BINARY_DIR}/libpt2.map)

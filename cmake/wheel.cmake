# SPDX-License-Identifier: Apache-2.0
# What a wheel holds beside the Python files: pt2/_pt2.abi3.so, pt2/libpt2.so.0,
# the tool in pt2/bin, and a script that calls it. They find each other by where
# they lie.
set(PT2_WHEEL_LICENSES "" CACHE PATH
    "Folder of the licences of PT2_WHEEL_LIBRARIES, /usr/share/doc-like")
set(PT2_WHEEL_LIBRARIES "" CACHE STRING
    "Libraries that are put beside libpt2 under their own names")
# A wheel holds no symbolic links: one name for the library.
set_target_properties(pt2_shared PROPERTIES VERSION 0 INSTALL_RPATH "$ORIGIN")
set_target_properties(pt2_python PROPERTIES INSTALL_RPATH "$ORIGIN")
set_target_properties(pt2_tool PROPERTIES INSTALL_RPATH "$ORIGIN/..")
install(TARGETS pt2_shared LIBRARY DESTINATION pt2 COMPONENT wheel NAMELINK_SKIP)
install(TARGETS pt2_python LIBRARY DESTINATION pt2 COMPONENT wheel)
install(TARGETS pt2_tool RUNTIME DESTINATION pt2/bin COMPONENT wheel)
install(PROGRAMS ${CMAKE_CURRENT_LIST_DIR}/wheel/pt2
        DESTINATION ${SKBUILD_SCRIPTS_DIR} COMPONENT wheel)
# A model names libgomp.so.1 itself: under its own name it gets the one that
# libpt2 uses, and one pool of threads. libsleef.so.3 is opened by name.
foreach(library IN LISTS PT2_WHEEL_LIBRARIES)
  get_filename_component(name ${library} NAME)
  file(REAL_PATH ${library} file)
  install(FILES ${file} RENAME ${name} DESTINATION pt2 COMPONENT wheel
          PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
                      GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endforeach()
if(PT2_WHEEL_LICENSES)
  install(DIRECTORY ${PT2_WHEEL_LICENSES}/ DESTINATION pt2/licenses
          COMPONENT wheel)
endif()

# SPDX-License-Identifier: Apache-2.0
# make install PREFIX=…: headers, both libraries, the tool and its man page,
# pkg-config and CMake files. The components are Debian's packages: lib (what
# programs need), dev (what compiling needs), tool.
include(CMakePackageConfigHelpers)
install(TARGETS pt2_shared EXPORT pt2Targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT lib
                NAMELINK_COMPONENT dev)
set_target_properties(pt2_shared PROPERTIES EXPORT_NAME pt2)
install(FILES ${CMAKE_BINARY_DIR}/libpt2.a DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT dev)
if(TARGET pt2_tool)
  install(TARGETS pt2_tool DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tool)
  if(PT2_DEB)
    set(PT2_MAN ${CMAKE_BINARY_DIR}/deb/pt2.1.gz)
  else()
    set(PT2_MAN ${CMAKE_SOURCE_DIR}/docs/man/pt2.1)
  endif()
  install(FILES ${PT2_MAN} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
          COMPONENT tool)
endif()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/pt2
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev
        FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
# The .pc finds its prefix from where it lies: lib/pkgconfig or, with Debian's
# multiarch folder, one level deeper.
file(RELATIVE_PATH PT2_PC_PREFIX
     /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${CMAKE_SOURCE_DIR}/cmake/pt2.pc.in pt2.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/pt2.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
install(EXPORT pt2Targets NAMESPACE pt2::
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pt2 COMPONENT dev)
configure_package_config_file(
  ${CMAKE_SOURCE_DIR}/cmake/pt2Config.cmake.in pt2Config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pt2)
write_basic_package_version_file(pt2ConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/pt2Config.cmake
              ${CMAKE_BINARY_DIR}/pt2ConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/pt2 COMPONENT dev)
if(PT2_DEB)
  include(${CMAKE_CURRENT_LIST_DIR}/deb.cmake)
endif()

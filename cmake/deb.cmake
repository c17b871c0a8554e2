# SPDX-License-Identifier: Apache-2.0
# Debian packages by CPack (scripts/make_deb.sh): libpt2-0, libpt2-dev, pt2. Wants
# CMAKE_INSTALL_PREFIX=/usr, from which the multiarch folders follow.
if(NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  message(FATAL_ERROR "PT2_DEB wants CMAKE_INSTALL_PREFIX=/usr")
endif()
# No address is known that answers; whoever distributes the packages sets one.
set(PT2_MAINTAINER "The pt2 authors <pt2@localhost.localdomain>" CACHE STRING
    "Name and address in the Debian packages")
execute_process(COMMAND dpkg --print-architecture OUTPUT_VARIABLE PT2_DEB_ARCH
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME pt2)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL lib dev tool)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
    WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${PT2_DEB_ARCH})
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${PT2_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The tool needs the library, which is not installed while it is packed.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR})

set(PT2_SUMMARY "runs PyTorch AOTInductor packages without libtorch")
set(PT2_ABOUT
    "Loads the model packages (.pt2) that PyTorch's ahead-of-time compiler,
AOTInductor, writes, and runs them; neither libtorch nor Python is needed.")

set(CPACK_DEBIAN_LIB_PACKAGE_NAME libpt2-0)
set(CPACK_DEBIAN_LIB_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIB_DESCRIPTION
    "${PT2_SUMMARY} (library)\n${PT2_ABOUT}\n\nThis package holds the shared library.")
# Both are opened when a model calls for them: vector mathematics (there is a
# slower one inside) and QR, eigenvalues and singular values.
set(CPACK_DEBIAN_LIB_PACKAGE_RECOMMENDS libsleef3)
set(CPACK_DEBIAN_LIB_PACKAGE_SUGGESTS libopenblas0-pthread)

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libpt2-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libpt2-0 (= ${PROJECT_VERSION})")
# What a program that links the static library needs besides.
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "libjansson-dev, zlib1g-dev")
set(CPACK_DEBIAN_DEV_DESCRIPTION
    "${PT2_SUMMARY} (development)\n${PT2_ABOUT}\n\nThis package holds the headers, the static library, and the files for\npkg-config and CMake.")

set(CPACK_DEBIAN_TOOL_PACKAGE_NAME pt2)
set(CPACK_DEBIAN_TOOL_PACKAGE_SECTION science)
set(CPACK_DEBIAN_TOOL_PACKAGE_DEPENDS "libpt2-0 (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_TOOL_DESCRIPTION
    "${PT2_SUMMARY} (tool)\n${PT2_ABOUT}\n\nThis package holds the command line tool, which inspects, checks, runs and\nmeasures packages.")

# Every package has its licence and its changelog; CPack runs no helper of
# Debian's that would compress them.
string(TIMESTAMP PT2_DEB_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${CMAKE_CURRENT_LIST_DIR}/deb/changelog.in deb/changelog @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/deb/copyright deb/copyright COPYONLY)
foreach(file ${CMAKE_BINARY_DIR}/deb/changelog
             ${CMAKE_SOURCE_DIR}/docs/man/pt2.1)
  get_filename_component(name ${file} NAME)
  execute_process(
    COMMAND gzip -9nc ${file} OUTPUT_FILE ${CMAKE_BINARY_DIR}/deb/${name}.gz
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
foreach(component ${CPACK_COMPONENTS_ALL})
  string(TOUPPER ${component} upper)
  install(
    FILES ${CMAKE_BINARY_DIR}/deb/copyright ${CMAKE_BINARY_DIR}/deb/changelog.gz
    DESTINATION share/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME}
    COMPONENT ${component})
endforeach()
# Which version a program needs at least is told symbol by symbol.
configure_file(${CMAKE_SOURCE_DIR}/abi/libpt2.symbols deb/symbols COPYONLY)
file(WRITE ${CMAKE_BINARY_DIR}/deb/shlibs
     "libpt2 0 libpt2-0 (>= ${PROJECT_VERSION})\n")
file(WRITE ${CMAKE_BINARY_DIR}/deb/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIB_PACKAGE_CONTROL_EXTRA
    ${CMAKE_BINARY_DIR}/deb/symbols ${CMAKE_BINARY_DIR}/deb/shlibs
    ${CMAKE_BINARY_DIR}/deb/triggers)
set(CPACK_DEBIAN_LIB_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)

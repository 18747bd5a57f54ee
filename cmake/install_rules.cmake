# cmake --install: programs, static libraries, the public headers and the package config `bless`.
#
#   bls_public_headers(<header>...)   called by a layer for each header an embedder may include
#
# A user then writes find_package(bless) and links bls::runtime.

function(bls_public_headers)
  foreach(header IN LISTS ARGN)
    get_filename_component(path ${header} ABSOLUTE)
    if(NOT EXISTS ${path})
      message(FATAL_ERROR "bls_public_headers: no file ${header}")
    endif()
    file(RELATIVE_PATH rel ${CMAKE_SOURCE_DIR} ${path})
    get_filename_component(dir ${rel} DIRECTORY)
    install(FILES ${path} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/bless/${dir})
  endforeach()
endfunction()

function(bls_install_package)
  if(BLS_WASM)
    return()
  endif()
  get_property(layers GLOBAL PROPERTY BLS_LAYERS)
  if(NOT layers)
    return()
  endif()
  include(CMakePackageConfigHelpers)
  set(dest ${CMAKE_INSTALL_LIBDIR}/cmake/bless)
  install(TARGETS ${layers} EXPORT bless-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/bless)
  install(EXPORT bless-targets NAMESPACE bls:: DESTINATION ${dest})
  if(TARGET bls_codegen)
    set(BLS_HAS_CODEGEN ON)
  else()
    set(BLS_HAS_CODEGEN OFF)
  endif()
  if(TARGET bls_codegen_verify AND BLS_CHECKS)
    set(BLS_HAS_VERIFIER ON)
  else()
    set(BLS_HAS_VERIFIER OFF)
  endif()
  configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/bless-config.cmake.in
    ${CMAKE_BINARY_DIR}/bless-config.cmake INSTALL_DESTINATION ${dest})
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/bless-config-version.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_BINARY_DIR}/bless-config.cmake ${CMAKE_BINARY_DIR}/bless-config-version.cmake
    DESTINATION ${dest})
  install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/THIRD_PARTY.md
    DESTINATION ${CMAKE_INSTALL_DOCDIR})
endfunction()

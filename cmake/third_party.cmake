# Third parties: found here, with the least version that will do; versions are printed.
# The programs link nothing but the C and C++ libraries; the rest is for tests and benchmarks.
# THIRD_PARTY.md lists versions and licences.

if(NOT BLS_WASM)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
endif()
if(BLS_TESTS)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
else()
  find_package(Python3 QUIET COMPONENTS Interpreter)
endif()
if(BLS_TESTS AND NOT BLS_WASM)
  if(CMAKE_CROSSCOMPILING)
    # The packaged library is for the build machine; Debian ships the sources next to it.
    add_subdirectory(/usr/src/googletest ${CMAKE_BINARY_DIR}/googletest EXCLUDE_FROM_ALL SYSTEM)
  else()
    find_package(GTest 1.12 REQUIRED)
    message(STATUS "third party: libgtest-dev ${GTest_VERSION}")
  endif()
endif()
if(BLS_BENCH)
  find_package(benchmark 1.7 REQUIRED)
  message(STATUS "third party: libbenchmark-dev ${benchmark_VERSION}")
endif()
if(BLS_CODEGEN AND NOT BLS_WASM AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|aarch64|arm64")
  # An encoder only, behind the macro assemblers. 1.9 is what Debian 12 has; its version is checked
  # because an encoder's mistakes are ours.
  if(CMAKE_CROSSCOMPILING)
    # Its package config names the headers of the build machine as a whole: they get a folder of their own.
    find_library(asmjit_library asmjit REQUIRED NO_CMAKE_FIND_ROOT_PATH NO_DEFAULT_PATH
      PATHS /usr/lib/${CMAKE_SYSTEM_PROCESSOR}-linux-gnu)
    set(asmjit_include ${CMAKE_BINARY_DIR}/asmjit)
    file(MAKE_DIRECTORY ${asmjit_include})
    file(CREATE_LINK /usr/include/asmjit ${asmjit_include}/asmjit SYMBOLIC)
    add_library(asmjit::asmjit STATIC IMPORTED)
    set_target_properties(asmjit::asmjit PROPERTIES IMPORTED_LOCATION ${asmjit_library}
      INTERFACE_INCLUDE_DIRECTORIES ${asmjit_include} INTERFACE_LINK_LIBRARIES "Threads::Threads;rt")
  else()
    find_package(asmjit CONFIG REQUIRED)
    get_target_property(asmjit_include asmjit::asmjit INTERFACE_INCLUDE_DIRECTORIES)
    list(GET asmjit_include 0 asmjit_include)
  endif()
  file(STRINGS ${asmjit_include}/asmjit/core/api-config.h asmjit_line REGEX "define ASMJIT_LIBRARY_VERSION ")
  if(NOT asmjit_line MATCHES "0x010900")
    message(FATAL_ERROR "asmjit 1.9.0 is needed (libasmjit-dev), found: ${asmjit_line}")
  endif()
  message(STATUS "third party: libasmjit-dev 1.9.0")
  # For tests and for bls-explain, which is left out without it; x86-64 alone.
  set(zydis_needed QUIET)
  if(BLS_TESTS AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set(zydis_needed REQUIRED)
  endif()
  find_package(zydis CONFIG ${zydis_needed})
  if(zydis_FOUND)
    message(STATUS "third party: libzydis-dev ${zydis_VERSION}")
  endif()
endif()

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

# Third parties: found here, named once, versions checked and printed.
#
# Header-only ones become bls::cli11, bls::json, bls::fmt, bls::xxhash. They are reached through a
# private folder of links, so that a cross build sees these headers without seeing all of
# /usr/include, and they count as system headers. THIRD_PARTY.md lists versions and licences.

set(BLS_HEADER_ONLY)
set(BLS_LINK_DIR ${CMAKE_BINARY_DIR}/third_party)

# bls_header_only(<name> <package> <link name> <version header> <version regex> <minimum>)
function(bls_header_only name package link version_file regex minimum)
  find_path(BLS_${name}_ROOT NAMES ${version_file} PATHS /usr/local/include /usr/include
    NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
  if(NOT BLS_${name}_ROOT)
    message(FATAL_ERROR "${link} not found: install the Debian package ${package} (./dev build does)")
  endif()
  set(version)
  file(STRINGS ${BLS_${name}_ROOT}/${version_file} lines REGEX "${regex}")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "([0-9]+)[^0-9]*$" last_number "${line}")
    list(APPEND version ${CMAKE_MATCH_1})
  endforeach()
  list(JOIN version "." version)
  if(name STREQUAL fmt AND version)  # one number: 90100
    math(EXPR major "${version} / 10000")
    math(EXPR minor "${version} / 100 % 100")
    set(version ${major}.${minor})
  endif()
  if(version VERSION_LESS minimum)
    message(FATAL_ERROR "${package}: version ${version} found, at least ${minimum} needed")
  endif()
  message(STATUS "third party: ${package} ${version}")
  file(MAKE_DIRECTORY ${BLS_LINK_DIR}/${name})
  file(CREATE_LINK ${BLS_${name}_ROOT}/${link} ${BLS_LINK_DIR}/${name}/${link} SYMBOLIC)
  add_library(bls_third_${name} INTERFACE)
  add_library(bls::${name} ALIAS bls_third_${name})
  target_include_directories(bls_third_${name} SYSTEM INTERFACE ${BLS_LINK_DIR}/${name})
  set(BLS_HEADER_ONLY ${BLS_HEADER_ONLY} bls::${name} PARENT_SCOPE)
endfunction()

bls_header_only(json nlohmann-json3-dev nlohmann nlohmann/detail/abi_macros.hpp
  "^#define NLOHMANN_JSON_VERSION_(MAJOR|MINOR|PATCH) " 3.11)
bls_header_only(fmt libfmt-dev fmt fmt/core.h "^#define FMT_VERSION " 9.1)
bls_header_only(xxhash libxxhash-dev xxhash.h xxhash.h
  "^#define XXH_VERSION_(MAJOR|MINOR|RELEASE) " 0.8)
target_compile_definitions(bls_third_fmt INTERFACE FMT_HEADER_ONLY=1)
target_compile_definitions(bls_third_xxhash INTERFACE XXH_INLINE_ALL=1)
if(BLS_WASM)
  target_compile_definitions(bls_third_fmt INTERFACE FMT_EXCEPTIONS=0)
  target_compile_definitions(bls_third_json INTERFACE JSON_NOEXCEPTION=1)
else()
  bls_header_only(cli11 libcli11-dev CLI CLI/Version.hpp
    "^#define CLI11_VERSION_(MAJOR|MINOR|PATCH) " 2.1)
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

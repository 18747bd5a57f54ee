# bls_layer, bls_test and their helpers: how one folder of the tree becomes a target.
#
#   bls_add_tree(<folder>)                 add every CMakeLists.txt at or below a folder, once
#   bls_layer(<name> [DEPS ...] ...)       the folder's *.cc as bls::<name>
#   bls_test(<name> [DEPS ...] ...)        the folder's *_test.cc as one GoogleTest program
#   bls_program_test(<name> COMMAND ...)   a ctest entry for a process-level (Python) suite
#   bls_fuzzer(<name> [DEPS ...] ...)      <name>.cc as a libFuzzer program, with a short seeded run
#   bls_source_flags(FILES ... FLAGS ...)  extra flags for single files, sanitizers off there
#
# DEPS are names of our layers (engine_base) or targets of third parties (Foo::foo).
# A folder without sources yields an INTERFACE target, so a layer may be named before it has code.

set_property(GLOBAL PROPERTY BLS_FOLDERS_ADDED "")
set_property(GLOBAL PROPERTY BLS_LAYERS "")

# Adds <folder> and all folders below it that hold a CMakeLists.txt; missing folders are skipped.
# Folders that a CMakeLists.txt on the way has added itself are left alone.
function(bls_add_tree folder)
  file(GLOB_RECURSE lists CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt)
  list(SORT lists)
  foreach(list_file IN LISTS lists)
    get_filename_component(dir ${list_file} DIRECTORY)
    file(RELATIVE_PATH rel ${CMAKE_CURRENT_SOURCE_DIR} ${dir})
    # Projects of their own (examples built against the installed tree, fixtures) are not ours to add.
    file(STRINGS ${list_file} own_project REGEX "^project\\(")
    _bls_known_folders(known ${CMAKE_SOURCE_DIR})
    if(NOT own_project AND NOT dir IN_LIST known)
      add_subdirectory(${rel})
    endif()
  endforeach()
endfunction()

function(_bls_known_folders out dir)
  get_property(subs DIRECTORY ${dir} PROPERTY SUBDIRECTORIES)
  set(all ${subs})
  foreach(sub IN LISTS subs)
    _bls_known_folders(below ${sub})
    list(APPEND all ${below})
  endforeach()
  set(${out} ${all} PARENT_SCOPE)
endfunction()

# Turns a DEPS list into link items: our layers by alias, anything else as it is.
function(_bls_link_items out)
  set(items)
  foreach(dep IN LISTS ARGN)
    if(dep MATCHES "^(engine_.*|codegen.*|wasi|extensions.*|runtime.*|tools|test_.*)$")
      list(APPEND items bls::${dep})
    else()
      list(APPEND items ${dep})
    endif()
  endforeach()
  set(${out} ${items} PARENT_SCOPE)
endfunction()

# Sources of the current folder. Names say where a file belongs: *_wasm.cc and *_wasi.cc only in the
# wasm build, *_posix.cc and *_linux.cc only outside it.
# Of the current folder, or of those below it that are named (`.` is it).
function(_bls_folder_sources out)
  set(patterns ${ARGN})
  if(NOT patterns)
    set(patterns .)
  endif()
  list(TRANSFORM patterns REPLACE "(.+)" "${CMAKE_CURRENT_SOURCE_DIR}/\\1/*.cc")
  file(GLOB sources CONFIGURE_DEPENDS ${patterns})
  if(BLS_WASM)
    list(FILTER sources EXCLUDE REGEX "_(posix|linux)\\.cc$")
  else()
    list(FILTER sources EXCLUDE REGEX "_(wasm|wasi)\\.cc$")
  endif()
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  set(${out} ${sources} PARENT_SCOPE)
endfunction()

# bls_layer(<name> [DEPS <layer or target>...] [DEFINES <definition>...]
#           [EXCEPTIONS]     the layer may use exceptions and RTTI (tools and test support only)
#           [NO_AUTO_INIT]   hot layer: automatic variables are not zeroed, no libstdc++ assertions
#           [NO_INSTALL]     not part of the installed package
#           [FOLDERS <folder>...])  its files, below the current folder; `.`, the current one, if not given
function(bls_layer name)
  cmake_parse_arguments(ARG "EXCEPTIONS;NO_AUTO_INIT;NO_INSTALL" "" "DEPS;DEFINES;FOLDERS" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "bls_layer(${name}): unknown arguments ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  _bls_folder_sources(sources ${ARG_FOLDERS})
  _bls_link_items(items ${ARG_DEPS})
  set(scope PUBLIC)
  if(sources)
    add_library(bls_${name} STATIC ${sources})
    list(LENGTH sources count)
    # Behind a header of g++'s, warnings of the standard library's own code come up.
    if((BLS_SANITIZE OR BLS_WASM) AND CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND count GREATER 2)
      target_compile_options(bls_${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")  # for ccache
      target_precompile_headers(bls_${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
    endif()
    target_compile_options(bls_${name} PRIVATE ${BLS_LAYER_WARNINGS})
    if(NOT ARG_EXCEPTIONS)
      target_compile_options(bls_${name} PRIVATE -fno-exceptions -fno-rtti)
    endif()
    if(ARG_NO_AUTO_INIT AND BLS_HARDEN)
      target_compile_options(bls_${name} PRIVATE -ftrivial-auto-var-init=uninitialized)
    elseif(BLS_HARDEN)
      target_compile_definitions(bls_${name} PRIVATE _GLIBCXX_ASSERTIONS)
    endif()
  else()
    add_library(bls_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(bls::${name} ALIAS bls_${name})
  set_target_properties(bls_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(bls_${name} ${scope} cxx_std_20)
  target_compile_definitions(bls_${name} ${scope} ${ARG_DEFINES})
  target_include_directories(bls_${name} ${scope}
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}> $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/bless>)
  target_link_libraries(bls_${name} ${scope} ${items})
  if(NOT ARG_NO_INSTALL)
    set_property(GLOBAL APPEND PROPERTY BLS_LAYERS bls_${name})
  endif()
endfunction()

# The layers are what is tested: optimising or instrumenting the tests' own macros doubles the build. GoogleTest's
# header, most of what a test file includes, is compiled once for all of them.
function(_bls_quick_test_build test)
  # Without RTTI like the layers: a test may derive from a layer's class.
  set(options -O0 SHELL:-U_FORTIFY_SOURCE -fno-rtti ${BLS_TEST_WARNINGS})
  if(BLS_SANITIZE)
    list(APPEND options -fno-sanitize=all)
  endif()
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    list(APPEND options "SHELL:-Xclang -fno-pch-timestamp")  # for ccache
  endif()
  if(NOT TARGET bls_test_header)
    set(source ${CMAKE_BINARY_DIR}/test_header.cc)
    if(NOT EXISTS ${source})
      file(WRITE ${source} "// The target needs a source.\n")
    endif()
    add_library(bls_test_header OBJECT ${source})
    target_compile_features(bls_test_header PRIVATE cxx_std_20)
    # For use by programs: position-independent as they are.
    set_target_properties(bls_test_header PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(bls_test_header PRIVATE ${options} ${CMAKE_CXX_COMPILE_OPTIONS_PIE})
    target_link_libraries(bls_test_header PRIVATE GTest::gtest)
    target_precompile_headers(bls_test_header PRIVATE <gtest/gtest.h>)
  endif()
  target_compile_options(${test} PRIVATE ${options})
  target_precompile_headers(${test} REUSE_FROM bls_test_header)
endfunction()

# bls_test(<name> [DEPS ...] [LABELS ...] [TIMEOUT <seconds>]
#          [EXCLUDE <regex>]   files of the folder that are not for this machine
#          [NO_SANITIZE])   do not run this suite in the sanitizer stage
function(bls_test name)
  cmake_parse_arguments(ARG "NO_SANITIZE" "TIMEOUT;EXCLUDE" "DEPS;LABELS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  if(ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX ${ARG_EXCLUDE})
  endif()
  if(NOT sources OR BLS_WASM)
    return()
  endif()
  _bls_link_items(items ${ARG_DEPS})
  add_executable(${name}_test ${sources})
  target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  if(BLS_SANITIZE)
    target_compile_definitions(${name}_test PRIVATE BLS_SANITIZED=1)
  endif()
  if(CMAKE_CROSSCOMPILING)
    target_compile_definitions(${name}_test PRIVATE BLS_EMULATED=1)
  endif()
  target_compile_definitions(${name}_test PRIVATE BLS_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  _bls_quick_test_build(${name}_test)
  target_link_libraries(${name}_test PRIVATE ${items} GTest::gmock GTest::gtest GTest::gtest_main)
  set_target_properties(${name}_test PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  set(labels unit ${ARG_LABELS})
  if(NOT ARG_NO_SANITIZE)
    list(APPEND labels sanitize)
  endif()
  # One label: gtest_discover_tests flattens lists, and ctest -L matches parts of a label anyway.
  list(JOIN labels "-" labels)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(BLS_SANITIZE)
    # One process for all: starting one takes longer there than most tests. run_tests.py reads how many there were.
    add_test(NAME ${name}.all COMMAND ${name}_test --gtest_brief=1)
    set_tests_properties(${name}.all PROPERTIES LABELS ${labels} TIMEOUT 900)
    return()
  endif()
  include(GoogleTest)
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${labels} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# bls_program_test(<name> COMMAND <command>... [LABELS ...] [TIMEOUT <seconds>]
#                  [SANITIZE]   run it in the sanitizer stage too
#                  [WASM])      belongs to the wasm build, and only there
# The command runs in the source root; BLS_BIN names the folder of the built programs, BLS_BUILD the
# folder build/, whose cache/ all presets share. Its last line is `N passed, N failed`.
function(bls_program_test name)
  cmake_parse_arguments(ARG "SANITIZE;WASM" "TIMEOUT" "COMMAND;LABELS" ${ARGN})
  if((ARG_WASM AND NOT BLS_WASM) OR (BLS_WASM AND NOT ARG_WASM))
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 600)
  endif()
  set(labels program ${ARG_LABELS})
  if(ARG_SANITIZE)
    list(APPEND labels sanitize)
  endif()
  list(JOIN labels "-" labels)
  add_test(NAME ${name} COMMAND ${ARG_COMMAND} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${labels} TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "BLS_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};BLS_BUILD=${CMAKE_SOURCE_DIR}/build")
endfunction()

# bls_fuzzer(<name> [SOURCE <file>] [DEPS ...] [RUNS <count>] [SEEDS <list>] [OPTIONS <option>...])   only with BLS_FUZZ
# Registers a short run: fixed seed, fixed number of inputs, started from the seed modules, nothing
# kept, so that each run does the same. A longer one is started by hand (CONTRIBUTING.md).
function(bls_fuzzer name)
  cmake_parse_arguments(ARG "" "SOURCE;RUNS;SEEDS" "DEPS;OPTIONS" ${ARGN})
  if(NOT ARG_SOURCE)
    set(ARG_SOURCE ${name}.cc)
  endif()
  if(NOT BLS_FUZZ OR NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_SOURCE})
    return()
  endif()
  _bls_link_items(items ${ARG_DEPS})
  add_executable(fuzz_${name} ${ARG_SOURCE})
  target_include_directories(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_compile_options(fuzz_${name} PRIVATE ${BLS_TEST_WARNINGS} -fno-rtti)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(fuzz_${name} PRIVATE ${items})
  set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  if(NOT ARG_RUNS)
    set(ARG_RUNS 20000)
  endif()
  if(NOT ARG_SEEDS)
    set(ARG_SEEDS seeds.txt)
  endif()
  add_test(NAME fuzz.${name} WORKING_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz
    COMMAND fuzz_${name} -seed=1 -runs=${ARG_RUNS} -seed_inputs=@${ARG_SEEDS} -timeout=10
            -rss_limit_mb=1024 -print_final_stats=1 ${ARG_OPTIONS})
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 600 FIXTURES_REQUIRED fuzz_seeds)
endfunction()

# Call after bls_layer, in the same folder. FLAGS come after all other flags of the file.
function(bls_source_flags)
  cmake_parse_arguments(ARG "" "" "FILES;FLAGS" ${ARGN})
  if(BLS_SANITIZE)
    list(APPEND ARG_FLAGS -fno-sanitize=all)
  endif()
  set_property(SOURCE ${ARG_FILES} APPEND PROPERTY COMPILE_OPTIONS ${ARG_FLAGS})
  set_property(SOURCE ${ARG_FILES} PROPERTY SKIP_PRECOMPILE_HEADERS ON)
endfunction()

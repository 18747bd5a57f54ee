# Compiler and linker flags for all of our own code.
#
# Set for the whole tree here: language mode, sanitizers, hardening, linking.
# Set per target in layers.cmake: warnings, exceptions, RTTI.
# BLS_LAYER_WARNINGS and BLS_TEST_WARNINGS are the two warning sets; both are errors.

set(BLS_LAYER_WARNINGS -Wall -Wextra -Wpedantic -Werror -Wconversion -Wshadow)
# GoogleTest's macros are statements with an else; `if (x) EXPECT_EQ(…)` means what it says.
set(BLS_TEST_WARNINGS -Wall -Wextra -Wpedantic -Werror -Wno-dangling-else)

if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # g++ 12's std::stable_sort uses what its own headers call deprecated.
  list(APPEND BLS_LAYER_WARNINGS -Wno-deprecated-declarations)
  list(APPEND BLS_TEST_WARNINGS -Wno-deprecated-declarations)
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(BLS_EMULATED)
  set(CMAKE_CXX_FLAGS_RELEASE "-O1 -DNDEBUG")
endif()
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

# Guest floats: a multiply-add rounds twice (both compilers would fuse it where the machine can), and
# sqrt is one instruction instead of a call that sets errno. See engine/wasm/semantics.h.
add_compile_options(-ffp-contract=off -fno-math-errno)

# No machine path in what we build: assertion texts and debug lines are relative to the root.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)

if(BLS_CHECKS)
  add_compile_definitions(BLS_ABORT_ON_CHECK=1 _GLIBCXX_ASSERTIONS)
endif()
if(NOT BLS_CODEGEN)
  add_compile_definitions(BLS_NO_CODEGEN=1)
endif()

if(BLS_SANITIZE)
  # Instrumented code at -O2 takes twice as long to build and runs hardly faster.
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
  add_compile_options(-fsanitize=${BLS_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${BLS_SANITIZE})
  if(BLS_SANITIZE MATCHES "undefined")
    # vptr needs RTTI, which the layers do not have; a null pointer that is used ends in a report of
    # the address sanitizer anyway, and testing each for it doubles what inlined code costs to build.
    # Any report ends the program.
    add_compile_options(-fno-sanitize=vptr,null -fno-sanitize-recover=undefined)
  endif()
endif()
if(BLS_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(BLS_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()

if(BLS_WASM)
  add_compile_options(-Wno-deprecated)
  add_link_options(-Wno-deprecated --no-wasm-opt -Wl,--strip-debug)
  return()
endif()

# A target with the property BLS_STATIC is linked with the C library inside.
set(static "$<BOOL:$<TARGET_PROPERTY:BLS_STATIC>>")
add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack $<IF:${static},-static-pie,-pie>)
if(NOT BLS_SANITIZE)
  add_link_options($<$<NOT:${static}>:-static-libstdc++> $<$<NOT:${static}>:-static-libgcc>)
endif()

# Hardening of what is shipped (threat model HRD-3). A layer or a file may take single
# parts back where they were measured to cost: see NO_AUTO_INIT and bls_source_flags in layers.cmake.
if(BLS_HARDEN)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong
                      -fstack-clash-protection -ftrivial-auto-var-init=zero)
  # One section for each function: what is not used is left out, and what a start runs can be put
  # side by side (tools/CMakeLists.txt).
  add_compile_options(-ffunction-sections)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64")
    add_compile_options(-mbranch-protection=standard)
  endif()
endif()

if(BLS_LTO)
  include(CheckIPOSupported)
  check_ipo_supported()
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

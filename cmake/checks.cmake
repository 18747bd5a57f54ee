# Checks on the source text that run as part of the build and fail it: the include-layer rule, the
# number of files that name an instruction, file sizes. They rerun only when a source changed.

if(NOT Python3_Interpreter_FOUND)
  message(STATUS "source checks: skipped, python3 not found")
  return()
endif()

set(patterns)
foreach(folder engine codegen wasi extensions runtime tools tests bench spec-tests)
  foreach(ext h cc def py sh)
    list(APPEND patterns ${CMAKE_SOURCE_DIR}/${folder}/*.${ext})
  endforeach()
endforeach()
file(GLOB_RECURSE checked CONFIGURE_DEPENDS ${patterns})

set(tools ${CMAKE_SOURCE_DIR}/tools/dev)
set(stamp ${CMAKE_BINARY_DIR}/source_checks.stamp)
add_custom_command(OUTPUT ${stamp}
  COMMAND ${Python3_EXECUTABLE} ${tools}/check_layers.py --root ${CMAKE_SOURCE_DIR}
  COMMAND ${Python3_EXECUTABLE} ${tools}/check_opcodes.py --root ${CMAKE_SOURCE_DIR}
  COMMAND ${Python3_EXECUTABLE} ${tools}/check_sizes.py --root ${CMAKE_SOURCE_DIR}
  COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
  DEPENDS ${checked} ${tools}/layers.txt
  COMMENT "Checking layers, opcode mentions and file sizes"
  VERBATIM)
add_custom_target(source_checks ALL DEPENDS ${stamp})

// Running a function of a native shared object: the loader of v86 archives. Entry point:
// callNativeLibrary. Whoever calls it has made sure that the operator allows native code.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/ints.h"

namespace bls {

enum class NativeCall : u8 { Done, NotLoadable, NoSymbol };

/// Loads the file `path` and calls its `int symbol(const char* text, int size)`. `*result` is what
/// it returned; `*why` what the loader said. A path without a slash is a file here, never one of
/// the system's library folders. The library stays loaded.
NativeCall callNativeLibrary(const std::string& path, const char* symbol, std::string_view text,
                             int* result, std::string* why);

}  // namespace bls

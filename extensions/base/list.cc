// What every program knows of the list: its static part, and the names of the rest.
#include "extensions/base/list.h"

#include <array>
#include <iterator>

#include "engine/base/byte_reader.h"

namespace bls::extensions {

#define STATIC_EXTENSION(folder, module) const ExtensionInfo& folder##Extension();
#define LIBRARY_EXTENSION(folder, module)
#include "extensions/list.def"
#undef STATIC_EXTENSION
#undef LIBRARY_EXTENSION

std::span<const ExtensionInfo* const> staticExtensions() {
  static const std::array kList = {
#define STATIC_EXTENSION(folder, module) &folder##Extension(),
#define LIBRARY_EXTENSION(folder, module)
#include "extensions/list.def"
#undef STATIC_EXTENSION
#undef LIBRARY_EXTENSION
  };
  return kList;
}

std::span<const char* const> libraryExtensionNames() {
  // The null keeps a list of none from being an array of no size.
  static constexpr const char* kNames[] = {
#define STATIC_EXTENSION(folder, module)
#define LIBRARY_EXTENSION(folder, module) module,
#include "extensions/list.def"
#undef STATIC_EXTENSION
#undef LIBRARY_EXTENSION
      nullptr};
  return {kNames, std::size(kNames) - 1};
}

bool isLibraryExtension(std::string_view module) {
  for (const char* name : libraryExtensionNames()) {
    if (module == name) return true;
  }
  return false;
}

bool isUtf8(std::string_view text) {
  return isValidUtf8({reinterpret_cast<const u8*>(text.data()), text.size()});
}

}  // namespace bls::extensions

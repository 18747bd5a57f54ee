// What every program knows of the list: its static part, and the names of the rest.
#include "extensions/base/list.h"

#include <array>

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

bool isLibraryExtension([[maybe_unused]] std::string_view module) {
#define STATIC_EXTENSION(folder, name)
#define LIBRARY_EXTENSION(folder, name) \
  if (module == name) return true;
#include "extensions/list.def"
#undef STATIC_EXTENSION
#undef LIBRARY_EXTENSION
  return false;
}

bool isUtf8(std::string_view text) {
  return isValidUtf8({reinterpret_cast<const u8*>(text.data()), text.size()});
}

}  // namespace bls::extensions

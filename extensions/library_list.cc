// The extensions with big libraries, for the program that has them.
#include "extensions/base/list.h"

namespace bls::extensions {

#define STATIC_EXTENSION(folder, module)
#define LIBRARY_EXTENSION(folder, module) const ExtensionInfo& folder##Extension();
#include "extensions/list.def"
#undef STATIC_EXTENSION
#undef LIBRARY_EXTENSION

std::span<const ExtensionInfo* const> libraryExtensions() {
  static const std::initializer_list<const ExtensionInfo*> kList = {
#define STATIC_EXTENSION(folder, module)
#define LIBRARY_EXTENSION(folder, module) &folder##Extension(),
#include "extensions/list.def"
#undef STATIC_EXTENSION
#undef LIBRARY_EXTENSION
  };
  return {kList.begin(), kList.size()};
}

}  // namespace bls::extensions

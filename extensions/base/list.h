// The extensions of this program, made from extensions/list.def. Entry points: staticExtensions,
// libraryExtensions (bls-full only), isLibraryExtension.
#pragma once

#include "extensions/base/extension.h"

namespace bls::extensions {

std::span<const ExtensionInfo* const> staticExtensions();
/// Defined in the program with big libraries only; others reach it through runtime/abilities.h.
std::span<const ExtensionInfo* const> libraryExtensions();
/// The import module names of those that need that program.
std::span<const char* const> libraryExtensionNames();
/// True when `module` is the import module name of an extension that needs that program.
bool isLibraryExtension(std::string_view module);

}  // namespace bls::extensions

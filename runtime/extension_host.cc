// Choosing by import, making, ending.
#include "runtime/extension_host.h"

#include <algorithm>

#include "extensions/base/list.h"
#include "extensions/helper/helper_process.h"
#include "runtime/abilities.h"
#include "runtime/signals.h"

namespace bls::cli {
namespace {

using extensions::ExtensionInfo;

const ExtensionInfo* findIn(std::span<const ExtensionInfo* const> list, std::string_view module) {
  for (const ExtensionInfo* info : list) {
    if (module == info->module) return info;
  }
  return nullptr;
}

}  // namespace

ExtensionHost::ExtensionHost() = default;
ExtensionHost::~ExtensionHost() { finish(true); }

void ExtensionHost::choose(const std::vector<embed::Module>& modules) {
  for (const embed::Module& module : modules) {
    for (const ImportDecl& decl : module.declarations().imports) {
      const ExtensionInfo* info = findIn(extensions::staticExtensions(), decl.module);
      if (info == nullptr && extensions::isLibraryExtension(decl.module)) {
        if (abilities() == nullptr) {
          needsFull_ = true;
          continue;
        }
        info = findIn(abilities()->extensions(), decl.module);
      }
      if (info != nullptr && std::find(chosen_.begin(), chosen_.end(), info) == chosen_.end())
        chosen_.push_back(info);
    }
  }
}

bool ExtensionHost::start(extensions::Services services, std::string* why, bool* badSettings) {
  *badSettings = false;
  if (services.settings != nullptr) settings_ = *services.settings;
  services.settings = &settings_;
  const auto needsHelper = [](const ExtensionInfo* info) { return info->needs.helper; };
  if (std::any_of(chosen_.begin(), chosen_.end(), needsHelper)) {
    helper_ = abilities()->startHelper(settings_, why);
    if (helper_ == nullptr) return false;
    services.helper = helper_.get();
    const auto end = [](void* helper) { static_cast<extensions::HelperProcess*>(helper)->end(); };
    if (!addEndAction(end, helper_.get())) {
      *why = "too many end actions";
      return false;
    }
  }
  services.problem = why;
  for (const ExtensionInfo* info : chosen_) {
    live_.push_back({info, info->make(services)});
    *badSettings = live_.back().state == nullptr;
    if (*badSettings) return false;
  }
  return true;
}

void ExtensionHost::widen(SandboxRequest* sandbox) const {
  for (const ExtensionInfo* info : chosen_) {
    sandbox->network = sandbox->network || info->needs.network;
    if (info->needs.paths == nullptr) continue;
    std::vector<extensions::UsedPath> paths;
    info->needs.paths(settings_, &paths);
    for (extensions::UsedPath& used : paths)
      sandbox->paths.push_back({std::move(used.path), used.write});
  }
}

bool ExtensionHost::unconfined() const {
  return std::any_of(chosen_.begin(), chosen_.end(), [this](const ExtensionInfo* info) {
    return info->needs.unconfined != nullptr && info->needs.unconfined(settings_);
  });
}

void ExtensionHost::link(embed::Linker& linker) const {
  for (const Live& live : live_) {
    linker.hostModule(host::HostModule(live.info->module, live.info->functions, live.state.get()));
  }
}

void ExtensionHost::finish(bool unused) {
  if (!unused) {
    for (Live& live : live_) {
      // Left alone: the process is about to end.
      [[maybe_unused]] const extensions::Extension* const used = live.state.release();
    }
  }
  live_.clear();
  // The helper stays: an end action may still be about to run, which ends it.
  if (helper_ != nullptr) helper_->end();
}

}  // namespace bls::cli

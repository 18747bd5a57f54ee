#include "runtime/extension_pages.h"

#include <algorithm>

#include "engine/base/status.h"
#include "extensions/base/list.h"
#include "runtime/abilities.h"
#include "runtime/cli.h"
#include "runtime/json_text.h"

namespace bls::cli {
namespace {

using extensions::ExtensionInfo;
using extensions::Installed;

std::vector<const ExtensionInfo*> present() {
  const auto fixed = extensions::staticExtensions();
  std::vector<const ExtensionInfo*> out(fixed.begin(), fixed.end());
  if (abilities() != nullptr) {
    const auto more = abilities()->extensions();
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

// Names that only a program beside this one, which cannot be started, would have.
std::vector<const char*> absent() {
  const auto names = extensions::libraryExtensionNames();
  if (abilities() != nullptr) return {};
  return {names.begin(), names.end()};
}

std::vector<Installed> installed(const ExtensionInfo& info, const extensions::Settings& settings,
                                 bool verify) {
  std::vector<Installed> out;
  if (info.inspect != nullptr) info.inspect(settings, verify, &out);
  for (Installed& item : out) {
    item.name = escapeForMessage(item.name, 200);
    item.text = escapeForMessage(item.text, 400);
  }
  return out;
}

std::string typesText(std::span<const ValType> types) {
  std::string out;
  for (const ValType type : types) out += (out.empty() ? "" : " ") + std::string(toString(type));
  return "(" + out + ")";
}

std::string typeText(const host::HostFunc& function) {
  return typesText(function.params) + " -> " + typesText(function.results);
}

// What a run with it is given beyond one without.
std::string needsText(const extensions::Needs& needs) {
  std::string out;
  const auto add = [&](bool has, const char* word) {
    if (has) out += (out.empty() ? "" : ", ") + std::string(word);
  };
  add(needs.network, "sockets");
  add(needs.helper, "helper process");
  add(needs.paths != nullptr, "paths");
  return out.empty() ? "nothing" : out;
}

void installedJson(const std::vector<Installed>& items, JsonText* json) {
  json->key("installed").open('[');
  for (const Installed& item : items) {
    json->open('{').key("name").string(item.name).key("text").string(item.text);
    json->key("good").boolean(item.good).close('}');
  }
  json->close(']');
}

void functionsJson(const ExtensionInfo& info, JsonText* json) {
  json->key("functions").open('[');
  for (const host::HostFunc& function : info.functions) {
    json->open('{').key("name").string(function.name).key("type").string(typeText(function));
    json->key("capability").string(host::capabilityName(function.capability));
    json->key("spec").string(function.spec).close('}');
  }
  json->close(']');
}

std::string padded(std::string text, size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

}  // namespace

int listExtensions(const extensions::Settings& settings, bool json, Console& console) {
  JsonText out;
  std::string text;
  out.open('{').key("extensions").open('[');
  for (const ExtensionInfo* info : present()) {
    const std::vector<Installed> items = installed(*info, settings, false);
    out.open('{').key("module").string(info->module).key("present").boolean(true);
    out.key("summary").string(info->summary).key("needs").string(needsText(info->needs));
    functionsJson(*info, &out);
    installedJson(items, &out);
    out.close('}');
    text += padded(info->module, 20) + info->summary + "\n";
    for (const Installed& item : items) text += "  " + padded(item.name, 18) + item.text + "\n";
  }
  for (const char* module : absent()) {
    out.open('{').key("module").string(module).key("present").boolean(false).close('}');
    text += padded(module, 20) + "not in this program: needs bls-full beside it\n";
  }
  out.close(']').close('}');
  console.out(json ? out.text() + "\n" : text);
  return 0;
}

int describeExtension(const std::string& module, bool json, Console& console) {
  for (const ExtensionInfo* info : present()) {
    if (module != info->module) continue;
    if (json) {
      JsonText out;
      out.open('{').key("module").string(info->module).key("summary").string(info->summary);
      out.key("needs").string(needsText(info->needs));
      functionsJson(*info, &out);
      console.out(out.close('}').text() + "\n");
      return 0;
    }
    std::string text = std::string(info->module) + ": " + info->summary + "\n";
    text += "needs of the sandbox: " + needsText(info->needs) + "\n";
    for (const host::HostFunc& function : info->functions) {
      text += "  " + padded(function.name, 31) + padded(typeText(function), 40) +
              padded(host::capabilityName(function.capability), 12) + function.spec + "\n";
    }
    console.out(text);
    return 0;
  }
  for (const char* name : absent()) {
    if (module != name) continue;
    console.problem("error: unsupported: " + module +
                    " is only in bls-full, which is not beside this program");
    return kExitFailure;
  }
  console.problem("error: config: there is no extension '" + escapeForMessage(module, 100) +
                  "'; bls extensions list names all");
  return kExitUsage;
}

int verifyExtensions(const extensions::Settings& settings, bool json, Console& console) {
  JsonText out;
  std::string text;
  u64 bad = 0;
  out.open('{').key("extensions").open('[');
  for (const ExtensionInfo* info : present()) {
    const std::vector<Installed> items = installed(*info, settings, true);
    if (items.empty()) continue;
    out.open('{').key("module").string(info->module);
    installedJson(items, &out);
    out.close('}');
    for (const Installed& item : items) {
      bad += item.good ? 0 : 1;
      text += padded(info->module, 20) + padded(item.name, 18) + (item.good ? "ok   " : "bad  ") +
              item.text + "\n";
    }
  }
  out.close(']').key("bad").number(bad).close('}');
  if (text.empty()) text = "nothing is installed beside the extensions\n";
  console.out(json ? out.text() + "\n" : text);
  return bad == 0 ? 0 : kExitFailure;
}

}  // namespace bls::cli

// Printing of run statistics.
#include "runtime/stats.h"

#include <algorithm>
#include <cstring>

#include "runtime/json_text.h"

namespace bls::cli {

std::string statsJson(const RunStats& stats) {
  JsonText json;
  auto us = [&](const char* name, u64 ns) { json.key(name).number(ns / 1000); };
  json.open('{').key("fuel");
  if (stats.metered) {
    json.open('{').key("used").number(stats.fuelLimit - stats.fuelRemaining);
    json.key("remaining").number(stats.fuelRemaining).key("limit").number(stats.fuelLimit);
    json.key("schedule").string(stats.schedule).close('}');
  } else {
    json.null();
  }
  json.key("memory").open('{').key("peak_bytes").number(stats.peakMemoryBytes);
  if (stats.hasDigest) {
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4) {
      digits += "0123456789abcdef"[stats.memoryDigest >> shift & 15];
    }
    json.key("digest").string(digits);
  }
  json.close('}');
  json.key("module").open('{').key("bytes").number(stats.moduleBytes).close('}');
  json.key("functions").open('{').key("defined").number(stats.functions);
  json.key("translated").number(stats.translated);
  json.key("compiled").number(stats.compile.functions).close('}').key("compile");
  if (stats.compiles) {
    json.open('{').key("wasm_bytes").number(stats.compile.wasmBytes);
    json.key("code_bytes").number(stats.compile.codeBytes);
    json.key("table_bytes").number(stats.compile.tableBytes);
    us("time_us", stats.compile.ns);
    json.key("loop_entries").number(stats.compile.loopEntries);
    json.key("tier_downs").number(stats.compile.tierDowns).key("left").open('{');
    json.key("not_covered").number(stats.compile.notCovered);
    json.key("no_room").number(stats.compile.noRoom).close('}').close('}');
  } else {
    json.null();
  }
  json.key("time_us").open('{');
  us("read", stats.readNs);
  us("decode", stats.decodeNs);
  us("validate", stats.validateNs);
  us("instantiate", stats.instantiateNs);
  us("run", stats.runNs);
  us("total", stats.totalNs);
  json.close('}')
      .key("exit")
      .open('{')
      .key("status")
      .number(static_cast<u64>(stats.exitStatus))
      .key("trap");
  if (stats.trap != nullptr) {
    json.string(stats.trap);
  } else {
    json.null();
  }
  json.close('}').close('}');
  return json.text() + "\n";
}

std::string statsText(const RunStats& stats) {
  auto line = [](const char* name, const std::string& text) {
    std::string label = std::string(name) + ":";
    return label + std::string(label.size() < 13 ? 13 - label.size() : 1, ' ') + text + "\n";
  };
  auto us = [](u64 ns) { return std::to_string(ns / 1000) + " us"; };
  std::string out;
  if (stats.metered) {
    out += line("fuel", std::to_string(stats.fuelLimit - stats.fuelRemaining) + " used, " +
                            std::to_string(stats.fuelRemaining) + " left (" + stats.schedule + ")");
  }
  out += line("memory", std::to_string(stats.peakMemoryBytes) + " bytes at most");
  out += line("functions", std::to_string(stats.translated) + " of " +
                               std::to_string(stats.functions) + " translated, " +
                               std::to_string(stats.compile.functions) + " compiled");
  if (stats.compiles) {
    const CompileStats& c = stats.compile;
    out += line("compile", us(c.ns) + ", " + std::to_string(c.wasmBytes) + " bytes to " +
                               std::to_string(c.codeBytes) + " of code and " +
                               std::to_string(c.tableBytes) + " of tables; " +
                               std::to_string(c.loopEntries) + " loop entries, " +
                               std::to_string(c.tierDowns) + " tier-downs");
    if (c.notCovered + c.noRoom != 0) {
      out += line("interpreted", std::to_string(c.notCovered) + " not covered by the compiler, " +
                                     std::to_string(c.noRoom) + " without room for their code");
    }
  }
  out += line("read", us(stats.readNs));
  out += line("decode", us(stats.decodeNs));
  out += line("validate", us(stats.validateNs));
  out += line("instantiate", us(stats.instantiateNs));
  out += line("run", us(stats.runNs));
  out += line("total", us(stats.totalNs));
  if (stats.trap != nullptr) out += line("trap", stats.trap);
  return out;
}

u64 memoryDigest(const Store& store) {
  u64 hash = 0;
  auto mix = [&hash](u64 word) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  };
  for (const std::shared_ptr<MemoryObj>& memory : store.memories()) {
    const u64 size = memory->size.load(std::memory_order_acquire);
    mix(size);
    for (u64 at = 0; at < size; at += 8) {  // a page of one byte ends in a part of a word
      u64 word = 0;
      std::memcpy(&word, memory->base + at, static_cast<size_t>(std::min<u64>(8, size - at)));
      mix(word);
    }
  }
  return hash;
}

}  // namespace bls::cli

// Micro benchmarks of the byte reader: LEB128 integers of several lengths, fixed-width values,
// UTF-8.
//
// Every benchmark reads a buffer of a few thousand values; the number printed is values per second.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "engine/base/byte_reader.h"

namespace bls {
namespace {

constexpr u32 kValues = 4096;

u64 nextRandom(u64* state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  return *state ^= *state << 17;
}

// Appends `value`, padded with empty groups up to `minimumBytes`.
void appendLeb(std::vector<u8>* out, u64 value, u32 minimumBytes = 1) {
  for (u32 i = 1;; i++) {
    u8 byte = value & 0x7f;
    value >>= 7;
    if (value == 0 && i >= minimumBytes) {
      out->push_back(byte);
      return;
    }
    out->push_back(byte | 0x80);
  }
}

// Values of exactly `bytes` LEB bytes; 0 stands for the mix found in code: mostly one byte.
std::vector<u8> makeInput(u32 bytes) {
  std::vector<u8> out;
  u64 state = 88172645463325252ull;
  for (u32 i = 0; i < kValues; i++) {
    u64 r = nextRandom(&state);
    u32 length = bytes != 0 ? bytes : (r >> 60) < 13 ? 1 : (r >> 60) < 15 ? 2 : 4;
    u64 low = length == 1 ? 0 : u64{1} << (7 * (length - 1));
    u64 high = u64{1} << (length * 7 < 32 ? length * 7 : 32);
    appendLeb(&out, low + (r & 0xffffffff) % (high - low));
  }
  return out;
}

void lebU32(benchmark::State& state) {
  std::vector<u8> input = makeInput(static_cast<u32>(state.range(0)));
  Diagnostics diag;
  for (auto _ : state) {
    ByteReader reader(input, 0, &diag);
    u32 value = 0, total = 0;
    while (!reader.atEnd() && reader.lebU32(&value).ok()) total += value;
    benchmark::DoNotOptimize(total);
    if (!reader.atEnd()) state.SkipWithError("input was refused");
  }
  state.SetItemsProcessed(state.iterations() * kValues);
  state.SetBytesProcessed(state.iterations() * static_cast<i64>(input.size()));
}
BENCHMARK(lebU32)->ArgName("bytes")->Arg(0)->Arg(1)->Arg(2)->Arg(3)->Arg(5);

// Table indexes of call_indirect are often written padded to five bytes by linkers.
void lebU32Padded(benchmark::State& state) {
  std::vector<u8> input;
  for (u32 i = 0; i < kValues; i++) appendLeb(&input, i & 127, 5);
  Diagnostics diag;
  for (auto _ : state) {
    ByteReader reader(input, 0, &diag);
    u32 value = 0, total = 0;
    while (!reader.atEnd() && reader.lebU32(&value).ok()) total += value;
    benchmark::DoNotOptimize(total);
    if (!reader.atEnd()) state.SkipWithError("input was refused");
  }
  state.SetItemsProcessed(state.iterations() * kValues);
}
BENCHMARK(lebU32Padded);

void lebI64(benchmark::State& state) {
  std::vector<u8> input = makeInput(static_cast<u32>(state.range(0)));
  Diagnostics diag;
  for (auto _ : state) {
    ByteReader reader(input, 0, &diag);
    i64 value = 0, total = 0;
    while (!reader.atEnd() && reader.lebI64(&value).ok()) total ^= value;
    benchmark::DoNotOptimize(total);
    if (!reader.atEnd()) state.SkipWithError("input was refused");
  }
  state.SetItemsProcessed(state.iterations() * kValues);
}
BENCHMARK(lebI64)->ArgName("bytes")->Arg(0)->Arg(1)->Arg(4);

void fixed64(benchmark::State& state) {
  std::vector<u8> input(kValues * sizeof(u64), 0x5a);
  Diagnostics diag;
  for (auto _ : state) {
    ByteReader reader(input, 0, &diag);
    u64 value = 0, total = 0;
    while (!reader.atEnd() && reader.fixed(&value).ok()) total ^= value;
    benchmark::DoNotOptimize(total);
  }
  state.SetItemsProcessed(state.iterations() * kValues);
}
BENCHMARK(fixed64);

// Names: `share` per cent of the characters are two bytes long.
void utf8(benchmark::State& state) {
  std::string text;
  u64 random = 7;
  while (text.size() < 16384) {
    if (nextRandom(&random) % 100 < static_cast<u64>(state.range(0))) {
      text += "\xc3\xa9";
    } else {
      text += 'n';
    }
  }
  std::span<const u8> bytes(reinterpret_cast<const u8*>(text.data()), text.size());
  for (auto _ : state) benchmark::DoNotOptimize(isValidUtf8(bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<i64>(text.size()));
}
BENCHMARK(utf8)->ArgName("share")->Arg(0)->Arg(5)->Arg(50);

}  // namespace
}  // namespace bls

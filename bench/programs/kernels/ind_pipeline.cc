// Indirect calls: pull-based record streams built from small operators (source, map, filter, scan,
// zip, chunk, distinct), each a virtual `next`, with element functions passed as pointers.
//
// Size: thousands of elements pulled through each of four different pipelines.
#include "bench/programs/kernels/kernel.h"

namespace {

class Stream {
 public:
  // Stores the next element and returns true, or returns false at the end.
  virtual bool next(u64* out) = 0;

 protected:
  ~Stream() = default;
};

using Unary = u64 (*)(u64);
using Binary = u64 (*)(u64, u64);
using Predicate = bool (*)(u64);

class Source final : public Stream {
 public:
  Source(u64 seed, u64 count) : seed_(seed), left_(count) {}
  bool next(u64* out) override {
    if (left_ == 0) return false;
    left_--;
    *out = rngNext(&seed_) >> 20;
    return true;
  }

 private:
  u64 seed_, left_;
};

class Map final : public Stream {
 public:
  Map(Stream& input, Unary function) : input_(input), function_(function) {}
  bool next(u64* out) override {
    if (!input_.next(out)) return false;
    *out = function_(*out);
    return true;
  }

 private:
  Stream& input_;
  Unary function_;
};

class Filter final : public Stream {
 public:
  Filter(Stream& input, Predicate keep) : input_(input), keep_(keep) {}
  bool next(u64* out) override {
    while (input_.next(out)) {
      if (keep_(*out)) return true;
    }
    return false;
  }

 private:
  Stream& input_;
  Predicate keep_;
};

class Scan final : public Stream {
 public:
  Scan(Stream& input, Binary step, u64 start) : input_(input), step_(step), state_(start) {}
  bool next(u64* out) override {
    u64 value;
    if (!input_.next(&value)) return false;
    *out = state_ = step_(state_, value);
    return true;
  }

 private:
  Stream& input_;
  Binary step_;
  u64 state_;
};

class Zip final : public Stream {
 public:
  Zip(Stream& a, Stream& b, Binary combine) : a_(a), b_(b), combine_(combine) {}
  bool next(u64* out) override {
    u64 x, y;
    if (!a_.next(&x) || !b_.next(&y)) return false;
    *out = combine_(x, y);
    return true;
  }

 private:
  Stream &a_, &b_;
  Binary combine_;
};

// Folds each run of eight elements into one.
class Chunk final : public Stream {
 public:
  Chunk(Stream& input, Binary fold) : input_(input), fold_(fold) {}
  bool next(u64* out) override {
    if (!input_.next(out)) return false;
    u64 value;
    for (int i = 1; i < 8 && input_.next(&value); i++) *out = fold_(*out, value);
    return true;
  }

 private:
  Stream& input_;
  Binary fold_;
};

// Drops values seen recently, by a direct-mapped memory of 256 values.
class Distinct final : public Stream {
 public:
  explicit Distinct(Stream& input) : input_(input) {}
  bool next(u64* out) override {
    while (input_.next(out)) {
      u64& seen = recent_[*out & 255];
      if (seen == *out + 1) continue;
      seen = *out + 1;
      return true;
    }
    return false;
  }

 private:
  Stream& input_;
  u64 recent_[256] = {};
};

u64 scramble(u64 v) { return (v ^ (v >> 7)) * 0x2545f4914f6cdd1dull; }
u64 halve(u64 v) { return v >> 1; }
u64 low12(u64 v) { return v & 4095; }
u64 collatz(u64 v) { return v & 1 ? 3 * v + 1 : v / 2; }
bool isEven(u64 v) { return (v & 1) == 0; }
bool notThird(u64 v) { return v % 3 != 0; }
bool hasFewBits(u64 v) { return __builtin_popcountll(v) < 24; }
u64 plus(u64 a, u64 b) { return a + b; }
u64 larger(u64 a, u64 b) { return a > b ? a : b; }
u64 combineHash(u64 a, u64 b) { return mix(a, b); }
u64 average(u64 a, u64 b) { return a - a / 16 + b / 16; }

u64 drain(Stream& stream) {
  u64 value, sum = 0;
  while (stream.next(&value)) sum = mix(sum, value);
  return sum;
}

// The operator functions are chosen by number at run time, so that they stay indirect.
u64 run(u32 n) {
  static const Unary unary[] = {scramble, halve, low12, collatz};
  static const Predicate predicates[] = {isEven, notThird, hasFewBits};
  static const Binary binary[] = {plus, larger, combineHash, average};
  u64 sum = 0;
  for (u32 i = 0; i < n; i++) {
    u64 seed = 113 + i;
    Source s1(seed, 1000), s2(seed * 3, 1000), s3(seed * 5, 1000), s4(seed * 7, 1000);
    Map m1(s1, unary[i % 4]), m2(m1, unary[(i + 1) % 4]);
    Filter f1(m2, predicates[i % 3]);
    Scan a1(f1, binary[i % 4], i);
    sum = mix(sum, drain(a1));
    Map m3(s2, unary[(i + 2) % 4]);
    Zip z1(m3, s3, binary[(i + 1) % 4]);
    Map m4(z1, unary[(i / 4) % 4]);
    Chunk c1(m4, binary[(i / 3) % 4]);
    sum = mix(sum, drain(c1));
    Map m5(s4, low12);
    Distinct d1(m5);
    Filter f2(d1, predicates[(i + 1) % 3]);
    Scan a2(f2, binary[3 - i % 4], 1);
    Map m6(a2, unary[i % 2]);
    sum = mix(sum, drain(m6));
  }
  return sum;
}

}  // namespace

KERNEL_MAIN(run)

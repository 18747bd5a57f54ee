// Indirect calls: symbolic expressions as a C++ class hierarchy: evaluation, differentiation and
// structural hashing, all through virtual functions.
//
// Size: number of expression trees; each is differentiated twice and evaluated at 24 points in
// modular arithmetic (so that results are exact).
#include "bench/programs/kernels/kernel.h"

namespace {

constexpr u32 kModulus = 2147483629u;
constexpr u32 kArenaBytes = 1 << 20;

alignas(16) u8 arena[kArenaBytes];
u32 arenaUsed;

template <class T>
T* create(T value) {
  arenaUsed = (arenaUsed + 15) & ~15u;
  if (arenaUsed + sizeof(T) > kArenaBytes) {
    fprintf(stderr, "kernel: arena full\n");
    exit(2);
  }
  T* place = reinterpret_cast<T*>(arena + arenaUsed);
  memcpy(static_cast<void*>(place), static_cast<const void*>(&value), sizeof(T));
  arenaUsed += sizeof(T);
  return place;
}

class Expr {
 public:
  virtual u32 evaluate(const u32* point) const = 0;
  virtual const Expr* derive(u32 variable) const = 0;
  virtual u64 hash() const = 0;
  virtual bool isConstant(u32) const { return false; }
};

class Constant final : public Expr {
 public:
  explicit Constant(u32 value) : value_(value) {}
  u32 evaluate(const u32*) const override { return value_; }
  const Expr* derive(u32) const override { return create(Constant(0)); }
  u64 hash() const override { return value_ * 0x9e3779b97f4a7c15ull; }
  bool isConstant(u32 value) const override { return value_ == value; }

 private:
  u32 value_;
};

class Variable final : public Expr {
 public:
  explicit Variable(u32 index) : index_(index) {}
  u32 evaluate(const u32* point) const override { return point[index_]; }
  const Expr* derive(u32 variable) const override { return create(Constant(variable == index_)); }
  u64 hash() const override { return mix(17, index_); }

 private:
  u32 index_;
};

class Sum final : public Expr {
 public:
  Sum(const Expr* a, const Expr* b) : a_(a), b_(b) {}
  u32 evaluate(const u32* point) const override {
    return static_cast<u32>((static_cast<u64>(a_->evaluate(point)) + b_->evaluate(point)) %
                            kModulus);
  }
  const Expr* derive(u32 variable) const override;
  u64 hash() const override { return mix(mix(3, a_->hash()), b_->hash()); }

 private:
  const Expr* a_;
  const Expr* b_;
};

class Product final : public Expr {
 public:
  Product(const Expr* a, const Expr* b) : a_(a), b_(b) {}
  u32 evaluate(const u32* point) const override {
    return static_cast<u32>(static_cast<u64>(a_->evaluate(point)) * b_->evaluate(point) % kModulus);
  }
  const Expr* derive(u32 variable) const override;
  u64 hash() const override { return mix(mix(5, a_->hash()), b_->hash()); }

 private:
  const Expr* a_;
  const Expr* b_;
};

class Power final : public Expr {
 public:
  Power(const Expr* base, u32 exponent) : base_(base), exponent_(exponent) {}
  u32 evaluate(const u32* point) const override {
    u64 base = base_->evaluate(point), result = 1;
    for (u32 e = exponent_; e != 0; e >>= 1) {
      if (e & 1) result = result * base % kModulus;
      base = base * base % kModulus;
    }
    return static_cast<u32>(result);
  }
  const Expr* derive(u32 variable) const override;
  u64 hash() const override { return mix(mix(7, base_->hash()), exponent_); }

 private:
  const Expr* base_;
  u32 exponent_;
};

const Expr* makeSum(const Expr* a, const Expr* b) {
  if (a->isConstant(0)) return b;
  if (b->isConstant(0)) return a;
  return create(Sum(a, b));
}

const Expr* makeProduct(const Expr* a, const Expr* b) {
  if (a->isConstant(0) || b->isConstant(1)) return a;
  if (b->isConstant(0) || a->isConstant(1)) return b;
  return create(Product(a, b));
}

const Expr* Sum::derive(u32 variable) const {
  const Expr* left = a_->derive(variable);
  return makeSum(left, b_->derive(variable));
}

const Expr* Product::derive(u32 variable) const {
  const Expr* left = makeProduct(a_->derive(variable), b_);
  return makeSum(left, makeProduct(a_, b_->derive(variable)));
}

const Expr* Power::derive(u32 variable) const {
  const Expr* outer = exponent_ == 2 ? base_ : create(Power(base_, exponent_ - 1));
  outer = makeProduct(create(Constant(exponent_)), outer);
  return makeProduct(outer, base_->derive(variable));
}

const Expr* generate(u64* seed, u32 depth) {
  if (depth == 0) {
    u32 leaf = rngBelow(seed, 5);
    if (leaf == 0) return create(Constant(1 + rngBelow(seed, 1000)));
    return create(Variable(leaf - 1));
  }
  u32 kind = rngBelow(seed, 7);
  const Expr* a = generate(seed, depth - 1);
  if (kind == 6) return create(Power(a, 2 + rngBelow(seed, 4)));
  const Expr* b = generate(seed, depth - 1 - (depth > 2 ? rngBelow(seed, 2) : 0));
  return kind < 3 ? makeSum(a, b) : makeProduct(a, b);
}

u64 run(u32 n) {
  u64 seed = 103, sum = 0;
  for (u32 t = 0; t < n; t++) {
    arenaUsed = 0;
    const Expr* f = generate(&seed, 5);
    const Expr* first = f->derive(t % 4);
    const Expr* second = first->derive((t + 1) % 4);
    sum = mix(sum, f->hash() ^ second->hash());
    for (u32 p = 0; p < 24; p++) {
      u32 point[4];
      for (u32 v = 0; v < 4; v++) point[v] = rngBelow(&seed, kModulus);
      sum = mix(sum, f->evaluate(point) + (static_cast<u64>(first->evaluate(point)) << 32));
      sum = mix(sum, second->evaluate(point));
    }
  }
  return mix(sum, arenaUsed == 0);
}

}  // namespace

KERNEL_MAIN(run)

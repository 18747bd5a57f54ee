// f64: gravitational N-body simulation with softened forces and leapfrog integration.
//
// Size: number of time steps of 48 bodies. Only +, -, *, / and sqrt are used, so both builds give
// the same bits. Energy and angular momentum are measured every 16 steps.
#include "bench/programs/kernels/kernel.h"

enum { kBodies = 48 };

typedef struct {
  f64 x, y, z, vx, vy, vz, ax, ay, az, mass;
} Body;

static Body bodies[kBodies];
static const f64 kSoftening = 0.0025;
static const f64 kStep = 0.0009765625;

static void scatter(void) {
  u64 seed = 41;
  for (u32 i = 0; i < kBodies; i++) {
    Body* b = &bodies[i];
    b->x = rngUnit(&seed) * 2 - 1;
    b->y = rngUnit(&seed) * 2 - 1;
    b->z = rngUnit(&seed) * 0.5 - 0.25;
    b->vx = -b->y * 0.6;
    b->vy = b->x * 0.6;
    b->vz = rngUnit(&seed) * 0.1 - 0.05;
    b->mass = (0.5 + rngUnit(&seed)) / kBodies;
  }
}

static void accelerate(void) {
  for (u32 i = 0; i < kBodies; i++) bodies[i].ax = bodies[i].ay = bodies[i].az = 0;
  for (u32 i = 0; i < kBodies; i++) {
    Body* a = &bodies[i];
    for (u32 j = i + 1; j < kBodies; j++) {
      Body* b = &bodies[j];
      f64 dx = b->x - a->x, dy = b->y - a->y, dz = b->z - a->z;
      f64 square = dx * dx + dy * dy + dz * dz + kSoftening;
      f64 inverse = 1.0 / (square * __builtin_sqrt(square));
      f64 towardB = b->mass * inverse, towardA = a->mass * inverse;
      a->ax += dx * towardB;
      a->ay += dy * towardB;
      a->az += dz * towardB;
      b->ax -= dx * towardA;
      b->ay -= dy * towardA;
      b->az -= dz * towardA;
    }
  }
}

static void kick(f64 dt) {
  for (u32 i = 0; i < kBodies; i++) {
    Body* b = &bodies[i];
    b->vx += b->ax * dt;
    b->vy += b->ay * dt;
    b->vz += b->az * dt;
  }
}

static void drift(f64 dt) {
  for (u32 i = 0; i < kBodies; i++) {
    Body* b = &bodies[i];
    b->x += b->vx * dt;
    b->y += b->vy * dt;
    b->z += b->vz * dt;
  }
}

static f64 totalEnergy(void) {
  f64 energy = 0;
  for (u32 i = 0; i < kBodies; i++) {
    const Body* a = &bodies[i];
    energy += 0.5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
    for (u32 j = i + 1; j < kBodies; j++) {
      const Body* b = &bodies[j];
      f64 dx = b->x - a->x, dy = b->y - a->y, dz = b->z - a->z;
      energy -= a->mass * b->mass / __builtin_sqrt(dx * dx + dy * dy + dz * dz + kSoftening);
    }
  }
  return energy;
}

static f64 angularMomentum(void) {
  f64 total = 0;
  for (u32 i = 0; i < kBodies; i++) {
    const Body* b = &bodies[i];
    total += b->mass * (b->x * b->vy - b->y * b->vx);
  }
  return total;
}

static u64 run(u32 n) {
  u64 sum = 0;
  scatter();
  accelerate();
  for (u32 step = 0; step < n; step++) {
    kick(kStep / 2);
    drift(kStep);
    accelerate();
    kick(kStep / 2);
    if (step % 16 == 0) sum = mixF64(mixF64(sum, totalEnergy()), angularMomentum());
  }
  for (u32 i = 0; i < kBodies; i++) {
    sum = mixF64(mixF64(mixF64(sum, bodies[i].x), bodies[i].y), bodies[i].z);
  }
  return sum;
}

KERNEL_MAIN(run)

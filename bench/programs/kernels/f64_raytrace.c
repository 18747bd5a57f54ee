// f64: ray tracer for spheres over a chequered floor with shadows, reflection and a light falloff.
//
// Size: image width in pixels of a picture three quarters as high; two bounces per ray.
#include "bench/programs/kernels/kernel.h"

typedef struct {
  f64 x, y, z;
} Vec;

typedef struct {
  Vec centre;
  f64 radius, reflect;
  Vec colour;
} Sphere;

enum { kSpheres = 14, kBounces = 2 };

static Sphere spheres[kSpheres];
static const Vec kLight = {6, 9, -7};

static Vec add(Vec a, Vec b) { return (Vec){a.x + b.x, a.y + b.y, a.z + b.z}; }
static Vec sub(Vec a, Vec b) { return (Vec){a.x - b.x, a.y - b.y, a.z - b.z}; }
static Vec scale(Vec a, f64 k) { return (Vec){a.x * k, a.y * k, a.z * k}; }
static f64 dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static Vec normalise(Vec a) { return scale(a, 1.0 / __builtin_sqrt(dot(a, a))); }

static void buildScene(void) {
  u64 seed = 53;
  for (u32 i = 0; i < kSpheres; i++) {
    Sphere* s = &spheres[i];
    s->radius = 0.4 + rngUnit(&seed) * 0.9;
    s->centre = (Vec){rngUnit(&seed) * 9 - 4.5, s->radius + rngUnit(&seed) * 2, rngUnit(&seed) * 7};
    s->colour = (Vec){0.3 + rngUnit(&seed) * 0.7, 0.3 + rngUnit(&seed) * 0.7, rngUnit(&seed)};
    s->reflect = 0.1 + rngUnit(&seed) * 0.5;
  }
}

// Distance along the ray to the nearest sphere, its index in *which; a negative value for none.
static f64 nearest(Vec origin, Vec direction, i32* which) {
  f64 best = 1e30;
  *which = -1;
  for (i32 i = 0; i < kSpheres; i++) {
    Vec offset = sub(spheres[i].centre, origin);
    f64 along = dot(offset, direction);
    f64 radius = spheres[i].radius;
    f64 discriminant = along * along - dot(offset, offset) + radius * radius;
    if (discriminant <= 0) continue;
    f64 root = __builtin_sqrt(discriminant);
    f64 t = along - root > 1e-6 ? along - root : along + root;
    if (t > 1e-6 && t < best) {
      best = t;
      *which = i;
    }
  }
  return *which < 0 ? -1 : best;
}

static int inShadow(Vec point, Vec toLight, f64 distance) {
  i32 which;
  f64 t = nearest(point, toLight, &which);
  return t > 0 && t < distance;
}

static Vec shade(Vec origin, Vec direction) {
  Vec colour = {0, 0, 0};
  f64 weight = 1;
  for (u32 bounce = 0; bounce <= kBounces; bounce++) {
    i32 which;
    f64 t = nearest(origin, direction, &which);
    f64 floor_ = direction.y < -1e-9 ? -origin.y / direction.y : -1;
    Vec normal, surface;
    f64 reflect;
    if (which >= 0 && (floor_ < 0 || t < floor_)) {
      origin = add(origin, scale(direction, t));
      normal = normalise(sub(origin, spheres[which].centre));
      surface = spheres[which].colour;
      reflect = spheres[which].reflect;
    } else if (floor_ > 1e-6 && floor_ < 60) {
      origin = add(origin, scale(direction, floor_));
      normal = (Vec){0, 1, 0};
      u32 parity = (u32)((i32)(origin.x + 1000) + (i32)(origin.z + 1000)) & 1;
      surface = parity ? (Vec){0.9, 0.9, 0.85} : (Vec){0.15, 0.15, 0.2};
      reflect = 0.15;
    } else {
      f64 sky = 0.5 * (direction.y + 1);
      return add(colour, scale((Vec){0.6 + 0.2 * sky, 0.7 + 0.2 * sky, 0.9}, weight));
    }
    Vec toLight = sub(kLight, origin);
    f64 square = dot(toLight, toLight);
    f64 distance = __builtin_sqrt(square);
    toLight = scale(toLight, 1.0 / distance);
    f64 facing = dot(normal, toLight);
    f64 brightness = 0.08;
    if (facing > 0 && !inShadow(add(origin, scale(normal, 1e-4)), toLight, distance)) {
      brightness += facing * 90 / (square + 10);
    }
    colour = add(colour, scale(surface, brightness * weight * (1 - reflect)));
    weight *= reflect;
    direction = sub(direction, scale(normal, 2 * dot(normal, direction)));
    origin = add(origin, scale(normal, 1e-4));
  }
  return colour;
}

static u32 toByte(f64 v) { return v <= 0 ? 0 : v >= 1 ? 255 : (u32)(v * 255); }

static u64 run(u32 n) {
  u64 sum = 0;
  u32 height = n * 3 / 4;
  buildScene();
  Vec eye = {0, 2.2, -9};
  for (u32 y = 0; y < height; y++) {
    for (u32 x = 0; x < n; x++) {
      Vec direction = {((f64)x - n * 0.5) / n, (height * 0.5 - (f64)y) / n - 0.08, 0.9};
      Vec c = shade(eye, normalise(direction));
      sum = mix(sum, toByte(c.x) << 16 | toByte(c.y) << 8 | toByte(c.z));
    }
  }
  return sum;
}

KERNEL_MAIN(run)

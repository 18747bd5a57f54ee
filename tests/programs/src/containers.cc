// A C++ program over the standard library without iostreams: containers, algorithms, smart
// pointers, virtual calls, static construction and destruction, 64-bit and floating-point
// formatting.

#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

struct Announced {
  explicit Announced(const char* name) : name_(name) { std::printf("construct %s\n", name_); }
  ~Announced() { std::printf("destroy %s\n", name_); }
  const char* name_;
};

Announced gFirst("first");
Announced gSecond("second");

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
};
struct Circle : Shape {
  explicit Circle(double radius) : radius(radius) {}
  double area() const override { return M_PI * radius * radius; }
  double radius;
};
struct Box : Shape {
  Box(double width, double height) : width(width), height(height) {}
  double area() const override { return width * height; }
  double width, height;
};

void containers() {
  std::mt19937 random(12345);
  std::vector<uint32_t> numbers(20000);
  std::generate(numbers.begin(), numbers.end(), std::ref(random));
  std::vector<uint32_t> sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  std::printf("min %" PRIu32 " max %" PRIu32 " sum %" PRIu64 "\n", sorted.front(), sorted.back(),
              std::accumulate(sorted.begin(), sorted.end(), uint64_t{0}));

  std::map<std::string, int> ordered;
  std::unordered_map<uint32_t, int> buckets;
  std::set<uint32_t> low;
  for (uint32_t number : numbers) {
    ordered["key" + std::to_string(number % 17)]++;
    buckets[number % 101]++;
    low.insert(number & 255);
  }
  for (const auto& [key, count] : ordered) std::printf("%s=%d ", key.c_str(), count);
  std::printf("\n%zu buckets, largest %d, %zu low bytes\n", buckets.size(),
              std::max_element(buckets.begin(), buckets.end(),
                               [](auto& a, auto& b) { return a.second < b.second; })
                  ->second,
              low.size());

  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> queue(numbers.begin(),
                                                                             numbers.end());
  for (int i = 0; i < 3; i++, queue.pop()) std::printf("%" PRIu32 " ", queue.top());
  std::deque<int> ring;
  for (int i = 0; i < 1000; i++) {
    ring.push_back(i);
    if (ring.size() > 10) ring.pop_front();
  }
  std::printf("| %d %d\n", ring.front(), ring.back());
}

void values() {
  std::vector<std::unique_ptr<Shape>> shapes;
  for (int i = 1; i <= 3; i++) {
    shapes.push_back(std::make_unique<Circle>(i));
    shapes.push_back(std::make_unique<Box>(i, i + 0.5));
  }
  double total = 0;
  for (const auto& shape : shapes) total += shape->area();
  std::printf("area %.12f\n", total);

  std::variant<int, std::string> either = std::string("text");
  std::optional<double> nothing;
  std::printf("%zu %s %d\n", either.index(), std::get<std::string>(either).c_str(),
              nothing.has_value());
  std::printf("%s\n", std::bitset<12>(0b101011001).to_string().c_str());

  std::array<char, 64> text{};
  auto end = std::to_chars(text.data(), text.data() + text.size(), -9007199254740993LL).ptr;
  std::printf("%.*s\n", static_cast<int>(end - text.data()), text.data());
  for (double value : {0.1, 1e300, -0.0, 5e-324, HUGE_VAL, 123456789.125, 2.5}) {
    std::printf("%g %.17g %a %.0f|", value, value, value, std::fmod(value, 7.0));
  }
  std::printf("\n%s %s %s\n", std::to_string(1.0 / 3).c_str(), std::to_string(INT64_MIN).c_str(),
              std::to_string(UINT64_MAX).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  containers();
  values();
  std::string joined;
  for (int i = 1; i < argc; i++) joined += std::string_view(argv[i]).substr(0, 3), joined += ',';
  std::printf("%s\n", joined.c_str());
  std::atexit([] { std::printf("at exit\n"); });
  return 42;
}

library shapes;

import 'dart:math' as math;
import "dart:async";

abstract class Shape<T extends num> implements Comparable<Shape> {
  final String name;
  const Shape(this.name);
  T get area;
  @override
  int compareTo(Shape other) => area.compareTo(other.area);
}

class Circle extends Shape<double> {
  final double radius;
  const Circle(this.radius) : super('circle');
  @override
  double get area => math.pi * radius * radius;
  Circle operator +(Circle other) =>
      Circle(math.sqrt(radius * radius + other.radius * other.radius));
}

enum Colour {
  red(0xff0000),
  green(0x00ff00),
  blue(0x0000ff);

  final int value;
  const Colour(this.value);
}

mixin Named on Shape<double> {
  String describe({required int digits, String unit = 'cm²'}) =>
      '$name of ${area.toStringAsFixed(digits)} $unit';
}

sealed class Result {}

final class Ok extends Result {
  final Object? value;
  Ok(this.value);
}

final class Err extends Result {}

extension on List<int> {
  int sum() => fold(0, (a, b) => a + b);
}

typedef Visitor<R> = R Function(Shape shape, {int? depth});

Future<void> main(List<String> arguments) async {
  var shapes = <Shape>[
    const Circle(1),
    Circle(2)..compareTo(const Circle(3)),
    for (var i = 0; i < 3; i++)
      if (i.isOdd) Circle(i.toDouble()) else ...[const Circle(0)],
  ];
  final Map<String, List<int>> table = {
    'primes': [
      2,
      3,
      5,
      7,
      11,
      13,
      17,
      19,
      23,
      29,
      31,
      37,
      41,
      43,
      47,
      53,
      59,
      61,
      67,
      71,
      73,
      79,
      83,
      89,
      97,
    ],
    'empty': [],
  };
  outer:
  for (final shape in shapes) {
    switch (shape) {
      case Circle(radius: > 1 && < 2):
        print('small');
        break outer;
      case Circle(:final radius) when radius > 2:
        continue outer;
      default:
    }
  }
  final description = switch (arguments) {
    [] => 'none',
    [var one] => 'one: $one',
    [_, ...var rest] => 'more: ${rest.length}',
  };
  try {
    await Future.delayed(
      const Duration(milliseconds: 1),
      () => throw StateError('late'),
    );
  } on StateError catch (e, trace) {
    print('$e at $trace');
    rethrow;
  } finally {
    print(description);
  }
  print(
    shapes
        .where((s) => s.area > 1)
        .map((s) => s.name.toUpperCase())
        .toSet()
        .toList()
      ..sort((a, b) => b.compareTo(a)),
  );
  int? nothing;
  nothing ??= table['primes']?.sum() ?? 0;
  assert(nothing > 0, "żółć ${nothing.toRadixString(16)} 🙂");
  if (nothing.isEven)
    print("even");
  else if (nothing > 100) {
    print('large');
  } else
    print('odd');
  do {
    nothing = nothing! - 1;
  } while (nothing > 0);
  await for (final tick in Stream.periodic(
    const Duration(seconds: 1),
    (count) => count * count * 1000000000000,
  ).take(3)) {
    print(
      'a very long line that has to be broken because it does not fit in eighty columns: $tick',
    );
  }
}

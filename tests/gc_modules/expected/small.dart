void main() {
  var a = [1, 2, 3];
  print('hi ${a.length}');
}

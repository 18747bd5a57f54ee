// A library in AssemblyScript: prints by its WASI shim and calls the C++ library in front of it.

@external("shapes", "square")
declare function square(side: i32): i32;

console.log("AssemblyScript: set up");

export function cube(side: i32): i32 {
  console.log("AssemblyScript: the cube of " + side.toString());
  return side * square(side);
}

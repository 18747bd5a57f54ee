export enum Colour { Red, Green = 5, Blue }
interface Point { x: number; y: number }
/** Distance of two points. */
export function distance(first: Point, second: Point): number {
  const dx = first.x - second.x, dy = first.y - second.y;
  return Math.sqrt(dx ** 2 + dy ** 2);
}
class Stack<T> {
  #items: T[] = [];
  push(...items: T[]): this { for (const item of items) this.#items.push(item); return this }
  get size(): number { return this.#items.length }
}
const stack = new Stack<Colour>().push(Colour.Red, Colour.Blue);
console.log(`${stack.size} items`, distance({ x: 0, y: 0 }, { x: 3, y: 4 }), stack?.size ?? undefined);

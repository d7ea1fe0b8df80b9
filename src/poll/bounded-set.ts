/** A set that forgets its oldest members beyond a size. */
export class BoundedSet<Item> {
  private readonly items = new Set<Item>();

  constructor(private readonly most: number) {}

  has(item: Item): boolean {
    return this.items.has(item);
  }

  add(item: Item): void {
    this.items.add(item);
    if (this.items.size <= this.most) return;
    const [oldest] = this.items;
    if (oldest !== undefined) this.items.delete(oldest);
  }
}

/**
 * A set in order, which can be walked a page at a time while it changes: a page is asked for by the item after which
 * it begins, so that no walk holds a place that a change could move.
 *
 * Items stand in sorted runs of at most 512, split in half when full: adding and removing cost the logarithm of the
 * size and a move within one run, and nothing is ever copied as a whole.
 */

const mostInRun = 512

export class Ordered<T> {
  readonly #compare: (a: T, b: T) => number
  readonly #runs: T[][] = []

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  /** Puts an item in its place, unless it is there. */
  add(item: T): void {
    const at = this.#runOf(item)
    const run = this.#runs[at]
    if (run === undefined) {
      this.#runs.push([item])
      return
    }
    const place = this.#firstNotBefore(run, item)
    const there = run[place]
    if (there !== undefined && this.#compare(there, item) === 0) return
    run.splice(place, 0, item)
    if (run.length > mostInRun) this.#runs.splice(at + 1, 0, run.splice(run.length >> 1))
  }

  /** Takes an item out, if it is there. */
  delete(item: T): void {
    const at = this.#runOf(item)
    const run = this.#runs[at]
    if (run === undefined) return
    const place = this.#firstNotBefore(run, item)
    const there = run[place]
    if (there === undefined || this.#compare(there, item) !== 0) return
    run.splice(place, 1)
    if (run.length === 0) this.#runs.splice(at, 1)
  }

  /** The first `limit` items that are not before `from`; not `from` itself where `from` was seen already. */
  page(from: T, options: { readonly limit: number; readonly seen: T | undefined }): T[] {
    const found: T[] = []
    let at = this.#runOf(from)
    let place = this.#firstNotBefore(this.#runs[at] ?? [], from)
    for (
      let run = this.#runs[at];
      run !== undefined && found.length < options.limit;
      run = this.#runs[++at]
    ) {
      for (; place < run.length && found.length < options.limit; place++) {
        const item = run[place] as T
        if (options.seen === undefined || this.#compare(item, options.seen) !== 0) found.push(item)
      }
      place = 0
    }
    return found
  }

  /** The run that an item is in or belongs into: the last one that does not begin after it. */
  #runOf(item: T): number {
    let low = 0
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >> 1
      const first = this.#runs[middle]?.[0]
      if (first !== undefined && this.#compare(first, item) <= 0) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  #firstNotBefore(run: readonly T[], item: T): number {
    let low = 0
    let high = run.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#compare(run[middle] as T, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

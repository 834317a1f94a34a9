/**
 * How many records to ask for at once. Few round trips where records are small, little memory where they are large:
 * the next page is sized by what the last one held, to about four million characters.
 */

const [firstPage, largestPage, charactersAPage] = [64, 1_000, 4_000_000]

/** Walks pages until one is not full; `limit` bounds how many items there are in all. */
export async function* paged<T>(options: {
  readonly limit: number | undefined
  /** At most `size` items behind `last`, in order. */
  page(size: number, last: T | undefined): Promise<T[]>
  characters(item: T): number
}): AsyncGenerator<T> {
  let left = options.limit ?? Number.POSITIVE_INFINITY
  let last: T | undefined
  for (let size = firstPage; left > 0; ) {
    const asked = Math.min(size, left)
    const found = await options.page(asked, last)
    yield* found
    if (found.length < asked) return
    left -= found.length
    last = found.at(-1)
    const characters = found.reduce((sum, item) => sum + options.characters(item), found.length)
    size = Math.min(largestPage, Math.max(1, Math.floor((charactersAPage * found.length) / characters)))
  }
}

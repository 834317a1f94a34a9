/**
 * How many records to ask for at once. Few round trips where records are small, little memory where they are large:
 * the next page is sized by what the last one held, to about four million characters.
 */

const [firstPage, largestPage, charactersAPage] = [64, 1_000, 4_000_000]

/** How to get a page, and what its items hold. */
interface Paging<T> {
  /** At most `size` items behind `last`, in order. */
  page(size: number, last: T | undefined): Promise<T[]>
  characters(item: T): number
  /** How many items a page has at most; a thousand, if not given. */
  readonly largest?: number
  /** How many items there are at most in all. */
  readonly limit?: number | undefined
}

/** Walks pages until one is not full. */
export async function* pages<T>(paging: Paging<T>): AsyncGenerator<T[]> {
  let left = paging.limit ?? Number.POSITIVE_INFINITY
  let last: T | undefined
  for (let size = firstPage; left > 0; ) {
    const asked = Math.min(size, left)
    const found = await paging.page(asked, last)
    yield found
    if (found.length < asked) return
    left -= found.length
    last = found.at(-1)
    const characters = found.reduce((sum, item) => sum + paging.characters(item), found.length)
    const most = paging.largest ?? largestPage
    size = Math.min(most, Math.max(1, Math.floor((charactersAPage * found.length) / characters)))
  }
}

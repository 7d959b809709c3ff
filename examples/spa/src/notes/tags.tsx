/** The tags of a note, where it has some. */
export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null
  return (
    <div class="row" translate={false}>
      {tags.map((tag) => (
        <span class="badge badge-soft" key={tag}>
          {tag}
        </span>
      ))}
    </div>
  )
}

/** Has the browser save a file that was made on the page. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // Some browsers read it later.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

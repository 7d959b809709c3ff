import { useLoad } from '../../ui/index.ts'

/** A quiet zone of four modules, which readers need (ISO/IEC 18004). */
const BORDER = 4

/** A text as a QR code, dark on light in every theme, as readers expect it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data } = useLoad(async () => {
    const { encode } = await import('uqr')
    return encode(text, { ecc: 'M', border: BORDER })
  }, [text])
  const size = data?.size ?? 0
  return (
    <svg class="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={data ? pathOf(data.data) : ''} />
    </svg>
  )
}

/** A square of one for each dark module. */
function pathOf(rows: boolean[][]): string {
  const squares = rows.flatMap((row, y) =>
    row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')),
  )
  return squares.join('')
}

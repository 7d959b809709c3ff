import sharp from 'sharp'
import { MAX_SCANS } from '../../src/platform/images/codec.ts'

// The images that cost a decoder most: 40 megapixels, all of them, in files of less than 5 MiB.

const [WIDTH, HEIGHT] = [8000, 5000]
const BLOCKS = (WIDTH / 8) * (HEIGHT / 8)
/** The longest run of blocks without anything new that one code says (ITU-T T.81 G.1.2.2). */
const LONGEST_RUN = 32_767

/** By what they are. */
export async function worstImages(): Promise<Record<string, Buffer>> {
  const black = {
    create: { width: WIDTH, height: HEIGHT, channels: 4, background: '#000' },
  } as const
  const noise = { type: 'gaussian', mean: 128, sigma: 6 } as const
  const grain = {
    create: { width: WIDTH, height: HEIGHT, channels: 3, background: '#888', noise },
  } as const
  return {
    [`JPEG of ${MAX_SCANS} scans`]: progressiveJpeg(MAX_SCANS),
    'JPEG of 100 scans': progressiveJpeg(100),
    'interlaced PNG': await sharp(black).png({ progressive: true }).toBuffer(),
    'WebP of noise': await sharp(grain).webp({ quality: 1, effort: 0 }).toBuffer(),
  }
}

/**
 * A progressive JPEG, grey, in three components at full size. Each scan after the first is empty:
 * libjpeg visits all blocks of a component once more, to refine them by one bit.
 */
function progressiveJpeg(scans: number): Buffer {
  const size = [8, HEIGHT >> 8, HEIGHT & 255, WIDTH >> 8, WIDTH & 255]
  const components = [1, 2, 3].flatMap((id) => [id, 0x11, 0])
  const tableOfOne = (id: number, value: number) => [id, 1, ...Array(15).fill(0), value]
  return Buffer.concat([
    Buffer.of(0xff, 0xd8),
    segment(0xdb, [0, ...Array(64).fill(1)]),
    segment(0xc2, [...size, 3, ...components]),
    // One code of one bit in each: no difference (DC), and the end of up to 32,767 blocks (AC).
    segment(0xc4, tableOfOne(0x00, 0)),
    segment(0xc4, tableOfOne(0x10, 0xe0)),
    segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 0, 0]),
    Buffer.alloc((BLOCKS * 3) / 8),
    ...scanScript(scans - 1).flatMap((scan) => [segment(0xda, scan), nothingNew]),
    Buffer.of(0xff, 0xd9),
  ])
}

/** Scan headers: for each component and band of coefficients from the 13th bit to the last. */
function scanScript(count: number): number[][] {
  const bits = Array.from({ length: 14 }, (_, index) => 13 - index)
  const refinement = (bit: number) => (bit === 13 ? bit : ((bit + 1) << 4) | bit)
  const all = [1, 22, 43].flatMap((first) =>
    bits.flatMap((bit) => [1, 2, 3].map((id) => [1, id, 0, first, first + 20, refinement(bit)])),
  )
  return all.slice(0, count)
}

const nothingNew = entropyCoded(
  // The code, and 14 bits that lengthen the run to its most.
  `0${'1'.repeat(14)}`.repeat(Math.ceil(BLOCKS / LONGEST_RUN)),
)

/** Bits as bytes, filled up with ones, and a zero after each byte that could begin a marker. */
function entropyCoded(bits: string): Buffer {
  const bytes = bits.match(/.{1,8}/g) ?? []
  return Buffer.from(
    bytes.flatMap((byte) => {
      const value = Number.parseInt(byte.padEnd(8, '1'), 2)
      return value === 0xff ? [value, 0] : [value]
    }),
  )
}

function segment(marker: number, data: number[]): Buffer {
  const length = data.length + 2
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...data])
}

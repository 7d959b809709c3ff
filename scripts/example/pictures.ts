import sharp from 'sharp'

const SIZE = { width: 1200, height: 900 }

type Scene = { sky: [string, string]; ground: string; wall: string; roof: string; light: string }

const SCENES: readonly Scene[] = [
  scene('#8ec5fc', '#e0f0ff', '#6aa56c', '#f7f2e8', '#b5533c', '#33475b'),
  scene('#2b3a67', '#f2a07b', '#39504a', '#e8d9c0', '#5b3a4b', '#ffd873'),
  scene('#f6d8ae', '#fff4dd', '#c8a96a', '#dfe7ea', '#37505c', '#4a6b7c'),
  scene('#0f1b34', '#33507c', '#1f3a3d', '#51688a', '#26354f', '#ffe08a'),
  scene('#b9d8c2', '#f1f7ee', '#7d9d6f', '#fbfaf5', '#8a5a44', '#44606b'),
]

function scene(top: string, low: string, ...rest: [string, string, string, string]): Scene {
  const [ground, wall, roof, light] = rest
  return { sky: [top, low], ground, wall, roof, light }
}

/** A drawn house as a JPEG. @param number each draws another one */
export function picture(number: number): Promise<Buffer> {
  const colours = SCENES[number % SCENES.length] as Scene
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 900">
    <defs><linearGradient id="sky" x2="0" y2="1">
      <stop stop-color="${colours.sky[0]}"/><stop offset="1" stop-color="${colours.sky[1]}"/>
    </linearGradient></defs>
    <rect width="1200" height="900" fill="url(#sky)"/>
    <circle cx="${200 + ((number * 190) % 800)}" cy="170" r="70" fill="#fff" opacity=".55"/>
    <path d="M0 640 Q300 ${520 + ((number * 37) % 90)} 620 630 T1200 590 V900 H0Z"
      fill="${colours.ground}" opacity=".55"/>
    <path d="M0 720 Q400 650 1200 710 V900 H0Z" fill="${colours.ground}"/>
    ${house(colours, 2 + (number % 3))}
  </svg>`
  return sharp(Buffer.from(svg)).resize(SIZE).jpeg({ quality: 82 }).toBuffer()
}

/** In the middle, with so many windows in a row. */
function house({ wall, roof, light }: Scene, windows: number): string {
  const width = windows * 150 + 60
  const left = 600 - width / 2
  const frames = Array.from({ length: windows }, (_, index) => {
    const x = left + 45 + index * 150
    return `<rect x="${x}" y="470" width="110" height="120" rx="6" fill="${light}"/>
      <path d="M${x + 55} 470v120M${x} 530h110" stroke="${wall}" stroke-width="8"/>`
  })
  return `<rect x="${left}" y="420" width="${width}" height="340" fill="${wall}"/>
    <path d="M${left - 50} 430 L600 ${250 - windows * 10} L${left + width + 50} 430Z" fill="${roof}"/>
    <rect x="545" y="625" width="110" height="135" rx="6" fill="${roof}"/>
    <circle cx="633" cy="697" r="7" fill="${light}"/>${frames.join('')}`
}
